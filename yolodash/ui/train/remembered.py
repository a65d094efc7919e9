"""What the page remembers of its fields, in the session and in the address, under one name each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import streamlit as st

from yolodash.ui import state

T = TypeVar("T")
_DEFAULTS = "train_defaults"


def key(name: str) -> str:
    """Of the widget: other pages have fields of the same name."""
    return f"train_{name}"


def seed(name: str, parse: Callable[[str], T], default: T) -> None:
    """Give a field its first value, the address's or the default, and know the default for the address."""
    usual: dict[str, Any] = st.session_state.setdefault(_DEFAULTS, {})
    if key(name) not in st.session_state:
        st.session_state[key(name)] = state.from_address(name, parse, default)
    usual[name] = default


def value(name: str) -> Any:
    """What a field holds."""
    return st.session_state.get(key(name))


def put(values: Mapping[str, Any]) -> None:
    """Give fields other values; only from a callback, or before they are drawn."""
    for name, one in values.items():
        st.session_state[key(name)] = one


def into_address() -> None:
    """Let the address say every field that does not hold its default."""
    usual: dict[str, Any] = st.session_state.get(_DEFAULTS, {})
    state.mirror(
        {name: None if value(name) in (default, None) else told(value(name)) for name, default in usual.items()}
    )


def told(one: object) -> str:
    """A value as the address has it."""
    return "1" if one is True else "0" if one is False else f"{one:g}" if isinstance(one, float) else str(one)
