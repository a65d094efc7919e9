"""Programs that answer questions about things: their steps, what each takes and gives, and how they run.

A program is a list of steps; each step works on what earlier steps gave. Its words are CLEVR's (Johnson et al., 2017):
``scene``, ``filter``, ``relate``, ``unique``, ``query``, ``count``, ``exist``, ``equal``, ``greater``. A program runs
on a ``World``: what is true of a scene, or what networks say of its picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from yolodash.scenes.blocks import COLOURS, HALF_SIDE, MATERIALS, SHAPES

Function = Literal["scene", "filter", "relate", "unique", "query", "count", "exist", "equal", "greater"]
FUNCTIONS: tuple[Function, ...] = get_args(Function)
Relation = Literal["left", "right", "behind", "front"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)
ATTRIBUTES = ("size", "colour", "material", "shape")
VALUES: dict[str, tuple[str, ...]] = {
    "size": tuple(HALF_SIDE),
    "colour": tuple(COLOURS),
    "material": MATERIALS,
    "shape": SHAPES,
}
"""What each attribute can be."""
THINGS, THING, NUMBER, TRUTH = "things", "thing", "number", "truth"
"""Kinds of results; the kind of a word is the attribute that it is of."""
LONGEST = 40
"""Steps of a program that is read from text."""


@dataclass(frozen=True)
class Step:
    """One step of a program.

    Attributes:
        function: what it does.
        inputs: numbers of the earlier steps that it works on.
        value: of ``filter`` ``"colour=red"``, of ``relate`` a relation, of ``query`` an attribute; else empty.
    """

    function: Function
    inputs: tuple[int, ...] = ()
    value: str = ""


@dataclass(frozen=True)
class World:
    """The things that a program speaks of, by their numbers from 0.

    Attributes:
        descriptions: the four attributes of each thing.
        relations: for each thing those that are left of it, and so on.
    """

    descriptions: Sequence[Mapping[str, str]]
    relations: Mapping[Relation, Sequence[Sequence[int]]]


class NoSingleThingError(ValueError):
    """A program spoke of "the" thing where there is none, or more than one."""


@dataclass(frozen=True)
class Trace:
    """How far a program came.

    Attributes:
        results: what each step gave: a list of things, one thing, a word, a count or a truth.
        finished: whether every step could run; else a ``unique`` met another number of things than one.
    """

    results: tuple[Any, ...]
    finished: bool

    @property
    def answer(self) -> str | None:
        """The last result as one says it; None where the program stopped before, or has no steps."""
        return spoken(self.results[-1]) if self.finished and self.results else None


def follow(program: Sequence[Step], world: World) -> Trace:
    """Run a program as far as it goes."""
    results: list[Any] = []
    try:
        for result in steps_of(program, world):
            results.append(result)
    except NoSingleThingError:
        return Trace(tuple(results), False)
    return Trace(tuple(results), True)


def steps_of(program: Sequence[Step], world: World) -> Iterator[Any]:
    """What every step gives, one after the other.

    Raises:
        NoSingleThingError: a ``unique`` step met another number of things than one.
    """
    results: list[Any] = []
    for step in program:
        results.append(run(step, [results[i] for i in step.inputs], world))
        yield results[-1]


def run(step: Step, inputs: Sequence[Any], world: World) -> Any:
    """What one step gives for its inputs.

    Raises:
        NoSingleThingError: a ``unique`` step met another number of things than one.
    """
    match step.function:
        case "scene":
            return list(range(len(world.descriptions)))
        case "filter":
            attribute, wanted = step.value.split("=")
            return [i for i in inputs[0] if world.descriptions[i][attribute] == wanted]
        case "relate":
            return list(world.relations[cast(Relation, step.value)][inputs[0]])
        case "unique":
            if len(inputs[0]) != 1:
                raise NoSingleThingError(f"{len(inputs[0])} blocks where one is meant")
            return inputs[0][0]
        case "query":
            return world.descriptions[inputs[0]][step.value]
        case "count":
            return len(inputs[0])
        case "exist":
            return bool(inputs[0])
        case "equal":
            return bool(inputs[0] == inputs[1])
        case "greater":
            return bool(inputs[0] > inputs[1])


def spoken(value: Any) -> str:
    """A result as one says it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def kinds(program: Sequence[Step]) -> list[str]:
    """The kind of what each step gives."""
    return [_gives(step) for step in program]


def _gives(step: Step) -> str:
    if step.function in ("scene", "filter", "relate"):
        return THINGS
    if step.function == "query":
        return step.value
    return {"unique": THING, "count": NUMBER}.get(step.function, TRUTH)


def open_results(program: Sequence[Step]) -> list[int]:
    """The steps whose results no later step has used."""
    used = {place for step in program for place in step.inputs}
    return [place for place in range(len(program)) if place not in used]


def is_whole(program: Sequence[Step]) -> bool:
    """Whether it ends in one answer: a word, a number or a truth."""
    left = open_results(program)
    return len(left) == 1 and kinds(program)[left[0]] not in (THINGS, THING)


def fitting(program: Sequence[Step]) -> list[Step]:
    """Every step that can come next, so that each program can be brought to an end."""
    if len(program) >= LONGEST:
        return []
    left, given = open_results(program), kinds(program)
    if not left:
        return [Step("scene")]
    tops = [given[place] for place in left]
    wanted = tops[-2] if len(left) > 1 else None  # what the result will be compared with
    if tops[-1] == THINGS:
        return _on_things(left[-1], wanted)
    if tops[-1] == THING:
        return _on_a_thing(left[-1], wanted)
    if wanted is None:
        return [Step("scene")] if tops[-1] != TRUTH else []  # a word or a number can be compared with another
    pair = (left[-2], left[-1])
    return [Step("equal", pair), *([Step("greater", pair)] if wanted == NUMBER else [])]


def _on_things(last: int, wanted: str | None) -> list[Step]:
    filters = [Step("filter", (last,), f"{name}={word}") for name, words in VALUES.items() for word in words]
    ends = [Step("unique", (last,))]
    if wanted in (None, NUMBER):
        ends.append(Step("count", (last,)))
    if wanted is None:
        ends.append(Step("exist", (last,)))
    return filters + ends


def _on_a_thing(last: int, wanted: str | None) -> list[Step]:
    relate = [Step("relate", (last,), relation) for relation in RELATIONS]
    return relate + [Step("query", (last,), name) for name in ATTRIBUTES if wanted in (None, name)]


def written(program: Sequence[Step]) -> str:
    """A program as text, without its inputs: ``scene,filter:colour=red,unique,query:shape``."""
    return ",".join(f"{step.function}:{step.value}" if step.value else step.function for step in program)


def read(text: str) -> tuple[Step, ...]:
    """A program from its text; each step works on the last open results.

    Raises:
        ValueError: a step does not fit what comes before it.
    """
    program: list[Step] = []
    for part in filter(None, text.split(",")):
        function, _, value = part.partition(":")
        step = next((step for step in fitting(program) if (step.function, step.value) == (function, value)), None)
        if step is None:
            raise ValueError(part)
        program.append(step)
    return tuple(program)
