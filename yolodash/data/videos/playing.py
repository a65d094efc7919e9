"""Which videos browsers play as they are, and what to call them."""

from __future__ import annotations

from yolodash.data.videos.containers import MATROSKA, QUICKTIME
from yolodash.data.videos.reading import VideoFacts

LONGEST_SIDE = 4096
MOST_BYTES = 64 * 2**20
"""Of a file that is handed to the browser whole; of a larger one a smaller copy is made."""
_CODECS = {QUICKTIME: ("h264", "vp9", "av1"), MATROSKA: ("vp8", "vp9", "av1")}
_PIXELS = ("yuv420p", "yuvj420p")


def plays(container: str, facts: VideoFacts, size: int) -> bool:
    """Whether browsers play a file of so many bytes: H.264, VP8, VP9 or AV1 of eight bits."""
    return (
        facts.codec in _CODECS.get(container, ())
        and facts.pixels in _PIXELS
        and max(facts.width, facts.height) <= LONGEST_SIDE
        and size <= MOST_BYTES
    )


def mime_of(container: str) -> str:
    """What a browser is told that a file is."""
    return "video/webm" if container == MATROSKA else "video/mp4"
