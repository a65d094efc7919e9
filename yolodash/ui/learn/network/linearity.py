"""Step: why ReLU. Two linear layers are one; with a ReLU between them they are more than any one."""

from __future__ import annotations

import streamlit as st

from yolodash.models import layer_arithmetic
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage
from yolodash.ui.learn.network import SCRIPTS

LARGEST = 3.0
FIRST, SECOND, POINT = "1,-1;0.5,1", "1,0.5;-0.5,1", "1,0.5"
Square = tuple[tuple[float, float], tuple[float, float]]


def show() -> None:
    """A circle of inputs, what both ways make of it, and one input spelled out."""
    fields = {
        "first": stage.Field(FIRST, square),
        "second": stage.Field(SECOND, square),
        "x": stage.Field(POINT, point),
    }
    st.subheader(_("Two layers without ReLU are one layer in disguise"), anchor=False)
    stage.play("linearity", "linearity", fields, {"largest": LARGEST}, _texts(), scripts=SCRIPTS)
    _below()


def read(text: str) -> Square:
    """A 2×2 matrix from its text.

    Raises:
        ValueError: it is none, or its numbers are too large.
    """
    rows = tuple(tuple(float(number) for number in row.split(",")) for row in text.split(";"))
    if [len(row) for row in rows] != [2, 2] or not all(abs(number) <= LARGEST for row in rows for number in row):
        raise ValueError(text)
    return (rows[0][0], rows[0][1]), (rows[1][0], rows[1][1])


def square(text: str) -> str:
    """A parser of 2×2 matrices, ``1,2;3,4``."""
    return ";".join(",".join(f"{number:.4g}" for number in row) for row in read(text))


def point(text: str) -> str:
    """A parser of a vector, ``1,2``."""
    numbers = [float(part) for part in text.split(",")]
    if len(numbers) != 2 or not all(abs(number) <= LARGEST for number in numbers):
        raise ValueError(text)
    return ",".join(f"{number:.4g}" for number in numbers)


def _texts() -> dict[str, str]:
    return {
        "input": _("Input x, drag it"),
        "linear": _("Two layers, no ReLU"),
        "bent": _("A ReLU between them"),
        "first": _("first layer"),
        "second": _("second layer"),
        "product": _("One layer does the same:"),
        "collapse": _("the same"),
        "mirror": _("A single matrix would turn −x into minus that. With ReLU:"),
        "broken": _("Not minus f(x): no single matrix does this."),
        "unbroken": _("Here it happens to be minus f(x): turn x to where the ReLU cuts."),
        "hint": _("The circle is what goes in. Without ReLU it always becomes an ellipse; ReLU folds it."),
        "row": _("row {row}, column {column}"),
    }


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "network_relu",
            _("A hundred convolutional layers without any activation between them can do as much as"),
            {"one": _("one convolutional layer with a larger kernel"), "hundred": _("a hundred layers with ReLU")},
            "one",
            _("Convolution is linear, too. Linear after linear stays linear, however often."),
        )
    with said:
        lesson.remark(
            _(
                "ReLU is the lecture's activation and our classifier's. YOLOv3 uses leaky ReLU, which lets a tenth of "
                "the negative through; YOLOv5 uses SiLU, which is smooth. Any of them bends."
            )
        )
        lesson.show_code(
            layer_arithmetic.relu, layer_arithmetic.two_linear_layers, layer_arithmetic.collapsed,
            layer_arithmetic.with_relu_between,
        )  # fmt: skip
