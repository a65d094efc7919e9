"""Zip archives from strangers, unpacked so that nothing lands elsewhere and nothing grows without bound."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from yolodash.errors import N_, DatasetError
from yolodash.workspace import disk_error, make_folder

MOST_FILES = 200_000
MOST_BYTES = 20 << 30
LARGEST_MEMBER = 2 << 30
_PIECE = 1 << 20


def unpack(archive: Path, destination: Path) -> Path:
    """Unpack a zip into an empty folder.

    Bytes are counted while they come out, whatever the archive's own list says.

    Raises:
        DatasetError: it is no whole zip, is encrypted, holds a path that leads outside, a link or a name twice, or
            unpacks to too much.
        WorkspaceError: the disk is full.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            _check(members, archive)
            total = 0
            for member in members:
                total += _write(opened, member, destination, MOST_BYTES - total, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise DatasetError(
            N_("This is no whole zip archive"), where=archive.name, fix=N_("make it again, without a password")
        ) from error
    return destination


def _check(members: list[zipfile.ZipInfo], archive: Path) -> None:
    if len(members) > MOST_FILES:
        raise _refused(archive, N_("This archive holds {count} files"), count=len(members))
    names = [member.filename for member in members]
    if len({name.casefold() for name in names}) != len(names):
        raise _refused(archive, N_("This archive holds one name twice"))
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/")).parts
        if not parts or ".." in parts or parts[0] == "/" or ":" in parts[0] or "\0" in member.filename:
            raise _refused(archive, N_("'{name}' would land outside the folder"), name=member.filename)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise _refused(archive, N_("'{name}' is a link"), name=member.filename)
        if member.flag_bits & 1:
            raise _refused(archive, N_("This archive is encrypted"))


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, destination: Path, room: int, archive: Path) -> int:
    path = destination.joinpath(*PurePosixPath(member.filename.replace("\\", "/")).parts)
    make_folder(path.parent)
    written = 0
    try:
        with opened.open(member) as source, path.open("xb") as target:
            while piece := source.read(_PIECE):
                written += len(piece)
                if written > min(room, LARGEST_MEMBER):
                    raise _refused(archive, N_("'{name}' unpacks to too much"), name=member.filename)
                target.write(piece)
    except OSError as error:
        raise disk_error(error, path) from error
    return written


def _refused(archive: Path, what: str, **values: object) -> DatasetError:
    return DatasetError(
        what, where=archive.name, fix=N_("zip the folder of the data set again, with its own files alone"), **values
    )
