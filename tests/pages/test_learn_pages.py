"""The pages Pixels and Convolution, through app.py: what they say, check and remember; drags are for a browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pages_app import ROOT, opened, sound, words

from yolodash.ui.learn.convolution import page as convolution_page
from yolodash.ui.learn.pixels import page as pixels_page
from yolodash.ui.learn.pixels import shapes

STEPS = [
    *(("learn_pixels", step) for step in pixels_page.titles()),
    *(("learn_convolution", step) for step in convolution_page.titles()),
]
RIGHT = {
    "numbers": "black", "colours": "yellow", "shapes": "stack", "seeing": "vision", "field": "processing",
    "window": "upright", "stride": "208", "channels": "27-1", "library": "black", "own": "bright", "flip": "gaussian",
}  # fmt: skip


@pytest.mark.parametrize(("page", "step"), STEPS)
def test_every_step_opens_from_the_address_shows_its_code_and_checks_its_question(
    workspace: Path, page: str, step: str
) -> None:
    app = opened(page, step=step, sample="camera")  # a grey picture

    sound(app)
    assert any("def " in code.value for code in app.code)
    question = app.radio[0]
    assert len(question.options) == 3
    app.radio(key=str(question.key)).set_value(RIGHT[step]).run()
    sound(app)
    assert "Right." in app.success[0].value


def test_a_wrong_answer_is_explained_too(workspace: Path) -> None:
    app = opened("learn_convolution", step="stride")
    app.radio(key="question_convolution_stride").set_value("416").run()

    assert "207 + 1 = 208" in app.warning[0].value


@pytest.mark.parametrize("kind", shapes.kinds())
def test_every_shape_of_image_data_says_its_shape(workspace: Path, kind: str) -> None:
    sound(opened("learn_pixels", step="shapes", kind=kind))


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("learn_pixels", {"zoom": "nan", "middle": "1e999,2"}),
        ("learn_pixels", {"step": "shapes", "kind": "hologram", "place": "-1"}),
        ("learn_pixels", {"step": "colours", "at": "99999,1"}),
        ("learn_pixels", {"step": "seeing", "around": "101", "at": ","}),
        ("learn_convolution", {"matrix": "1,2;3", "kernel": "", "at": "x"}),
        ("learn_convolution", {"step": "stride", "stride": "0,0", "padding": "9,9"}),
        ("learn_convolution", {"step": "stride", "matrix": "1", "kernel": "1,1;1,1"}),
        ("learn_convolution", {"step": "own", "kernel": "1,1;1,1"}),
        ("learn_convolution", {"step": "channels", "filters": "1|2|3"}),
        ("learn_convolution", {"step": "library", "left": "<script>"}),
        ("learn_convolution", {"matrix": ";".join(["9" * 5000])}),
    ],
)
def test_an_address_that_makes_no_sense_is_passed_over(workspace: Path, page: str, address: dict[str, str]) -> None:
    sound(opened(page, **address))


def test_the_lectures_corrections_stand_where_they_belong(workspace: Path) -> None:
    def said(**address: str) -> str:
        return "\n".join(info.value for info in opened("learn_convolution", **address).info)

    assert "cross-correlation" in said(step="flip")
    assert "i = 5, k = 3, p = 1, s = 2" in said(step="stride")
    assert "1 6 5, 7 10 9, 7 10 8" in said(step="stride")


def test_the_steps_lead_into_one_another(workspace: Path) -> None:
    app = opened("learn_pixels")
    app.button(key="step_to_colours").click().run()

    sound(app)
    assert "three" in words(app)


@pytest.mark.parametrize("page", ["learn_pixels", "learn_convolution"])
def test_the_first_paint_loads_no_torch(workspace: Path, page: str) -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=120).run()\n"
        f"app.switch_page('pages/{page}.py').run()\n"
        "assert app.radio, app\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "False"
