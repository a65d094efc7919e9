"""The first page, through app.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pages_app import ROOT, opened, sound, words

PAGES = sorted((ROOT / "pages").glob("*.py"))


def test_the_app_opens_on_home_and_shows_a_picture_before_a_paragraph(workspace: Path) -> None:
    app = opened()

    sound(app)
    assert app.title[0].value == "See what a detector sees"
    assert app.main.children  # the picture's column comes first
    assert "glass box" in words(app)


def test_the_address_decides_the_language(workspace: Path) -> None:
    app = opened(lang="it")

    sound(app)
    assert app.session_state["language"] == "it"


@pytest.mark.parametrize("asked", ["xx", "", "../en", "IT"])
def test_a_language_that_is_none_is_passed_over(workspace: Path, asked: str) -> None:
    app = opened(lang=asked)

    sound(app)
    assert app.title[0].value == "See what a detector sees"


def test_showing_the_first_page_does_not_load_torch(workspace: Path) -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest;"
        "app = AppTest.from_file('app.py', default_timeout=60).run(); assert not app.exception;"
        "app.switch_page('pages/detect_image.py').run(); assert not app.exception;"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_makes_sure_that_the_app_surrounds_it(page: Path) -> None:
    assert "\nshell.enter()\n" in page.read_text(encoding="utf-8")
    assert f'st.Page("pages/{page.name}"' in (ROOT / "app.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_a_short_recipe(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= 80
