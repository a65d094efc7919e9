"""Step: a program of one's own, from blocks; only blocks that fit can be added."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from yolodash.inference import reasoning
from yolodash.scenes import programs
from yolodash.scenes.programs import Step
from yolodash.ui import state
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson
from yolodash.ui.learn.reasoning import running, subject, words
from yolodash.ui.learn.reasoning.subject import Subject

BEGIN = "scene,filter:shape=sphere"
_PROGRAM = "reasoning_program"
_ICONS = {
    "scene": ":material/select_all:",
    "unique": ":material/looks_one:",
    "count": ":material/numbers:",
    "exist": ":material/help:",
    "equal": ":material/equal:",
    "greater": ":material/chevron_right:",
}


def show(about: Subject) -> None:
    """The program so far on this scene, and the blocks that can come next."""
    st.subheader(_("Your own question, from blocks"), anchor=False)
    program = own_program()
    if not about.looked:
        running.waiting(about, "")
        return
    kept = reasoning.in_play(about.findings, subject.SCORE)
    running.play("building", about, state_of(program), running.outcome(about, program, kept))
    _blocks(program)
    _tools(about, program)
    _below()


def own_program() -> tuple[Step, ...]:
    """The program of this session, at first the address's."""
    if _PROGRAM not in st.session_state:
        st.session_state[_PROGRAM] = state.from_address("program", programs.read, programs.read(BEGIN))
    program: tuple[Step, ...] = st.session_state[_PROGRAM]
    text = programs.written(program)
    state.mirror({"program": None if text == BEGIN else text})
    return program


def state_of(program: tuple[Step, ...]) -> str:
    """What the program gives, or still needs."""
    if not program:
        return _("Begin with all things.")
    if programs.is_whole(program):
        return _("The program is whole: it ends in an answer.")
    if len(programs.open_results(program)) > 1:
        return _("The first result waits; bring this one to the same kind, then compare.")
    return _("The program ends in things, not yet in an answer.")


def _blocks(program: tuple[Step, ...]) -> None:
    """Every block that fits as a button, the filters of one attribute in a row."""
    fitting = programs.fitting(program)
    if not fitting:
        st.caption(_("Nothing more fits. Take the last block off, or start anew."))
        return
    plain = [step for step in fitting if step.function in _ICONS]
    if plain:
        _row(_("Add"), plain, lambda step: step.function)
    for name in programs.ATTRIBUTES:
        filters = [step for step in fitting if step.function == "filter" and step.value.startswith(f"{name}=")]
        if filters:
            _row(f"filter · {words.attribute(name)}", filters, lambda step: words.value(step.value.split("=")[1]))
    for function, said in (("relate", _side), ("query", words.attribute)):
        steps = [step for step in fitting if step.function == function]
        if steps:
            _row(function, steps, lambda step, said=said: said(step.value))  # type: ignore[misc]


def _row(label: str, steps: list[Step], text: Callable[[Step], str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{label}**", width=150)
        for step in steps:
            st.button(
                text(step),
                key=f"reasoning_add_{programs.written([step])}",
                icon=_ICONS.get(step.function),
                help=words.explained(step),
                on_click=_add,
                args=(step,),
            )


def _side(relation: str) -> str:
    names = {"left": _("left"), "right": _("right"), "behind": _("behind"), "front": _("in front")}
    return names[relation]


def _tools(about: Subject, program: tuple[Step, ...]) -> None:
    with st.container(horizontal=True):
        st.button(
            _("Take the last off"),
            icon=":material/backspace:",
            disabled=not program,
            on_click=_become,
            args=(program[:-1],),
        )
        st.button(_("Start anew"), icon=":material/restart_alt:", disabled=not program, on_click=_become, args=((),))
        st.button(_("The question's program"), icon=":material/quiz:", on_click=_become, args=(about.question.program,))


def _add(step: Step) -> None:
    _become((*st.session_state[_PROGRAM], step))


def _become(program: tuple[Step, ...]) -> None:
    st.session_state[_PROGRAM] = program


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "reasoning_blocks",
            _("Why can count not stand right after unique?"),
            {
                "kind": _("unique gives one thing, count takes a list of things"),
                "zero": _("It would always be zero"),
                "slow": _("It would take too long"),
            },
            "kind",
            _("Each block takes and gives one kind of value. Only where the kinds fit is a program valid."),
        )
    with said:
        lesson.show_code(programs.fitting, programs.run)
