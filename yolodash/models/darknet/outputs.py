"""The output sections of a cfg: ``[yolo]``, ``[region]``, ``[detection]`` and what they ask of the layer before."""

from __future__ import annotations

import math

from yolodash.errors import N_
from yolodash.models.darknet.cfg import Section
from yolodash.models.darknet.specification import GaussianOutput, Output, Shape
from yolodash.structures import Head

MOST_CLASSES = 100_000
MOST_ANCHORS = 500
LARGEST_ANCHOR = 1e5


def output_of(section: Section, shape: Shape, picture: Shape) -> Output | GaussianOutput:
    """The output that a section describes, for an input of ``shape`` and a network that sees ``picture``.

    Raises:
        ModelFileError: when the layer before has other channels than anchors and classes ask for.
    """
    classes = section.integer("classes", 20, least=1, most=MOST_CLASSES)
    match section.kind:
        case "yolo":
            return _yolo(section, shape, picture, classes)
        case "Gaussian_yolo":
            _expect(section, shape[0], len(_masked_anchors(section)) * (9 + classes))
            return GaussianOutput()
        case "region":
            return _region(section, shape, picture, classes)
        case _:
            return _detection(section, shape, picture, classes)


def _yolo(section: Section, shape: Shape, picture: Shape, classes: int) -> Output:
    anchors = _masked_anchors(section)
    _expect(section, shape[0], len(anchors) * (5 + classes))
    head = Head(
        kind="yolo",
        anchors=anchors,
        stride=_stride(section, shape, picture),
        classes=classes,
        scale_x_y=section.number("scale_x_y", 1.0, least=0.1, most=100),
        new_coords=section.flag("new_coords"),
    )
    return Output(head)


def _region(section: Section, shape: Shape, picture: Shape, classes: int) -> Output:
    section.refuse("background")
    _four_coordinates(section)
    cells = _pairs(section, section.integer("num", 1, least=1, most=MOST_ANCHORS))
    _expect(section, shape[0], len(cells) * (5 + classes))
    stride = _stride(section, shape, picture)
    head = Head(
        kind="region",
        anchors=tuple((width * stride, height * stride) for width, height in cells),
        stride=stride,
        classes=classes,
        softmax=section.flag("softmax"),
    )
    return Output(head, tree=section.text("tree"))


def _detection(section: Section, shape: Shape, picture: Shape, classes: int) -> Output:
    section.refuse("softmax")
    _four_coordinates(section)
    side = section.integer("side", 7, least=1, most=1000)
    boxes = section.integer("num", 1, least=1, most=MOST_ANCHORS)
    _expect(section, math.prod(shape), side * side * (classes + 5 * boxes))
    head = Head(
        kind="detection",
        anchors=((0.0, 0.0),) * boxes,
        stride=_stride(section, (0, side, side), picture),
        classes=classes,
        square_root=section.flag("sqrt"),
    )
    return Output(head)


def _masked_anchors(section: Section) -> tuple[tuple[float, float], ...]:
    """The anchors that this scale uses."""
    count = section.integer("num", 1, least=1, most=MOST_ANCHORS)
    anchors = _pairs(section, count)
    if "mask" not in section.options:
        return anchors
    return tuple(anchors[index] for index in section.integers("mask", least=0, most=count - 1))


def _pairs(section: Section, count: int) -> tuple[tuple[float, float], ...]:
    values = section.numbers("anchors", least=1e-6, most=LARGEST_ANCHOR)
    if len(values) < 2 * count:
        raise section.error(
            N_("{count} anchors need {needed} numbers, but the option {option} lists {found}"),
            fix=N_("correct num or anchors"),
            option="anchors",
            count=count,
            needed=2 * count,
            found=len(values),
        )
    return tuple(zip(values[0 : 2 * count : 2], values[1 : 2 * count : 2], strict=True))


def _four_coordinates(section: Section) -> None:
    section.integer("coords", 4, least=4, most=4)


def _expect(section: Section, found: int, needed: int) -> None:
    if found != needed:
        raise section.error(
            N_("[{section}] needs {needed} numbers a cell for its anchors and classes, the layer before gives {found}"),
            fix=N_("set filters of the layer before to {needed}, or correct classes, num and mask"),
            needed=needed,
            found=found,
        )


def _stride(section: Section, shape: Shape, picture: Shape) -> int:
    """Network pixels per cell, the same down and across."""
    _, rows, columns = shape
    _, height, width = picture
    stride = width // columns
    if stride < 1 or rows * stride != height or columns * stride != width:
        raise section.error(
            N_("a grid of {rows}×{columns} cells does not divide the network's {height}×{width} pixels into squares"),
            fix=N_("make width and height in [net] multiples of 32"),
            rows=rows,
            columns=columns,
            height=height,
            width=width,
        )
    return stride
