"""The parts of the page in their order: the original beside nine draws, making a data set of them, the X-ray."""

from __future__ import annotations

import streamlit as st

from yolodash.data.augment.cutting import CutPolicy
from yolodash.data.augment.enlarge import Enlargement
from yolodash.data.augment.recipe import Recipe
from yolodash.ui import messages
from yolodash.ui.augmenting import controls, fields, generating, preview, xray
from yolodash.ui.augmenting import subject as subjects
from yolodash.ui.augmenting.fields import key
from yolodash.ui.augmenting.subject import Subject
from yolodash.ui.i18n import _, ngettext


def show() -> None:
    """All of it."""
    fields.seed_all()
    title, data, numbers = st.columns([2, 3, 4], gap="medium", vertical_alignment="bottom")
    title.title(_("Augment"), anchor=False)
    with data:
        subject = subjects.choose()
    with numbers:
        index, seed = choose_picture(subject)
    left, right = st.columns([5, 8], gap="medium")
    with st.container(border=True):
        controls.show()
    recipe, policy = fields.recipe(), fields.policy()
    with left:
        st.image(preview.original(subject.key, subject.stamp, index, subject), width="stretch")
        controls.cut_boxes()
    with right:
        draws(subject, index, recipe, seed, fields.policy())
    fields.into_address(subject.key, index)
    with messages.shown():
        generating.show(subject, Enlargement(recipe, seed, 1, policy.way))
    with messages.shown():
        xray.show(subject, index, recipe, seed, policy)


def choose_picture(subject: Subject) -> tuple[int, int]:
    """Which training picture, and the seed of what is drawn."""
    count = len(subject.training)
    name = key("picture")
    st.session_state[name] = min(max(int(st.session_state[name]), 1), count)
    left, middle, right = st.columns([4, 4, 3], gap="small", vertical_alignment="bottom")
    number = left.number_input(
        _("Picture of {count}").format(count=f"{count:,}"), 1, count, key=name, persist_state="session"
    )
    seed = middle.number_input(_("Seed"), 0, 2**31 - 1, key=key("seed"), persist_state="session")
    right.button(
        _("Others"), icon=":material/casino:", key=key("dice"), on_click=_next_seed, help=_("Nine other draws"),
        width="stretch",
    )  # fmt: skip
    return int(number) - 1, int(seed)


def _next_seed() -> None:
    st.session_state[key("seed")] = (int(st.session_state[key("seed")]) + 1) % 2**31


def draws(subject: Subject, index: int, recipe: Recipe, seed: int, policy: CutPolicy) -> None:
    """The nine draws, and in a line what became of their boxes."""
    with st.spinner(_("Changing pictures …"), show_time=False):
        sheet = preview.sheet(subject.key, subject.stamp, index, recipe, seed, policy, subject)
    st.image(sheet.jpeg, width="stretch")
    total = sheet.kept + sheet.lost
    said = ngettext("{kept} of {total} box stays", "{kept} of {total} boxes stay", total)
    words = said.format(kept=f"{sheet.kept:,}", total=f"{total:,}")
    boxes = len(subject.kept.class_ids(index))
    if boxes > preview.MOST_BOXES:
        words += " · " + _("{most} of {count} boxes are drawn").format(most=preview.MOST_BOXES, count=f"{boxes:,}")
    st.caption(words + (" · " + _("crossed out: lost") if sheet.lost else ""))
