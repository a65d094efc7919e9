"""What is set on the page: the recipe, the picture, the seed, what happens to cut boxes; all of it in the address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, get_args

import streamlit as st

from yolodash.data.augment.cutting import CutPolicy, Way
from yolodash.data.augment.recipe import RECIPES, UNCHANGED, VARIED, Recipe
from yolodash.data.augment.transforms import BY_NAME, PROBABILITIES, TRANSFORMS, Group
from yolodash.ui import state
from yolodash.ui.i18n import _

GROUPS: tuple[Group, ...] = get_args(Group)
NUMBERS = tuple(one.name for one in fields(Recipe))
_READY = "augment_ready"


def key(name: str) -> str:
    """Of the widget: other pages have fields of the same name."""
    return f"augment_{name}"


def chosen_key(group: Group) -> str:
    """Of the pills of one group."""
    return key(f"chosen_{group}")


def seed_all() -> None:
    """Give every field its first value: the address's, else that of the usual recipe."""
    if st.session_state.get(_READY):
        return
    st.session_state[_READY] = True
    named = st.query_params.get("recipe", "")
    base = RECIPES.get(named, VARIED)
    told = {
        name: state.from_address(name, state.between(0, BY_NAME[name].high if name in BY_NAME else 1), None)
        for name in NUMBERS
    }
    put(replace(base, **{name: value for name, value in told.items() if value is not None}))
    st.session_state[key("seed")] = state.from_address("seed", _whole, 0)
    st.session_state[key("picture")] = state.from_address("picture", _whole, 0) + 1
    st.session_state[key("way")] = state.from_address("cut", state.one_of(get_args(Way), str), "drop")


def _whole(text: str) -> int:
    value = int(text)
    if not 0 <= value < 2**31:
        raise ValueError(text)
    return value


def put(recipe: Recipe) -> None:
    """Let the fields say this recipe; only from a callback, or before they are drawn."""
    for name in NUMBERS:
        value = float(getattr(recipe, name))
        st.session_state[key(name)] = value or (BY_NAME[name].usual if name in BY_NAME else value)
    for group in GROUPS:
        own = [one.name for one in TRANSFORMS if one.group == group]
        st.session_state[chosen_key(group)] = [name for name in own if getattr(recipe, name) > 0]


def chosen() -> list[str]:
    """The transforms that act, in their order."""
    names = {name for group in GROUPS for name in st.session_state.get(chosen_key(group)) or ()}
    return [one.name for one in TRANSFORMS if one.name in names]


def recipe() -> Recipe:
    """What the fields say."""
    acting = chosen()
    kept = {name: float(st.session_state[key(name)]) for name in (*acting, *PROBABILITIES)}
    way = st.session_state[key("way")]
    least = float(st.session_state[key("least_visible")]) if way == "drop" else 0.0
    return replace(UNCHANGED, **kept, least_visible=least)


def policy() -> CutPolicy:
    """What happens to boxes that are cut."""
    way: Way = st.session_state[key("way")]
    return CutPolicy(way, float(st.session_state[key("least_visible")]))


def differences(one: Recipe, base: Recipe) -> dict[str, float]:
    """The numbers in which a recipe differs from another; a probability counts only where its transform acts."""
    idle = {other.probability for other in TRANSFORMS if other.probability and not getattr(one, other.name)}
    return {
        name: getattr(one, name) for name in NUMBERS if getattr(one, name) != getattr(base, name) and name not in idle
    }


def nearest(one: Recipe, known: Iterable[str] = RECIPES) -> tuple[str, dict[str, float]]:
    """The named recipe that is nearest, and the numbers in which this one differs."""
    apart = {name: differences(one, RECIPES[name]) for name in known}
    name = min(apart, key=lambda other: (len(apart[other]), other != "varied"))
    return name, apart[name]


def into_address(data: str, picture: int) -> None:
    """Let the address say what is shown."""
    _usual, apart = nearest(recipe(), ("varied",))
    values: dict[str, str | None] = {name: f"{apart[name]:g}" if name in apart else None for name in NUMBERS}
    way, number = st.session_state[key("way")], int(st.session_state[key("seed")])
    values |= {"recipe": None, "data": data, "picture": str(picture) if picture else None}
    if way != "drop":
        values["least_visible"] = None
    state.mirror({**values, "seed": str(number) if number else None, "cut": None if way == "drop" else way})


def group_title(group: Group) -> str:
    """What the transforms of a group change."""
    titles = {
        "place": _("Where things are"),
        "light": _("Light and colour"),
        "camera": _("What the camera adds"),
        "several": _("Several pictures"),
    }
    return titles[group]


def amount(name: str, value: float) -> str:
    """A number of a transform in words, such as ``± 10°``."""
    one = BY_NAME[name]
    words: Mapping[str, Any] = {
        "probability": f"{value:.0%}",
        "share": f"{'' if name in ('crop', 'cutout') else '± '}{value:.1%}".replace(".0%", "%"),
        "degrees": f"± {value:g}°",
        "per pixel": f"± {value:g}",
        "stops": f"± {value:g}",
        "pixels": f"≤ {value:g} px",
        "levels": f"≤ {value:g}",
        "quality": f"≥ {100 - value:g}",
    }
    return str(words[one.unit])
