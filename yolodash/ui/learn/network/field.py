"""Step: the receptive field. Click on a neuron of any layer, and see what of the picture it can see."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from yolodash.structures import ImageSize
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.network import SCRIPTS, inside


def show() -> None:
    """The picture, one cell of a layer's map on it, and the part of the picture that reaches this cell."""
    about = subject.choose()
    st.subheader(_("What does one neuron see? Deeper ones see more"), anchor=False)
    looked = inside.choose(about)
    titles = inside.layer_titles(looked)
    layers = [{"title": title, **inside.sent_field(looked.fields[name], looked.size)} for name, title in titles.items()]
    width, height = looked.size.width, looked.size.height
    fields = {
        "level": stage.Field(str(max(1, 3 * len(layers) // 4)), stage.number(1, len(layers), whole=True)),
        "point": stage.Field(f"{width // 2},{height // 2}", point_within(looked.size)),
    }
    data = {"picture": looked.picture, "network": stage.size(looked.size), "layers": layers}
    stage.play("field", looked.identity, fields, data, _texts(), scripts=SCRIPTS)
    _below()


def point_within(size: ImageSize) -> Callable[[str], str]:
    """A parser of ``x,y`` in whole pixels of the input."""

    def parse(text: str) -> str:
        x, y = (int(part) for part in text.split(","))
        if not (0 <= x < size.width and 0 <= y < size.height):
            raise ValueError(text)
        return f"{x},{y}"

    return parse


def _texts() -> dict[str, str]:
    return {
        "picture": _("The input of the network. Click, drag, or use the arrow keys to choose a neuron."),
        "level": _("Layer"),
        "grid": _("Its map: {rows} × {columns} neurons, one every {jump} pixels"),
        "neuron": _("The neuron in row {row}, column {column} (counted from 0)"),
        "sees": _("sees {size} × {size} pixels"),
        "left": _("left"),
        "right": _("right"),
        "all": _("It reaches beyond the picture: there it sees padding."),
        "hint": _("White: the neuron's own cell. Bright: what it sees. Drag over the picture."),
    }


def _below() -> None:
    from yolodash.models import receptive_field

    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "network_field",
            _("Two 3×3 convolutions with stride 1, one after the other. How much does a neuron of the second see?"),
            {"3": "3 × 3", "5": "5 × 5", "6": "6 × 6"},
            "5",
            _("Each of its nine neighbours sees one pixel further: 1 + 2 + 2 = 5. A stride before widens it more."),
        )
    with said:
        lesson.remark(
            _(
                "This is what can reach a neuron. What lies in the middle reaches it on many ways and counts most; the "
                "border counts hardly at all."
            )
        )
        lesson.show_code(
            receptive_field.through, receptive_field.upsampled, receptive_field.joined, receptive_field.seen_by,
            receptive_field.fields_of,
        )  # fmt: skip
