"""The page Models as a person uses it: a wrong file, then a right one, and a look inside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

APP = Path(__file__).parents[2] / "app.py"


def test_a_wrong_file_gets_a_sentence_and_the_next_model_is_drawn(
    start_app: Callable[..., str], workspace: Path, asset: Callable[[str], Path], open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{start_app(APP)}/models")
    page.get_by_role("heading", name="Models").wait_for(timeout=60_000)
    page.get_by_text("Bring your own").first.click()
    upload = page.locator("input[type=file]").first

    upload.set_input_files(asset("models/traps-not-yolov5-detection/html-page__yolov5s.pt"))
    page.get_by_role("button", name="Check and keep").click()
    expect(page.get_by_text("This is a web page").first).to_be_visible()
    page.get_by_role("button", name="Remove html-page__yolov5s.pt").click()
    expect(page.get_by_role("button", name="Check and keep")).to_be_disabled()
    upload.set_input_files(asset("models/yolov5n-six-crops/best.pt"))
    page.get_by_role("button", name="Check and keep").click()

    expect(page.get_by_text("green_chilli").first).to_be_attached(timeout=60_000)
    expect(page.locator("svg text", has_text="SPPF").first).to_be_attached()
