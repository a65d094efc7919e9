"""What every learning page is made of: its steps, formulas, code, one question, a gentle correction, a picture.

A page reads like this::

    titles = {"window": _("The window"), "padding": _("Padding")}
    step = lesson.choose_step(titles)
    ...
    lesson.onward(titles, step)
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from yolodash.ui import inputs, state
from yolodash.ui.i18n import _
from yolodash.ui.learn import path
from yolodash.ui.pictures import Photo

_ANSWERS = "lesson_answers"
_TEACHER = "lesson_teacher"
_FORGET = "lesson_forget"

# For a projector: formulas that are read from the last row, and steps that look like a row of tabs.
_STYLE = """
<style>
  [class*="st-key-lesson_formula"] .katex { font-size: 1.35em; }
  [class*="st-key-lesson_formula"] { overflow-x: auto; }
  [class*="st-key-lesson_question"] p { font-size: 1.05rem; }
</style>
"""


def choose_step(titles: Mapping[str, str], *, forget: Collection[str] = ()) -> str:
    """The steps of a page in a row at its top, each a button; the address remembers which (``?step=``).

    Args:
        titles: the name of a step in the address, and its title; the first is where the page begins.
        forget: what else stands in the address and belongs to one step alone; it goes when another is chosen.
    """
    st.session_state[_FORGET] = tuple(forget)
    st.html(_STYLE)
    first, key = next(iter(titles)), _step_key(titles)
    if key not in st.session_state:
        st.session_state[key] = state.from_address("step", state.one_of(titles, str), first)
    picked = st.segmented_control(
        _("Step"),
        tuple(titles),
        format_func=lambda name: f"{list(titles).index(name) + 1} · {titles[name]}",
        key=key,
        required=True,
        persist_state="session",
        on_change=_leave,
        label_visibility="collapsed",
    )
    chosen = picked or first
    state.mirror({"step": None if chosen == first else chosen})
    return chosen


def onward(titles: Mapping[str, str], step: str) -> None:
    """Last on a page: the step before, a link to what is shown, the step after; beyond the ends, the next page."""
    names = list(titles)
    place = names.index(step)
    before, link, after = st.columns([2, 1, 2], vertical_alignment="center")
    if place > 0:
        _step_button(before, titles, names[place - 1], ":material/arrow_back:", "left")
    else:
        _page_button(before, -1, ":material/arrow_back:", "left")
    with link:
        copy_link()
    if place + 1 < len(names):
        _step_button(after, titles, names[place + 1], ":material/arrow_forward:", "right")
    else:
        _page_button(after, 1, ":material/arrow_forward:", "right")


def _page_button(place: Any, way: int, icon: str, side: str) -> None:
    """The page of the lecture before (−1) or after (+1) this one."""
    page = path.beside(way)
    if page is not None and place.button(
        f"**{page.title}**",
        icon=icon,
        icon_position=side,
        key=f"page_to_{page.page}",
        width="stretch",
        shortcut=_shortcut(side),
    ):
        st.switch_page(page.file)


def _shortcut(side: str) -> str | None:
    """In the teacher's mode the keys of a presenter: Page Up and Page Down."""
    if not teacher():
        return None
    return "PageUp" if side == "left" else "PageDown"


def _step_button(place: Any, titles: Mapping[str, str], name: str, icon: str, side: str) -> None:
    place.button(
        titles[name],
        icon=icon,
        icon_position=side,
        key=f"step_to_{name}",
        width="stretch",
        shortcut=_shortcut(side),
        on_click=_go_to,
        args=(_step_key(titles), name),
    )


def _go_to(key: str, name: str) -> None:
    st.session_state[key] = name
    _leave()


def _leave() -> None:
    """Another step begins with its own values, not with those that the address has of this one."""
    state.mirror(dict.fromkeys(st.session_state.get(_FORGET, ())))


def _step_key(titles: Mapping[str, str]) -> str:
    return "lesson_step_" + "_".join(titles)


def copy_link() -> None:
    """The whole address of what is shown, to copy."""
    with st.popover(_("Link"), icon=":material/link:", width="stretch"):
        st.caption(_("This link shows the same again."))
        asked = urlencode(st.query_params.to_dict(), safe=",:;")
        page = st.context.url or ""
        st.code(f"{page}?{asked}" if asked else page, language=None, wrap_lines=True)


def formula(latex: str, words: str = "", *, key: str = "only") -> None:
    """A formula with the numbers of now in it, large; below it what it says in words.

    Where several stand on one screen, each needs a ``key`` of its own.
    """
    with st.container(key=f"lesson_formula_{key}"):
        st.latex(latex)
    if words:
        st.caption(words)


def show_code(*functions: Callable[..., Any]) -> None:
    """The source of the package's functions that ran here, and where each is found."""
    with st.expander(_("Show the code"), icon=":material/code:"):
        for function in functions:
            function = inspect.unwrap(function)
            st.caption(f"`{function.__module__}.{function.__qualname__}`")
            st.code(_source(function), language="python")


@functools.cache
def _source(function: Callable[..., Any]) -> str:
    return inspect.getsource(function)


def question(key: str, text: str, choices: Mapping[str, str], right: str, why: str) -> None:
    """One question, checked at once, whose answer is explained; the teacher decides when it is seen.

    Args:
        key: unique over all pages; ``answered`` tells by it.
        choices: short names of the answers, and their words, in the order in which they stand.
        right: the name of the right one.
        why: the explanation, shown after an answer.
    """
    with st.container(border=True, key=f"lesson_question_{key}"):
        chosen = st.radio(
            f"**{text}**",
            tuple(choices),
            format_func=choices.__getitem__,
            index=None,
            key=f"question_{key}",
            persist_state="session",
        )
        if teacher() and not st.toggle(_("Show the answer"), key=f"question_shown_{key}"):
            return
        if teacher():
            st.success(f"**{choices[right]}**. {why}", icon=":material/check_circle:")
        elif chosen is not None:
            _remember(key, chosen == right)
            _judge(chosen == right, why)


def _judge(correct: bool, why: str) -> None:
    if correct:
        st.success("**" + _("Right.") + f"** {why}", icon=":material/check_circle:")
    else:
        st.warning("**" + _("Not quite.") + f"** {why}", icon=":material/replay:")


def answered() -> dict[str, bool]:
    """The questions that were answered in this session, and whether rightly the last time."""
    answers: dict[str, bool] = st.session_state.setdefault(_ANSWERS, {})
    return answers


def _remember(key: str, correct: bool) -> None:
    answered()[key] = correct


def teacher() -> bool:
    """Whether answers wait until the teacher shows them; from the address (``?teacher=1``), then for the session."""
    if _TEACHER not in st.session_state:
        st.session_state[_TEACHER] = state.from_address("teacher", lambda text: text == "1", False)
    return bool(st.session_state[_TEACHER])


def set_teacher(on: bool) -> None:
    """Switch the teacher's mode on or off, for this session and in the address."""
    st.session_state[_TEACHER] = on
    state.mirror({"teacher": "1" if on else None})


def remark(text: str) -> None:
    """A short friendly note where the lecture is less exact than one may like."""
    st.info("**" + _("More exactly") + f":** {text}", icon=":material/lightbulb:")


def choose_picture() -> Photo:
    """In the sidebar: a sample, or a picture of one's own (file, clipboard, camera); the address remembers it."""
    with st.sidebar:
        photo = inputs.choose_image()
        inputs.more_pictures()
    return photo
