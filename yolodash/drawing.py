"""Boxes on pixels. Outline style and a label tell classes apart; colour only repeats it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from yolodash.structures import Detections, Image

PALETTE: tuple[tuple[int, int, int], ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
    (204, 121, 167),
)
"""Seven colours that people who see red and green alike tell apart. Source: Okabe and Ito, 2008."""

DASHES: tuple[tuple[int, int], ...] = ((1, 0), (4, 2), (1, 1), (8, 3))
"""Outline styles as stroke and gap, in line widths; the first is unbroken. 7 colours × 4 styles: 28 classes differ."""

Box = tuple[float, float, float, float]
Colour = tuple[int, int, int]


def colour_of(class_id: int) -> Colour:
    """A class's colour, RGB."""
    return PALETTE[class_id % len(PALETTE)]


def dashes_of(class_id: int) -> tuple[int, int]:
    """A class's outline style: stroke and gap in line widths. Changes when the colours begin again."""
    return DASHES[class_id // len(PALETTE) % len(DASHES)]


def line_width(height: int, width: int) -> int:
    """Of outlines, in pixels: visible on a small picture, not clumsy on a large one."""
    return max(1, round((height + width) / 2 * 0.003))


def draw_detections(image: Image, detections: Detections, names: tuple[str, ...]) -> Image:
    """The picture with its detections: a copy.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        detections: in pixels of it; the one with the highest score is drawn last, on top.
        names: of the classes.
    """
    found = zip(detections.boxes, detections.class_ids, detections.scores, strict=True)
    labelled = [(box, int(class_id), f"{names[class_id]} {score:.2f}") for box, class_id, score in found]
    return draw_boxes(image, [(tuple(map(float, box)), class_id, text) for box, class_id, text in reversed(labelled)])


def draw_boxes(image: Image, boxes: Iterable[tuple[tuple[float, ...], int, str]]) -> Image:
    """The picture with boxes and labels: a copy.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        boxes: x1, y1, x2, y2 in pixels, the class, which decides colour and style, and the label.
    """
    canvas = Pillow.fromarray(image)
    pen = ImageDraw.Draw(canvas)
    height, width = image.shape[:2]
    stroke = line_width(height, width)
    for corners, class_id, text in boxes:
        box = _inside(corners, height, width)
        if box is None:
            continue
        _outline(pen, box, colour_of(class_id), dashes_of(class_id), stroke)
        _label(pen, box, text, colour_of(class_id), (height, width), stroke)
    return np.asarray(canvas)


def _inside(corners: tuple[float, ...], height: int, width: int) -> Box | None:
    """The corners as pixels of the picture; None for a box of which nothing can be seen."""
    if not np.isfinite(corners).all():
        return None
    x1, y1, x2, y2 = corners
    left, right = max(x1, 0.0), min(x2, float(width))
    top, bottom = max(y1, 0.0), min(y2, float(height))
    if right <= left or bottom <= top:
        return None
    return left, top, min(right, width - 1), min(bottom, height - 1)


def _outline(pen: ImageDraw.ImageDraw, box: Box, colour: Colour, dashes: tuple[int, int], stroke: int) -> None:
    """A rectangle on a dark edge, so that it is seen on any ground, broken by the class's style."""
    x1, y1, x2, y2 = box
    for start, end in (((x1, y1), (x2, y1)), ((x2, y1), (x2, y2)), ((x2, y2), (x1, y2)), ((x1, y2), (x1, y1))):
        pen.line((start, end), fill=(0, 0, 0), width=stroke + 2)
        for piece in _pieces(start, end, dashes[0] * stroke * 2, dashes[1] * stroke * 2):
            pen.line(piece, fill=colour, width=stroke)


def _pieces(
    start: tuple[float, float], end: tuple[float, float], dash: int, gap: int
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The strokes of a broken line."""
    length = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    if gap == 0 or length == 0:
        return [(start, end)]
    step_x, step_y = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    return [
        (
            (start[0] + step_x * at, start[1] + step_y * at),
            (start[0] + step_x * min(at + dash, length), start[1] + step_y * min(at + dash, length)),
        )
        for at in range(0, int(length) + 1, dash + gap)
    ]


def _label(
    pen: ImageDraw.ImageDraw, box: Box, text: str, colour: Colour, picture: tuple[int, int], stroke: int
) -> None:
    """The label above the box, or inside it where there is no room above; never outside the picture."""
    font = _font(max(10, stroke * 6))
    shown = "".join(c if c.isprintable() else "�" for c in text)
    left, top, right, bottom = pen.textbbox((0, 0), shown, font=font)
    width, height = right - left + 2 * stroke, bottom - top + 2 * stroke
    x = max(0.0, min(box[0], picture[1] - width))
    y = box[1] - height if box[1] >= height else min(box[1], max(0.0, picture[0] - height))
    pen.rectangle((x, y, x + width, y + height), fill=colour)
    pen.text((x + stroke - left, y + stroke - top), shown, fill=_readable_on(colour), font=font)


def _readable_on(colour: Colour) -> Colour:
    """Black or white, whichever stands out more."""
    red, green, blue = colour
    return (0, 0, 0) if 0.299 * red + 0.587 * green + 0.114 * blue > 110 else (255, 255, 255)


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, which has the letters of many languages."""
    return ImageFont.load_default(size)
