"""Which pictures of a data set, and in which order: what was chosen, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import streamlit as st

from yolodash.data.dataset import SPLITS
from yolodash.data.store.pictures import StoredPicture
from yolodash.data.store.truth import STATES, State
from yolodash.ui import state
from yolodash.ui.annotating import states
from yolodash.ui.datasets.listing import Listing
from yolodash.ui.i18n import _

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

ANY, NONE = "", "none"
PROBLEMS = ("damaged", "unreadable", "lost_class", "twin")
ORDERS = ("name", "newest", "largest", "most_boxes", "disagreement")
_KEYS = ("class", "state", "part", "problem", "order")


@dataclass(frozen=True)
class Wanted:
    """What was chosen; an empty text stands for everything.

    Attributes:
        class_id: as text; ``none`` for pictures without a box.
        part: ``none`` for pictures of no part.
    """

    class_id: str = ANY
    state: str = ANY
    part: str = ANY
    problem: str = ANY
    order: str = ORDERS[0]


def chosen(
    listing: Listing,
    wanted: Wanted,
    twins: frozenset[str] = frozenset(),
    disagreement: Mapping[str, float] = MappingProxyType({}),
) -> list[StoredPicture]:
    """The pictures that were wanted, in order.

    Args:
        twins: stems of near duplicates, where they are known.
        disagreement: how much a model doubts the labels of those that it has checked; the others come last.
    """
    known = {one.id for one in listing.living}
    orders: dict[str, Callable[[StoredPicture], tuple[object, ...]]] = {
        "name": lambda one: (one.stem,),
        "newest": lambda one: (-one.added, one.stem),
        "largest": lambda one: (-one.size.height * one.size.width, one.stem),
        "most_boxes": lambda one: (-one.boxes, one.stem),
        "disagreement": lambda one: (-disagreement.get(one.stem, -1.0), one.stem),
    }
    found = [one for one in listing.pictures if _fits(one, wanted, known, twins)]
    return sorted(found, key=orders[wanted.order])


def _fits(one: StoredPicture, wanted: Wanted, known: set[int], twins: frozenset[str]) -> bool:
    if wanted.class_id == NONE and one.boxes:
        return False
    if wanted.class_id not in (ANY, NONE) and int(wanted.class_id) not in one.class_ids:
        return False
    if wanted.state != ANY and one.state != wanted.state:
        return False
    if wanted.part == NONE and one.splits:
        return False
    if wanted.part not in (ANY, NONE) and wanted.part not in one.splits:
        return False
    return wanted.problem == ANY or wanted.problem in problems(one, known, twins)


def problems(one: StoredPicture, known: set[int], twins: frozenset[str] = frozenset()) -> set[str]:
    """What is wrong with a picture, as far as lists tell."""
    told = {
        "damaged": not one.size.width,
        "unreadable": not one.readable,
        "lost_class": not known.issuperset(one.class_ids),
        "twin": one.stem in twins,
    }
    return {name for name, is_so in told.items() if is_so}


def choose(listing: Listing, twins: frozenset[str]) -> Wanted:
    """The filters in a row; the address repeats them."""
    classes = {str(one.id): one.name for one in listing.living}
    found = {problem for one in listing.pictures for problem in problems(one, {c.id for c in listing.living}, twins)}
    columns = st.columns([3, 2, 2, 2, 2])
    values: dict[str, tuple[DeltaGenerator, str, dict[str, str]]] = {
        "class": (columns[0], _("Class"), {ANY: _("all"), **classes, NONE: _("without a box")}),
        "state": (columns[1], _("State"), {ANY: _("all")} | {one: states.name(one) for one in STATES}),
        "part": (
            columns[2],
            _("Part"),
            {ANY: _("all"), **dict(zip(SPLITS, SPLITS, strict=True)), NONE: _("in no part")},
        ),
        "problem": (columns[3], _("Problem"), {ANY: _("all"), **_problem_names(found)}),
        "order": (columns[4], _("Order"), order_names()),
    }
    picked = {}
    for name, (column, label, options) in values.items():
        key = f"datasets_{name}"
        default = next(iter(options))
        if st.session_state.get(key, ANY) not in options:
            st.session_state.pop(key, None)
        if key not in st.session_state:
            st.session_state[key] = state.from_address(name, state.one_of(options, str), default)
        picked[name] = _one_of(column, label, options, key)
        state.mirror({name: picked[name] if picked[name] != default else None})
    return Wanted(picked["class"], picked["state"], picked["part"], picked["problem"], picked["order"])


def _one_of(column: DeltaGenerator, label: str, options: Mapping[str, str], key: str) -> str:
    def called(value: str) -> str:
        return options.get(value, value)

    return str(column.selectbox(label, tuple(options), format_func=called, key=key, persist_state="session"))


def forget() -> None:
    """Show everything: another data set was chosen."""
    for name in _KEYS:
        st.session_state.pop(f"datasets_{name}", None)
    state.mirror(dict.fromkeys(_KEYS))


def order_names() -> dict[str, str]:
    """What the orders are called."""
    return {
        "name": _("by name"),
        "newest": _("newest first"),
        "largest": _("largest first"),
        "most_boxes": _("most boxes first"),
        "disagreement": _("model disagrees"),
    }


def problem_names() -> dict[str, str]:
    """What the problems are called."""
    return {
        "damaged": _("damaged picture"),
        "unreadable": _("unreadable labels"),
        "lost_class": _("box of no class"),
        "twin": _("near duplicate"),
    }


def _problem_names(found: set[str]) -> dict[str, str]:
    """Only those that there are."""
    return {key: name for key, name in problem_names().items() if key in found}


def state_mark(one: State) -> str:
    """A letter that tells states apart without colour."""
    return {"unlabelled": "○", "in_work": "◐", "done": "●", "reviewed": "✓"}[one]


def summary(pictures: Sequence[StoredPicture]) -> dict[str, int]:
    """How many pictures are in each state."""
    return {one: sum(picture.state == one for picture in pictures) for one in STATES}
