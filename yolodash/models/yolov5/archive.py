"""The members of a zip file as ``torch.save`` writes it, found by our own checks before anything is believed.

Members are stored, never compressed, so nothing here can inflate. The directory at the end says where each one lies;
the header in front of each must agree.

Source: PKWARE's APPNOTE, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.16 (its end).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from yolodash.errors import N_, ModelFileError
from yolodash.models.yolov5.records import Source, cut_short, damaged

MOST_MEMBERS = 20_000
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 0xFFFF


@dataclass(frozen=True)
class Member:
    """One stored member.

    Attributes:
        name: as the directory gives it.
        header: where its own header begins.
        size: its bytes.
        checksum: CRC-32 of them.
        stored: not compressed and not encrypted.
    """

    name: str
    header: int
    size: int
    checksum: int
    stored: bool


def members(source: Source) -> dict[str, Member]:
    """All members by name, from the directory at the end of the file.

    Raises:
        ModelFileError: there is no directory, it lies, or two members share a name.
    """
    count, size, offset = _directory(source)
    data = source.read(offset, size)
    result: dict[str, Member] = {}
    position = 0
    for _ in range(count):
        member, position = _entry(data, position)
        if member.name in result:
            raise ModelFileError(
                N_("The archive holds two members called {name}"),
                fix=N_("use the file as training wrote it; this one was changed"),
                name=member.name,
            )
        result[member.name] = member
    return result


def _directory(source: Source) -> tuple[int, int, int]:
    """How many members the archive has, and size and place of their directory."""
    tail_size = min(source.size, _END.size + _LONGEST_COMMENT)
    tail = source.read(source.size - tail_size, tail_size)
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or found + _END.size > len(tail):
        raise cut_short()
    _, _, _, _, count, size, offset, _ = _END.unpack_from(tail, found)
    if count > MOST_MEMBERS:
        raise ModelFileError(
            N_("The archive holds {count} members; no YOLOv5 checkpoint has more than {limit}"),
            fix=N_("use a checkpoint as YOLOv5's training writes it"),
            count=count,
            limit=MOST_MEMBERS,
        )
    return count, size, offset


def _entry(data: bytes, position: int) -> tuple[Member, int]:
    if position + _ENTRY.size > len(data):
        raise damaged()
    fields = _ENTRY.unpack_from(data, position)
    signature, flags, method, checksum, packed, size = fields[0], fields[3], fields[4], *fields[7:10]
    name_length, extra, comment, header = *fields[10:13], fields[16]
    start = position + _ENTRY.size
    if signature != b"PK\x01\x02" or start + name_length > len(data):
        raise damaged()
    name = data[start : start + name_length].decode("utf-8", "replace")
    stored = method == 0 and not flags & 1 and packed == size
    return Member(name, header, size, checksum, stored), start + name_length + extra + comment


def place(source: Source, member: Member) -> int:
    """Where a stored member's bytes begin.

    Raises:
        ModelFileError: it is compressed, or its own header is not where the directory says.
    """
    if not member.stored:
        raise ModelFileError(
            N_("The member {name} of the archive is compressed, which PyTorch never does"),
            fix=N_("use the .pt file as training wrote it, not one that was packed again"),
            name=member.name,
        )
    signature, *_, name_length, extra = _LOCAL.unpack(source.read(member.header, _LOCAL.size))
    name = source.read(member.header + _LOCAL.size, name_length).decode("utf-8", "replace")
    if signature != b"PK\x03\x04" or name != member.name:
        raise damaged()
    start: int = member.header + _LOCAL.size + name_length + extra
    if start + member.size > source.size:
        raise cut_short()
    return start


def read(source: Source, member: Member, limit: int) -> bytes:
    """A whole member, at most ``limit`` bytes, checked against its checksum."""
    if member.size > limit:
        raise too_large(member.size, limit)
    data = source.read(place(source, member), member.size)
    if zlib.crc32(data) != member.checksum:
        raise damaged()
    return data


def too_large(size: int, limit: int) -> ModelFileError:
    """The error of a description that is larger than any network's."""
    return ModelFileError(
        N_("The description of the network takes {size} bytes; no YOLOv5 checkpoint needs more than {limit}"),
        fix=N_("use a checkpoint as YOLOv5's training writes it"),
        size=size,
        limit=limit,
    )
