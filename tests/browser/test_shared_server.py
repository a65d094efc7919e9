"""A server with a password, as a visitor and as a trainer meet it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from yolodash.serving import passwords
from yolodash.serving.roles import Role

APP = Path(__file__).parents[2] / "app.py"
GOOD = "four words are good"
pytestmark = pytest.mark.browser


def test_a_deep_link_is_refused_until_the_password_and_a_reload_stays_signed_in(
    workspace: Path, start_app: Callable[..., str], open_page: Callable[..., Page]
) -> None:
    passwords.set_password(Role.TRAINER, GOOD)
    page = open_page(start_app(APP) + "/runs")

    expect(page.get_by_role("heading", name="Not open to you")).to_be_visible()
    expect(page.get_by_role("link", name="Pixels")).to_be_visible()
    expect(page.get_by_role("link", name="Runs")).to_have_count(0)
    expect(page.get_by_role("heading", name="Page not found")).to_have_count(0)

    page.locator("input[type=password]").fill(GOOD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    expect(page.get_by_role("link", name="Runs")).to_be_visible()

    page.reload()
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    expect(page.get_by_role("button", name="Trainer")).to_be_visible()
