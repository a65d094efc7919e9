"""Step: upsampling, and two ways down. A matrix becomes larger by repeating, smaller by pooling or by a stride."""

from __future__ import annotations

import streamlit as st

from yolodash import convolution
from yolodash.models import layer_arithmetic
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage
from yolodash.ui.learn.convolution import fields as matrices
from yolodash.ui.learn.network import SCRIPTS

SIDE = 4
MATRIX = "1,2,0,3;4,0,5,1;2,7,1,0;0,3,6,8"
KERNEL = "1,0;0,-1"


def show() -> None:
    """One small matrix, made larger, and made smaller in two ways."""
    fields = {"matrix": stage.Field(MATRIX, _of_side(SIDE)), "kernel": stage.Field(KERNEL, _of_side(2))}
    st.subheader(_("Twice as large, or half as large: what stays?"), anchor=False)
    stage.play("resampling", "resampling", fields, {}, _texts(), scripts=SCRIPTS)
    st.caption(
        _(
            "**Where YOLO does it.** Up: YOLOv3 twice, 13 → 26 → 52. Each time the enlarged map is laid beside a finer "
            "one from before, so that small objects are seen with the meaning of deep layers. YOLOv5 does the same. "
            "Down: five convolutions with stride 2, 416 → 13."
        )
    )
    _below()


def _of_side(side: int) -> matrices.Parse:
    """A parser of square matrices of whole numbers with this side."""
    parse = matrices.matrix(side, square=True)

    def checked(text: str) -> str:
        written = parse(text)
        if len(matrices.read(written)) != side:
            raise ValueError(text)
        return written

    return checked


def _texts() -> dict[str, str]:
    return {
        "matrix": _("The matrix; type numbers of your own"),
        "up": _("Upsampled: nearest neighbour"),
        "pooled": _("Max pooling 2×2"),
        "strided": _("Convolution 2×2, stride 2"),
        "kernel": _("Kernel"),
        "swap": _("Swap left and right in every window"),
        "said": _("Pooling kept {kept} of 16 numbers, and not where in the window each stood."),
        "same": _("Swapped: the pooled map is the same, the convolution's is another."),
        "both": _("Swapped: here neither has changed."),
        "cell": _("row {row}, column {column}"),
        "loses": _(
            "A convolution loses, too: four numbers become one weighted sum. But its weights are learned, so what is "
            "lost is what the loss can spare."
        ),
    }


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "network_resampling",
            _("A map is pooled 2×2, then upsampled by 2. Is it as before?"),
            {
                "yes": _("Yes: its size is as before, so it is the same"),
                "no": _("Its size is, its numbers are not: four equal ones stand where four different ones stood"),
            },
            "no",
            _("Upsampling brings back the size, not the detail. The detail comes over the skip connection."),
        )
    with said:
        lesson.remark(
            _(
                "“No pooling” holds for yolov3.cfg. YOLOv1 has 4 poolings, v2 has 5, v3-tiny 6, v3-spp 3, and v5 has "
                "SPPF. “Only convolutions” holds from v2 on."
            )
        )
        lesson.show_code(layer_arithmetic.repeat_nearest, layer_arithmetic.largest_of_windows, convolution.convolve)
