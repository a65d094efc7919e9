"""A run while it goes on: places on the page that are written anew only when the file behind them has changed.

One fragment looks every few seconds. Between two changes it sends nothing, so nothing flickers, and an open page costs
next to no time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from yolodash.runs.launch import LOG
from yolodash.runs.metrics import METRICS, best_of
from yolodash.runs.pictures import AUGMENTED, FOLDER, read_augmented
from yolodash.runs.state import EVENTS, STATE, read_json
from yolodash.ui import nothing_found
from yolodash.ui.i18n import _
from yolodash.ui.run_monitor import curves, epochs, reading, words
from yolodash.ui.run_monitor.reading import PROGRESS, Watched

SECONDS = 5.0
"""Between two looks: of each, what Streamlit does for it costs more than what is done here."""


@dataclass
class Places:
    """Where the parts stand on the page, and what was last written there.

    Attributes:
        run: the one that is watched, as it was when the page was built.
        beside: names of others whose curves are drawn, too.
        spots: a place each.
        seen: what the files behind each place looked like.
    """

    run: Watched
    beside: tuple[str, ...]
    spots: dict[str, DeltaGenerator] = field(default_factory=dict)
    seen: dict[str, object] = field(default_factory=dict)


def show(run: Watched, beside: list[str]) -> None:
    """Everything about a training that changes while it trains."""
    places = Places(run, tuple(beside))
    for name in ("progress", "numbers", "warmup"):
        places.spots[name] = st.empty()
    middle = st.container()
    st.subheader(_("What it is shown: pictures as they are changed for training"), anchor=False)
    places.spots["augmented"] = st.empty()
    with st.expander(_("Log"), icon=":material/article:"):
        places.spots["events"] = st.empty()
        places.spots["output"] = st.empty()
    with middle:
        st.fragment(look_again, run_every=SECONDS if run.at_work else None)(places)


def look_again(places: Places) -> None:
    """What the fragment does; when the state has changed, the whole page is built anew: other buttons belong to it."""
    if reading.watched(places.run.name).state.state != places.run.state.state:
        st.rerun()
    look(places)
    pictured(places.run, places.beside)


def look(places: Places) -> None:
    """Write what has changed."""
    path, stamp = places.run.path, reading.stamp
    moving = stamp(path / PROGRESS), stamp(path / STATE), stamp(path / METRICS)
    _write(places, "progress", moving, partial(progress, places.run.name))
    _write(places, "numbers", moving, partial(numbers, places.run.name))
    _write(places, "warmup", stamp(path / METRICS), partial(warmup, path))
    _write(places, "augmented", stamp(path / FOLDER / AUGMENTED), partial(augmented, path))
    _write(places, "events", stamp(path / EVENTS), partial(log, reading.events, path))
    _write(places, "output", stamp(path / LOG), partial(log, reading.output, path))


def _write(places: Places, name: str, seen: object, write: Callable[[DeltaGenerator], None]) -> None:
    """Fill a place, unless what stands there is of the same files."""
    if name not in places.seen or places.seen[name] != seen:
        places.seen[name] = seen
        write(places.spots[name])


def progress(name: str, place: DeltaGenerator) -> None:
    """How far it is: the whole training as the bar, epoch and batch in words."""
    run = reading.watched(name)
    if not run.at_work:
        done, total = run.state.epoch or 0, run.state.epochs or 0
        if total and run.state.state != "finished":
            place.progress(min(done / total, 1.0), text=words.done_of(run.state))
        return
    now = read_json(run.path / PROGRESS) if run.state.state != "queued" else None
    share, text = told(run, now)
    place.progress(share, text=text)


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


def numbers(name: str, place: DeltaGenerator) -> None:
    """The figures of now, in a row."""
    run = reading.watched(name)
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
    with place.container():
        for column, (label, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
            column.markdown(f":small[{label}]  \n**{value}**")


def warmup(run: Path, place: DeltaGenerator) -> None:
    """Says where all epochs lie in the warm-up."""
    said = words.warmup_sentence(reading.records_of(run))
    if said:
        place.info(said, icon=":material/trending_up:")
    else:
        place.empty()


def augmented(run: Path, place: DeltaGenerator) -> None:
    """The first batch with its boxes."""
    shown = read_augmented(run)
    if shown is None or not shown.files:
        place.caption(_("They are here after the first batch, for runs that were trained by this version."))
        return
    with place.container():
        columns = st.columns(4)
        for number, file in enumerate(shown.files):
            columns[number % 4].image(str(file), width="stretch")
        st.caption(_("Of epoch {epoch}, with the boxes that it learns from.").format(epoch=shown.epoch + 1))


def log(read: Callable[[Path], str], run: Path, place: DeltaGenerator) -> None:
    """The end of a log as it is."""
    text = read(run)
    if text:
        place.code(text, language=None, wrap_lines=True, height=220)
    else:
        place.empty()


def pictured(run: Watched, beside: tuple[str, ...]) -> None:
    """Curves and pictures: components, which take what is new by themselves."""
    if not curves.show("learning", run.path, beside):
        st.caption(_("The curves begin when the first epoch has ended."))
    if run.about and not run.at_work:
        nothing_found.show(run.path)
    st.subheader(_("The same pictures after every epoch"), anchor=False)
    if not epochs.show(run.path):
        st.caption(_("They come when the first epoch has ended, for runs that were trained by this version."))
    curves.show("machine", run.path, beside)
