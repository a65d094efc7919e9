"""What is dragged and stepped through on the pages Metrics, Network and Reasoning, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

APP = Path(__file__).parents[2] / "app.py"


def drag(page: Page, selector: str, dx: float, dy: float = 0.0) -> None:
    """Take a thing near its lower edge, and move it by so many pixels of the screen."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] - 10
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=8)
    page.mouse.up()


def test_a_prediction_dragged_away_changes_its_name_and_is_found_again_by_the_address(
    start_app: Callable[..., str], open_page: Callable[..., Page], workspace: Path
) -> None:
    page = open_page(f"{start_app(APP)}/learn_metrics?step=cases")
    verdict = page.locator(".lesson [data-verdict]")
    expect(verdict).to_have_attribute("data-verdict", "a", timeout=60_000)
    box = page.locator("[data-box=prediction] .body").bounding_box()
    assert box is not None

    drag(page, "[data-box=prediction] .body", box["width"] / 2)

    expect(verdict).to_have_attribute("data-verdict", "b")
    expect(page).to_have_url(re.compile("prediction="))
    page.reload()
    expect(verdict).to_have_attribute("data-verdict", "b", timeout=60_000)


def test_a_neuron_follows_the_pointer_and_sees_more_the_deeper_it_lies(
    start_app: Callable[..., str], open_page: Callable[..., Page], workspace: Path
) -> None:
    page = open_page(f"{start_app(APP)}/learn_network?step=field")
    page.locator(".lesson .seen:not(.rim)").wait_for(timeout=60_000)

    def seen() -> tuple[float, float]:
        left, width = (page.locator(".lesson .seen:not(.rim)").get_attribute(name) for name in ("x", "width"))
        return float(left or "nan"), float(width or "nan")

    left, width = seen()
    board = page.locator(".lesson .board").bounding_box()
    assert board is not None
    page.mouse.move(board["x"] + board["width"] / 2, board["y"] + board["height"] / 2)
    page.mouse.down()
    page.mouse.move(board["x"] + board["width"] * 0.4, board["y"] + board["height"] / 2, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile("point="))
    assert seen()[0] < left
    assert seen()[1] == width

    slider = page.locator(".lesson input[type=range]").first
    slider.focus()
    slider.press("Home")
    expect(page).to_have_url(re.compile("level=1"))
    assert seen()[1] < width


def test_a_program_is_stepped_through_by_button_and_by_key(
    start_app: Callable[..., str], open_page: Callable[..., Page], workspace: Path
) -> None:
    page = open_page(f"{start_app(APP)}/reasoning?scene=blue")
    rows = page.locator(".lesson .program button")
    expect(rows).to_have_count(18, timeout=60_000)

    rows.first.click()
    expect(page).to_have_url(re.compile(r"at=1\b"))
    rows.first.press("ArrowDown")
    expect(page).to_have_url(re.compile(r"at=2\b"))
    expect(rows.nth(1)).to_be_focused()
    rows.last.click()
    expect(page.locator(".lesson .verdict")).to_contain_text("right, as in the scene")
