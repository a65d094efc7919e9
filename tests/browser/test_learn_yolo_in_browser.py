"""The page YOLO as a student uses it: boxes follow the drag alone, and Python and the address hear of it on release."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
SCRIPT = """
import streamlit as st
from yolodash.models import catalogue
from yolodash.ui import pictures
from yolodash.ui.learn import subject
from yolodash.ui.learn.yolo import decoding, grid, overlap, suppression

st.set_page_config(layout="wide")
steps = {"grid": grid, "iou": overlap, "decoding": decoding, "nms": suppression}
step = st.query_params["step"]
photo = next(photo for photo in pictures.samples() if photo.id == "scene")
model = catalogue.find_usable("scenes") if step == "nms" else None
steps[step].show(subject.Subject(photo, model))
"""


@pytest.fixture
def open_step(
    start_app: Callable[..., str], open_page: Callable[..., Page], workspace: Path
) -> Callable[..., tuple[Page, list[str]]]:
    """``open_step("grid", "box=…")``: a step alone, settled, and what the browser sends from then on."""

    def open_(step: str, address: str) -> tuple[Page, list[str]]:
        page, sent = open_page("about:blank"), []
        page.set_default_timeout(180_000)  # a fresh server on a busy machine takes its time
        page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append("sent")))
        page.goto(f"{start_app(SCRIPT)}/?step={step}&{address}")
        page.locator(".lesson svg.picture").first.wait_for()
        settled(page)
        page.wait_for_timeout(500)
        sent.clear()
        return page, sent

    return open_


def settled(page: Page) -> None:
    page.wait_for_function("document.querySelector('.stApp')?.getAttribute('data-test-script-state') === 'notRunning'")


def values(page: Page) -> dict[str, Any]:
    """The step's values as the browser has them."""
    found: dict[str, Any] = page.locator(".lesson").evaluate("(root) => root.view.state")
    return found


def drag(page: Page, handle: Locator, across: float, down: float) -> None:
    """Press in the middle of something, go by so many CSS pixels, and stay there."""
    place = handle.bounding_box()
    assert place is not None
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(x + across * step / 5, y + down * step / 5)


def test_the_responsible_cell_follows_the_object(open_step: Callable[..., tuple[Page, list[str]]]) -> None:
    page, sent = open_step("grid", "box=40,40,120,140&stride=32")
    cell, verdict = page.locator("[data-cell]"), page.locator(".lesson .verdict")
    before = cell.get_attribute("data-cell")
    drag(page, page.locator("[data-box=box] .body"), 90, 60)
    expect(cell).not_to_have_attribute("data-cell", str(before))
    row, column = map(int, str(cell.get_attribute("data-cell")).split(","))
    expect(verdict).to_have_text(f"Row {row}, column {column}")
    left, top, right, bottom = map(int, values(page)["box"].split(","))
    assert (right - left, bottom - top) == (80, 100)
    assert (row, column) == ((top + bottom) // 2 // 32, (left + right) // 2 // 32)
    assert sent == []
    page.mouse.up()
    expect(page).to_have_url(re.compile(rf"box={left}(%2C|,){top}"))
    settled(page)
    assert values(page)["box"] == f"{left},{top},{right},{bottom}"

    page.locator("[data-box=box]").press("ArrowRight")
    assert values(page)["box"] == f"{left + 4},{top},{right + 4},{bottom}"


def test_two_boxes_agree_less_the_further_they_are_dragged_apart(
    open_step: Callable[..., tuple[Page, list[str]]],
) -> None:
    page, sent = open_step("iou", "truth=60,60,160,160&prediction=60,60,160,160&match=0.5")
    verdict = page.locator("[data-verdict]")
    expect(verdict).to_have_text("True positive: 1.000 ≥ 0.50")
    drag(page, page.locator("[data-box=prediction] .body"), 60, 0)
    expect(verdict).to_have_attribute("data-verdict", "FP")
    left = int(values(page)["prediction"].split(",")[0])
    common = (160 - left) * 100
    expect(page.locator(".lesson .result")).to_contain_text(f"= {common / (20_000 - common):.3f}")
    assert sent == []
    page.mouse.up()
    expect(page).to_have_url(re.compile("prediction="))


def test_a_slider_moves_both_boxes_and_only_v3s_grows_without_limit(
    open_step: Callable[..., tuple[Page, list[str]]],
) -> None:
    page, sent = open_step("decoding", "tx=0&ty=0&tw=0&th=0")
    sides = lambda rule: page.locator(f"[data-rule={rule}]").evaluate("(node) => JSON.parse(node.dataset.box)")  # noqa: E731
    width = sides("v3")[2]
    assert sides("v5") == sides("v3")
    slider = page.locator("[data-control=tw] input[type=range]")
    slider.evaluate("(node) => { node.value = 5; node.dispatchEvent(new Event('input', { bubbles: true })); }")
    page.wait_for_function(
        "(width) => document.querySelector('.stApp') && [...document.querySelectorAll('*')].some((node) =>"
        " node.shadowRoot?.querySelector('.lesson')?.view.state.tw === '5')",
        arg=width,
    )
    page.wait_for_timeout(200)
    assert sides("v3")[2] == pytest.approx(width * 148.413, rel=1e-4)
    assert sides("v5")[2] == pytest.approx(width * 3.947, rel=1e-3)
    assert sent == []
    slider.dispatch_event("change")
    expect(page).to_have_url(re.compile("tw=5"))


def test_suppression_goes_on_choice_by_choice_to_what_detect_finds(
    open_step: Callable[..., tuple[Page, list[str]]],
) -> None:
    page, _sent = open_step("nms", "order=score&classes=each&score=0.25")
    survivors = page.locator(".lesson").evaluate("(root) => JSON.parse(root.dataset.survivors)")
    expect(page.get_by_text(f"finds {len(survivors)}.")).to_be_visible()
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.locator(".lesson .verdict")).to_contain_text(f"Choice 1 of {len(survivors)}")
    expect(page.locator(".candidate.chosen")).to_have_count(1)
    page.get_by_role("button", name="To the end").click()
    expect(page.locator(".lesson .verdict")).to_contain_text(f"Choice {len(survivors)} of {len(survivors)}")
    expect(page).to_have_url(re.compile(rf"at={len(survivors)}"))
