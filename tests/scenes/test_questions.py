"""Questions have the answers that their programs give, and the lecture's two have the lecture's."""

from __future__ import annotations

import numpy as np
import pytest

from yolodash.scenes.lecture import blue_scene, cube_scene
from yolodash.scenes.programs import NoSingleThingError, Step
from yolodash.scenes.questions import answer, ask
from yolodash.scenes.rendering import trace
from yolodash.scenes.sampling import sample_scene
from yolodash.scenes.truth import description, related, seen_blocks


@pytest.mark.parametrize("index", range(15))
def test_every_question_has_its_own_words_and_the_answer_of_its_program(index: int) -> None:
    scene = sample_scene(6, index)
    questions = ask(scene, np.random.default_rng(index))

    assert len(questions) >= 3
    assert len({question.text for question in questions}) == len(questions)
    assert all(answer(question.program, scene) == question.answer for question in questions)


def test_the_same_chance_asks_the_same_questions() -> None:
    scene = sample_scene(6, 1)

    assert ask(scene, np.random.default_rng(3)) == ask(scene, np.random.default_rng(3))


def test_a_program_is_worked_out_step_by_step() -> None:
    scene = cube_scene()[0]
    count = (Step("scene"), Step("filter", (0,), "shape=sphere"), Step("count", (1,)))
    more = (*count, Step("filter", (0,), "shape=cube"), Step("count", (3,)), Step("greater", (2, 4)))

    assert answer(count, scene) == "2"
    assert answer(more, scene) == "yes"
    with pytest.raises(NoSingleThingError):
        answer((*count[:2], Step("unique", (1,))), scene)


@pytest.mark.parametrize(("made", "expected"), [(cube_scene(), "cube"), (blue_scene(), "blue")])
def test_the_lectures_questions_have_the_lectures_answers_on_blocks_that_are_all_visible(made, expected) -> None:  # type: ignore[no-untyped-def]
    scene, question = made

    assert question.answer == answer(question.program, scene) == expected
    assert [one.block for one in seen_blocks(trace(scene))] == list(range(len(scene.blocks)))


def test_the_chain_of_the_blue_question_is_what_a_person_would_follow() -> None:
    scene, question = blue_scene()
    kinds = [tuple(description(block).values()) for block in scene.blocks]
    green = kinds.index(("large", "green", "rubber", "cylinder"))
    (cyan,) = [i for i in related(scene, "left")[green] if kinds[i][:2] == ("small", "cyan")]
    (ball,) = [i for i in related(scene, "behind")[cyan] if kinds[i][2:] == ("rubber", "sphere")]
    (large,) = [i for i in related(scene, "right")[ball] if kinds[i][0] == "large" and kinds[i][3] == "sphere"]

    assert kinds[large][1] == question.answer
