"""The page Annotate in a real browser: what is drawn is on the disk, to the pixel, and nothing confirmed is lost."""

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from playwright.sync_api import Browser, Page, expect

from yolodash.data.store.folders import create_dataset
from yolodash.data.store.history import history
from yolodash.data.store.pictures import add_picture
from yolodash.data.store.truth import StoredBox, Truth, read_truth, save_truth

APP = Path(__file__).parents[2] / "app.py"
CANVAS = ".canvas canvas.boxes"
NAMES = ("cup", "cat", "person")
Box = tuple[float, float, float, float]


def photo(width: int, height: int, mark: tuple[int, int, int, int] | None = None, kind: str = "PNG") -> bytes:
    """A grey picture with one dark rectangle, whose corners are known to the pixel."""
    pixels = np.full((height, width, 3), 150, np.uint8)
    pixels[:: max(1, height // 40)] = 140
    if mark is not None:
        pixels[mark[1] : mark[3], mark[0] : mark[2]] = 10
    data = io.BytesIO()
    Pillow.fromarray(pixels).save(data, kind)
    return data.getvalue()


def make(*pictures: tuple[str, bytes], names: Sequence[str] = NAMES) -> Path:
    dataset = create_dataset("set", classes=names)
    for name, data in pictures:
        add_picture(dataset, name, data, by="maker")
    return dataset


def opened(page: Page, stem: str) -> None:
    """Wait until a picture is on the canvas."""
    page.locator(f'.canvas[data-picture="{stem}"]').wait_for()
    expect(page.locator(CANVAS)).to_be_visible()


def frame(page: Page) -> dict[str, float]:
    box = page.locator(CANVAS).bounding_box()
    assert box is not None
    return dict(box)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float], button: Any = "left") -> None:
    page.mouse.move(*start)
    page.mouse.down(button=button)
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=3)
    page.mouse.move(*end, steps=3)
    page.mouse.up(button=button)


def draw(page: Page, x1: float, y1: float, x2: float, y2: float) -> None:
    """Draw with the mouse, in CSS pixels from the corner of the canvas."""
    at = frame(page)
    drag(page, (at["x"] + x1, at["y"] + y1), (at["x"] + x2, at["y"] + y2))


def saved(page: Page) -> None:
    """Wait until the page says that all is on the disk."""
    expect(page.locator(".canvas .saved")).to_have_attribute("data-state", "saved")


def boxes(dataset: Path, stem: str = "photo") -> list[Box]:
    return [one.box for one in read_truth(dataset, stem).boxes]


