"""The rendered pictures of the page Pixels, which are kept so that the page need not wait for a ray tracer.

    python -m scripts.learn_pictures

Writes into ``yolodash/ui/learn/pixels/stored``: the checker shadow without a loss, and two strips, the film's frames
and the cameras' views, left to right.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from yolodash.data.images import encode_jpeg, encode_png
from yolodash.scenes import checker, views
from yolodash.structures import Image, ImageSize

STORED = Path(__file__).resolve().parents[1] / "yolodash" / "ui" / "learn" / "pixels" / "stored"
FRAMES, VIEWS = 16, 8
FRAME_SIZE = ImageSize(120, 160)


def strip(pictures: list[Image]) -> bytes:
    """Pictures side by side, as JPEG."""
    return encode_jpeg(np.concatenate(pictures, axis=1), quality=92)


def main() -> None:
    """Render all three."""
    STORED.mkdir(parents=True, exist_ok=True)
    (STORED / "checker.png").write_bytes(encode_png(checker.render_checker().image))
    (STORED / "film.jpg").write_bytes(strip(views.rolling(FRAMES, FRAME_SIZE)))
    (STORED / "views.jpg").write_bytes(strip(views.views(VIEWS)))


if __name__ == "__main__":
    main()
