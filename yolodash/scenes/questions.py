"""Questions about a scene, each with the program that answers it (see ``scenes.programs``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np

from yolodash.scenes import english, programs
from yolodash.scenes.blocks import Scene
from yolodash.scenes.programs import ATTRIBUTES, RELATIONS, Function, NoSingleThingError, Relation, Step, World
from yolodash.scenes.truth import description, related


@dataclass(frozen=True)
class Question:
    """A question in words, its program and its answer."""

    text: str
    program: tuple[Step, ...]
    answer: str


def world_of(scene: Scene) -> World:
    """What is true of a scene: its blocks, and how they stand to each other on the ground."""
    return World(
        tuple(description(block) for block in scene.blocks),
        {relation: related(scene, relation) for relation in RELATIONS},
    )


def answer(program: Sequence[Step], scene: Scene) -> str:
    """Run a program on a scene.

    Raises:
        NoSingleThingError: a ``unique`` step met another number of blocks than one.
    """
    return programs.spoken(list(programs.steps_of(program, world_of(scene)))[-1])


def ask(scene: Scene, random: np.random.Generator, wanted: int = 6) -> list[Question]:
    """Questions that the scene answers without doubt, of different kinds, by chance."""
    makers = (_query_one, _query_related, _count, _exist, _more, _same)
    questions: dict[str, Question] = {}
    for attempt in range(wanted * 8):
        made = makers[attempt % len(makers)](scene, random)
        if made is not None:
            questions.setdefault(made.text, made)
        if len(questions) == wanted:
            break
    return list(questions.values())


def as_json(question: Question) -> dict[str, Any]:
    """A question as it is written to ``questions.jsonl``."""
    program = [asdict(step) | {"inputs": list(step.inputs)} for step in question.program]
    return {"question": question.text, "program": program, "answer": question.answer}


class _Program:
    """A program in the making: each method adds steps and gives back the number of the last."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def add(self, function: Function, *inputs: int, value: str = "") -> int:
        self.steps.append(Step(function, inputs, value))
        return len(self.steps) - 1

    def those(self, words: dict[str, str], among: int | None = None) -> int:
        """The blocks that fit a description, among all or among those of an earlier step."""
        last = self.add("scene") if among is None else among
        for attribute, value in words.items():
            last = self.add("filter", last, value=f"{attribute}={value}")
        return last

    def asked(self, scene: Scene) -> Question | None:
        """The question, if the scene answers it."""
        try:
            return Question(english.question(self.steps), tuple(self.steps), answer(self.steps, scene))
        except NoSingleThingError:
            return None


def _telling(scene: Scene, target: int, random: np.random.Generator, among: list[int] | None = None) -> dict[str, str]:
    """The fewest attributes, chosen by chance, that only the target has among some blocks; all four if none do."""
    others = [
        description(scene.blocks[i]) for i in (range(len(scene.blocks)) if among is None else among) if i != target
    ]
    own = description(scene.blocks[target])
    words: dict[str, str] = {}
    for attribute in random.permutation(ATTRIBUTES):
        if words and not any(all(other[key] == value for key, value in words.items()) for other in others):
            break
        words[str(attribute)] = own[str(attribute)]
    return words


def _attribute_beside(words: dict[str, str], random: np.random.Generator) -> str | None:
    free = [attribute for attribute in ATTRIBUTES if attribute not in words]
    return str(random.choice(free)) if free else None


def _query_one(scene: Scene, random: np.random.Generator) -> Question | None:
    words = _telling(scene, int(random.integers(len(scene.blocks))), random)
    attribute = _attribute_beside(words, random)
    if attribute is None:
        return None
    program = _Program()
    program.add("query", program.add("unique", program.those(words)), value=attribute)
    return program.asked(scene)


def _query_related(scene: Scene, random: np.random.Generator) -> Question | None:
    """One to three hops: there is a … left of the … behind the …; what is its …?"""
    place = int(random.integers(len(scene.blocks)))
    words = _telling(scene, place, random)
    program = _Program()
    last = program.add("unique", program.those(words))
    for _ in range(int(random.integers(1, 4))):
        relation = cast(Relation, str(random.choice(RELATIONS)))
        beside = related(scene, relation)[place]
        if not beside:
            return None
        place = int(random.choice(beside))
        words = _telling(scene, place, random, beside)
        last = program.add("unique", program.those(words, program.add("relate", last, value=relation)))
    attribute = _attribute_beside(words, random)
    if attribute is None:
        return None
    program.add("query", last, value=attribute)
    return program.asked(scene)


def _some_words(scene: Scene, random: np.random.Generator) -> dict[str, str]:
    """One or two attributes of a block of the scene."""
    own = description(scene.blocks[int(random.integers(len(scene.blocks)))])
    chosen = random.permutation(ATTRIBUTES)[: int(random.integers(1, 3))]
    return {str(attribute): own[str(attribute)] for attribute in chosen}


def _count(scene: Scene, random: np.random.Generator) -> Question | None:
    words, program = _some_words(scene, random), _Program()
    program.add("count", program.those(words))
    return program.asked(scene)


def _exist(scene: Scene, random: np.random.Generator) -> Question | None:
    target = _telling(scene, int(random.integers(len(scene.blocks))), random)
    words, relation = _some_words(scene, random), str(random.choice(RELATIONS))
    program = _Program()
    beside = program.add("relate", program.add("unique", program.those(target)), value=relation)
    program.add("exist", program.those(words, beside))
    return program.asked(scene)


def _more(scene: Scene, random: np.random.Generator) -> Question | None:
    one, other, program = _some_words(scene, random), _some_words(scene, random), _Program()
    if one == other:
        return None
    first = program.add("count", program.those(one))
    program.add("greater", first, program.add("count", program.those(other)))
    return program.asked(scene)


def _same(scene: Scene, random: np.random.Generator) -> Question | None:
    places = random.permutation(len(scene.blocks))[:2]
    one, other = (_telling(scene, int(place), random) for place in places)
    attribute = _attribute_beside(one | other, random)
    if attribute is None:
        return None
    program = _Program()
    first = program.add("query", program.add("unique", program.those(one)), value=attribute)
    second = program.add("query", program.add("unique", program.those(other)), value=attribute)
    program.add("equal", first, second)
    return program.asked(scene)
