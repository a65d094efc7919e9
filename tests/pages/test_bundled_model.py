"""A fresh start needs no click and no network: the bundled model's boxes are there, and torch is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pages_app import ROOT, opened, sound, words

from yolodash.models import catalogue


def test_home_shows_what_the_bundled_model_found(workspace: Path) -> None:
    app = opened()

    sound(app)
    assert "The bundled model found:" in words(app).replace("\\", "")
    assert not workspace.exists() or not (workspace / "models").exists()


def test_detect_opens_with_the_bundled_model_on_its_own_sample_and_runs_nothing(workspace: Path) -> None:
    app = opened("detect_image")
    app.run()  # the first run of a fresh process may end with the picture

    sound(app)
    assert (app.selectbox(key="model").value, app.selectbox(key="sample").value) == ("scenes", "scene")
    said = words(app).replace("\\", "")
    assert "(36·48 + 18·24 + 9·12)·3 = 6,804" in said
    assert "The network has run 0 times in this tab" in said
    assert "This result comes with YoloDash" in said
    assert "sample" not in app.query_params
    assert app.query_params["model"] == "scenes"


def test_another_size_is_answered_by_the_network_itself(workspace: Path) -> None:
    app = opened("detect_image", size="416")
    app.run()

    sound(app)
    said = words(app).replace("\\", "")
    assert "The network has run 1 time in this tab" in said
    assert "This result comes with YoloDash" not in said


def test_a_picture_that_nobody_chose_follows_the_model_and_a_chosen_one_stays(workspace: Path) -> None:
    (workspace / "models").mkdir(parents=True)
    (workspace / "models" / "broken.pt").write_bytes(b"no model")
    app = opened("detect_image")
    app.run()
    app.selectbox(key="model").set_value("broken").run()
    assert app.selectbox(key="sample").value == "coffee"
    app.selectbox(key="model").set_value("scenes").run()
    assert app.selectbox(key="sample").value == "scene"

    app.selectbox(key="sample").set_value("coins").run()
    app.selectbox(key="model").set_value("broken").run()
    assert app.selectbox(key="sample").value == "coins"
    assert app.query_params["sample"] == "coins"


def test_the_catalogue_begins_with_what_comes_with_the_program(workspace: Path) -> None:
    app = opened("models", section="catalogue")

    sound(app)
    assert app.subheader[0].value == "Comes with YoloDash"
    said = words(app).replace("\\", "")
    for name in ("scenes", "attributes"):
        card = catalogue.card_of(name)
        assert f"**{name}**" in said
        assert f"{card.parameters:,}" in said
        assert f"| {card.figures[next(iter(card.figures))]:.3f} |" in said


@pytest.mark.parametrize("page", ["", "detect_image", "evaluate", "models"])
def test_the_first_run_of_a_page_shows_results_and_imports_no_torch(workspace: Path, page: str) -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=120).run()\n"
        f"page = {page!r}\n"
        "app = app.switch_page(f'pages/{page}.py').run() if page else app\n"
        "assert not app.exception and not app.error\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "False"


def test_no_other_page_imports_torch_before_it_is_asked_to_look(workspace: Path) -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=120).run()\n"
        "for page in ('runs', 'compare', 'datasets', 'annotate', 'augment', 'detect_video'):\n"
        "    app = app.switch_page(f'pages/{page}.py').run()\n"
        "    assert not app.exception and not app.error, page\n"
        "    assert 'torch' not in sys.modules, page"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
