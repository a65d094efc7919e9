"""The page Detect – video as a person uses it: watch, step, move the sliders, jump, take the video along, play that."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from yolodash.inference.kept_frames import candidates_of
from yolodash.inference.selection import judge
from yolodash.runs.watched import open_watched
from yolodash.structures import Thresholds
from yolodash.ui.video.source import SAMPLE_FOLDER

pytestmark = pytest.mark.browser

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def page(start_app: Callable[..., str], workspace: Path, open_page: Callable[..., Page]) -> Page:
    """The page with the sample, drawn; a jump from frame to frame is noted by the player itself."""
    opened = open_page(f"{start_app(APP)}/detect_video")
    opened.locator(".player .timeline").wait_for(timeout=90_000)
    opened.wait_for_function("document.querySelector('.stApp')?.dataset.testScriptState !== 'running'")
    expect(opened.locator(".player .found")).to_contain_text("Objects found", timeout=60_000)
    expect(opened.locator(".player .objects th").first).to_be_visible()
    return opened


def told(page: Page, expression: str, value: Any = None) -> Any:
    """Something that the player knows."""
    program = f"(root, value) => {{ const player = root.player; return {expression}; }}"
    return page.locator(".player").evaluate(program, value)


def wait_until(page: Page, expression: str) -> None:
    end = time.monotonic() + 30
    while not told(page, expression):
        assert time.monotonic() < end, f"{expression} did not come true"
        page.wait_for_timeout(50)


def test_the_sample_plays_steps_jumps_and_follows_the_sliders_frame_by_frame(page: Page) -> None:
    page.locator(".player .play").click()
    wait_until(page, "player.video.currentTime > 0.3 && player.frame > 5")
    page.locator(".player .play").click()
    wait_until(page, "player.video.paused")
    page.wait_for_timeout(300)

    before = told(page, "player.frame")
    for _ in range(3):
        page.locator(".player .forward").click()
    wait_until(page, f"player.frame === {before + 3}")
    frame, media, seconds = told(page, "[player.frame, player.shownAt, player.frames.seconds[player.frame]]")
    assert media == pytest.approx(seconds, abs=1e-3), f"frame {frame} is drawn on another picture"

    timeline = page.locator(".player .timeline")
    box = timeline.bounding_box()
    assert box is not None
    timeline.click(position={"x": box["width"] - 2, "y": 10})
    wait_until(page, "player.frame >= 98")

    slider = page.locator(".player input[type=range]").first
    area = slider.bounding_box()
    assert area is not None
    found = told(page, "player.selection.detections.length")
    page.mouse.move(area["x"] + area["width"] * 0.25, area["y"] + area["height"] / 2)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] * 0.99, area["y"] + area["height"] / 2, steps=4)
    fewer = told(page, "player.selection.detections.length")
    assert fewer < found, "the boxes follow the slider while it is held"
    wait_until(page, "player.counts.complete && player.counts.thresholds.score_threshold > 0.9")
    page.mouse.up()
    page.wait_for_function("new URL(location).searchParams.get('score') > 0.9")


def test_the_browser_finds_what_python_finds_on_any_frame_at_any_thresholds(page: Page) -> None:
    watched = open_watched(SAMPLE_FOLDER)
    assert watched is not None
    frames = list(watched.frames())
    for number in (0, 37, 63, 99):
        for score, nms, labels in ((0.02, 0.45, "best"), (0.1, 0.7, "all"), (0.25, 0.45, "best"), (0.6, 0.3, "all")):
            thresholds = Thresholds(score, nms, labels=labels)  # type: ignore[arg-type]
            found = judge(candidates_of(frames[number], watched.model), thresholds).detections
            values = {"score_threshold": score, "nms_iou_threshold": nms, "labels": labels}
            theirs = told(page, "player.selectionFor(value[0], value[1])", [number, values])
            own = frames[number].candidate[found.candidate_index].tolist()
            assert [pair[:2] for pair in theirs] == [
                list(pair) for pair in zip(own, found.class_ids.tolist(), strict=True)
            ]
            assert np.array_equal(np.array([pair[2] for pair in theirs], np.float32), found.scores)


def test_a_line_counts_who_crosses_it_and_the_video_that_one_takes_along_plays(page: Page) -> None:
    page.locator(".player .line").click()
    expect(page.locator(".player .crossed")).to_contain_text("A→B 1", timeout=60_000)
    page.wait_for_function("new URL(location).searchParams.has('line')")
    page.get_by_text("Take it with you").click()
    page.get_by_role("button", name="Make the video with these boxes").click()
    page.get_by_role("button", name="Download the video").wait_for(timeout=120_000)
    video = page.locator("video").last
    video.evaluate("async (video) => { video.muted = true; await video.play(); }")
    end = time.monotonic() + 20
    while video.evaluate("(video) => video.currentTime") < 0.3:
        assert time.monotonic() < end, "the video does not play"
        page.wait_for_timeout(100)
    assert video.evaluate("(video) => [video.videoWidth, video.videoHeight]") == [480, 360]
