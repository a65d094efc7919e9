"""A run while it goes on.

One fragment looks every few seconds at what moves, another seldom at the rest. Curves and pictures are components that
stay on the page and take what is new, so that nothing flickers; files are read again only when they have changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from yolodash.runs.metrics import best_of
from yolodash.runs.pictures import read_augmented
from yolodash.runs.state import PROGRESS, read_json
from yolodash.ui import nothing_found
from yolodash.ui.i18n import _
from yolodash.ui.run_monitor import curves, epochs, reading, words
from yolodash.ui.run_monitor.reading import Watched

SECONDS = 5.0
"""Between two looks: what Streamlit does for one costs more than what is done here."""
SELDOM = 20.0


def show(run: Watched, beside: list[str]) -> None:
    """Everything about a training that changes while it trains."""
    now, seldom = (SECONDS, SELDOM) if run.at_work else (None, None)
    upper, lower = st.container(), st.container()
    with upper:
        st.fragment(moving, run_every=now)(run, tuple(beside))
    with lower:
        st.fragment(resting, run_every=seldom)(run)


def moving(run: Watched, beside: tuple[str, ...]) -> None:
    """Figures, curves and pictures; when the state has changed, the whole page anew: other buttons belong to it.

    Each component has a place of its own: moved down among others, the browser would show it twice for good.
    """
    now = reading.watched(run.name)
    if now.state.state != run.state.state:
        st.rerun()
    figures, learning, why, pictures, machine = (st.container() for _place in range(5))
    with figures:
        progress(now)
        numbers(now)
        said = words.warmup_sentence(reading.records_of(run.path))
        if said:
            st.info(said, icon=":material/trending_up:")
    with learning:
        if not curves.show("learning", run.path, beside):
            st.caption(_("The curves begin when the first epoch has ended."))
    with pictures:
        st.subheader(_("The same pictures after every epoch"), anchor=False)
        if not epochs.show(run.path):
            st.caption(_("They come when the first epoch has ended, for runs that were trained by this version."))
    with machine:
        curves.show("machine", run.path, beside)
    if run.about and not run.at_work:
        with why:  # last: it may have to read the data set
            nothing_found.show(run.path)


def resting(run: Watched) -> None:
    """What changes seldom: the first batch, and the logs."""
    st.subheader(_("What it is shown: pictures as they are changed for training"), anchor=False)
    augmented(run.path)
    logs(run.path)


def progress(run: Watched) -> None:
    """How far it is: the whole training as the bar, epoch and batch in words."""
    if not run.at_work:
        done, total = run.state.epoch or 0, run.state.epochs or 0
        if total and run.state.state != "finished":
            st.progress(min(done / total, 1.0), text=words.done_of(run.state))
        return
    share, text = told(run, read_json(run.path / PROGRESS) if run.state.state != "queued" else None)
    st.progress(share, text=text)


def told(run: Watched, now: Mapping[str, Any] | None) -> tuple[float, str]:
    """The share that is done, and the words for it."""
    if run.state.state == "queued":
        return 0.0, words.waiting(run.state.message)
    if now is None or not _fits(now):
        return 0.0, _("Reading the data and the network …")
    share = (now["epoch"] + now["step"] / now["steps"]) / now["epochs"]
    parts = [
        _("epoch {epoch} of {epochs}").format(epoch=now["epoch"] + 1, epochs=now["epochs"]),
        _("batch {step} of {steps}").format(step=now["step"], steps=now["steps"]),
    ]
    if run.state.state == "stopping":
        parts.append(_("it finishes its step and saves"))
    else:
        parts.append(_("about {time} left").format(time=words.duration(float(now["seconds_left"]))))
    return min(share, 1.0), " · ".join(parts)


def _fits(now: Mapping[str, Any]) -> bool:
    """Whether the progress says what it should."""
    whole = all(isinstance(now.get(name), int) and now[name] >= 0 for name in ("epoch", "step"))
    several = all(isinstance(now.get(name), int) and now[name] > 0 for name in ("epochs", "steps"))
    return whole and several and isinstance(now.get("seconds_left"), int | float)


def numbers(run: Watched) -> None:
    """The figures of now, in a row."""
    records = reading.records_of(run.path)
    last, best = (records[-1] if records else {}), (best_of(records) or {})
    now = (read_json(run.path / PROGRESS) or {}) if run.state.state in ("running", "stopping") else {}
    speed = now.get("images_per_second", last.get("images_per_second"))
    memory, rate = last.get("memory_bytes"), (last.get("learning_rates") or {}).get("weights")
    figures = {
        _("Best mAP50–95"): words.number(best.get("map")),
        _("Best mAP50"): words.number(best.get("map50")),
        _("Of epoch"): str(best["epoch"] + 1) if best else "–",
        _("Precision"): words.number(last.get("precision")),
        _("Recall"): words.number(last.get("recall")),
        _("Pictures/s"): f"{speed:.1f}" if isinstance(speed, int | float) else "–",
        _("Memory"): words.megabytes(memory) if memory else "–",
        _("Learning rate"): f"{rate:.2g}" if rate is not None else "–",
    }
    for column, (label, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
        column.markdown(f":small[{label}]  \n**{value}**")


def augmented(run: Path) -> None:
    """The first batch with its boxes."""
    shown = read_augmented(run)
    if shown is None or not shown.files:
        st.caption(_("They are here after the first batch, for runs that were trained by this version."))
        return
    columns = st.columns(4)
    for number, file in enumerate(shown.files):
        columns[number % 4].image(str(file), width="stretch")
    st.caption(_("Of epoch {epoch}, with the boxes that it learns from.").format(epoch=shown.epoch + 1))


def logs(run: Path) -> None:
    """What happened, and what the worker said, as it is."""
    with st.expander(_("Log"), icon=":material/article:"):
        for text in filter(None, (reading.events(run), reading.output(run))):
            st.code(text, language=None, wrap_lines=True, height=220)
