"""What a program asks, as a grammar needs it: the things that it speaks of, and what it wants to know of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from yolodash.scenes.programs import Step

Form = Literal["query", "count", "exist", "greater", "same"]


@dataclass(frozen=True)
class Things:
    """Things, or the one thing, that a program speaks of.

    Attributes:
        words: their attributes, as far as they are said.
        relation: how they stand to another thing; empty where nothing is said of that.
        other: that thing.
    """

    words: dict[str, str]
    relation: str = ""
    other: Things | None = None


@dataclass(frozen=True)
class Asked:
    """A question without its words.

    Attributes:
        form: read off an attribute, count, is there any, are there more of the one, have both the same.
        things: what it is about: one, or two to compare.
        attribute: that is asked for or compared; empty where none is.
    """

    form: Form
    things: tuple[Things, ...]
    attribute: str = ""


def asked(program: Sequence[Step]) -> Asked:
    """What a program asks with its last step.

    Raises:
        ValueError: it is of no form that a question has.
    """
    last = program[-1]
    steps = [program[i] for i in last.inputs]
    match last.function:
        case "query":
            return Asked("query", (_the(program, last.inputs[0]),), last.value)
        case "count":
            return Asked("count", (_those(program, last.inputs[0]),))
        case "exist":
            return Asked("exist", (_those(program, last.inputs[0]),))
        case "greater" if all(step.function == "count" for step in steps):
            return Asked("greater", tuple(_those(program, step.inputs[0]) for step in steps))
        case "equal" if all(step.function == "query" for step in steps) and steps[0].value == steps[1].value:
            return Asked("same", tuple(_the(program, step.inputs[0]) for step in steps), steps[0].value)
    raise ValueError("no question is put like this")


def _the(program: Sequence[Step], at: int) -> Things:
    """The one thing of a ``unique`` step."""
    return _those(program, program[at].inputs[0])


def _those(program: Sequence[Step], at: int) -> Things:
    """The things that are left after the filters that end at a step."""
    words: dict[str, str] = {}
    while program[at].function == "filter":
        attribute, word = program[at].value.split("=")
        words[attribute] = word
        at = program[at].inputs[0]
    if program[at].function == "relate":
        return Things(words, program[at].value, _the(program, program[at].inputs[0]))
    return Things(words)
