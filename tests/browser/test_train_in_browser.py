"""The page Train as a person uses it: from nothing to a run, in one click."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from yolodash.runs.folders import read_run
from yolodash.runs.state import kill, read_state

APP = Path(__file__).parents[2] / "app.py"
PATIENCE = 240
LEAVING = "Bad delta path index"
"""Streamlit's own error where a part that refreshes itself still reports while the page is left for another."""


def test_scenes_are_made_and_trained_on_by_one_click(
    start_app: Callable[..., str], open_page: Callable[..., Page], workspace: Path
) -> None:
    small = "from=new:yolov5p&size=64&batch=4&epochs=1&device=cpu&workers=0"
    page = open_page(f"{start_app(APP)}/train?{small}", known=LEAVING)

    expect(page.get_by_role("img", name="The network as a picture")).to_be_visible()
    pictures = page.get_by_label("Pictures", exact=True)
    pictures.fill("12")
    pictures.press("Enter")
    page.get_by_label("Size in pixels").first.click()
    page.get_by_role("option", name="64×64").click()
    expect(page.get_by_text("Make 12 scenes and train yolov5p")).to_be_visible()
    page.get_by_role("button", name="all but the head").click()
    expect(page.locator(".node.frozen").nth(23)).to_be_attached()
    run = workspace / "runs" / "yolov5p-scenes-12-seed-0-64x64"
    expect(page.get_by_label("Name of the run")).to_have_value(run.name)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.get_by_role("button", name="Make the scenes and train").click()

    expect(page.get_by_text("Drawing scenes-12-seed-0-64x64")).to_be_visible(timeout=PATIENCE * 1000)
    page.wait_for_url(f"**/runs?run={run.name}*", timeout=PATIENCE * 1000)
    end = time.monotonic() + PATIENCE
    while read_state(run).state not in ("finished", "failed") and time.monotonic() < end:
        time.sleep(0.5)
    kill(run)
    assert read_state(run).state == "finished"
    assert read_run(run)["options"]["freeze"] == 24
