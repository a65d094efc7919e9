"""The steps of the page, each one screen: something that moves, the code that ran, a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from yolodash import convolution, kernels
from yolodash.kernels import KERNELS
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, sending
from yolodash.ui.learn.convolution import SCRIPTS, fields, texts
from yolodash.ui.learn.convolution.cases import CASES, FILTERS, Case
from yolodash.ui.learn.stage import Field, number, play

LONGEST = 480
"""Pixels of the longer side of a photo that is filtered in the browser, at every step of a drag."""
LONGEST_CHANNEL = 320
OWN = ("matrix", "kernel", "stride", "padding", "at", "filters", "signed", "left", "right", "divide")
"""What stands in the address for one step alone."""


def titles() -> dict[str, str]:
    """The steps, in the order of the lecture."""
    return {
        "window": _("The window"),
        "stride": _("Stride and padding"),
        "channels": _("Three channels"),
        "library": _("Kernels by hand"),
        "own": _("Your kernel"),
        "flip": _("The flip"),
    }


def show(step: str) -> None:
    """One step of the page."""
    steps: dict[str, Callable[[], None]] = {
        "window": window,
        "stride": stride,
        "channels": channels,
        "library": library,
        "own": own,
        "flip": flip,
    }
    steps[step]()


def window() -> None:
    """A kernel slides over a matrix, and each place becomes one number."""
    st.markdown(_("A kernel slides over the numbers. At each place: multiply what lies under it, add up, write down."))
    first = CASES["vertical-line"]
    _stepper("window", first, (first, CASES["edges"]), texts.stepper(), ("matrix", "kernel", "at"))
    lesson.show_code(
        convolution.convolve_step_by_step, convolution.steps, convolution.window_at, convolution.terms,
        convolution.weighted_sum, convolution.spelled_out,
    )  # fmt: skip
    lesson.remark(
        _("The figure's numbers are lost; this input is ours. Its first sum is the lecture's: 0·0 + … + 1·1 + 0·0 = 1.")
    )
    lesson.question(
        "convolution_window",
        _("The kernel is the vertical line. Where is the feature map largest?"),
        {
            "bright": _("Where most of the nine pixels are 1"),
            "upright": _("Where three 1s stand above each other in the middle of the window"),
            "edge": _("At the border of the picture"),
        },
        "upright",
        _("Only the middle column of the kernel counts. The number tells how well the window matches the kernel."),
    )


def stride() -> None:
    """By how much the window moves on, and the frame of zeros around the input."""
    st.markdown(_("**Stride**: how far the window moves on. **Padding**: a frame of zeros around the input."))
    case = CASES["stride"]
    _stepper("stride", case, (case, CASES["edges"]), texts.stride(), ("matrix", "kernel", "stride", "padding", "at"))
    lesson.show_code(convolution.output_length, convolution.padded, convolution.convolve)
    lesson.remark(
        _(
            "The lecture shows only what comes out: 1 6 5, 7 10 9, 7 10 8. Its input and kernel are lost; these small "
            "numbers were found by a search and give exactly that. A 3×3 map is right for i = 5, k = 3, p = 1, s = 2."
        )
    )
    lesson.question(
        "convolution_stride",
        _("416 pixels, kernel 3, padding 1, stride 2: how many numbers along one side?"),
        {"207": "207", "208": "208", "416": "416"},
        "208",
        _("⌊(416 + 2·1 − 3) / 2⌋ + 1 = 207 + 1 = 208. So YOLO halves its maps, five times: 416, 208, 104, 52, 26, 13."),
    )


def _stepper(step: str, first: Case, cases: tuple[Case, ...], words: Mapping[str, str], names: tuple[str, ...]) -> None:
    """A component that steps through a matrix, begun with the first case."""
    parsers = {
        "matrix": fields.matrix(),
        "kernel": fields.matrix(5),
        "stride": fields.pair(1, 4),
        "padding": fields.pair(0, 3),
        "at": number(0, 999, whole=True),
    }
    start = values_of(first)
    known = {name: Field(start[name], parsers[name]) for name in names}
    offered = [{"title": _(case.title), "values": _only(values_of(case), names)} for case in cases]
    play(step, "matrix", known, {"cases": offered}, words, scripts=SCRIPTS)


def values_of(case: Case) -> dict[str, str]:
    """A case as the browser and the address have it, at its first step."""
    return {
        "matrix": fields.written(case.matrix),
        "kernel": fields.written(case.kernel),
        "stride": "{},{}".format(*case.stride),
        "padding": "{},{}".format(*case.padding),
        "at": "0",
    }


def _only(values: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: values[name] for name in names if name != "at"}


def channels() -> None:
    """A filter for a colour picture: one of depth 1 for each channel, then the sum."""
    photo = sending.photo(lesson.choose_picture(), LONGEST_CHANNEL)
    st.markdown(_("A colour picture has three matrices, so its filter has three, too. Their maps add up to **one**."))
    offered = [{"title": _(title), "values": {"filters": text}} for title, text in FILTERS.items()]
    known = {
        "filters": Field(next(iter(FILTERS.values())), fields.filters),
        "at": Field(f"{photo.width // 2},{photo.height // 2}", fields.pair(0, LONGEST_CHANNEL)),
        "signed": Field("0", fields.switch),
    }
    play("channels", "photo", known, _photo_data(photo, cases=offered), texts.channels(), scripts=SCRIPTS)
    lesson.show_code(convolution.convolve_channels, convolution.sum_of_channels, convolution.convolve)
    lesson.question(
        "convolution_channels",
        _("How many weights has one 3×3 filter for an RGB picture, and how many maps does it make?"),
        {
            "9-1": _("9 weights, 1 map"),
            "27-1": _("27 weights, 1 map"),
            "27-3": _("27 weights, 3 maps"),
        },
        "27-1",
        _("Nine for each channel, and the three maps are added up: one filter, one feature map."),
    )


def library() -> None:
    """Kernels that people made by hand, two at a time."""
    photo = sending.photo(lesson.choose_picture(), LONGEST)
    st.markdown(_("In classical computer vision people choose the numbers. Each kernel finds another feature."))
    known = {
        "left": Field("identity", fields.kernel_name),
        "right": Field("edges", fields.kernel_name),
        "signed": Field("0", fields.switch),
    }
    offered = [
        {
            "name": kernel.name,
            "title": _(kernel.title),
            "rows": [list(row) for row in kernel.rows],
            "divisor": kernel.divisor,
            "does": _(kernel.does),
        }
        for kernel in KERNELS.values()
    ]
    play("library", "photo", known, _photo_data(photo, kernels=offered), texts.library(), scripts=SCRIPTS)
    lesson.show_code(convolution.grey, convolution.convolve, convolution.as_picture)
    lesson.question(
        "convolution_library",
        _("The edge kernel's nine numbers add up to 0. What does it make of a wall of one colour?"),
        {"white": _("White"), "same": _("The same grey"), "black": _("Black: zero everywhere")},
        "black",
        _("8 times the pixel minus its eight equal neighbours is 0. Only change is left over."),
    )


def own() -> None:
    """Draw a kernel."""
    photo = sending.photo(lesson.choose_picture(), LONGEST)
    st.markdown(_("Paint a kernel, and see at once what it finds."))
    known = {
        "kernel": Field("-1,0,1;-2,0,2;-1,0,1", fields.matrix(7, square=True, odd=True)),
        "divide": Field("0", fields.switch),
        "signed": Field("1", fields.switch),
    }
    play("own", "photo", known, _photo_data(photo), texts.own(), scripts=SCRIPTS)
    lesson.show_code(convolution.convolve, kernels.divisor_of, convolution.as_picture)
    lesson.question(
        "convolution_own",
        _("All nine numbers are 1, not divided. What happens to the picture?"),
        {
            "blur": _("It blurs, and keeps its brightness"),
            "bright": _("It blurs, and becomes nine times as bright: white almost everywhere"),
            "nothing": _("Nothing"),
        },
        "bright",
        _("The sum of nine pixels is nine times their mean. Divide by the sum of the kernel to keep the brightness."),
    )


def flip() -> None:
    """Convolution and cross-correlation."""
    st.markdown(_("One bright point shows the difference: what comes out is the kernel itself, or the kernel turned."))
    case = CASES["arrow"]
    _stepper("flip", case, (case,), texts.flip(), ("matrix", "kernel", "at"))
    lesson.show_code(convolution.flipped, convolution.convolve)
    lesson.remark(
        _(
            "What networks call convolution is cross-correlation. It makes no difference to what they can learn: a "
            "network that needs the turned kernel learns the turned numbers."
        )
    )
    lesson.question(
        "convolution_flip",
        _("For which kernel do both ways give the same?"),
        {
            "gaussian": _("The Gaussian blur"),
            "sobel": _("Sobel, left to right"),
            "emboss": _("Emboss"),
        },
        "gaussian",
        _("It is the same after half a turn. Sobel changes its sign, and emboss has its light from the other side."),
    )


def _photo_data(photo: sending.Sent, **more: Any) -> dict[str, Any]:
    return {"photo": photo.data, **more}
