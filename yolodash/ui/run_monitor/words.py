"""What a run's state means, and what there is to do, in words."""

from __future__ import annotations

import math
import re
from typing import Any

from yolodash.runs.state import IN_SWEEP, RunState
from yolodash.ui import messages
from yolodash.ui.i18n import _, ngettext

_WAITS = re.compile(r"waits for (\d+) other")
ICONS = {
    "queued": ":material/hourglass_top:",
    "running": ":material/play_circle:",
    "stopping": ":material/pending:",
    "stopped": ":material/stop_circle:",
    "finished": ":material/check_circle:",
    "failed": ":material/error:",
    "died": ":material/error:",
}
_COLOURS = {"running": "green", "stopping": "orange", "queued": "orange", "failed": "red", "died": "red"}


def state_name(state: str) -> str:
    """A state in a word."""
    names = {
        "queued": _("waiting"),
        "running": _("running"),
        "stopping": _("stopping"),
        "stopped": _("stopped"),
        "finished": _("finished"),
        "failed": _("failed"),
        "died": _("died"),
    }
    return names.get(state, _("unknown"))


def badge(state: str) -> str:
    """A state as Markdown: icon and word say it, colour repeats it."""
    icon = ICONS.get(state, ":material/help:")
    return f":{_COLOURS.get(state, 'gray')}-badge[{icon} {state_name(state)}]"


def kind_name(kind: str) -> str:
    """A kind of run in a word."""
    names = {
        "train": _("training"),
        "evaluate": _("evaluation"),
        "sweep": _("sweep"),
        "video": _("video"),
        "augment": _("augmentation"),
    }
    return names.get(kind, _("unknown"))


def why(state: RunState, *, resumable: bool) -> str:
    """What happened and what to do, for a run that did not simply run or finish; Markdown."""
    go_on = " " + _("Resume goes on from its last checkpoint.") if resumable else ""
    if state.state == "died":
        return (
            _("Its worker ended without a word: it was killed, or the machine went down.")
            + (go_on or " " + _("Start it again."))
        )  # fmt: skip
    if state.state == "failed":
        mended = " " + _("When that is mended, Resume goes on from its last checkpoint.") if resumable else ""
        return (messages.told(state) or _("It failed without a reason.")) + mended
    if state.state == "stopped":
        return _("It was stopped, and what it had learned is saved.") + go_on if resumable else _("It was stopped.")
    if state.state == "queued":
        return waiting(state.message)
    return ""


def waiting(message: str) -> str:
    """What a run waits for."""
    if message == IN_SWEEP:
        return _("It waits for its turn in a sweep.")
    found = _WAITS.search(message)
    if found is None:
        return _("Its worker is starting …")
    count = int(found[1])
    return ngettext(
        "It waits for {count} other job on this device.", "It waits for {count} other jobs on this device.", count
    ).format(count=count)


def done_of(state: RunState) -> str:
    """``3 of 100 epochs``; empty where it has none."""
    if not isinstance(state.epochs, int) or not state.epochs:
        return ""
    return _("{done} of {total} epochs").format(done=state.epoch or 0, total=state.epochs)


def warmup_sentence(records: list[dict[str, Any]]) -> str:
    """Says of a run of which every epoch was warm-up that it was; empty else."""
    if not records or not all(record.get("warmup") for record in records):
        return ""
    return ngettext(
        "The {count} epoch so far lies in the warm-up: the learning rate is still on its way up, so the network has "
        "hardly begun to learn. Judge it after more epochs.",
        "All {count} epochs so far lie in the warm-up: the learning rate is still on its way up, so the network has "
        "hardly begun to learn. Judge it after more epochs.",
        len(records),
    ).format(count=len(records))


def megabytes(count: float) -> str:
    """Bytes for people."""
    if count >= 1e9:
        return _("{size} GB").format(size=f"{count / 1e9:.1f}")
    return _("{size} MB").format(size=f"{count / 1e6:.1f}")


def duration(seconds: float) -> str:
    """Seconds for people: ``1 h 2 min``, ``2 min 3 s``."""
    whole = max(0, math.ceil(seconds))
    if whole >= 3600:
        return _("{hours} h {minutes} min").format(hours=whole // 3600, minutes=whole // 60 % 60)
    if whole >= 60:
        return _("{minutes} min {seconds} s").format(minutes=whole // 60, seconds=whole % 60)
    return _("{seconds} s").format(seconds=whole)


def number(value: float | None) -> str:
    """A metric, or a dash where there is none."""
    return "–" if value is None or not math.isfinite(value) or value < 0 else f"{value:.3f}"


def day(created: str) -> str:
    """``2026-11-26 02:05`` of an ISO 8601 time; empty for what is none."""
    return created[:16].replace("T", " ") if re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", created) else ""
