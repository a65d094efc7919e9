"""What a file is, by its first bytes and never by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from yolodash.errors import N_

HEAD_BYTES = 4096
"""How much of a file's beginning ``picture_kind`` and ``foreign_kind`` want to see."""


class PictureKind(StrEnum):
    """The picture formats that are read; the values are the usual file extensions."""

    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"
    GIF = "gif"
    BMP = "bmp"
    TIFF = "tif"
    AVIF = "avif"


@dataclass(frozen=True)
class ForeignKind:
    """Something that is no picture of ours: what to call it, and what to do about it."""

    what: str
    fix: str


_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_CHOOSE_ANOTHER = N_("choose a JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF file")
_SAVE_AS = N_("open it in the program that made it and export it as JPEG or PNG")


def picture_kind(head: bytes) -> PictureKind | None:
    """The picture format that a file's first bytes announce, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return PictureKind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureKind.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return PictureKind.WEBP
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return PictureKind.GIF
    if (
        head[:2] == b"BM"
        and len(head) >= 18
        and int.from_bytes(head[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124)
    ):
        return PictureKind.BMP
    if head[:4] in _TIFF_STARTS:
        return PictureKind.TIFF
    if b"avif" in _iso_brands(head) or b"avis" in _iso_brands(head):
        return PictureKind.AVIF
    return None


def _iso_brands(head: bytes) -> tuple[bytes, ...]:
    """The brands in the ``ftyp`` box with which AVIF, HEIC and video files begin (ISO/IEC 14496-12, 4.3)."""
    if head[4:8] != b"ftyp":
        return ()
    end = min(int.from_bytes(head[:4], "big"), len(head), 256)
    return (head[8:12], *(head[i : i + 4] for i in range(16, end, 4)))


_BINARY_STARTS: tuple[tuple[bytes, ForeignKind], ...] = (
    (
        b"%PDF",
        ForeignKind(N_("This is a PDF document, not a picture"), N_("export the page that you need as JPEG or PNG")),
    ),
    (
        b"PK\x03\x04",
        ForeignKind(N_("This is a zip archive, not a picture"), N_("unpack it and choose the pictures in it")),
    ),
    (
        b"\x1f\x8b",
        ForeignKind(N_("This is a gzip archive, not a picture"), N_("unpack it and choose the pictures in it")),
    ),
    (b"Rar!", ForeignKind(N_("This is a RAR archive, not a picture"), N_("unpack it and choose the pictures in it"))),
    (b"8BPS", ForeignKind(N_("This is a Photoshop document, not a picture that can be read here"), _SAVE_AS)),
    (b"\x00\x00\x01\x00", ForeignKind(N_("This is a Windows icon, not a photo"), _CHOOSE_ANOTHER)),
    (b"\x00\x00\x00\x0cjP  ", ForeignKind(N_("This is a JPEG 2000 picture, which is not read here"), _SAVE_AS)),
    (b"\xff\x0a", ForeignKind(N_("This is a JPEG XL picture, which is not read here"), _SAVE_AS)),
    (b"\x00\x00\x00\x0cJXL ", ForeignKind(N_("This is a JPEG XL picture, which is not read here"), _SAVE_AS)),
    (
        b"\x1aE\xdf\xa3",
        ForeignKind(N_("This is a video, not a picture"), N_("use the page for videos, or the video command")),
    ),
    (
        b"version https://git-lfs",
        ForeignKind(
            N_("This is a Git LFS pointer that stands for a file, not the file itself"),
            N_("run git lfs pull in the folder that it came from, or download the file itself"),
        ),
    ),
)
_HEIC = ForeignKind(
    N_("This is a HEIC picture, the format of some phones, which is not read here"),
    N_("share or export it as JPEG; an iPhone takes JPEG under Settings, Camera, Formats, Most Compatible"),
)
_VIDEO = ForeignKind(N_("This is a video, not a picture"), N_("use the page for videos, or the video command"))
_SVG = ForeignKind(
    N_("This is an SVG drawing, not a picture made of pixels"), N_("export it as PNG in a drawing program")
)
_WEB_PAGE = ForeignKind(
    N_("This is a web page, not a picture"),
    N_("open the address in a browser and save the picture itself"),
)
_TEXT = ForeignKind(N_("This is a text file, not a picture"), _CHOOSE_ANOTHER)
_EMPTY = ForeignKind(N_("The file is empty"), N_("copy or download it again"))
_UNKNOWN = ForeignKind(N_("This is not a picture in a format that is known here"), _CHOOSE_ANOTHER)

_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}


def foreign_kind(head: bytes) -> ForeignKind:
    """What a file that is no picture seems to be instead."""
    if not head:
        return _EMPTY
    for start, kind in _BINARY_STARTS:
        if head.startswith(start):
            return kind
    brands = _iso_brands(head)
    if brands:
        return _HEIC if _HEIC_BRANDS.intersection(brands) else _VIDEO
    if b"\0" in head.strip(b"\0") or not _is_text(head):
        return _UNKNOWN
    if re.search(rb"<svg[\s>]", head, re.IGNORECASE):
        return _SVG
    if re.search(rb"<(!doctype html|html|head|body)[\s>]", head, re.IGNORECASE):
        return _WEB_PAGE
    return _TEXT


def _is_text(head: bytes) -> bool:
    """Whether the bytes read as UTF-8, apart from a character that the end of the head may have cut."""
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(head) - error.start >= 4:
            return False
        text = head[: error.start].decode("utf-8-sig")
    return all(c.isprintable() or c.isspace() for c in text)
