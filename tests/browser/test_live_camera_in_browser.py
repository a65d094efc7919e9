"""The live camera in a real browser, on the picture of a clock that Chromium has for tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

APP = Path(__file__).parents[2] / "app.py"


def test_a_camera_is_answered_live_stops_asks_why_and_says_when_it_may_not(
    start_app: Callable[..., str], workspace: Path, open_page: Callable[..., Page]
) -> None:
    address = f"{start_app(APP)}/detect_video?video=camera"
    page = open_page(address, permissions=["camera"])
    page.locator(".live-camera .start").click()
    watch_it(page)
    page.locator(".live-camera .stop").click()
    expect(page.locator(".live-camera .start")).to_be_visible()
    assert told(page, "root.camera.stream === null && root.querySelector('video').srcObject === null")
    assert not list(workspace.rglob("*.jpg")), "nothing is kept of what was only looked at"

    page.locator(".live-camera .start").click()
    watch_it(page)
    page.locator(".live-camera .keep").click()
    expect(page.get_by_role("heading", name="Detect objects in an image")).to_be_visible()
    page.wait_for_function("new URL(location).searchParams.get('sample')?.startsWith('upload:')")

    other = open_page(address)
    other.locator(".live-camera .start").click()
    expect(other.locator(".live-camera .problem")).to_contain_text("does not allow this page the camera")
    expect(other.locator(".live-camera .start")).to_be_enabled()


def watch_it(page: Page) -> None:
    """Until answers came: numbers are shown, boxes are drawn, and moving a slider empties the picture."""
    expect(page.locator(".live-camera .rate")).to_contain_text("frames a second", timeout=90_000)
    speed = told(page, "root.camera.speed")
    assert speed["rate"] > 0
    assert speed["latency"] > speed["network"] > 0
    expect(page.locator(".live-camera .latency")).to_contain_text("latency")
    assert told(page, "root.camera.video.videoWidth > 0 && !root.camera.video.paused")
    assert told(page, DRAWN) == told(page, "root.camera.selection.detections.length > 0")
    told(page, "root.camera.change({ score_threshold: 0.01 })")
    assert told(page, DRAWN)
    told(page, "root.camera.change({ score_threshold: 1 })")
    assert not told(page, DRAWN)


DRAWN = (
    "(({ width, height }) => root.querySelector('.boxes').getContext('2d').getImageData(0, 0, width, height).data"
    ".some((value) => value > 0))(root.querySelector('.boxes'))"
)


def told(page: Page, expression: str) -> object:
    """Something that the view knows."""
    return page.locator(".live-camera").evaluate(f"(root) => {expression}")
