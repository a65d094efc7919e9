"""Questions in English, from their programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yolodash.scenes.asked import Things, asked
from yolodash.scenes.programs import ATTRIBUTES, Step

_PLACE = {"left": "left of", "right": "right of", "behind": "behind", "front": "in front of"}


def question(program: Sequence[Step]) -> str:
    """The question that a program answers.

    Raises:
        ValueError: it is of no form that a question has.
    """
    about = asked(program)
    things, attribute = about.things, about.attribute
    match about.form:
        case "query" if things[0].other is None:
            return f"What {attribute} is {_the(things[0])}?"
        case "query":
            return f"There is {_a(_said(things[0]))}; what is its {attribute}?"
        case "count":
            return f"How many {phrase(things[0].words, many=True)}{_beside(things[0])} are there?"
        case "exist":
            return f"Is there {_a(phrase(things[0].words))}{_beside(things[0])}?"
        case "greater":
            one, other = (f"{phrase(thing.words, many=True)}{_beside(thing)}" for thing in things)
            return f"Are there more {one} than {other}?"
        case "same":
            return f"Do {_the(things[0])} and {_the(things[1])} have the same {attribute}?"


def phrase(words: Mapping[str, str], *, many: bool = False) -> str:
    """A description in words: ``the small red metal cube`` without its article."""
    noun = words.get("shape", "thing") + ("s" if many else "")
    return " ".join([*(words[key] for key in ATTRIBUTES[:3] if key in words), noun])


def _the(thing: Things) -> str:
    """``the red cube that is left of the sphere``."""
    return f"the {_said(thing)}"


def _said(thing: Things) -> str:
    return phrase(thing.words) + (f" that is{_beside(thing)}" if thing.other else "")


def _beside(thing: Things) -> str:
    """How it stands to another, with a space before; empty where nothing is said of that."""
    return f" {_PLACE[thing.relation]} {_the(thing.other)}" if thing.other else ""


def _a(said: str) -> str:
    return f"{'an' if said[0] in 'aeiou' else 'a'} {said}"
