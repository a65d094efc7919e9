"""Step: a wrong detection gives a wrong answer. Make the mistake, see which step fails first."""

from __future__ import annotations

import streamlit as st

from yolodash.inference import reasoning
from yolodash.inference.reasoning import Change, Finding
from yolodash.scenes.programs import ATTRIBUTES, VALUES
from yolodash.ui import state
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson
from yolodash.ui.learn.reasoning import running, subject, words
from yolodash.ui.learn.reasoning.subject import Subject

MOST_SHOWN = 6
_SCORE = "reasoning_score"


def show(about: Subject) -> None:
    """The threshold and the mistake, the same program with them, and why its answer is wrong."""
    st.subheader(_("What was seen wrong is answered wrong"), anchor=False)
    text = subject.text_of(about.question)
    if not about.looked:
        running.waiting(about, text)
        return
    score, changes = _controls(about)
    kept = reasoning.in_play(about.findings, score, changes)
    ran = running.outcome(about, about.question.program, kept)
    running.play("mistakes", about, text, ran)
    if sentences := running.reasons(about, ran):
        st.warning("\n\n".join(sentences), icon=":material/troubleshoot:")
    _telling(about, score)
    _below()


def _controls(about: Subject) -> tuple[float, list[Change]]:
    """Threshold, the thing and what is said of it; the address keeps all three."""
    threshold, which, what, undo = st.columns([3, 3, 3, 2], vertical_alignment="bottom")
    subject.begin(_SCORE, "score", state.between(reasoning.LEAST_SCORE, 0.99), subject.SCORE)
    score = threshold.slider(
        _("Score threshold"), reasoning.LEAST_SCORE, 0.99, step=0.01, key=_SCORE, persist_state="session"
    )
    changes = changes_of(about)
    found = reasoning.in_play(about.findings, score)
    if found:
        with which:
            chosen = _thing(about, found)
        with what:
            _mistake(about, chosen, changes)
    undo.button(
        _("Undo all"), icon=":material/undo:", width="stretch", disabled=not changes, on_click=_keep, args=(about, [])
    )
    changes = changes_of(about)
    state.mirror(
        {
            "score": None if abs(score - subject.SCORE) < 1e-6 else f"{score:.2f}",
            "changes": ",".join(map(written, changes)) or None,
        }
    )
    return score, changes


def _thing(about: Subject, found: list[Finding]) -> Finding:
    numbers = {one.number: one for one in found}
    key = f"reasoning_thing_{about.name}"
    if st.session_state.get(key) not in numbers:
        st.session_state[key] = next(iter(numbers))
    chosen = st.selectbox(
        _("Thing"), tuple(numbers), format_func=lambda n: f"{n} · {words.described(numbers[n].words)}", key=key
    )
    return numbers[chosen]


def _mistake(about: Subject, one: Finding, changes: list[Change]) -> None:
    options = [None, Change(one.number), *_relabelled(one)]
    now = next((change for change in changes if change.number == one.number), None)
    key = f"reasoning_mistake_{about.name}_{one.number}"
    st.session_state[key] = now if now in options else None
    st.selectbox(_("Say of it"), options, format_func=_said, key=key, on_change=_change, args=(about, one.number, key))


def _relabelled(one: Finding) -> list[Change]:
    return [Change(one.number, name, word) for name in ATTRIBUTES for word in VALUES[name] if word != one.words[name]]


def _said(change: Change | None) -> str:
    if change is None:
        return _("what the networks say")
    if not change.attribute:
        return _("nothing: it is missed")
    return f"{words.attribute(change.attribute)}: {words.value(change.value)}"


def _change(about: Subject, number: int, key: str) -> None:
    _set(about, number, st.session_state[key])


def _set(about: Subject, number: int, change: Change | None) -> None:
    others = [one for one in changes_of(about) if one.number != number]
    _keep(about, others if change is None else [*others, change])


def _keep(about: Subject, changes: list[Change]) -> None:
    st.session_state[_key(about)] = changes


def _key(about: Subject) -> str:
    return f"reasoning_changes_{about.name}"


def changes_of(about: Subject) -> list[Change]:
    """The mistakes made so far in this scene, at first the address's."""
    if _key(about) not in st.session_state:
        known = {one.number for one in about.findings}
        none: list[Change] = []
        read = state.from_address("changes", read_changes, none)
        st.session_state[_key(about)] = [change for change in read if change.number in known]
    changes: list[Change] = st.session_state[_key(about)]
    return changes


def written(change: Change) -> str:
    """``3`` for a thing that is missed, ``3:colour=blue`` for one that is said to be blue."""
    return f"{change.number}:{change.attribute}={change.value}" if change.attribute else str(change.number)


def read_changes(text: str) -> list[Change]:
    """Changes as ``written`` has them, joined by commas; one a thing.

    Raises:
        ValueError: it is something else.
    """
    changes: dict[int, Change] = {}
    for part in text.split(","):
        number, _colon, said = part.partition(":")
        name, _equals, word = said.partition("=")
        if said and word not in VALUES.get(name, ()):
            raise ValueError(part)
        changes[int(number)] = Change(int(number), name, word)
    return list(changes.values())


def _telling(about: Subject, score: float) -> None:
    """Which single mistakes would change the answer; a click makes one."""
    telling = reasoning.telling_changes(about.question.program, about.findings, score)
    found = reasoning.in_play(about.findings, score)
    possible = sum(1 + len(_relabelled(one)) for one in found)
    st.markdown(
        _("Of {possible} single mistakes {count} change the answer. Try one:").format(
            possible=possible, count=len(telling)
        )
    )
    with st.container(horizontal=True):
        for change, after in _different(telling):
            st.button(
                f"{change.number} · {_said(change)} → {words.answer(after)}",
                key=f"reasoning_try_{written(change)}",
                on_click=_only,
                args=(about, change),
            )


def _only(about: Subject, change: Change) -> None:
    """One mistake alone, and the thing that it is about is the one that is chosen."""
    _keep(about, [change])
    st.session_state[f"reasoning_thing_{about.name}"] = change.number


def _different(telling: dict[Change, str | None]) -> list[tuple[Change, str | None]]:
    """A few of them, of different things and kinds before more of the same."""
    kinds: dict[tuple[int, str], tuple[Change, str | None]] = {}
    for change, after in telling.items():
        kinds.setdefault((change.number, change.attribute), (change, after))
    return list(kinds.values())[:MOST_SHOWN]


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "reasoning_mistake",
            _("The detector misses one thing. When does the answer stay right?"),
            {
                "never": _("Never: the list is wrong"),
                "unused": _("When the program would have dropped that thing anyway"),
                "always": _("Always: the program notices"),
            },
            "unused",
            _("A thing that every filter drops does not matter. One on the way to the answer does, and nothing warns."),
        )
    with said:
        lesson.show_code(reasoning.in_play, reasoning.matched, reasoning.first_difference)
