"""The parts of the page in their order: what to label, the canvas, and what stands below it."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from yolodash.data.store.classes import StoredClass, living, read_classes
from yolodash.data.store.folders import list_stored
from yolodash.data.store.pictures import StoredPicture, list_pictures
from yolodash.data.store.truth import Truth, read_truth
from yolodash.errors import YoloDashError
from yolodash.models.catalogue import InstalledModel
from yolodash.ui import canvas, inputs, messages
from yolodash.ui.annotating import (
    choosing,
    classes,
    conflicts,
    details,
    earlier,
    exchange,
    helping,
    person,
    picture,
    proposals,
    starter,
    states,
)
from yolodash.ui.i18n import _


@dataclass(frozen=True)
class Work:
    """What is on the screen.

    Attributes:
        pictures: all of the data set.
        stems: those to go through, in their order; ``stem`` is the one that is open.
    """

    dataset: Path
    pictures: Sequence[StoredPicture]
    classes: Sequence[StoredClass]
    mode: choosing.Mode
    model: InstalledModel | None
    stems: Sequence[str]
    stem: str
    in_conflict: bool


def choose_dataset(place: DeltaGenerator) -> Path | None:
    """The data set, and what to do with it; None while there is none."""
    with st.sidebar:
        person.ask()
    if not list_stored():
        return None
    left, right = place.columns([3, 2], vertical_alignment="center")
    with left:
        dataset = choosing.choose_dataset()
    with right:
        choosing.choose_mode()
    return dataset


def begin() -> None:
    """There is nothing to label yet."""
    starter.show()


def show(dataset: Path) -> None:
    """Deal with what the browser sent, then the picture that is the one now."""
    exchange.deal(choosing.step(dataset.name))
    work = choose(dataset)
    if work is not None:
        label(work)


def choose(dataset: Path) -> Work | None:
    """Which pictures, in which order, and which one; None where there are none of these."""
    known = living(read_classes(dataset))
    pictures = list_pictures(dataset)
    with st.sidebar:
        wanted = choosing.choose_filter(known)
        order = choosing.choose_order()
        model = inputs.choose_model()
        unsure = helping.unsure(model, pictures) if order == "uncertain" else None
    if not pictures:
        st.info(_("This data set has no pictures yet."), icon=":material/image:")
        st.page_link("pages/datasets.py", label=_("Add pictures"), icon=":material/upload_file:")
        return None
    stems = choosing.listing(dataset, pictures, wanted, unsure)
    stem = choosing.current(dataset, stems)
    if stem is None:
        st.success(_("No picture is left of these. Choose others in the sidebar."), icon=":material/task_alt:")
        return None
    in_conflict = (dataset.name, stem) in exchange.memory().conflicts
    return Work(dataset, pictures, known, choosing.mode(), model, stems, stem, in_conflict)


def label(work: Work) -> None:
    """One picture: where it stands, the canvas, and what is below."""
    board(work)
    conflict = exchange.memory().conflicts.get((work.dataset.name, work.stem))
    if conflict is not None:
        conflicts.show(work.dataset, conflict, work.classes)
        return
    others = [stem for name, stem in exchange.memory().conflicts if name == work.dataset.name]
    if others:
        conflicts.tell(work.dataset.name, others)
    below(work, read_truth(work.dataset, work.stem))
    prepare(work)


@st.fragment
def board(work: Work) -> None:
    """What a change of a box runs again, and no more: the browser draws the rest of the page anew for nothing.

    Another picture, or a conflict, is the whole page's affair.
    """
    with messages.shown():
        place = (work.dataset.name, work.stem)
        exchange.deal(choosing.step(work.dataset.name))
        conflict = place in exchange.memory().conflicts
        if choosing.shown(work.dataset) != work.stem or conflict != work.in_conflict:
            st.rerun()
        truth = read_truth(work.dataset, work.stem)
        heading(work, truth)
        draw(work, truth, conflict)


def prepare(work: Work) -> None:
    """Encode the next picture while this one is looked at."""
    after = work.stems.index(work.stem) + 1
    if after < len(work.stems):
        with contextlib.suppress(YoloDashError):  # its own turn says what is wrong with it
            picture.jpeg(next(one.path for one in work.pictures if one.stem == work.stems[after]))


def heading(work: Work, truth: Truth) -> None:
    """The picture's number and name, its state, and how far the whole is."""
    number, name, state, progress = st.columns([2, 4, 3, 4], vertical_alignment="center")
    with number:
        choosing.choose_number(work.dataset, work.stems, work.stem)
    name.markdown(_("of {count} · **{name}**").format(count=f"{len(work.stems):,}", name=messages.plain(work.stem)))
    with state:
        states.choose(work.dataset, work.stem, truth)
    counts = Counter(one.state for one in list_pictures(work.dataset))
    finished = counts["done"] + counts["reviewed"]
    with progress:
        st.progress(
            finished / max(counts.total(), 1),
            text=_("{done} of {count} done, {reviewed} reviewed").format(
                done=f"{finished:,}", count=f"{counts.total():,}", reviewed=f"{counts['reviewed']:,}"
            ),
        )


def draw(work: Work, truth: Truth, in_conflict: bool) -> None:
    """The canvas."""
    path = next(one.path for one in work.pictures if one.stem == work.stem)
    url = broken = ""
    try:
        url = picture.address(picture.jpeg(path), exchange.KEY)
    except YoloDashError as error:
        broken = exchange.said(error)
    kept = exchange.memory()
    boxes = [{"id": one.id, "class_id": one.class_id, "box": list(one.box)} for one in truth.boxes]
    boxes += [
        {"id": one["id"], "class_id": one["class_id"], "box": one["box"], "open": True, "score": one.get("score", 0.0)}
        for one in proposals.open_ones(truth)
    ]
    shown = canvas.ShownPicture(
        work.dataset.name,
        work.stem,
        url,
        truth.size.width,
        truth.size.height,
        truth.revision,
        truth.state,
        boxes,
        [{"id": one.id, "name": one.name, "colour": one.colour} for one in work.classes],
        work.mode,
        in_conflict,
        (work.stems.index(work.stem), len(work.stems)),
        broken,
        st.session_state.get("annotate_select", ""),
    )
    replies = [reply for (name, _stem), reply in kept.replies.items() if name == work.dataset.name]
    canvas.show(shown, key=exchange.KEY, replies=replies, heard=kept.heard)


def below(work: Work, truth: Truth) -> None:
    """What is needed less often."""
    names = [_("Classes"), _("The model helps"), _("Comments"), _("Earlier versions")]
    for tab, part in zip(st.tabs(names), ("classes", "model", "details", "earlier"), strict=True):
        with tab, messages.shown():
            if part == "classes":
                classes.show(work.dataset, work.classes, work.pictures)
            elif part == "model":
                helping.show(work.model, work.dataset, work.classes, work.pictures, work.stems, truth, work.stem)
            elif part == "details":
                details.show(work.dataset, work.stem, truth)
            else:
                earlier.show(work.dataset, work.stem, truth)
