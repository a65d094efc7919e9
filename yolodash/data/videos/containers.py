"""What kind of video a file is, by its first bytes, before any decoder opens it.

Four containers are read. Whatever names other files or addresses (playlists, session descriptions, lists of parts) is
refused here, and the decoder is told which container it is to read, so that it never guesses another.
"""

from __future__ import annotations

from pathlib import Path

from yolodash.data.signatures import PictureKind, picture_kind
from yolodash.errors import N_, VideoError

HEAD_BYTES = 4096
QUICKTIME, MATROSKA, AVI, GIF = "mov", "matroska", "avi", "gif"
_QUICKTIME_ATOMS = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_LISTS = (b"ffconcat", b"#EXTM3U", b"v=0", b"[playlist]", b"<?xml", b"<MPD", b"<smil", b"http:", b"https:", b"rtsp:")
_CONVERT = N_("convert it to MP4 with H.264, and choose that file")


def container_of(path: Path) -> str:
    """The name of the demuxer that is to read a file.

    Raises:
        VideoError: it is empty, a list of other files, a picture, or in no container that is read here.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise VideoError(
            N_("This file cannot be read: {reason}"),
            where=path.name,
            fix=N_("check the path"),
            reason=error.strerror or "",
        ) from error
    return container_in(head, path.name)


def container_in(head: bytes, name: str) -> str:
    """The same, by a file's first bytes."""
    if not head:
        raise VideoError(N_("The file is empty"), where=name, fix=N_("copy or download it again"))
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_LISTS):
        raise VideoError(
            N_("This is a list that names other files or addresses, and none is opened from here"),
            where=name,
            fix=N_("choose the video file itself"),
        )
    if head.startswith(b"\x1aE\xdf\xa3"):
        return MATROSKA
    if head[:4] == b"RIFF" and head[8:11] == b"AVI":
        return AVI
    kind = picture_kind(head)
    if kind is PictureKind.GIF:
        return GIF
    if kind is not None:
        raise VideoError(N_("This is a picture, not a video"), where=name, fix=N_("use the page for pictures"))
    if head[4:8] == b"ftyp" or head[4:8] in _QUICKTIME_ATOMS:
        return QUICKTIME
    raise VideoError(N_("This is no MP4, MOV, MKV, WebM, AVI or GIF video"), where=name, fix=_CONVERT)
