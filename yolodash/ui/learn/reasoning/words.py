"""Attributes, steps and results in the language of the page; programs keep their own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yolodash.scenes import english, italian
from yolodash.scenes.programs import VALUES, Step, spoken
from yolodash.ui.i18n import _, language, ngettext


def attribute(name: str) -> str:
    """An attribute's name."""
    names = {"size": _("size"), "colour": _("colour"), "material": _("material"), "shape": _("shape")}
    return names[name]


def value(word: str) -> str:
    """What an attribute can be; any other text as it is."""
    if word in VALUES["size"] and language() == "it":
        return italian.size(word)
    names = {
        "gray": _("gray"),
        "red": _("red"),
        "blue": _("blue"),
        "green": _("green"),
        "brown": _("brown"),
        "purple": _("purple"),
        "cyan": _("cyan"),
        "yellow": _("yellow"),
        "rubber": _("rubber"),
        "metal": _("metal"),
        "cube": _("cube"),
        "sphere": _("sphere"),
        "cylinder": _("cylinder"),
        "yes": _("yes"),
        "no": _("no"),
    }
    return names.get(word, word)


def described(words: Mapping[str, str]) -> str:
    """All four attributes of a thing: ``large red rubber cube``."""
    return italian.phrase(words) if language() == "it" else english.phrase(words)


def question(program: Sequence[Step]) -> str:
    """The question that a program answers, in the language of the page.

    Raises:
        ValueError: it is of no form that a question has.
    """
    return italian.question(program) if language() == "it" else english.question(program)


def call(step: Step) -> str:
    """A step as a program has it: ``filter(colour = red)``."""
    asked = step.value.replace("=", " = ")
    if len(step.inputs) == 2:
        asked = ", ".join(str(place + 1) for place in step.inputs)
    return f"{step.function}({asked})"


def explained(step: Step) -> str:
    """What a step does, in a sentence."""
    if step.function == "filter":
        name, word = step.value.split("=")
        return _("Keep those whose {attribute} is {value}.").format(attribute=attribute(name), value=value(word))
    if step.function == "query":
        return _("Read off its {attribute}.").format(attribute=attribute(step.value))
    if step.function == "relate":
        sides = {
            "left": _("Go to all that is left of it."),
            "right": _("Go to all that is right of it."),
            "behind": _("Go to all that is behind it: it touches the ground higher in the picture."),
            "front": _("Go to all that is in front of it: it touches the ground lower in the picture."),
        }
        return sides[step.value]
    sentences = {
        "scene": _("All things that were found."),
        "unique": _("“The” thing: it must be exactly one."),
        "count": _("Count them."),
        "exist": _("Is there any?"),
        "equal": _("Are both the same?"),
        "greater": _("Is the first number greater than the second?"),
    }
    return sentences[step.function]


def given(step: Step, result: Any, numbers: Sequence[int]) -> str:
    """What a step gave; ``numbers`` are those of the things on the picture."""
    if isinstance(result, list):
        if not result:
            return _("nothing")
        count = ngettext("{count} thing", "{count} things", len(result)).format(count=len(result))
        return f"{count}: " + ", ".join(str(number) for number in sorted(numbers[i] for i in result))
    if step.function == "unique":
        return _("thing {number}").format(number=numbers[result])
    return value(spoken(result))


def stopped(count: int) -> str:
    """Why a program could not go on at "the" thing."""
    if count == 0:
        return _("stops: there is none")
    return _("stops: there are {count}").format(count=count)


def answer(text: str | None) -> str:
    """An answer, or that there is none."""
    return _("no answer") if text is None else value(text)
