"""Questions in two languages, over every form of program and every description."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import numpy as np
import pytest

from yolodash.scenes import english, italian
from yolodash.scenes.asked import asked
from yolodash.scenes.programs import ATTRIBUTES, RELATIONS, VALUES, Step
from yolodash.scenes.questions import ask
from yolodash.scenes.sampling import sample_scene

DESCRIPTIONS = [
    {name: word for name, word in zip(ATTRIBUTES, words, strict=True) if word}
    for words in itertools.product(*(("", *VALUES[name]) for name in ATTRIBUTES))
]
ROOTS = {
    "small": "piccol", "large": "grand", "gray": "grigi", "red": "ross", "blue": "blu", "green": "verd",
    "brown": "marron", "purple": "viola", "cyan": "ciano", "yellow": "giall", "rubber": "di gomma",
    "metal": "di metallo", "cube": "cub", "sphere": "sfer", "cylinder": "cilindr",
}  # fmt: skip


def those(words: dict[str, str], before: tuple[Step, ...] = (Step("scene"),)) -> tuple[Step, ...]:
    """The steps that keep what fits a description."""
    steps = list(before)
    for name, word in words.items():
        steps.append(Step("filter", (len(steps) - 1,), f"{name}={word}"))
    return tuple(steps)


def then(steps: tuple[Step, ...], *more: tuple[str, str]) -> tuple[Step, ...]:
    """Further steps, each on what the one before it gave."""
    for function, value in more:
        steps = (*steps, Step(function, (len(steps) - 1,), value))  # type: ignore[arg-type]
    return steps


def both(one: tuple[Step, ...], other: tuple[Step, ...], function: str) -> tuple[Step, ...]:
    """Two programs, and a step that compares what they gave."""
    moved = [Step(step.function, tuple(i + len(one) for i in step.inputs), step.value) for step in other]
    return (*one, *moved, Step(function, (len(one) - 1, len(one) + len(other) - 1)))  # type: ignore[arg-type]


def programs(words: dict[str, str], other: dict[str, str]) -> Iterator[tuple[Step, ...]]:
    """Every form of question about things of two descriptions."""
    counts = [then(those(one), ("count", "")) for one in (words, other)]
    yield counts[0]
    yield both(*counts, "greater")
    for relation in RELATIONS:
        beside = those(words, then(those(other), ("unique", ""), ("relate", relation)))
        yield then(beside, ("exist", ""))
        for attribute in ATTRIBUTES:
            yield then(beside, ("unique", ""), ("query", attribute))
    for attribute in ATTRIBUTES:
        one, another = (then(those(each), ("unique", ""), ("query", attribute)) for each in (words, other))
        yield one
        yield both(one, another, "equal")


def test_every_question_is_whole_in_both_languages() -> None:
    texts: dict[str, str] = {}
    for words, other in zip(DESCRIPTIONS, [*DESCRIPTIONS[100:], *DESCRIPTIONS[:100]], strict=True):
        for program in programs(words, other):
            first, second = english.question(program), italian.question(program)
            assert texts.setdefault(first, second) == second  # they say the same
            for text in (first, second):
                assert re.fullmatch(r"[A-Z](?:[a-zèùò';]|(?<!  ) )+\?", text), text
            said = [word for thing in asked(program).things for word in thing.words.values()]
            assert all(word in first and ROOTS[word] in second for word in said)
            assert not {*ROOTS} & {*re.findall(r"\w+", second)}
    assert len(set(texts.values())) == len(texts) > 9000


@pytest.mark.parametrize("many", [False, True])
def test_all_words_of_an_italian_description_agree_with_its_noun(many: bool) -> None:
    for words in DESCRIPTIONS:
        noun, *adjectives = italian.phrase(words, many=many).partition(" di ")[0].split()
        feminine = noun.startswith(("sfer", "cos"))
        for word in adjectives:
            if word in ("blu", "viola", "ciano"):
                continue
            of_both_genders = word.startswith(("grand", "verd", "marron"))
            ending = ("ei" if of_both_genders else "ae" if feminine else "oi")[many]
            assert word.endswith(ending), (noun, word)


CUBE, SPHERE = {"shape": "cube", "colour": "red"}, {"shape": "sphere", "size": "small", "material": "metal"}
THING = {"colour": "yellow"}


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (then(those(CUBE), ("unique", ""), ("query", "material")), "Di che materiale è il cubo rosso?"),
        (then(those(THING), ("unique", ""), ("query", "shape")), "Che forma ha la cosa gialla?"),
        (then(those(SPHERE), ("count", "")), "Quante sfere piccole di metallo ci sono?"),
        (then(those(CUBE), ("count", "")), "Quanti cubi rossi ci sono?"),
        (
            then(those(SPHERE, then(those(CUBE), ("unique", ""), ("relate", "front"))), ("exist", "")),
            "C'è una sfera piccola di metallo davanti al cubo rosso?",
        ),
        (
            then(
                those(CUBE, then(those(THING), ("unique", ""), ("relate", "left"))), ("unique", ""), ("query", "size")
            ),
            "C'è un cubo rosso che è a sinistra della cosa gialla; che dimensione ha?",
        ),
        (
            both(then(those(CUBE), ("count", "")), then(those(THING), ("count", "")), "greater"),
            "Ci sono più cubi rossi che cose gialle?",
        ),
        (
            both(
                then(those(CUBE), ("unique", ""), ("query", "size")),
                then(those(SPHERE), ("unique", ""), ("query", "size")),
                "equal",
            ),
            "Il cubo rosso e la sfera piccola di metallo hanno la stessa dimensione?",
        ),
    ],
)
def test_italian_questions_agree_in_gender_and_number(program: tuple[Step, ...], said: str) -> None:
    assert italian.question(program) == said


def test_a_question_goes_from_thing_to_thing() -> None:
    place = then(those(THING), ("unique", ""), ("relate", "behind"))
    place = then(those(SPHERE, place), ("unique", ""), ("relate", "right"))
    program = then(those(CUBE, place), ("unique", ""), ("query", "size"))
    assert english.question(program) == (
        "There is a red cube that is right of the small metal sphere that is behind the yellow thing; what is its size?"
    )
    assert italian.question(program) == (
        "C'è un cubo rosso che è a destra della sfera piccola di metallo che è dietro la cosa gialla; che dimensione "
        "ha?"
    )


def test_what_no_question_asks_is_refused() -> None:
    with pytest.raises(ValueError, match="no question"):
        asked(those(CUBE))


@pytest.mark.parametrize("index", range(8))
def test_questions_by_chance_are_those_of_their_programs(index: int) -> None:
    for question in ask(sample_scene(6, index), np.random.default_rng(index)):
        assert question.text == english.question(question.program)
        assert italian.question(question.program).endswith("?")
