"""The page Reasoning, through app.py: answers, mistakes that change them, and programs from blocks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pages_app import ROOT, opened, sound, words
from streamlit.testing.v1 import AppTest

RIGHT = {"answer": "networks", "mistake": "unused", "blocks": "kind"}


def looked(**address: str) -> AppTest:
    """The page when the networks have looked: the first run of a fresh process ends with the picture."""
    app = opened("reasoning", **address)
    app.run()
    sound(app)
    return app


def drawn(app: AppTest) -> dict[str, Any]:
    """What the browser draws."""
    [component] = app.get("bidi_component")
    data: dict[str, Any] = json.loads(component.proto.json)
    return data


@pytest.mark.parametrize("step", RIGHT)
def test_every_step_shows_its_code_and_checks_its_question(workspace: Path, step: str) -> None:
    app = looked(step=step)

    assert any("def " in code.value for code in app.code)
    [question] = app.radio
    app.radio(key=str(question.key)).set_value(RIGHT[step]).run()
    sound(app)
    assert "Right." in app.success[0].value


@pytest.mark.parametrize(("scene", "answer", "steps"), [("cube", "cube", 4), ("blue", "blue", 18)])
def test_the_lectures_questions_are_answered_by_what_the_networks_find(
    workspace: Path, scene: str, answer: str, steps: int
) -> None:
    shown = drawn(looked(scene=scene))

    assert len(shown["steps"]) == steps
    assert shown["steps"][-1]["given"] == answer
    assert shown["right"]
    assert "right, as in the scene" in shown["verdict"]
    assert not shown["missed"]


def test_a_mistake_made_by_hand_changes_the_answer_and_is_explained(workspace: Path) -> None:
    app = looked(step="mistake")
    number = drawn(app)["steps"][1]["play"][0]  # the red cube's
    app.button(key=f"reasoning_try_{number}").click().run()

    sound(app)
    shown = drawn(app)
    assert not shown["right"]
    assert "no answer" in shown["verdict"]
    assert [one["title"] for one in shown["missed"]] == ["large red rubber cube"]
    assert "Not found: large red rubber cube" in app.warning[0].value

    app.selectbox(key=f"reasoning_mistake_cube_{number}").select_index(0).run()
    assert drawn(app)["right"]


def test_a_link_repeats_the_mistake_and_a_threshold_above_all_leaves_nothing(workspace: Path) -> None:
    number = drawn(looked())["steps"][1]["play"][0]
    shown = drawn(looked(step="mistake", changes=f"{number}:shape=sphere"))
    assert "sphere – wrong, in the scene it is: cube" in shown["verdict"]
    assert [step["wrong"] for step in shown["steps"]] == [False, False, False, True]

    nothing = drawn(looked(step="mistake", score="0.99"))
    assert nothing["things"] == []
    assert "no answer" in nothing["verdict"]


def test_a_program_is_built_from_the_blocks_that_fit(workspace: Path) -> None:
    app = looked(step="blocks")
    offered = {str(button.key) for button in app.button}
    assert "reasoning_add_count" in offered
    assert not {"reasoning_add_equal", "reasoning_add_query:shape", "reasoning_add_scene"} & offered

    app.button(key="reasoning_add_count").click().run()
    sound(app)
    shown = drawn(app)
    assert shown["steps"][-1]["given"] == "2"
    assert shown["right"]
    assert {str(button.key) for button in app.button if "_add_" in str(button.key)} == {"reasoning_add_scene"}


@pytest.mark.parametrize(
    "address",
    [
        {"scene": "99", "question": "x", "at": "-1"},
        {"step": "mistake", "changes": "1:shape=pyramid", "score": "nan"},
        {"step": "mistake", "changes": "77"},
        {"step": "blocks", "program": "count,count"},
        {"step": "blocks", "program": ""},
    ],
)
def test_an_address_that_makes_no_sense_is_passed_over(workspace: Path, address: dict[str, str]) -> None:
    looked(**address)


@pytest.mark.usefixtures("no_bundled_models")
def test_without_the_bundled_networks_the_program_runs_on_the_truth(workspace: Path) -> None:
    app = looked()

    assert "not installed" in app.info[0].value
    assert drawn(app)["right"]


def test_the_first_paint_shows_the_picture_and_imports_no_torch(workspace: Path) -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=120).run()\n"
        "app.switch_page('pages/reasoning.py').run()\n"
        "assert app.get('image') and not app.exception and not app.error\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "False"


def test_home_shows_the_path_with_what_was_done_and_the_teachers_switch(workspace: Path) -> None:
    app = opened()
    app.session_state["path_seen"] = {"learn_yolo"}
    app.session_state["lesson_answers"] = {"yolo_nms": True, "yolo_iou": False}
    app.run()

    sound(app)
    said = words(app)
    assert "1 of 7 pages of the lecture visited · 1 question answered rightly" in said
    assert "1 of 2 answers right" in said

    app.toggle[0].set_value(True).run()
    sound(app)
    assert app.session_state["lesson_teacher"]


def test_in_teachers_mode_type_is_large_and_a_presenters_keys_go_on_beyond_the_page(workspace: Path) -> None:
    app = opened(teacher="1")
    assert any("Page Down" in caption.value for caption in app.sidebar.caption)
    assert any("font-size: 20px" in element.proto.body for element in app.get("html"))

    app.session_state["path_now"] = "learn_metrics"
    app.switch_page("pages/learn_metrics.py").run()
    sound(app)
    keys = {str(button.key): button.proto.shortcut for button in app.button if button.proto.shortcut}
    assert keys == {"page_to_learn_loss": "pageup", "step_to_ranking": "pagedown"}


def test_questions_and_answers_are_in_the_language_of_the_page_under_the_same_address(workspace: Path) -> None:
    english = looked(scene="3", question="2")
    italian = opened("reasoning", scene="3", question="2", lang="it")  # one run: AppTest reads options in English
    sound(italian)
    first, second = (app.selectbox(key="reasoning_question_3") for app in (english, italian))

    assert first.value == second.value == 2
    assert len(first.options) == len(second.options)
    assert not {*first.options} & {*second.options}
    assert all(re.match(r"(What|There|How|Is|Are|Do) .+\?$", text) for text in first.options)
    assert all(re.match(r"(Di che|Che|C'è|Quant[ie]|Ci sono più|Il|La) .+\?$", text) for text in second.options)
    assert drawn(english)["question"] == first.options[1]
    assert drawn(italian)["question"] == second.options[1]
    assert [step["call"] for step in drawn(english)["steps"]] == [step["call"] for step in drawn(italian)["steps"]]

    sizes = opened("reasoning", step="blocks", program="scene,filter:colour=red,unique,query:size", lang="it")
    assert drawn(sizes)["steps"][-1]["given"] == "grande"
    assert any("cubo grande rosso di gomma" in thing["title"] for thing in drawn(sizes)["things"])
