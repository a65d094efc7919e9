"""Boxes on pixels, told apart without colour: each class has an outline style and its name; colour repeats it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from yolodash.structures import Detections, Image

PALETTE: tuple[tuple[int, int, int], ...] = (
    (0, 114, 178),
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (86, 180, 233),
    (213, 94, 0),
    (240, 228, 66),
)
"""Colours that people tell apart whatever their eyes (Okabe and Ito, 2008), in the order of the class ids."""
DASHES: tuple[tuple[int, ...], ...] = ((), (6, 3), (2, 2), (8, 3, 2, 3))
"""Outline styles in the order of the class ids: lengths on and off in line widths; empty for a whole line."""


def draw_detections(image: Image, detections: Detections, names: Sequence[str]) -> Image:
    """A copy of a picture with its detections, the surest on top.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        detections: boxes in its pixels.
        names: of the classes.
    """
    canvas = Pillow.fromarray(image)
    pen = ImageDraw.Draw(canvas)
    width = max(1, round(max(image.shape[:2]) / 400))
    font = ImageFont.load_default(size=max(10, 6 * width))
    for place in reversed(range(len(detections.scores))):
        class_id = int(detections.class_ids[place])
        left, top, right, bottom = (float(value) for value in detections.boxes[place])
        colour = PALETTE[class_id % len(PALETTE)]
        outline(pen, (left, top, right, bottom), colour, width, DASHES[class_id // len(PALETTE) % len(DASHES)])
        label = f"{names[class_id]} {detections.scores[place]:.2f}"
        _label(pen, label, (left, top), canvas.size, colour, font, width)
    return np.asarray(canvas)


def outline(
    pen: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    colour: tuple[int, int, int],
    width: int,
    dashes: tuple[int, ...] = (),
) -> None:
    """A rectangle in one of ``DASHES``."""
    left, top, right, bottom = box
    if not dashes:
        pen.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), outline=colour, width=width)
        return
    for start, end in (
        ((left, top), (right, top)),
        ((right, top), (right, bottom)),
        ((right, bottom), (left, bottom)),
        ((left, bottom), (left, top)),
    ):
        _dashed(pen, start, end, colour, width, dashes)


def _dashed(
    pen: ImageDraw.ImageDraw,
    start: tuple[float, float],
    end: tuple[float, float],
    colour: tuple[int, int, int],
    width: int,
    dashes: tuple[int, ...],
) -> None:
    across, down = end[0] - start[0], end[1] - start[1]
    length = max(abs(across), abs(down))
    position, number = 0.0, 0
    while position < length:
        stop = min(length, position + dashes[number % len(dashes)] * width)
        if number % 2 == 0:
            ends = [(start[0] + across * at / length, start[1] + down * at / length) for at in (position, stop)]
            pen.line(ends, fill=colour, width=width)
        position, number = stop, number + 1


def _label(
    pen: ImageDraw.ImageDraw,
    text: str,
    corner: tuple[float, float],
    size: tuple[int, int],
    colour: tuple[int, int, int],
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
    margin: int,
) -> None:
    """The label above a box, or wherever it stays within the picture; black or white, whichever reads better."""
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
    across, down = right - left + 2 * margin, bottom - top + 2 * margin
    x = max(0.0, min(corner[0], size[0] - across))
    y = corner[1] - down if corner[1] >= down else max(0.0, min(corner[1], size[1] - down))
    pen.rectangle((x, y, x + across, y + down), fill=colour)
    bright = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] > 140
    pen.text((x + margin - left, y + margin - top), text, font=font, fill=(0, 0, 0) if bright else (255, 255, 255))
