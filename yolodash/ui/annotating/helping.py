"""The model helps: proposes boxes, says which pictures it is unsure of, and doubts boxes that are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import streamlit as st

from yolodash.data.store.classes import StoredClass, add_class
from yolodash.data.store.pictures import StoredPicture
from yolodash.data.store.truth import Truth, read_truth, save_truth
from yolodash.evaluation.suspicion import MEETS, Doubt, Sight, overlaps, plain_name
from yolodash.models.catalogue import InstalledModel
from yolodash.ui import messages
from yolodash.ui.annotating import checking, choosing, looking, person, proposals
from yolodash.ui.annotating.proposals import Proposal
from yolodash.ui.i18n import _, ngettext

AHEAD = 20
"""Pictures that one click proposes boxes on."""
TEN = 10
_SCORE = "annotate_score"
_SELECT = "annotate_select"


def show(
    model: InstalledModel | None,
    dataset: Path,
    classes: Sequence[StoredClass],
    pictures: Sequence[StoredPicture],
    stems: Sequence[str],
    truth: Truth,
    stem: str,
) -> None:
    """What the chosen model can do here."""
    if model is None:
        st.caption(_("There is no model yet: the page Models fetches one."))
        return
    left, right = st.columns(2, gap="large")
    with left:
        propose(dataset, classes, pictures, stems, model, stem)
        judged(truth)
    with right:
        check(dataset, classes, pictures, model)


def propose(
    dataset: Path,
    classes: Sequence[StoredClass],
    pictures: Sequence[StoredPicture],
    stems: Sequence[str],
    model: InstalledModel,
    stem: str,
) -> None:
    """Boxes of the model to take, change or refuse: on this picture, or on the next that are not done."""
    st.markdown("**" + _("Boxes by {model}").format(model=messages.plain(model.name)) + "**")
    st.caption(_("They are dotted until you take them; another model is chosen in the sidebar."))
    score = st.slider(_("Score threshold"), 0.05, 0.95, 0.25, 0.05, key=_SCORE, persist_state="session")
    missing = st.toggle(
        _("Add the model's classes that this data set does not have"), key="annotate_missing", persist_state="session"
    )
    by_stem = {one.stem: one for one in pictures}
    rest = stems[stems.index(stem) :]
    ahead = [by_stem[one] for one in rest if by_stem[one].state in ("unlabelled", "in_work")][:AHEAD]
    here, next_ones = st.columns(2)
    wanted: list[StoredPicture] = []
    if here.button(_("Propose boxes here"), key="annotate_propose", icon=":material/auto_awesome:", width="stretch"):
        wanted = [by_stem[stem]]
    label = _("On the next {count}").format(count=len(ahead))
    if next_ones.button(label, key="annotate_propose_ahead", disabled=not ahead, width="stretch"):
        wanted = ahead
    if wanted:
        sights = looked(model, wanted)
        offer(dataset, classes, model, sights, score, missing=missing)
        st.rerun()
    said = st.session_state.pop("annotate_offered", None)
    if said is not None:
        st.info(said, icon=":material/auto_awesome:")


def looked(model: InstalledModel, pictures: Sequence[StoredPicture]) -> Mapping[str, Sequence[Sight]]:
    """What the model sees, behind a progress bar."""
    bar = st.progress(0.0, text=_("The model looks …"))
    return looking.look(model, pictures, on_bar(bar.progress))


def on_bar(move: Callable[..., object]) -> Callable[[int, int], None]:
    """How far a look is, on a bar."""

    def progress(done: int, count: int) -> None:
        text = _("The model looks at picture {done} of {count}").format(done=min(done + 1, count), count=count)
        move(done / max(count, 1), text=text)

    return progress


def offer(
    dataset: Path,
    classes: Sequence[StoredClass],
    model: InstalledModel,
    sights: Mapping[str, Sequence[Sight]],
    score: float,
    *,
    missing: bool,
) -> None:
    """Keep the model's boxes as proposals; what the data set has no class for is counted, or gets one."""
    known = dict(looking.class_ids(classes))
    offered = passed_over = 0
    for stem, found in sights.items():
        chosen = []
        for one in found:
            if one.score <= score:
                continue
            key = plain_name(one.name)
            if key not in known and missing:
                known[key] = add_class(dataset, one.name, by=person.name()).id
            if key in known:
                chosen.append(Proposal(known[key], one.box, one.score))
            else:
                passed_over += 1
        now = read_truth(dataset, stem)
        new = [one for one in chosen if not _stands(one, now)]
        offered += len(new)
        extra = proposals.proposed(now.extra, model.name, new)
        save_truth(dataset, stem, replace(now, extra=extra), by=person.name())
    st.session_state["annotate_offered"] = _offered(offered, passed_over)


