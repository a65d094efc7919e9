"""The curves as a component of our own: it stays on the page while they grow, so that nothing flickers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from yolodash.runs.metrics import METRICS
from yolodash.ui import components
from yolodash.ui.i18n import _, language
from yolodash.ui.run_monitor import charts, reading
from yolodash.ui.run_monitor.reading import Stamp

_FOLDER = Path(__file__).parent
_PAIRS: dict[str, tuple[Callable[..., dict[str, Any]], ...]] = {
    "learning": (charts.losses, charts.quality),
    "machine": (charts.rates, charts.speed),
}


def show(which: str, run: Path, beside: tuple[str, ...]) -> bool:
    """Two charts, ``learning`` or ``machine``; False while no epoch has ended."""
    names = (run.name, *beside)
    stamps = tuple(reading.stamp(run.parent / name / METRICS) for name in names)
    data = prepared(which, str(run.parent), names, stamps, language())
    if not any(chart["lines"] for chart in data["charts"]):
        return False
    components.registered("yolodash_run_curves", _FOLDER, "curves")(key=f"run_curves_{which}", data=data)
    return True


@st.cache_resource(show_spinner=False, max_entries=16)
def prepared(
    which: str, folder: str, names: tuple[str, ...], seen: tuple[Stamp, ...], language_: str
) -> dict[str, Any]:
    """What the browser is sent; made once for each state of the files."""
    own, *others = (reading.records_of(Path(folder) / name) for name in names)
    beside = dict(zip(names[1:], others, strict=True))
    return {
        "version": f"{names} {seen} {language_}",
        "charts": [draw(own, beside) for draw in _PAIRS[which]],
        "texts": {"epoch": _("Epoch"), "warm": _("warm-up")},
    }
