"""The page Runs as a person uses it: a real small training is watched, stopped, gone on with and used."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.training_files import command, done, small_data, small_weights
from yolodash.runs.metrics import read_metrics
from yolodash.runs.state import kill, read_state

pytestmark = pytest.mark.browser

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def training(workspace: Path, tmp_path: Path) -> Iterator[Path]:
    """A training whose worker is at it, and would be for long."""
    words = ["train", "--data", small_data(tmp_path), "--weights", small_weights(tmp_path), "--img", 64, "--batch", 4]
    words += ["--epochs", 100_000, "--patience", 0, "--device", "cpu", "--workers", 0, "--name", "night", "--detach"]
    done(command(workspace, *words))
    run = workspace / "runs" / "night"
    yield run
    kill(run)


def epoch_shown(page: Page) -> int:
    return int(page.locator(".epochs").get_attribute("data-epoch") or 0)


def test_a_training_is_watched_stopped_gone_on_with_and_used(
    training: Path, start_app: Callable[..., str], open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{start_app(APP)}/runs?run=night")
    page.locator(".epochs[data-epoch]").wait_for(timeout=120_000)
    expect(page.locator(".curves .plot")).to_have_count(4, timeout=60_000)
    chart = page.locator(".curves .plot").first.element_handle()
    first, said = epoch_shown(page), page.locator(".stProgress").inner_text()

    # it goes on by itself: later epochs, the same chart with more points
    expect(page.locator(".epochs")).not_to_have_attribute("data-epoch", str(first), timeout=60_000)
    assert epoch_shown(page) > first
    expect(page.locator(".stProgress")).not_to_have_text(said)
    assert re.search(r"epoch \d+ of 100000", page.locator(".stProgress").inner_text())
    assert page.locator(".curves .plot").first.evaluate("(now, before) => now === before", chart)

    # the slider shows an earlier epoch, and stays there while it trains
    slider = page.locator(".epochs input")
    slider.focus()
    slider.press("Home")
    assert epoch_shown(page) == 1
    expect(page.locator(".epochs figure")).to_have_count(2)
    expect(page.locator(".epochs .truths rect").first).to_be_attached()

    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Resume").wait_for(timeout=60_000)
    assert read_state(training).state == "stopped"
    epochs = len(read_metrics(training))
    expect(page.locator(".epochs")).to_have_attribute("data-epoch", str(epochs))

    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Stop", exact=True).wait_for(timeout=60_000)
    deadline = time.monotonic() + 120
    while len(read_metrics(training)) <= epochs:
        assert time.monotonic() < deadline, read_state(training)
        page.wait_for_timeout(100)

    page.get_by_role("button", name="Kill").click()
    page.get_by_role("button", name="Yes, end it at once").click()
    expect(page.get_by_text("ended without a word")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Detect with it").click()
    expect(page).to_have_url(re.compile(r"detect_image\?.*model=runs%2Fnight"))
    expect(page.get_by_text(re.compile("Candidates at 64×64"))).to_be_visible(timeout=60_000)
