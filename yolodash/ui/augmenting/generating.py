"""From the preview to a data set: how large it will be, the button, how far it is, and where it lies."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from yolodash import workspace
from yolodash.data.augment.enlarge import MOST_COPIES, QUALITY, Enlargement
from yolodash.data.augment.recipe import UNCHANGED, YOLOV5_NAMES, Recipe
from yolodash.data.augment.varied import draw_for, varied
from yolodash.data.images import encode_jpeg, read_image
from yolodash.data.store.folders import find_stored
from yolodash.errors import YoloDashError
from yolodash.runs.enlarging import Into, Result, begin_enlarging, check_place, read_result
from yolodash.runs.folders import numbered
from yolodash.runs.reporting import read_progress
from yolodash.runs.state import AT_WORK, read_state, request_stop
from yolodash.runs.store import list_runs
from yolodash.structures import Image
from yolodash.ui import entrance, messages, state
from yolodash.ui.annotating import person
from yolodash.ui.augmenting import fields, xray
from yolodash.ui.augmenting.fields import key
from yolodash.ui.augmenting.subject import SAMPLES, Subject
from yolodash.ui.evaluation.model_run import remaining
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain, sentence
from yolodash.workspace import safe_name

_BEGUN, _FAILED = "augment_begun", "augment_failed"
MEASURED = 2
"""Pictures that are changed in full to learn how large and how slow they are."""


@dataclass(frozen=True)
class Estimate:
    """What an enlarged data set will take.

    Attributes:
        pictures: in all, ``made`` of them new.
        bytes: that the new ones take on the disk.
        seconds: to make them.
    """

    pictures: int
    made: int
    bytes: float
    seconds: float


@st.cache_data(show_spinner=False, max_entries=100)
def cost_of_one(stored: str, stamp: str, wanted: Enlargement, _subject: Subject) -> tuple[float, float]:
    """Bytes and seconds of one changed picture in full size, measured."""
    count = len(_subject.training)
    sizes, began = [], time.monotonic()
    for index in range(0, count, max(1, count // MEASURED))[:MEASURED]:
        size = _subject.kept.source(index).size
        drawn = draw_for(wanted.recipe, seed=wanted.seed, index=index, copy=1, pictures=count, size=size)
        made = varied(
            index, drawn, lambda place: _pixels(_subject, place), _subject.kept.source,
            wanted.policy,
        )  # fmt: skip
        sizes.append(len(encode_jpeg(made.image, QUALITY)))
    return sum(sizes) / len(sizes), (time.monotonic() - began) / len(sizes)


def _pixels(subject: Subject, index: int) -> Image:
    path = subject.training[index].image.path
    assert path is not None
    return read_image(path)


def estimate(subject: Subject, wanted: Enlargement) -> Estimate:
    """What it will take, from pictures that were changed in full."""
    one = Enlargement(wanted.recipe, wanted.seed, 1, wanted.way)
    size, seconds = cost_of_one(subject.key, subject.stamp, one, subject)
    made = wanted.copies * len(subject.training)
    return Estimate(len(subject.dataset.images) + made, made, size * made, seconds * made)


def show(subject: Subject, wanted: Enlargement) -> None:
    """The estimate and the button; while one is at work, how far it is instead."""
    name = at_work()
    if name is not None:
        st.session_state[_BEGUN] = name  # so that its end is said here, whoever began it
        watch(name)
        return
    into: Into = "version" if subject.stored else "dataset"
    left, middle, right = st.columns([1, 2, 1.4], gap="small", vertical_alignment="bottom")
    copies = int(
        left.number_input(_("Of each picture"), 1, MOST_COPIES, key=key("copies"), persist_state="session",
                          help=_("So many changed pictures of each training picture, beside the original."))
    )  # fmt: skip
    asked = Enlargement(wanted.recipe, wanted.seed, copies, wanted.way)
    with middle:
        called = choose_name(subject, into)
    right.button(
        _("Generate"), type="primary", icon=":material/play_arrow:", key=key("generate"), width="stretch",
        disabled=called is None, on_click=begin, args=(subject, asked, into, called),
    )  # fmt: skip
    failed = st.session_state.pop(_FAILED, None)
    if failed is not None:
        messages.show(failed)
    st.caption(estimate_sentence(estimate(subject, asked), len(subject.training)))
    lost = xray.lost_of(subject.key, subject.stamp, asked.recipe, asked.seed, asked.policy, subject)
    st.caption(xray.lost_sentence(*lost, min(xray.MOST_MEASURED, len(subject.training))))
    with st.expander(
        _("The same as a command and as Python, and the recipe for a training"), icon=":material/terminal:"
    ):
        st.code(command(subject, asked, called or "NAME"), language="sh", wrap_lines=True)
        st.code(python(subject, asked, called or "NAME"), language="python")
        on_the_fly(subject, asked)


def on_the_fly(subject: Subject, wanted: Enlargement) -> None:
    """The same recipe for a training, which draws anew in every epoch and writes nothing."""
    left, right = st.columns([1, 2], gap="medium", vertical_alignment="center")
    left.download_button(
        _("Recipe as YAML"), recipe_text(wanted.recipe), "recipe.yaml", "application/yaml", icon=":material/download:",
        help=_("For commands: train --augment recipe.yaml, or dataset augment --recipe recipe.yaml"), width="stretch",
    )  # fmt: skip
    _name, apart = fields.nearest(wanted.recipe, ("default",))
    with right:
        entrance.page_link(
            "pages/train.py",
            label=_("Or train with it on the fly: other draws in every epoch, and no new files"),
            icon=":material/model_training:",
            query_params={"data": subject.source, **{name: f"{value:g}" for name, value in apart.items()}},
        )


def estimate_sentence(found: Estimate, training: int) -> str:
    """In words, before anything is made."""
    text = _(
        "{training} training pictures become {pictures} pictures in all, {made} of them new: about {megabytes} MB and "
        "{seconds} s. Only training pictures are changed; all others stay as they are."
    )
    return text.format(
        training=f"{training:,}", pictures=f"{found.pictures:,}", made=f"{found.made:,}",
        megabytes=f"{found.bytes / 1e6:.1f}", seconds=f"{max(found.seconds, 1):.0f}",
    )  # fmt: skip


def choose_name(subject: Subject, into: Into) -> str | None:
    """What the result is called; None, with a sentence below the field, for what cannot be."""
    field = key("name")
    state.offer(field, offered_name(subject, into))
    label = _("Name of the new version") if into == "version" else _("Name of the new data set")
    name = str(st.text_input(label, key=field, max_chars=100, persist_state="session")).strip()
    try:
        check_place(subject.source, into, name)
    except YoloDashError as error:
        st.caption(":material/error: " + sentence(error))
        return None
    return name


def offered_name(subject: Subject, into: Into) -> str:
    """A name that is free."""
    if into == "version":
        place, base = find_stored(subject.key) / "versions", "augmented"
    else:
        stem = "scenes" if subject.key == SAMPLES else safe_name(Path(subject.key).stem)
        place, base = workspace.folder("datasets"), f"{stem}-augmented"
    return next(name for name in numbered(base) if not (place / name).exists())


def begin(subject: Subject, wanted: Enlargement, into: Into, name: str) -> None:
    """Make the run and start it; a callback, so that nothing comes between the two."""
    try:
        words = shlex.split(command(subject, wanted, name).replace("\\\n", " "))[3:]
        run = begin_enlarging(
            safe_name(f"augment {name}"), subject.source, wanted, into=into, name=name, by=person.name(), command=words
        )
        st.session_state[_BEGUN] = run.name
    except YoloDashError as error:
        st.session_state[_FAILED] = error


def at_work() -> str | None:
    """The run that this page began, else one that another page or tab has at work."""
    begun = st.session_state.get(_BEGUN)
    if begun is not None:
        return str(begun)
    return next((run.name for run in list_runs("augment") if run.state in AT_WORK), None)


@st.fragment(run_every=1.0)
def watch(name: str) -> None:
    """How far a run is, read from its folder, and how it ended."""
    run = workspace.inside(workspace.folder("runs"), name)
    found = read_state(run)
    if found.state in AT_WORK:
        progress = read_progress(run)
        share = min(progress.done / progress.total, 1.0) if progress is not None else 0.0
        text = _("Opening the data set …") if progress is None else remaining(
            progress.done, progress.total, progress.seconds)  # fmt: skip
        st.progress(share, text=text)
        st.caption(_("It goes on when this page is closed, and is found here again."))
        st.button(_("Stop"), icon=":material/stop:", key=key("stop"), on_click=stop, args=(run,))
        return
    result = read_result(run)
    if found.state == "finished" and result is not None:
        _finished(result)
    elif found.state == "stopped":
        st.info(_("It was stopped, and nothing of it was kept."), icon=":material/stop_circle:")
    else:
        st.warning(messages.told(found) or _("It ended before it was done. Start it again."), icon=":material/error:")
    if st.button(_("Back"), icon=":material/arrow_back:", key=key("back")):
        st.session_state.pop(_BEGUN, None)
        st.session_state[key("name")] = ""  # another one is offered
        st.rerun(scope="app")


def stop(run: Path) -> None:
    """Ask the worker to stop."""
    request_stop(run)


def _finished(result: Result) -> None:
    """What was made, and where to go with it."""
    text = _("**{name}** is made: {images} pictures, {made} of them new, {boxes} boxes; {lost} boxes were lost.")
    st.success(
        text.format(
            name=plain(Path(result.source).name), images=f"{result.images:,}", made=f"{result.made:,}",
            boxes=f"{result.boxes:,}", lost=f"{result.lost:,}",
        ),
        icon=":material/check_circle:",
    )  # fmt: skip
    entrance.page_link(
        "pages/train.py", label=_("Train on it"), icon=":material/model_training:", query_params={"data": result.source}
    )


def command(subject: Subject, wanted: Enlargement, name: str) -> str:
    """The line for a terminal that makes the same pictures."""
    nearest, apart = fields.nearest(wanted.recipe)
    options = ["--recipe", nearest]
    for number, value in apart.items():
        options += ["--set", f"{number}={value:g}"]
    options += ["--seed", str(wanted.seed), "--copies", str(wanted.copies)]
    options += ["--cut", wanted.way] if wanted.way != "drop" else []
    words = ["python", "-m", "yolodash", "dataset", "augment", subject.source, *options, "--output", name]
    return shlex.join(words)


def python(subject: Subject, wanted: Enlargement, name: str) -> str:
    """The same as a script."""
    nearest, apart = fields.nearest(wanted.recipe)
    changes = "".join(f", {number}={float(f'{value:g}')!r}" for number, value in apart.items())
    way = "" if wanted.way == "drop" else f", way={wanted.way!r}"
    return f"""\
from dataclasses import replace
from pathlib import Path

from yolodash.data.augment.enlarge import Enlargement, enlarge
from yolodash.data.augment.recipe import RECIPES
from yolodash.data.opening import open_dataset

recipe = replace(RECIPES[{nearest!r}]{changes})
wanted = Enlargement(recipe, seed={wanted.seed}, copies={wanted.copies}{way})
made = enlarge(open_dataset({subject.source!r}), Path({name!r}), wanted)
print(made.images, "pictures,", made.boxes, "boxes")
"""


def recipe_text(recipe: Recipe) -> str:
    """The recipe as a file that commands and trainings take."""
    _name, apart = fields.nearest(recipe, ("none",))
    numbers = {name: getattr(UNCHANGED, name) for name in YOLOV5_NAMES} | apart
    return "".join(f"{name}: {value:g}\n" for name, value in numbers.items())
