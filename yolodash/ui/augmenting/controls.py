"""The recipe: a slider for each transform that acts; and what happens to boxes that are cut."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from yolodash.data.augment.cutting import Way
from yolodash.data.augment.recipe import RECIPES
from yolodash.data.augment.transforms import BY_NAME, TRANSFORMS
from yolodash.ui.augmenting import fields
from yolodash.ui.augmenting.fields import key
from yolodash.ui.i18n import _

ACROSS = 4


def show() -> None:
    """Choose transforms, and how far each goes."""
    places = [
        place for _row in range(0, len(fields.chosen()) + 1, ACROSS) for place in st.columns(ACROSS, gap="medium")
    ]
    with places[0].popover(_("Choose transforms"), icon=":material/add:", width="stretch"):
        _recipes()
        for group in fields.GROUPS:
            own = [one.name for one in TRANSFORMS if one.group == group]
            st.pills(
                fields.group_title(group),
                own,
                selection_mode="multi",
                format_func=lambda name: _(BY_NAME[name].title),
                key=fields.chosen_key(group),
                persist_state="session",
            )
    for place, name in zip(places[1:], fields.chosen(), strict=False):
        with place:
            slider(name)


def _recipes() -> None:
    """A button for each named recipe, which sets all fields."""
    titles = {"varied": _("A little of much"), "default": _("As YOLOv5"), "light": _("Light"), "none": _("Nothing")}
    for column, name in zip(st.columns(len(titles)), titles, strict=True):
        column.button(
            titles[name], key=key(f"recipe_{name}"), on_click=fields.put, args=(RECIPES[name],), width="stretch"
        )


def slider(name: str) -> None:
    """How far a transform goes, and, where that is another number, how often it acts."""
    one = BY_NAME[name]
    value = float(st.session_state[key(name)])
    label = f"{_(one.title)} **{fields.amount(name, value)}**".replace("~", r"\~")
    digits = "%.4f" if one.step < 0.001 else "%.3f" if one.step < 0.01 else "%.2f"
    st.slider(
        label, 0.0, float(one.high), step=float(one.step), format=digits, key=key(name),
        help=_(one.does), persist_state="session",
    )  # fmt: skip
    if one.probability:
        often = float(st.session_state[key(one.probability)])
        st.slider(
            _("{transform}: in **{share}** of the pictures").format(transform=_(one.title), share=f"{often:.0%}"),
            0.0, 1.0, step=0.05, key=key(one.probability), persist_state="session",
        )  # fmt: skip


def cut_boxes() -> None:
    """What happens to boxes that are cut, and the share that must be seen."""
    titles = {"keep": _("keep whole"), "clip": _("clip"), "drop": _("leave out")}
    st.segmented_control(
        _("A box that is cut"),
        get_args(Way),
        format_func=lambda way: titles[way],
        key=key("way"),
        required=True,
        persist_state="session",
        help=_(
            "Keep whole: it reaches beyond the edge; trainers see it cut. Clip: it is cut at the edge, however little "
            "is left. Leave out: unless more than the share below can be seen."
        ),
    )
    st.slider(
        _("Left out, unless more than this share is seen"),
        0.0,
        1.0,
        step=0.05,
        key=key("least_visible"),
        disabled=st.session_state[key("way")] != "drop",
        persist_state="session",
    )
