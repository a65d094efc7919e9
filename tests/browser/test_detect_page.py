"""The page Detect as a person uses it: a fresh server, a real model, a real browser."""

from __future__ import annotations

import base64
import gettext
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
APP = ROOT / "app.py"
RUNS = re.compile(r"The network has run (\d+) times? in this tab")


@pytest.fixture
def server(start_app: Callable[..., str], workspace: Path) -> str:
    """A fresh server without a model."""
    return start_app(APP)


@pytest.fixture
def server_with_model(start_app: Callable[..., str], workspace: Path, asset: Callable[[str], Path]) -> str:
    """A fresh server with yolov3-tiny in its workspace."""
    shutil.copytree(asset("models/yolov3-tiny"), workspace / "models" / "yolov3-tiny")
    return start_app(APP)


def arrived(page: Page, heading: str = "Detect objects in an image") -> None:
    """The page is there; a fresh server on a busy machine takes its time."""
    page.get_by_role("heading", name=heading).wait_for(timeout=60_000)
    settled(page)


def boxes(page: Page) -> Locator:
    """The canvas with the boxes, drawn."""
    canvas = page.locator(".overlay canvas.boxes")
    page.locator(".overlay .legend li").first.wait_for(timeout=180_000)
    settled(page)
    return canvas


def settled(page: Page) -> None:
    """The server has nothing more to say."""
    page.wait_for_function("document.querySelector('.stApp')?.getAttribute('data-test-script-state') === 'notRunning'")


def click_at(canvas: Locator, x: float, y: float) -> None:
    """Click at a share of the picture's width and height."""
    size = canvas.bounding_box()
    assert size is not None
    canvas.click(position={"x": x * size["width"], "y": y * size["height"]})


def runs(page: Page) -> int:
    found = RUNS.search(page.locator("body").inner_text())
    assert found is not None
    return int(found[1])


def test_a_deep_link_on_a_fresh_server_opens_its_page(server: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{server}/detect_image?sample=cat&model=yolov3-tiny")

    arrived(page)
    expect(page.get_by_role("button", name="Get YOLOv3-tiny (35 MB)")).to_be_visible()
    expect(page.get_by_role("link", name="Models", exact=True).first).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert page.url == f"{server}/detect_image?sample=cat&model=yolov3-tiny"


@pytest.mark.parametrize(("code", "locale"), [("it", "it-IT"), ("en", "en-GB")])
def test_the_browsers_language_is_spoken_and_the_switch_changes_it(
    server: str, open_page: Callable[..., Page], code: str, locale: str
) -> None:
    def say(language: str, text: str) -> str:
        return gettext.translation("yolodash", ROOT / "locale", [language], fallback=True).gettext(text)

    page = open_page(f"{server}/detect_image", locale=locale)
    text = "Detect objects in an image"
    arrived(page, say(code, text))

    other = "it" if code == "en" else "en"
    page.get_by_text("Italiano" if other == "it" else "English", exact=True).click()
    arrived(page, say(other, text))
    expect(page).to_have_url(re.compile(f"lang={other}"))
    page.get_by_role("link", name=say(other, "Models"), exact=True).first.click()
    expect(page).to_have_url(re.compile(f"/models.*lang={other}"))


def test_the_cup_is_found_and_explained_and_moving_a_threshold_runs_no_network(
    server_with_model: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{server_with_model}/detect_image?model=yolov3-tiny")
    canvas = boxes(page)
    expect(page.locator(".overlay .found")).to_have_text("Objects found: 1")
    assert runs(page) == 1

    click_at(canvas, 0.48, 0.4)
    expect(page.get_by_role("heading", name=re.compile(r"^cup · 0\.\d{3}$"))).to_be_visible()
    expect(page.get_by_text("row 5, column 6 of the 13×13 cells")).to_be_visible()
    expect(page.get_by_text("It is kept: number 1 by score")).to_be_visible()

    slider = page.locator("[data-control=score_threshold] input[type=range]")
    size = slider.bounding_box()
    assert size is not None
    page.mouse.move(size["x"] + size["width"] * 0.25, size["y"] + size["height"] / 2)
    page.mouse.down()
    for step in range(30, 95):
        page.mouse.move(size["x"] + size["width"] * step / 100, size["y"] + size["height"] / 2)
    page.mouse.up()
    expect(page.locator(".overlay .found")).to_have_text("No object above the thresholds")
    expect(page).to_have_url(re.compile(r"score=0\.\d+"))
    settled(page)
    assert runs(page) == 1

    click_at(canvas, 0.48, 0.4)
    expect(page.get_by_role("heading", name="Why is there nothing here?")).to_be_visible()
    expect(page.get_by_text(re.compile(r"It would pass with a score threshold below 0\.\d+")).first).to_be_visible()
    settled(page)
    assert runs(page) == 1


def test_the_address_reproduces_what_is_shown(server_with_model: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{server_with_model}/detect_image?model=yolov3-tiny&sample=motorcycle&score=0.5&iou=0.3&size=320")
    boxes(page)
    score = page.locator("[data-control=score_threshold] input[type=number]")
    expect(score).to_have_value("0.5")
    expect(page.get_by_text(re.compile("Candidates at 320×320"))).to_be_visible()
    address = page.url

    page.reload()
    boxes(page)
    expect(score).to_have_value("0.5")
    expect(page.locator("[data-control=nms_iou_threshold] input[type=number]")).to_have_value("0.3")
    assert page.url == address


def test_an_upload_is_found_again_after_a_reload_and_by_nobody_else(
    server: str, open_page: Callable[..., Page], asset: Callable[[str], Path]
) -> None:
    page = open_page(f"{server}/detect_image")
    arrived(page)
    page.locator("input[type=file]").set_input_files(asset("images_bad/html_renamed.jpg"))
    expect(page.get_by_text("This is a web page, not a picture")).to_be_visible()
    settled(page)

    name = "a *b* :smile: <b>c</b> $x$ [d](e).jpg"
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "image/jpeg", "buffer": asset("images/dog.jpg").read_bytes()}
    )
    expect(page.get_by_text("This is a web page, not a picture")).to_have_count(0)
    chosen = page.get_by_role("combobox", name="Picture")
    expect(chosen).to_have_value(name)
    expect(page).to_have_url(re.compile("sample=upload"))

    page.reload()
    arrived(page)
    expect(chosen).to_have_value(name)

    stranger = open_page(page.url)
    arrived(stranger)
    expect(stranger.get_by_text("This link leads to a private upload")).to_be_visible()


def test_a_picture_from_the_clipboard_is_opened(
    server: str, open_page: Callable[..., Page], asset: Callable[[str], Path]
) -> None:
    page = open_page(f"{server}/detect_image")
    arrived(page)
    expect(page.get_by_text("Or paste a picture: Ctrl+V")).to_be_visible()
    page.evaluate(
        """(encoded) => {
          const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
          const data = new DataTransfer();
          data.items.add(new File([bytes], "clipboard.jpg", { type: "image/jpeg" }));
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }""",
        base64.b64encode(asset("images/dog.jpg").read_bytes()).decode(),
    )

    expect(page).to_have_url(re.compile("sample=upload"))
    expect(page.get_by_role("combobox", name="Picture")).to_have_value("clipboard.jpg")
