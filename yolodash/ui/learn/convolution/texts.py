"""The words of the components on the page Convolution, in the language of the session."""

from __future__ import annotations

from yolodash.ui.camera.texts import problems
from yolodash.ui.i18n import _


def stepper() -> dict[str, str]:
    """Of a matrix that is stepped through; ``{placeholders}`` are filled in the browser."""
    return {
        "matrix": _("Input"),
        "kernel": _("Kernel"),
        "map": _("Feature map"),
        "back": _("One step back"),
        "forth": _("One step on"),
        "play": _("Play"),
        "pause": _("Pause"),
        "place": _("step {number} of {count} · row {row}, column {column}"),
        "nowhere": _("The kernel does not fit: it is larger than the input with its padding."),
        "cases": _("Examples"),
        "hint": _(
            "Drag the window, click a number of the feature map, or type numbers of your own into input and kernel."
        ),
    }


def stride() -> dict[str, str]:
    """What comes to it with stride and padding."""
    return {
        **stepper(),
        "vertical": _("vertical"),
        "horizontal": _("horizontal"),
        "of_matrix": _("Input i"),
        "of_kernel": _("Kernel k"),
        "of_stride": _("Stride s"),
        "of_padding": _("Padding p"),
        "rows": _("rows"),
        "columns": _("columns"),
    }


def flip() -> dict[str, str]:
    """What comes to it with the flip."""
    return {
        **stepper(),
        "as_it_is": _("As networks do it: the kernel as it is (cross-correlation)"),
        "turned": _("As mathematics has it: the kernel turned by half a turn (convolution)"),
    }


def photo() -> dict[str, str]:
    """Of a step on a photo or the camera."""
    return {
        **problems(),
        "kernel": _("Kernel"),
        "signed": _("Show negative numbers too (0 is mid-grey)"),
        "camera_on": _("Live camera"),
        "camera_off": _("Back to the photo"),
    }


def library() -> dict[str, str]:
    """Of two kernels side by side."""
    return {
        **photo(),
        "left": _("Kernel on the left"),
        "right": _("Kernel on the right"),
        "hint": _("Numbers below 0 are shown black and above 255 white, unless you ask for the negative ones."),
    }


def own() -> dict[str, str]:
    """Of a kernel of one's own."""
    return {
        **photo(),
        "before": _("Before"),
        "after": _("After"),
        "brush": _("Brush"),
        "clear": _("All zero"),
        "turn": _("Half a turn"),
        "divide": _("Divide by the sum"),
        "divided": _("Divided by the sum, {sum}"),
        "hint": _("Choose a number and paint it into the kernel, or type; blue is above zero, orange below."),
    }


def channels() -> dict[str, str]:
    """Of red, green and blue."""
    return {
        **photo(),
        "red": _("Red"),
        "green": _("Green"),
        "blue": _("Blue"),
        "sum": _("The sum: one feature map"),
        "filter": _("Filter of depth 1:"),
        "map": _("Feature map:"),
        "cases": _("Examples"),
        "hint": _("Drag the mark over a picture: the numbers of the three maps there, and their sum, follow."),
    }