def dark(page: Page, ratio: int) -> Box:
    """Where the dark rectangle is seen, in CSS pixels of the page: on a screenshot, not by the canvas's own sums."""
    page.mouse.move(5, 5)  # the guides that follow the pointer are dark, too
    page.wait_for_timeout(100)
    shot = np.asarray(Pillow.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(int)
    at = frame(page)
    left, top = round(at["x"] * ratio), round(at["y"] * ratio)
    part = shot[top : top + round(at["height"] * ratio), left : left + round(at["width"] * ratio)]
    rows, columns = np.nonzero(part.max(axis=2) < 80)
    return (
        at["x"] + columns.min() / ratio,
        at["y"] + rows.min() / ratio,
        at["x"] + (columns.max() + 1) / ratio,
        at["y"] + (rows.max() + 1) / ratio,
    )


MARKS = {"landscape": (4000, 3000, (1300, 700, 1350, 730)), "portrait": (900, 1600, (500, 1200, 540, 1260))}


@pytest.mark.parametrize(
    ("name", "ratio"),
    [
        ("landscape", 1),
        ("portrait", 2),
        pytest.param("landscape", 2, marks=pytest.mark.slow),
        pytest.param("portrait", 1, marks=pytest.mark.slow),
    ],
)
def test_drawn_boxes_are_exact_at_any_zoom_at_both_densities_upright_and_across(
    name: str, ratio: int, start_app: Callable[..., str], open_page: Callable[..., Page], workspace: Path
) -> None:
    width, height, mark = MARKS[name]
    dataset = make(("photo.jpg", photo(width, height, mark, "JPEG")))
    page = open_page(f"{start_app(APP)}/annotate?data=set&picture=photo", device_scale_factor=ratio)
    opened(page, "photo")
    at = frame(page)
    scale = min(at["width"] / width, at["height"] / height)  # at first, the whole picture is in the middle
    left, top = (at["width"] - width * scale) / 2, (at["height"] - height * scale) / 2
    draw(page, left + 60.5, top + 50, left + 100, top + 90.25)
    saved(page)
    assert boxes(dataset)[0] == pytest.approx([value / scale for value in (60.5, 50, 100, 90.25)], abs=0.5)
    page.keyboard.press("Escape")
    centre = ((mark[0] + mark[2]) / 2 * scale, (mark[1] + mark[3]) / 2 * scale)
    page.mouse.move(at["x"] + left + centre[0], at["y"] + top + centre[1])
    while page.locator(".canvas").evaluate("root => root.view.camera.scale") < 3:
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(30)
    drag(page, (at["x"] + 400, at["y"] + 200), (at["x"] + 377, at["y"] + 169), button="middle")
    page.wait_for_timeout(100)
    seen = dark(page, ratio)
    drag(page, seen[:2], seen[2:])
    saved(page)
    error = max(abs(a - b) for a, b in zip(boxes(dataset)[1], mark, strict=True))
    assert error <= 0.5, (seen, boxes(dataset))


def test_boxes_are_moved_resized_labelled_deleted_undone_and_kept_by_keys_and_mouse(
    start_app: Callable[..., str], open_page: Callable[..., Page], workspace: Path
) -> None:
    dataset = make(("a.png", photo(400, 300)), ("photo.png", photo(500, 350)))
    page = open_page(f"{start_app(APP)}/annotate?data=set&picture=photo")
    opened(page, "photo")
    at = frame(page)
    scale = min(at["width"] / 500, at["height"] / 350)
    left, top = (at["width"] - 500 * scale) / 2, (at["height"] - 350 * scale) / 2

    def place(x: float, y: float) -> tuple[float, float]:
        return at["x"] + left + x * scale, at["y"] + top + y * scale

    def truth() -> Truth:
        saved(page)
        return read_truth(dataset, "photo")

    drag(page, place(100, 100), place(200, 150))
    page.keyboard.press("2")
    assert truth().boxes[0].box == pytest.approx((100, 100, 200, 150), abs=0.01)
    assert truth().boxes[0].class_id == 1
    drag(page, place(200, 150), place(260, 160))  # a corner, without keeping the shape
    assert truth().boxes[0].box == pytest.approx((100, 100, 260, 160), abs=0.01)
    drag(page, place(100, 130), place(90, 140))  # a side
    assert truth().boxes[0].box == pytest.approx((90, 100, 260, 160), abs=0.01)
    drag(page, place(150, 120), place(170, 150))  # the whole
    assert truth().boxes[0].box == pytest.approx((110, 130, 280, 190), abs=0.01)
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Control+ArrowRight")
    assert truth().boxes[0].box == pytest.approx((109, 129, 280, 189), abs=0.01)
    page.keyboard.press("Delete")
    assert truth().boxes == ()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert truth().boxes[0].box == pytest.approx((109, 129, 279, 189), abs=0.01)
    page.keyboard.press("Control+y")
    assert truth().boxes[0].box[2] == pytest.approx(280, abs=0.01)
    page.keyboard.press("Escape")
    page.mouse.click(*place(400, 300))  # a click on nothing makes no box
    drag(page, place(10, 10), place(10.2, 60))  # nor does a speck
    assert len(truth().boxes) == 1
    drag(page, place(450, 320), (at["x"] + at["width"] + 9, at["y"] + at["height"] + 90))  # over the edge: cut
    assert truth().boxes[1].box == pytest.approx((450, 320, 500, 350), abs=0.01)
    page.keyboard.press("Enter")
    expect(page.get_by_text("This is the last picture.").first).to_be_visible()
    assert truth().state == "done"
    page.keyboard.press("ArrowLeft")
    opened(page, "a")
    page.reload()
    opened(page, "a")
    assert "picture=a" in page.url
    page.keyboard.press("n")
    opened(page, "photo")
    assert page.locator(".canvas").evaluate("root => root.view.boxes.length") == 2
    page.get_by_role("radio", name="Review").or_(page.get_by_role("button", name="Review")).first.click()
    expect(page.locator(".canvas [data-tool=accept]")).to_have_text("✓ Accept")
    page.locator(CANVAS).focus()
    page.keyboard.press("ArrowLeft")
    opened(page, "a")
    page.keyboard.press("Space")
    opened(page, "photo")
    assert read_truth(dataset, "a").state == "reviewed"


def named(page: Page, name: str) -> None:
    field = page.get_by_role("textbox", name="Your name")
    field.fill(name)
    field.press("Enter")
    expect(field).to_have_value(name)
    page.wait_for_timeout(600)


def test_of_two_people_on_one_picture_the_second_chooses_box_by_box_and_nothing_is_lost(
    start_app: Callable[..., str], open_page: Callable[..., Page], workspace: Path
) -> None:
    dataset = make(("photo.png", photo(500, 350)))
    address = f"{start_app(APP)}/annotate?data=set&picture=photo"
    ann, bob = open_page(address), open_page(address)
    for page, name in ((ann, "Ann"), (bob, "Bob")):
        opened(page, "photo")
        named(page, name)
    draw(ann, 150, 100, 260, 200)
    saved(ann)
    at_ann = read_truth(dataset, "photo").boxes[0]
    draw(bob, 300, 150, 420, 300)
    bob.keyboard.press("2")  # before an answer can be there
    expect(bob.locator(".canvas .saved")).to_have_attribute("data-state", "conflict")
    expect(bob.get_by_text("Ann saved this picture while you changed it")).to_be_visible()
    assert [one.by for one in read_truth(dataset, "photo").boxes] == ["Ann"]  # nothing was overwritten
    bob.reload()  # and nothing is lost by leaving
    expect(bob.locator(".canvas .saved")).to_have_attribute("data-state", "conflict")
    expect(bob.get_by_text("Yours: cat")).to_be_visible()
    bob.get_by_role("button", name="Save what I chose").click()
    saved(bob)
    after = read_truth(dataset, "photo")
    assert [one.by for one in after.boxes] == ["Ann", "Bob"]
    assert (after.boxes[0].box, after.boxes[0].at) == (at_ann.box, at_ann.at)
    assert after.boxes[1].at > at_ann.at
    assert [one.class_id for one in after.boxes] == [0, 1]
    bob.locator(CANVAS).click(position={"x": 360, "y": 220})
    bob.keyboard.press("Delete")
    saved(bob)
    named(bob, "Eve")
    bob.get_by_role("tab", name="Earlier versions").click()
    bob.wait_for_timeout(1000)  # a click on a list that is being drawn anew is lost
    expect(bob.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    bob.get_by_role("button", name="Bring back").first.click()
    expect(bob.locator(".canvas .about")).to_contain_text("Boxes: 2")
    assert read_truth(dataset, "photo").boxes == after.boxes  # with who drew them, and when
    assert len(history(dataset, "photo")) == read_truth(dataset, "photo").revision


class Server:
    """The app on a port of its own, that can be killed and started again there."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        options = ("headless=true", "address=127.0.0.1", "fileWatcherType=none", "showEmailPrompt=false")
        command = [sys.executable, "-m", "streamlit", "run", str(APP), f"--server.port={self.port}"]
        command += [f"--server.{option}" for option in options]
        self.process = subprocess.Popen(command, cwd=APP.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=2).close()
                return
            except OSError:
                time.sleep(0.1)
        pytest.fail("the server did not start")

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def server(workspace: Path) -> Iterator[Server]:
    one = Server()
    yield one
    one.kill()


def kill_the_server(server: Server, browser: Browser, dataset: Path, times: int) -> None:
    """Draw, see it confirmed, kill -9; draw on while nobody answers; start again: both are on the disk."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
    page = context.new_page()
    page.goto(f"{server.address}/annotate?data=set&picture=photo")
    opened(page, "photo")
    for count in range(times):
        page.keyboard.press("Escape")
        draw(page, 150, 40 + 15 * count, 250, 50 + 15 * count)
        saved(page)
        server.kill()
        assert len(boxes(dataset)) == 2 * count + 1  # what was confirmed is there
        page.keyboard.press("Escape")
        draw(page, 300, 40 + 15 * count, 400, 50 + 15 * count)
        expect(page.locator(".canvas .saved")).not_to_have_attribute("data-state", "saved")
        assert len(boxes(dataset)) == 2 * count + 1
        server.start()
        saved(page)  # the same tab finds the new server by itself
        assert len(boxes(dataset)) == 2 * count + 2
        opened(page, "photo")
    assert len({one.by for one in read_truth(dataset, "photo").boxes}) == 1  # a new server knows who it is, too
    context.close()


def test_a_killed_server_loses_no_confirmed_box_and_what_was_drawn_meanwhile_is_saved_after(
    server: Server, browser: Browser
) -> None:
    kill_the_server(server, browser, make(("photo.png", photo(500, 350))), 1)


@pytest.mark.slow
def test_ten_killed_servers_lose_no_confirmed_box(server: Server, browser: Browser) -> None:
    kill_the_server(server, browser, make(("photo.png", photo(500, 350))), 10)


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace on a disk of two megabytes."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip("cannot mount a small disk here")
    monkeypatch.setenv("YOLODASH_HOME", str(place))
    yield place
    for _attempt in range(20):
        if subprocess.run(["umount", str(place)], capture_output=True).returncode == 0:
            break
        time.sleep(0.5)


def test_on_a_full_disk_the_page_says_so_keeps_the_boxes_and_saves_them_when_there_is_room(
    start_app: Callable[..., str], open_page: Callable[..., Page], small_disk: Path
) -> None:
    dataset = make(("photo.png", photo(500, 350)))
    page = open_page(f"{start_app(APP)}/annotate?data=set&picture=photo")
    opened(page, "photo")
    draw(page, 150, 100, 200, 150)
    saved(page)
    before = (dataset / "annotations" / "photo.json").read_bytes()
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    page.keyboard.press("Escape")
    draw(page, 300, 200, 400, 300)
    expect(page.locator(".canvas .saved")).to_have_attribute("data-state", "failed")
    expect(page.locator(".canvas .trouble")).to_contain_text("Could not write to disk")
    assert (dataset / "annotations" / "photo.json").read_bytes() == before
    page.reload()
    opened(page, "photo")
    expect(page.locator(".canvas .saved")).to_have_attribute("data-state", "failed")
    assert page.locator(".canvas").evaluate("root => root.view.boxes.length") == 2
    ballast.unlink()
    page.get_by_role("button", name="Try again").click()
    saved(page)
    assert len(boxes(dataset)) == 2


def test_names_of_any_script_are_words_and_ten_thousand_boxes_can_be_worked_on(
    start_app: Callable[..., str], open_page: Callable[..., Page], workspace: Path
) -> None:
    names = ("قطة", "🚗 car", "a, b; c", "<img src=x onerror=alert(1)>", "x" * 200, "{count}")
    dataset = make(("photo.png", photo(1000, 1000)), names=names)
    now = read_truth(dataset, "photo")
    many = tuple(
        StoredBox(f"b{i}", i % 6, (i % 100 * 10.0, i // 100 * 10.0, i % 100 * 10.0 + 8, i // 100 * 10.0 + 8))
        for i in range(10_000)
    )
    save_truth(dataset, "photo", Truth(now.revision, now.size, "in_work", boxes=many), by="maker")
    page = open_page(f"{start_app(APP)}/annotate?data=set&picture=photo")
    opened(page, "photo")
    assert page.locator(".canvas .class .text").all_text_contents() == list(names)
    assert page.locator(".canvas img").count() == 0
    page.keyboard.press("b")
    page.keyboard.press("4")
    saved(page)
    after = read_truth(dataset, "photo").boxes
    assert (len(after), after[0].class_id, after[1].class_id) == (10_000, 3, 1)
    assert [one.box for one in after] == [one.box for one in many]


def test_a_broken_picture_is_a_sentence_and_a_turned_one_is_shown_upright(
    start_app: Callable[..., str], open_page: Callable[..., Page], workspace: Path
) -> None:
    turned = io.BytesIO()
    exif = Pillow.Exif()
    exif[0x0112] = 6
    Pillow.open(io.BytesIO(photo(400, 200, (20, 30, 120, 80)))).save(turned, "JPEG", exif=exif, quality=95)
    dataset = make(("broken.png", photo(300, 200)), ("turned.jpg", turned.getvalue()))
    file = dataset / "images" / "broken.png"
    file.write_bytes(file.read_bytes()[:200])
    page = open_page(f"{start_app(APP)}/annotate?data=set&picture=turned")
    opened(page, "turned")
    seen = dark(page, 1)
    assert seen[3] - seen[1] > seen[2] - seen[0]  # stored across, shown upright
    drag(page, seen[:2], seen[2:])
    saved(page)
    assert boxes(dataset, "turned")[0] == pytest.approx((120, 20, 170, 120), abs=1.5)
    page.keyboard.press("p")
    expect(page.locator(".canvas .veil")).to_have_text(re.compile("cut off or damaged"))
    page.keyboard.press("n")
    opened(page, "turned")
