"""How much a picture may cost. A few kilobytes can ask for gigabytes or hours; each way that is known ends here.

A huge declared size is refused by ``images`` itself. The other ways are closed below: a progressive JPEG of thousands
of scans, each of which passes over all pixels; a TIFF tag of millions of numbers; and headers or run lengths in
millions of morsels, of which Pillow reads each in Python.
"""

from __future__ import annotations

import io
import os
import struct
from typing import IO

MEGAPIXELS = 65
"""Largest picture: photos of 50 and 64 megapixels fit, and it is decoded in about two seconds and a gigabyte."""
LONGEST_SIDE = 65_535
"""Longest side: what JPEG can hold; more is a broken header."""
LARGEST_FILE = 256 * 2**20
"""Largest file in bytes: so many uncompressed pixels fit, even as floats."""

MOST_READS = 400_000
"""Reads that a file may need; so many take about a second."""
MOST_SCANNED_MEGAPIXELS = 20 * MEGAPIXELS
"""Pixels times scans of a JPEG; an ordinary progressive one has ten scans."""
MOST_TAG_NUMBERS = 2**19
"""Numbers in one TIFF tag; the longest honest one lists a strip a row and channel."""

DEMO = "YOLODASH_DEMO"
"""Set to 1 on a server for strangers: nobody trains, nobody brings a model, and every bound is tighter."""

_TIFF_BYTES = {1, 2, 7}  # tag types that Pillow keeps as plain bytes


class TooCostlyError(Exception):
    """A small file asks for a large amount of work."""


class PatientReader(io.BufferedReader):
    """A file that lends itself to so many reads and no more."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """As any file's, until ``MOST_READS`` is reached."""
        self.reads += 1
        if self.reads > MOST_READS:
            raise TooCostlyError("too many reads")
        return super().read(size)


def is_on(value: str | None) -> bool:
    """Whether an environment variable says yes."""
    return (value or "").strip().lower() in {"1", "true", "yes", "on"}


def demo() -> bool:
    """Whether this server is for strangers."""
    return is_on(os.environ.get(DEMO))


def check_scans(file: IO[bytes], pixels: int) -> None:
    """Refuse a JPEG whose scans, times its pixels, are too much; the file's position is kept.

    Inside a scan's data a 0xFF is always followed by a zero (ITU T.81, B.1.1.5), so every marker that is seen counts.
    """
    here = file.tell()
    file.seek(0)
    scans, last = 0, b""
    while block := file.read(2**20):
        scans += (last + block).count(b"\xff\xda")
        last = block[-1:]
    file.seek(here)
    if scans * pixels > MOST_SCANNED_MEGAPIXELS * 10**6:
        raise TooCostlyError("too many scans")


def check_tags(file: IO[bytes]) -> None:
    """Refuse a TIFF one of whose first page's tags holds too many numbers; the file goes back to its start.

    Source: TIFF 6.0, section 2 (classic), and the BigTIFF layout with 8-byte counts and offsets.
    """
    size = file.seek(0, os.SEEK_END)  # a count beyond it is damage, and costs nothing
    file.seek(0)
    head = file.read(16)
    order = "<" if head[:2] == b"II" else ">"
    big = struct.unpack(order + "H", head[2:4])[0] == 43
    try:
        offset = struct.unpack_from(order + ("Q" if big else "I"), head, 8 if big else 4)[0]
        file.seek(offset)
        entries = struct.unpack(order + ("Q" if big else "H"), file.read(8 if big else 2))[0]
        for _ in range(min(entries, 2**16)):
            _tag, kind, count = struct.unpack_from(order + ("HHQ" if big else "HHI"), file.read(20 if big else 12))
            if kind not in _TIFF_BYTES and MOST_TAG_NUMBERS < count <= size:
                raise TooCostlyError("too many numbers in a tag")
    except (struct.error, OSError, OverflowError, ValueError):
        pass  # cut or nonsense: the TIFF reader itself says so
    file.seek(0, os.SEEK_SET)
