"""The words of the player, in the language of the session."""

from __future__ import annotations

from yolodash.ui.i18n import _
from yolodash.ui.overlay.texts import texts as overlay_texts


def texts() -> dict[str, str]:
    """Every text that the player can show; ``{placeholders}`` are filled in the browser."""
    own = {
        "play": _("Play"),
        "pause": _("Pause"),
        "back": _("One frame back (arrow left)"),
        "forward": _("One frame on (arrow right)"),
        "line": _("Count over a line"),
        "line_help": _("Draw a line across the picture, drag its ends, and see who crosses it"),
        "line_waits": _("The line counts once the identities are known …"),
        "line_crossed": _("Over the line:"),
        "line_none": _("nobody yet"),
        "sound": _("Sound"),
        "clock": _("{seconds} s · frame {frame} of {last}"),
        "skipped": _("boxes of the last frame that the network saw"),
        "objects": _("Different objects, by their identities"),
        "timeline": _("Objects over time. Arrow keys step by a frame, Page Up and Page Down by ten."),
        "canvas": _(
            "Video with detections. Space plays, left and right step, up and down go from box to box, Enter picks."
        ),
        "loading": _("Loading …"),
        "unplayable": _("This browser does not play this video. The boxes and the timeline are right all the same."),
    }
    return {**overlay_texts(), **own}
