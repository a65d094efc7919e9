"""The page Loss in a real browser: what costs is seen, in its cell, while a box is dragged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

APP = Path(__file__).parents[2] / "app.py"
OPACITIES = "(cells) => cells.map((cell) => Number(getComputedStyle(cell).fillOpacity))"


def test_the_cell_that_answers_glows_the_more_the_further_the_box_is_off(
    start_app: Callable[..., str], open_page: Callable[..., Page], workspace: Path
) -> None:
    page = open_page(f"{start_app(APP)}/learn_loss?truth=128,128,256,256&prediction=136,128,264,256")
    page.locator(".lesson .heat").first.wait_for(state="attached")
    term = page.locator(".term.shown")
    before, value = page.locator(".heat").evaluate_all(OPACITIES), float(term.get_attribute("data-value") or "nan")
    assert [place for place, opacity in enumerate(before) if opacity > 0] == [3 * 7 + 3]
    assert value == pytest.approx(5 * (8 / 64) ** 2)

    box = page.locator("[data-box=prediction] .body").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] - 12
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=8)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    after = page.locator(".heat").evaluate_all(OPACITIES)
    assert after[3 * 7 + 3] > before[3 * 7 + 3] + 0.1
    assert float(term.get_attribute("data-value") or "nan") > 4 * value
    page.mouse.up()


def test_the_xray_shows_what_costs(
    start_app: Callable[..., str], open_page: Callable[..., Page], workspace: Path
) -> None:
    page = open_page(f"{start_app(APP)}/learn_loss?step=xray")
    page.locator(".lesson .maps .heat").first.wait_for(state="attached", timeout=60_000)
    opacities = page.locator(".maps .heat").evaluate_all(OPACITIES)
    assert max(opacities) == pytest.approx(0.9)
    assert min(opacities) > 0.15
