"""Step: learning kernels. Gradient descent finds a kernel from examples, before one's eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from yolodash import convolution
from yolodash.data.images import thumbnail
from yolodash.kernels import KERNELS
from yolodash.ui import caching, state
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, sending, stage
from yolodash.ui.learn.network import SCRIPTS
from yolodash.ui.pictures import Photo

if TYPE_CHECKING:
    from yolodash.models.kernel_learning import Learned

TARGETS = ("edges", "sobel-x", "sobel-y", "vertical-lines", "laplacian", "sharpen", "emboss", "gaussian")
RATES = (0.1, 0.5, 1.0, 1.5, 1.9, 2.1)
STEPS = 1500
FRAMES = 40
LONGEST = 200


def show() -> None:
    """The kernel from its first chance to the last step, its map at each, and the loss."""
    photo = lesson.choose_picture()
    st.subheader(_("Nobody chose these numbers: gradient descent finds them"), anchor=False)
    target, rate = _choose()
    with st.spinner(_("Learning …")):
        data = _learned(photo.source, photo.id, target, rate, photo)
    last = str(len(data["frames"]) - 1)
    fields = {"frame": stage.Field("0", stage.number(0, int(last), whole=True))}
    stage.play("learning", f"{photo.key}/{target}/{rate}", fields, data, _texts(), scripts=SCRIPTS)
    _below()


def _choose() -> tuple[str, float]:
    """Which kernel made the examples, and how far a step goes."""
    state.seed("target", state.one_of(TARGETS, str), TARGETS[0])
    state.seed("rate", state.one_of(RATES, float), 1.0)
    one, other = st.columns(2)
    target = one.selectbox(
        _("Examples made by"), TARGETS, key="target", persist_state="session",
        format_func=lambda name: _(KERNELS[name].title),
    )  # fmt: skip
    rate = other.segmented_control(
        _("Learning rate (over 2 a step overshoots)"), RATES, key="rate", required=True, persist_state="session",
        format_func=lambda value: f"{value:g}",
    )  # fmt: skip
    rate = rate or 1.0
    state.mirror({"target": None if target == TARGETS[0] else target, "rate": None if rate == 1.0 else f"{rate:g}"})
    return target, rate


@st.cache_data(show_spinner=False, max_entries=24)
def _learned(source: str, name: str, target: str, rate: float, _photo: Photo) -> dict[str, Any]:
    """``source`` and ``name`` tell photos apart; the photo itself is only read."""
    from yolodash.models.kernel_learning import learn_kernel

    grey = convolution.grey(thumbnail(caching.pixels(_photo), LONGEST))
    learned = learn_kernel(grey, KERNELS[target].weights, rate=rate, steps=STEPS)
    return {
        "frames": frames_of(grey, learned),
        "target": learned.target.tolist(),
        "wanted": _map(grey, learned.target),
        "losses": [round(float(np.log10(max(loss, 1e-12))), 3) for loss in _finite(learned.losses)[::5]],
    }


def moments(steps: int, count: int = FRAMES) -> list[int]:
    """Steps to show: each of the first, ever fewer later, the last."""
    return sorted({0, *np.unique(np.geomspace(1, steps, count).round().astype(int)).tolist()})


def frames_of(grey: NDArray[np.uint8], learned: Learned) -> list[dict[str, Any]]:
    """The kernel, its error and its map at some moments; none after the numbers grew beyond all bounds."""
    frames = []
    for step in moments(len(learned.losses) - 1):
        kernel, loss = learned.kernels[step], float(learned.losses[step])
        if not np.isfinite(loss) or loss > 1e12:
            break
        frames.append({"step": step, "loss": loss, "kernel": kernel.round(4).tolist(), "map": _map(grey, kernel)})
    return frames


def _finite(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    known = losses[np.isfinite(losses) & (losses < 1e12)]
    return known if len(known) else losses[:1]


def _map(grey: NDArray[np.uint8], kernel: NDArray[np.float64]) -> str:
    """What a kernel makes of the picture, as base64 of a JPEG."""
    made = convolution.as_picture(convolution.convolve(grey, kernel, padding=(1, 1)), signed=True)
    return sending.jpeg(np.repeat(made[..., None], 3, axis=2), 95)


def _texts() -> dict[str, str]:
    return {
        "play": _("Learn"),
        "stop": _("Stop"),
        "step": _("Step"),
        "learned": _("The learned kernel"),
        "wanted": _("What made the examples (it never sees this)"),
        "map": _("What the learned kernel makes of the picture"),
        "wanted_map": _("The examples: what should come out"),
        "loss": _("Step {step}: mean squared error {loss}"),
        "curve": _("Error over the steps, on a logarithmic scale"),
        "diverges": _("The error grows: each step overshoots. Choose a smaller learning rate."),
    }


def _below() -> None:
    from yolodash.models import kernel_learning

    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "network_learning",
            _("What does the learner get to see?"),
            {
                "kernel": _("The kernel that made the examples"),
                "examples": _("Patches of the picture, and the number that should come out for each"),
            },
            "examples",
            _("The gradient of the error says for every weight which way to move. So networks learn their kernels."),
        )
    with said:
        lesson.remark(
            _(
                "Here each kernel is told what should come out. In a network only the last layer is; the chain rule "
                "carries its error back to the kernels before it."
            )
        )
        lesson.show_code(kernel_learning.learn_kernel, kernel_learning.patches_of, kernel_learning.steepest)
