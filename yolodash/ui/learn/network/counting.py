"""Step: N kernels of depth C make N maps. Where the idea comes from, and what it costs in weights."""

from __future__ import annotations

import streamlit as st

from yolodash.models.layer_arithmetic import weights_of_layer
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage
from yolodash.ui.learn.network import SCRIPTS

MOST = 512
SIDES = ("1", "3", "5", "7")


def show() -> None:
    """The layer drawn, its weights counted, and the card on the idea's origin."""
    fields = {
        "kernels": stage.Field("8", stage.number(1, MOST, whole=True)),
        "depth": stage.Field("3", stage.number(1, MOST, whole=True)),
        "side": stage.Field("3", stage.choice(*SIDES)),
    }
    st.subheader(_("Each kernel looks at all channels, and makes one map"), anchor=False)
    data = {"sides": SIDES, "most": MOST, "examples": examples()}
    stage.play("counting", "counting", fields, data, _texts(), scripts=SCRIPTS)
    _origin()
    _below()


def examples() -> list[dict[str, object]]:
    """Layers of real networks, to count."""
    return [
        {"title": _("our classifier's first"), "values": {"kernels": "8", "depth": "3", "side": "3"}},
        {"title": _("YOLOv3's first"), "values": {"kernels": "32", "depth": "3", "side": "3"}},
        {"title": _("YOLOv3's second"), "values": {"kernels": "64", "depth": "32", "side": "3"}},
        {"title": _("a 1×1 layer"), "values": {"kernels": "32", "depth": "64", "side": "1"}},
    ]


def _texts() -> dict[str, str]:
    return {
        "drawing": _("Input channels, kernels and feature maps of one layer"),
        "kernels": _("N kernels"),
        "depth": _("C channels"),
        "side": _("k, side of a kernel"),
        "channels_of": _("input: {count} channels"),
        "kernels_of": _("{count} kernels, each {side}×{side}×{depth}"),
        "maps_of": _("{count} maps"),
        "weights": _("weights"),
        "connected": _(
            "On 64×64 pixels. A fully connected layer from {depth} to {kernels} such maps would need {count}."
        ),
        "examples": _("Layers to count"),
    }


def _origin() -> None:
    """One card on biology."""
    with st.container(border=True):
        st.markdown(
            ":material/neurology: **"
            + _("Where the idea comes from")
            + "** · "
            + _(
                "In 1959 Hubel and Wiesel found cells in a cat's visual cortex that answer only to an edge of one "
                "direction, in one small part of what the eye sees. Fukushima's neocognitron (1980) laid such cells "
                "over the whole picture, LeCun's networks (1989) learned them. A kernel is such a cell: a neuron "
                "that looks at a small region, and slides."
            )
        )


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "network_kernels",
            _("16 kernels 3×3 on a colour picture: how many maps come out?"),
            {"3": "3", "16": "16", "48": "48"},
            "16",
            _("One map a kernel. The three channels are added up inside each kernel; they make no maps of their own."),
        )
    with said:
        lesson.remark(
            _(
                "Networks like YOLO normalise each map after the convolution. Then the kernel needs no bias, and two "
                "numbers a map, a scale and a shift, take its place."
            )
        )
        lesson.show_code(weights_of_layer)