def _stands(proposal: Proposal, truth: Truth) -> bool:
    """Whether a box of this class lies there already."""
    same = [one.box for one in truth.boxes if one.class_id == proposal.class_id]
    return bool(same) and bool((overlaps(same, [proposal.box]) >= MEETS).any())


def _offered(offered: int, passed_over: int) -> str:
    said = ngettext("{count} box proposed", "{count} boxes proposed", offered).format(count=offered)
    if passed_over:
        said += "; " + ngettext(
            "{count} more has a class that this data set does not have",
            "{count} more have a class that this data set does not have",
            passed_over,
        ).format(count=passed_over)
    return f"{said}."


def judged(truth: Truth) -> None:
    """What became of the proposals on this picture."""
    counts = proposals.counts([truth])
    if counts:
        st.caption(
            _("Proposals here: {accepted} accepted, {changed} changed, {refused} refused, {open} open").format(
                **{name: counts[name] for name in proposals.VERDICTS}
            )
        )


def check(
    dataset: Path, classes: Sequence[StoredClass], pictures: Sequence[StoredPicture], model: InstalledModel
) -> None:
    """The ten boxes that the model doubts most."""
    st.markdown("**" + _("Check the labels") + "**")
    st.caption(_("The model looks at every labelled picture; the ten boxes that it doubts most are listed."))
    checked = checking.checked(dataset, pictures, classes, model)
    checking.show(dataset, model, checked, key="annotate")
    found = sorted((one for each in checked.doubts.values() for one in each), key=lambda one: -one.weight)[:TEN]
    for place, one in enumerate(found, 1):
        line, button = st.columns([5, 2], vertical_alignment="center")
        line.markdown(f"{place}. **{messages.plain(one.stem)}** · {described(one)}")
        if button.button(_("Open"), key=f"annotate_doubt_{place}", width="stretch"):
            choosing.open_picture(dataset.name, one.stem)
            st.session_state[_SELECT] = f"{one.id}@{place}" if one.id else ""
            st.rerun()
    if checked.doubts and not found:
        st.caption(":material/check_circle: " + _("It doubts none of them."))


def described(one: Doubt) -> str:
    """What the model doubts, in words."""
    texts = {
        "unseen": _("the model sees no {name} here"),
        "other": _("the model says {name}"),
        "missing": _("the model sees a {name} that has no box"),
        "loose": _("the box of {name} fits badly"),
    }
    return texts[one.kind].format(name=messages.plain(one.name))


def unsure(model: InstalledModel | None, pictures: Sequence[StoredPicture]) -> dict[str, float] | None:
    """How unsure a model is of each picture; None while it has not looked at them."""
    if model is None or not pictures:
        return None
    sights = {one.stem: looking.known_sights(model, one) for one in pictures}
    found = {stem: looking.uncertainty(seen) for stem, seen in sights.items() if seen is not None}
    if len(found) == len(pictures):
        return found
    count = len(pictures) - len(found)
    label = ngettext("Let {model} look at {count} picture", "Let {model} look at {count} pictures", count).format(
        model=messages.plain(model.name), count=f"{count:,}"
    )
    if st.button(label, key="annotate_look", icon=":material/visibility:"):
        looked(model, pictures)
        st.rerun()
    return found or None
