"""Programs as text and as blocks: whatever fits leads to a valid program, and what is written is read again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yolodash.scenes import programs
from yolodash.scenes.lecture import blue_scene, cube_scene
from yolodash.scenes.programs import RELATIONS, Step, World, fitting, follow, is_whole, kinds, open_results, read
from yolodash.scenes.questions import ask, world_of
from yolodash.scenes.sampling import sample_scene

CUBE = {"size": "large", "colour": "red", "material": "rubber", "shape": "cube"}
BALL = {"size": "small", "colour": "blue", "material": "metal", "shape": "sphere"}
ROW = World([CUBE, BALL], {"left": [[], [0]], "right": [[1], []], "behind": [[], []], "front": [[], []]})


@settings(max_examples=40)
@given(st.lists(st.integers(0, 1000), max_size=45))
def test_whatever_fits_can_be_added_written_read_and_run(choices: list[int]) -> None:
    program: tuple[Step, ...] = ()
    for choice in choices:
        options = fitting(program)
        if not options:
            break
        program = (*program, options[choice % len(options)])

    assert read(programs.written(program)) == program
    assert len(open_results(program)) <= 2
    trace = follow(program, ROW)
    assert len(trace.results) <= len(program)
    assert trace.finished == (len(trace.results) == len(program))


def test_no_program_leads_to_a_dead_end() -> None:
    """From each program there is a way to one answer: a result that waits can always be met by one of its kind."""
    for text in ("scene,count", "scene,unique,query:shape", "scene,filter:colour=red,unique,query:size"):
        program = (*read(text), Step("scene"))
        assert kinds(program)[-1] == programs.THINGS
        ends = {step.function for step in fitting(program)}
        assert "unique" in ends
        assert ("count" in ends) == (kinds(read(text))[-1] == programs.NUMBER)
        assert "exist" not in ends
        thing = (*program, Step("unique", (len(program) - 1,)))
        asked = {step.value for step in fitting(thing) if step.function == "query"}
        assert asked == {kinds(read(text))[-1]} - {programs.NUMBER}


@pytest.mark.parametrize(
    "text",
    [
        "count",
        "scene,query:shape",
        "scene,filter:colour=pink",
        "scene,unique,count",
        "scene,exist,scene",
        "scene,relate:up",
    ],
)
def test_text_that_is_no_program_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text.split(",")[-1]):
        read(text)


def test_every_question_that_is_asked_can_be_built_from_blocks() -> None:
    asked = [question for _, question in (cube_scene(), blue_scene())]
    asked += [question for index in range(4) for question in ask(sample_scene(6, index), np.random.default_rng(index))]
    for question in asked:
        assert read(programs.written(question.program)) == question.program
        assert is_whole(question.program)


def test_a_program_that_meets_no_single_thing_stops_there_and_has_no_answer() -> None:
    trace = follow(read("scene,unique,query:shape"), ROW)

    assert (trace.results, trace.finished, trace.answer) == (([0, 1],), False, None)


def test_the_same_program_answers_a_world_of_words_as_it_answers_a_scene() -> None:
    assert follow(read("scene,filter:shape=sphere,unique,relate:left,unique,query:colour"), ROW).answer == "red"
    for scene, question in (cube_scene(), blue_scene()):
        world = world_of(scene)
        assert set(world.relations) == set(RELATIONS)
        assert follow(question.program, world).answer == question.answer
