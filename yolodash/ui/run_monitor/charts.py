"""The curves of a training, epoch by epoch, and those of other runs beside them: what the browser is to draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yolodash.ui.evaluation.charts import COLOURS
from yolodash.ui.i18n import _

Records = list[dict[str, Any]]
MOST_POINTS = 240
"""Of a line: more cannot be told apart, and every tab is sent them."""
_DASHES = ("", "6 4", "2 4", "10 4 2 4", "14 5", "1 3")


def losses(records: Records, beside: Mapping[str, Records]) -> dict[str, Any]:
    """The three terms."""
    lines = {"loss_box": _("box"), "loss_objectness": _("objectness"), "loss_class": _("class")}
    return chart(_("Loss"), records, beside, lines)


def quality(records: Records, beside: Mapping[str, Records]) -> dict[str, Any]:
    """mAP, precision and recall on the validation pictures; of other runs mAP alone."""
    lines = {"map50": "mAP50", "map": "mAP50–95", "precision": _("precision"), "recall": _("recall")}
    return chart(_("On the validation pictures"), records, beside, lines, others=2)


def rates(records: Records, beside: Mapping[str, Records]) -> dict[str, Any]:
    """The learning rate of each group of weights."""
    groups = {"weights": _("weights"), "biases": _("biases"), "normalisation": _("normalisation")}
    known = list(dict.fromkeys(group for record in records for group in record.get("learning_rates") or {}))
    lines = {f"rate {group}": groups.get(group, group) for group in known}
    others = {run: [_with_rates(record) for record in theirs] for run, theirs in beside.items()}
    return chart(_("Learning rate"), [_with_rates(record) for record in records], others, lines, others=1)


def speed(records: Records, beside: Mapping[str, Records]) -> dict[str, Any]:
    """Pictures a second while it trains."""
    return chart(_("Pictures a second"), records, beside, {"images_per_second": _("pictures a second")})


def _with_rates(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, **{f"rate {group}": value for group, value in (record.get("learning_rates") or {}).items()}}


def chart(
    title: str, records: Records, beside: Mapping[str, Records], lines: Mapping[str, str], *, others: int | None = None
) -> dict[str, Any]:
    """Some columns over the epochs, counted from 1, and until which epoch the warm-up lasts.

    Args:
        beside: records of other runs; of them the first ``others`` columns are drawn, thin.
    """
    drawn = [_line(records, column, label, place, 0) for place, (column, label) in enumerate(lines.items())]
    for row, (run, theirs) in enumerate(beside.items(), 1):
        chosen = list(lines.items())[:others]
        drawn += [_line(theirs, column, f"{label} · {run}", place, row) for place, (column, label) in enumerate(chosen)]
    warm = [record["epoch"] + 1 for record in records if record.get("warmup")]
    return {"title": title, "lines": [line for line in drawn if line["x"]], "warm": max(warm, default=0)}


def _line(records: Records, column: str, label: str, place: int, run: int) -> dict[str, Any]:
    """One line. Dashes and its name tell it from the others; colour repeats it."""
    shown = [record for record in thinned(records) if record.get(column) is not None]
    return {
        "label": label,
        "x": [record["epoch"] + 1 for record in shown],
        "y": [float(f"{record[column]:.5g}") for record in shown],
        "colour": COLOURS[place % len(COLOURS)],
        "dash": _DASHES[(place + 2 * run) % len(_DASHES)],
        "thin": run > 0,
    }


def thinned(records: Records) -> Records:
    """Evenly fewer, the first and the last kept."""
    step = -(-len(records) // MOST_POINTS)
    return records if step <= 1 else [*records[:-1:step], records[-1]]
