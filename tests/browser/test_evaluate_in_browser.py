"""The page Evaluate as a person uses it: a fresh server, the sample, a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Page, expect

pytestmark = pytest.mark.browser

APP = Path(__file__).parents[2] / "app.py"
COUNT_MESSAGES = """() => {
  window.messages = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...given) { window.messages += 1; return send.apply(this, given); };
}"""
OPENS = re.compile(r"open (\d+) boxes")


@pytest.fixture
def server(start_app: Callable[..., str], workspace: Path) -> str:
    return start_app(APP)


def settled(page: Page) -> None:
    page.wait_for_timeout(300)  # a click has to reach the server before it can be done with it
    page.wait_for_function("document.querySelector('.stApp')?.getAttribute('data-test-script-state') === 'notRunning'")


def arrived(page: Page) -> None:
    page.locator(".point .curve").wait_for(timeout=60_000)
    settled(page)


def middle(page: Page, selector: str, place: int = 0) -> tuple[float, float]:
    box: FloatRect | None = page.locator(selector).nth(place).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def counts(page: Page) -> list[int]:
    return [int(text) for text in page.locator(".tile .count").all_inner_texts()]


def opened(page: Page) -> int:
    """How many boxes the heading says, once the pictures are there; where all are drawn, they are counted too."""
    heading = page.locator(".st-key-opened_heading h3")
    heading.wait_for()
    settled(page)
    found = re.search(r"(\d+) box(?:es)?$", heading.inner_text())
    assert found is not None
    number = int(found[1])
    if number and page.locator("[class*=st-key-opened_page_]").count() == 0:
        expect(page.locator(".opened:not(.single) [data-box]")).to_have_count(number)
    return number


def test_a_drag_moves_the_working_point_without_the_server(server: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{server}/evaluate")
    arrived(page)
    true, false, missed = counts(page)
    point = page.locator(".working")
    before = point.get_attribute("cx")
    slider = page.locator("[data-control=score_threshold] input").bounding_box()
    assert slider is not None
    y = slider["y"] + slider["height"] / 2

    page.evaluate(COUNT_MESSAGES)
    page.mouse.move(slider["x"] + slider["width"] * 0.25, y)
    page.mouse.down()
    page.mouse.move(slider["x"] + slider["width"] * 0.7, y, steps=12)

    assert point.get_attribute("cx") != before
    now = counts(page)
    assert now[0] + now[2] == true + missed
    assert now[1] < false
    assert f"{now[0]} + {now[1]}" in page.locator(".formula.precision").inner_text().replace("\n", " ")
    assert page.evaluate("window.messages") == 0
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"score=0\.\d+"))
    settled(page)
    assert counts(page) == now
    assert page.evaluate("window.messages") > 0


def test_a_point_of_the_curve_opens_the_boxes_that_its_hover_counts(
    server: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{server}/evaluate?class=0&score=0.9")  # so strict that some are missed
    arrived(page)
    assert all(counts(page)[::2])

    page.mouse.move(*middle(page, ".working"))
    hover = OPENS.search(page.locator(".point .tooltip").inner_text())
    assert hover is not None
    page.mouse.click(*middle(page, ".working"))
    assert opened(page) == int(hover[1])

    for kind, count in zip(("TP", "FP", "FN"), counts(page), strict=True):
        page.locator(f".tile.{kind}").click()
        expect(page.locator(".st-key-opened_heading h3")).to_have_text(re.compile(rf" {count} box(es)?$"))
        opened(page)
        assert set(page.locator(".opened .row .kind").all_inner_texts()) == ({kind} if count else set())


@pytest.mark.parametrize(
    ("view", "selector", "places"),
    [
        ("scores", ".scatterlayer .trace:nth-child(2) .point", (3, 14)),
        ("confusion", ".scatterlayer .point", (1, 3, 12)),
        ("classes", ".barlayer .point", (0, 2)),
        ("iou", ".scatterlayer .trace:nth-child(1) .point", (2, 15)),
        ("calibration", ".barlayer .point", (4, 9)),
        ("mistakes", ".barlayer .point", (0, 1)),
    ],
)
def test_what_a_chart_counts_is_what_it_opens(
    server: str, open_page: Callable[..., Page], view: str, selector: str, places: tuple[int, ...]
) -> None:
    page = open_page(f"{server}/evaluate?show={view}")
    for place in places:
        page.locator(f".js-plotly-plot {selector}").nth(place).wait_for(state="attached", timeout=60_000)
        page.locator("[data-testid=stMain]").evaluate("(area) => area.scrollTo(0, 0)")
        settled(page)
        before = page.locator(".st-key-opened_heading h3").all_inner_texts()
        page.mouse.move(*middle(page, f".js-plotly-plot {selector}", place))
        hover = page.locator(".hoverlayer .hovertext").first
        hover.wait_for()
        told = OPENS.search(hover.text_content() or "")
        assert told is not None
        page.mouse.click(*middle(page, f".js-plotly-plot {selector}", place))
        if before:
            expect(page.locator(".st-key-opened_heading h3")).not_to_have_text(before[0])
        assert opened(page) == int(told[1])


def test_a_box_says_what_it_is_and_opens_its_glass_box(server: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{server}/evaluate")
    arrived(page)
    page.get_by_role("button", name="Show me the false positives").click()
    opened(page)

    page.locator(".opened .row").first.click()

    expect(
        page.locator("[data-testid=stMarkdown]", has_text=re.compile(r"False positive:\W+\w+, score"))
    ).to_be_visible()
    page.get_by_role("button", name="Open the glass box").click()
    expect(page.get_by_text("What the network said").first).to_be_visible(timeout=60_000)


def test_the_steps_of_ap_follow_the_keyboard(server: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{server}/evaluate?show=stepper&class=1")
    page.get_by_role("heading", name=re.compile(r"^1 of \d+: sphere")).wait_for(timeout=60_000)
    settled(page)

    page.get_by_role("radio", name="How AP is made").focus()  # where a click on the view leaves it
    page.keyboard.press("n")

    expect(page.get_by_role("heading", name=re.compile(r"^2 of \d+: sphere"))).to_be_visible()
    expect(page).to_have_url(re.compile("rank=2"))
    expect(page.locator(".opened.single [data-box=step]")).to_have_count(1)
