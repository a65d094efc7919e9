"""A program on the things of a picture, as the browser shows it: every step with what it gave, then right or wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from yolodash.data.images import encode_jpeg
from yolodash.inference import reasoning
from yolodash.inference.reasoning import Finding
from yolodash.scenes.programs import Step, Trace, follow, is_whole
from yolodash.scenes.questions import world_of
from yolodash.scenes.truth import description
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage
from yolodash.ui.learn.reasoning import SCRIPTS, subject, words
from yolodash.ui.learn.reasoning.subject import Subject


@dataclass(frozen=True)
class Outcome:
    """A program on the truth and on what was found.

    Attributes:
        program: its steps.
        kept: the findings that it got.
        true, found: how far it came on each.
        shows: the block that each finding shows.
        wrong: the first step that gives something else than on the truth, or None.
    """

    program: tuple[Step, ...]
    kept: list[Finding]
    true: Trace
    found: Trace
    shows: list[int | None]
    wrong: int | None

    @property
    def right(self) -> bool:
        """Whether both come to the same answer, or both to none."""
        return self.true.answer == self.found.answer


def outcome(about: Subject, program: tuple[Step, ...], kept: list[Finding]) -> Outcome:
    """Run a program on the scene itself and on the findings."""
    true, found = follow(program, world_of(about.drawn.scene)), follow(program, reasoning.world_of(kept))
    shows = reasoning.matched(kept, about.drawn.seen)
    return Outcome(program, kept, true, found, shows, reasoning.first_difference(program, true, found, shows))


def play(name: str, about: Subject, question: str, ran: Outcome) -> None:
    """The picture with the things, the program beside it."""
    size = about.drawn.scene.size
    steps = shown_steps(ran)
    last = max(len(steps), 1)
    identity = hashlib.sha256(repr((about.name, ran.program, lesson.teacher(), len(steps))).encode()).hexdigest()[:16]
    begin = "1" if lesson.teacher() else str(last)
    data = {
        "picture": {"jpeg": subject.jpeg(about.name), "x": 0, "y": 0, "width": size.width, "height": size.height},
        "network": stage.size(size),
        "question": question,
        "steps": steps,
        "things": [thing(one) for one in ran.kept],
        "missed": missed(about, ran),
        "verdict": verdict(ran) if is_whole(ran.program) else "",
        "right": ran.right,
    }
    fields = {"at": stage.Field(begin, stage.number(1, last, whole=True))}
    stage.play("run", f"{name}_{identity}", fields, data, _texts(), scripts=SCRIPTS)


def waiting(about: Subject, question: str) -> None:
    """The picture and the question, before the networks have looked."""
    picture, said = st.columns([1.15, 1], gap="medium")
    picture.image(encode_jpeg(about.drawn.rendered.image), width="stretch")
    said.markdown(f"**{question}**")
    said.caption(_("The networks look at the picture …"))


def shown_steps(ran: Outcome) -> list[dict[str, Any]]:
    """Every step that ran, and the one at which the program stopped."""
    numbers = [one.number for one in ran.kept]
    steps: list[dict[str, Any]] = []
    for place, step in enumerate(ran.program[: len(ran.found.results) + 1]):
        before: list[int] = sorted({number for i in step.inputs for number in steps[i]["play"]})
        shown: dict[str, Any] = {"call": words.call(step), "says": words.explained(step), "play": before}
        shown |= {"relation": "", "from": None, "one": None, "wrong": place == ran.wrong and not ran.right}
        if place == len(ran.found.results):
            shown["given"] = words.stopped(len(ran.found.results[step.inputs[0]]))
        else:
            shown |= _result(step, ran.found.results[place], numbers, steps)
        steps.append(shown)
    return steps


def _result(step: Step, result: Any, numbers: Sequence[int], steps: Sequence[dict[str, Any]]) -> dict[str, Any]:
    shown: dict[str, Any] = {"given": words.given(step, result, numbers)}
    if isinstance(result, list):
        shown["play"] = [numbers[i] for i in result]
    if step.function == "unique":
        shown |= {"play": [numbers[result]], "one": numbers[result]}
    if step.function == "query":
        shown["one"] = steps[step.inputs[0]]["one"]
    if step.function == "relate":
        shown |= {"relation": step.value, "from": steps[step.inputs[0]]["one"]}
    return shown


def thing(one: Finding) -> dict[str, Any]:
    """A finding for the browser."""
    text = _("{number}: {description}, score {score}").format(
        number=one.number, description=words.described(one.words), score=f"{one.score:.2f}"
    )
    return {"number": one.number, "box": list(one.box), "title": text}


def missed(about: Subject, ran: Outcome) -> list[dict[str, Any]]:
    """The blocks that no finding shows."""
    blocks = about.drawn.scene.blocks
    return [
        {"number": 0, "box": list(one.box), "title": words.described(description(blocks[one.block]))}
        for one in about.drawn.seen
        if one.block not in ran.shows
    ]


def verdict(ran: Outcome) -> str:
    """The answer, and whether it is the scene's own."""
    said, true = words.answer(ran.found.answer), words.answer(ran.true.answer)
    if ran.right:
        return _("✓ {answer} – right, as in the scene").format(answer=said)
    return _("✗ {answer} – wrong, in the scene it is: {truth}").format(answer=said, truth=true)


def reasons(about: Subject, ran: Outcome) -> list[str]:
    """Why the first wrong step is wrong, in sentences."""
    if ran.wrong is None:
        return []
    step = ran.program[ran.wrong]
    opening = _("Step {number}, {call}, is the first that gives something else than in the scene.").format(
        number=ran.wrong + 1, call=f"`{words.call(step)}`"
    )
    return [opening, *_missed_reasons(about, ran), *_said_reasons(about, ran)]


def _missed_reasons(about: Subject, ran: Outcome) -> list[str]:
    sentence = _("Not found: {description}.")
    return [sentence.format(description=one["title"]) for one in missed(about, ran)]


def _said_reasons(about: Subject, ran: Outcome) -> list[str]:
    """Findings that show no block, or of which something wrong is said."""
    sentences = []
    for one, block in zip(ran.kept, ran.shows, strict=True):
        if block is None:
            sentences.append(_("Thing {number} is no block, or one that was found before.").format(number=one.number))
            continue
        true = description(about.drawn.scene.blocks[block])
        for name, word in one.words.items():
            if word != true[name]:
                sentences.append(
                    _("Thing {number} is said to be {said}; it is {truth}.").format(
                        number=one.number, said=words.value(word), truth=words.value(true[name])
                    )
                )
    if not sentences and not missed(about, ran):
        sentences.append(_("Every thing is known rightly: here the boxes do not tell how the blocks stand."))
    return sentences


def _texts() -> dict[str, str]:
    return {
        "picture": _("The scene with the things that were found"),
        "program": _("The program, step by step"),
        "first": _("From the start"),
        "back": _("Back"),
        "next": _("Next"),
        "play": _("Play"),
        "from": _("from"),
        "missed": _("missed"),
        "says": _("Step {at} of {last}: {says} → {given}"),
    }
