"""Programs over detections whose truth is known: right eyes answer rightly, a wrong detection is answered wrongly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from yolodash.inference.reasoning import (
    Change,
    Finding,
    find,
    first_difference,
    in_play,
    matched,
    perfect,
    related,
    telling_changes,
    world_of,
)
from yolodash.scenes import questions
from yolodash.scenes.lecture import blue_scene, cube_scene
from yolodash.scenes.programs import follow
from yolodash.scenes.rendering import Rendered, trace
from yolodash.scenes.truth import seen_blocks
from yolodash.scenes.writing import DrawnScene

WORDS = {"size": "large", "colour": "red", "material": "rubber", "shape": "cube"}


def traced(made=cube_scene) -> tuple[DrawnScene, questions.Question]:  # type: ignore[no-untyped-def]
    """A lecture's scene with its exact boxes; no light is worked out."""
    scene, question = made()
    looked = trace(scene)
    blank = np.zeros((scene.size.height, scene.size.width, 3), np.uint8)
    return DrawnScene(scene, Rendered(blank, looked.seen, looked.alone), seen_blocks(looked)), question


def test_eyes_without_mistakes_give_the_lectures_answers() -> None:
    for made in (cube_scene, blue_scene):
        drawn, question = traced(made)
        findings = perfect(drawn)
        found = follow(question.program, world_of(findings))
        true = follow(question.program, questions.world_of(drawn.scene))

        assert found.answer == question.answer
        shows = matched(findings, drawn.seen)
        assert shows == [one.block for one in drawn.seen]
        assert first_difference(question.program, true, found, shows) is None


def test_a_wrong_word_gives_a_wrong_answer_and_the_step_that_reads_it_is_named() -> None:
    drawn, question = traced()
    kept = in_play(perfect(drawn), 0.25, [Change(1, "shape", "sphere")])
    found = follow(question.program, world_of(kept))
    true = follow(question.program, questions.world_of(drawn.scene))

    assert (found.answer, true.answer) == ("sphere", "cube")
    assert first_difference(question.program, true, found, matched(kept, drawn.seen)) == 3


def test_a_missed_thing_leaves_no_answer() -> None:
    drawn, question = traced()
    kept = in_play(perfect(drawn), 0.25, [Change(1)])
    found = follow(question.program, world_of(kept))

    assert found.answer is None
    assert [one.number for one in kept] == [2, 3, 4]


def test_a_thing_that_is_not_there_makes_the_one_meant_doubtful() -> None:
    drawn, question = traced()
    ghost = Finding(5, (5.0, 5.0, 25.0, 25.0), 0.9, WORDS)
    found = follow(question.program, world_of([*perfect(drawn), ghost]))

    assert found.answer is None
    assert matched([ghost], drawn.seen) == [None]


def test_a_block_is_found_once() -> None:
    drawn, _ = traced()
    findings = perfect(drawn)
    assert matched([*findings, replace(findings[0], number=9)], drawn.seen)[-1] is None


def test_the_mistakes_that_change_an_answer_do_and_the_others_do_not() -> None:
    drawn, question = traced()
    findings = perfect(drawn)
    telling = telling_changes(question.program, findings, 0.25)

    assert telling[Change(1)] is None
    assert telling[Change(1, "shape", "cylinder")] == "cylinder"
    assert telling[Change(2, "colour", "red")] is None  # two red things
    assert Change(2) not in telling
    assert Change(1, "material", "metal") not in telling
    for change, after in telling.items():
        assert follow(question.program, world_of(in_play(findings, 0.25, [change]))).answer == after != "cube"


def test_only_blocks_above_the_threshold_are_in_play() -> None:
    findings = [
        Finding(1, (0, 0, 9, 9), 0.9, WORDS),
        Finding(2, (20, 0, 29, 9), 0.8, WORDS, is_block=False),
        Finding(3, (40, 0, 49, 9), 0.25, WORDS),
    ]
    assert [one.number for one in in_play(findings, 0.25)] == [1]


def test_places_are_read_off_the_boxes_and_opposites_mirror_each_other() -> None:
    near = Finding(1, (10, 60, 40, 100), 0.9, WORDS)
    far = Finding(2, (60, 20, 80, 50), 0.9, WORDS)

    assert related([near, far], "behind") == [[1], []]
    assert related([near, far], "right") == [[1], []]
    for one, other in (("left", "right"), ("behind", "front")):
        assert related([near, far], one) == related([far, near], other)  # type: ignore[arg-type]
    assert related([], "left") == []


def test_the_bundled_networks_answer_the_lectures_short_question() -> None:
    from yolodash.inference.prediction import predict
    from yolodash.models.catalogue.bundled import DETECTOR, weights_of
    from yolodash.models.loading import load_model
    from yolodash.scenes.rendering import render

    scene, question = cube_scene()
    image = render(scene).image
    kept = in_play(find(image, predict(load_model(weights_of(DETECTOR)), image)), 0.25)

    assert follow(question.program, world_of(kept)).answer == "cube"
    assert len(kept) == len(scene.blocks)
