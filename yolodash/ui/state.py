"""What the address bar shows of a page, and how a page is opened from it.

Widgets keep their values in the session; the address only repeats them, so that a link shows the same again. Values in
an address come from anyone: what does not fit is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

import streamlit as st

T = TypeVar("T")


def from_address(name: str, parse: Callable[[str], T], default: T) -> T:
    """A value of the address, or the default where there is none or it does not fit."""
    text = st.query_params.get(name)
    if text is None:
        return default
    try:
        return parse(text)
    except ValueError:
        return default


def seed(key: str, parse: Callable[[str], T], default: T, *, name: str = "") -> None:
    """Give a widget its first value: the address's under its key or another name, else the default."""
    if key not in st.session_state:
        st.session_state[key] = from_address(name or key, parse, default)


def choose(
    label: str, names: Mapping[T, str], key: str, *, name: str = "", usual: T | None = None, labelled: bool = False
) -> T:
    """One of a few, as buttons in a row; the address remembers what is not the usual one.

    Args:
        label: what is chosen.
        names: the choices and how they are called.
        key: of the widget; what it holds and is no choice any more becomes the usual one.
        name: in the address; the key without one.
        usual: the choice where nobody made one; the first of them without one.
        labelled: whether the label is seen, not only read out.
    """
    name, usual = name or key, next(iter(names)) if usual is None else usual
    choices = {str(one): one for one in names}
    seed(key, lambda text: choices[one_of(choices, str)(text)], usual, name=name)
    if st.session_state[key] not in names:
        st.session_state[key] = usual
    picked = st.segmented_control(
        label,
        tuple(names),
        format_func=names.__getitem__,
        key=key,
        required=True,
        persist_state="session",
        label_visibility="visible" if labelled else "collapsed",
    )
    chosen = usual if picked is None else picked
    mirror({name: None if chosen == usual else str(chosen)})
    return chosen


def offer(key: str, value: str) -> None:
    """Let a text field follow what is offered for it until somebody writes something of their own.

    Anything that was ever offered counts as not written by hand: a browser that is a step behind sends an earlier one.
    """
    before: set[str] = st.session_state.setdefault(f"{key}_offered", set())
    if (st.session_state.get(key) or "") in before | {""}:
        st.session_state[key] = value
    before.add(value)


def mirror(values: Mapping[str, str | None]) -> None:
    """Write values into the address; None takes one out. Others, such as the language, stay."""
    address = st.query_params.to_dict()
    wanted = {**address, **{name: value for name, value in values.items() if value is not None}}
    for name, value in values.items():
        if value is None:
            wanted.pop(name, None)
    if wanted != address:
        st.query_params.from_dict(wanted)


def one_of(options: Collection[T], convert: Callable[[str], T]) -> Callable[[str], T]:
    """A parser that takes the given values only."""

    def parse(text: str) -> T:
        value = convert(text)
        if value not in options:
            raise ValueError(text)
        return value

    return parse


def between(low: float, high: float) -> Callable[[str], float]:
    """A parser of numbers within bounds."""

    def parse(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return parse
