"""The map on Home: the path through the lecture and the lab, and what of it was done in this session."""

from __future__ import annotations

import streamlit as st

from yolodash.ui import entrance
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.learn import lesson, path
from yolodash.ui.learn.path import Place

COLUMNS = 4

# The cards of a row are of one height, and the line that joins them stands behind.
_STYLE = """
<style>
  [class*="st-key-place_"] { height: 100%; }
  [class*="st-key-place_seen_"] { border-left: 5px solid var(--st-primary-color, #0b6bcb); }
</style>
"""


def show() -> None:
    """The map, and the teacher's switch above it."""
    st.html(_STYLE)
    heading, switch = st.columns([3, 2], vertical_alignment="bottom")
    with heading:
        st.subheader(_("The path"), anchor=False)
        st.caption(_done())
    with switch:
        _teacher()
    st.markdown("**" + _("The lecture") + "**")
    _cards("lecture", path.lecture())
    st.markdown("**" + _("The lab") + "**")
    _cards("lab", path.lab())


def _done() -> str:
    """How far one has come, in a sentence."""
    places, answers = path.lecture(), lesson.answered()
    been = sum(path.seen(place.page) for place in places)
    right = sum(answers.values())
    sentence = ngettext("{right} question answered rightly", "{right} questions answered rightly", right)
    visited = _("{been} of {count} pages of the lecture visited").format(been=been, count=len(places))
    return f"{visited} · {sentence.format(right=right)}"


def _cards(name: str, places: list[Place]) -> None:
    for start in range(0, len(places), COLUMNS):
        for number, column in enumerate(st.columns(COLUMNS), start=start):
            if number < len(places):
                with column:
                    _card(name, number, places[number])


def _card(name: str, number: int, place: Place) -> None:
    seen = path.seen(place.page)
    with st.container(border=True, key=f"place_{'seen_' if seen else ''}{name}_{number}"):
        entrance.page_link(
            place.file,
            label=f"**{number + 1} · {place.title}**",
            icon=f":material/{place.icon}:",
            width="stretch",
        )
        st.caption(place.line)
        closed = entrance.told_if_closed(place.page)
        st.caption(f":material/lock: {closed}" if closed else _mark(place, seen))


def _mark(place: Place, seen: bool) -> str:
    """Visited or not, and the questions: in words, the sign repeats it."""
    if not seen:
        return ":material/radio_button_unchecked: " + _("not yet")
    answers = [right for key, right in lesson.answered().items() if place.questions and key.startswith(place.questions)]
    if not answers:
        return ":material/check_circle: " + _("visited")
    told = _("{right} of {count} answers right").format(right=sum(answers), count=len(answers))
    return f":material/check_circle: {told}"


def _teacher() -> None:
    on = st.toggle(
        _("Teacher's mode"),
        lesson.teacher(),
        help=_("Large type, answers wait until you show them, Page Up and Page Down go from step to step."),
    )
    if on != lesson.teacher():
        lesson.set_teacher(on)
        st.rerun()
