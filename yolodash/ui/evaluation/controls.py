"""The left column of the page: whose detections, in which convention, of which class."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from yolodash.evaluation.conventions import ConventionName
from yolodash.runs.store import list_runs
from yolodash.ui import state
from yolodash.ui.evaluation import source, thresholds
from yolodash.ui.evaluation.measured import Measured
from yolodash.ui.evaluation.source import Evaluated
from yolodash.ui.i18n import _

_SOURCE = "evaluate_source"
_NEXT = "evaluate_source_next"
FILES, MODEL = "files", "model"
FIRST, SECOND = source.SAMPLES


@dataclass(frozen=True)
class Shown:
    """All that decides what the page shows.

    ``source`` is what the page calls the set; ``label`` the place of the chosen class, None for all.
    """

    source: str
    evaluated: Evaluated
    convention: ConventionName
    measured: Measured
    label: int | None

    @property
    def version(self) -> str:
        """Changes with everything but the thresholds and the view."""
        return f"{self.evaluated.key}:{self.convention}:{self.label}"


def names() -> dict[str, str]:
    """Every set that can be opened at once, and the two ways to get another."""
    return {**ready(), FILES: _("Result files …"), MODEL: _("Run a model …")}


def ready() -> dict[str, str]:
    """The sets that can be opened at once: the samples, and the evaluations that were kept."""
    kept = {f"run:{run.name}": run.name for run in list_runs("evaluate") if run.state == "finished"}
    samples = _("Bundled model at {size} pixels")
    return {**{key: samples.format(size=size) for key, (_file, size) in source.SAMPLES.items()}, **kept}


def choose_source() -> str:
    """A key of ``names``; the address remembers it, except for files, which are this browser's own."""
    known = names()
    if _NEXT in st.session_state:
        st.session_state[_SOURCE] = st.session_state.pop(_NEXT)
    if st.session_state.get(_SOURCE) not in known:
        st.session_state[_SOURCE] = state.from_address("detections", state.one_of(known, str), FIRST)
    chosen: str = st.selectbox(
        _("Detections"),
        tuple(known),
        format_func=lambda key: known.get(key, key),
        key=_SOURCE,
        persist_state="session",
    )
    state.mirror({"detections": None if chosen in (FIRST, FILES) else chosen})
    return chosen


def open_source(key: str) -> None:
    """Show this set from the next run on."""
    st.session_state[_NEXT] = key


def opened(key: str) -> Evaluated:
    """A set by its key in ``ready``.

    Raises:
        YoloDashError: a kept one is gone or damaged.
    """
    if key in source.SAMPLES:
        return source.sample(key)
    name = key.removeprefix("run:")
    created = next((run.created for run in list_runs("evaluate") if run.name == name), "")
    return source.kept(name, created)


def choose_reading(key: str, evaluated: Evaluated) -> Shown:
    """In which convention, and of which class."""
    label = thresholds.choose_class(evaluated.labels)
    convention = thresholds.choose_convention()
    return Shown(key, evaluated, convention, source.measured(evaluated, evaluated.key, convention), label)
