"""The learning pages in a real browser: it computes what Python computes, and follows a drag alone."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from yolodash import convolution
from yolodash.data.images import thumbnail
from yolodash.data.samples import load_sample
from yolodash.kernels import KERNELS
from yolodash.scenes import phantom
from yolodash.ui.learn.convolution.cases import CASES, FILTERS
from yolodash.ui.learn.convolution.page import LONGEST, LONGEST_CHANNEL

pytestmark = pytest.mark.browser

APP = Path(__file__).parents[2] / "app.py"
COUNT_MESSAGES = """() => {
  window.messages = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...given) { window.messages += 1; return send.apply(this, given); };
}"""


@pytest.fixture
def open_step(start_app: Callable[..., str], workspace: Path, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """``open_step("learn_pixels?step=numbers")``: the page with its component drawn and everything quiet."""
    server: list[str] = []

    def open_(address: str) -> Page:
        if not server:
            server.append(start_app(APP))
        page = open_page(f"{server[0]}/{address}")
        page.locator(".lesson .stage > *").first.wait_for(timeout=120_000)
        page.wait_for_function(
            "document.querySelector('.stApp')?.getAttribute('data-test-script-state') === 'notRunning'"
        )
        return page

    return open_


def view(page: Page, expression: str, argument: object = None) -> Any:
    """Evaluate an expression of ``view``, the component's own object, and ``argument``."""
    return page.locator(".lesson").evaluate(
        f"(root, argument) => {{ const view = root.view; return {expression}; }}", argument
    )


def numbers_of(page: Page, values: str, kind: str) -> np.ndarray:
    """A typed array of the page, as bytes: a list of so many numbers would take seconds on its way."""
    text: str = view(
        page,
        f"""((values) => {{
          const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
          let text = "";
          for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
          return btoa(text);
        }})({values})""",
    )
    return np.frombuffer(base64.b64decode(text), kind)


def picture(page: Page, canvas: str) -> np.ndarray:
    """The red values of a canvas."""
    read = f"{canvas}.getContext('2d').getImageData(0, 0, {canvas}.width, {canvas}.height).data"
    return numbers_of(page, read, "u1")[::4]


def shown_numbers(page: Page, kind: str) -> list[list[str]]:
    """What stands in the cells of the first lane's kernel or map."""
    cells = "map((row) => row.map((cell) => (cell.tagName === 'INPUT' ? cell.value : cell.textContent)))"
    numbers: list[list[str]] = view(page, f"view.drawn[0][argument].cells.{cells}", kind)
    return numbers


def middle(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def random_case(generator: np.random.Generator) -> dict[str, Any]:
    rows, columns = generator.integers(1, 10, 2)
    return {
        "matrix": generator.integers(-9, 10, (rows, columns)).tolist(),
        "kernel": generator.integers(-5, 6, tuple(generator.integers(1, 6, 2))).tolist(),
        "stride": generator.integers(1, 5, 2).tolist(),
        "padding": generator.integers(0, 4, 2).tolist(),
    }


def as_state(case: dict[str, Any]) -> dict[str, str]:
    rows = {name: ";".join(",".join(map(str, row)) for row in case[name]) for name in ("matrix", "kernel")}
    return {**rows, **{name: ",".join(map(str, case[name])) for name in ("stride", "padding")}, "at": "0"}


SHOWN = """argument.map((state) => {
  Object.assign(view.state, state);
  view.paint();
  const [lane] = view.drawn;
  return {
    map: lane.map.cells.map((row) => row.map((cell) => cell.textContent)),
    sum: lane.sum.textContent,
    sizes: view.lines.map((line) => Number(/\\d+$/.exec(line.textContent)[0])),
    place: view.place.textContent,
  };
})"""


def test_the_browser_convolves_and_spells_out_as_python_does(open_step: Callable[..., Page]) -> None:
    page = open_step("learn_convolution?step=stride")
    assert shown_numbers(page, "map") == [["1", "6", "5"], ["7", "10", "9"], ["7", "10", "8"]]
    generator = np.random.default_rng(6)
    cases = [random_case(generator) for _ in range(120)]
    fitting = 0
    for case, shown in zip(cases, view(page, SHOWN, [as_state(case) for case in cases]), strict=True):
        given = (case["matrix"], case["kernel"], tuple(case["stride"]), tuple(case["padding"]))
        expected = convolution.convolve(*given)
        assert shown["sizes"] == list(expected.shape), case
        if expected.size == 0:
            assert "does not fit" in shown["place"]
            continue
        fitting += 1
        assert shown["map"] == [[f"{value:g}".replace("-", "−") for value in row] for row in expected], case
        assert shown["sum"] == convolution.spelled_out(next(convolution.steps(*given))[1])
    assert 80 < fitting < 120


def test_dragging_the_window_says_nothing_to_the_server_until_its_release(open_step: Callable[..., Page]) -> None:
    page = open_step("learn_convolution")
    assert page.locator(".sum").inner_text() == "0·0 + 0·1 + 0·0 + 0·0 + 0·1 + 0·0 + 0·0 + 1·1 + 0·0 = 1"
    page.evaluate(COUNT_MESSAGES)
    box = page.locator(".input .cells").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.3, steps=8)
    expect(page.locator(".place")).to_contain_text("column 3")
    assert page.evaluate("window.messages") == 0
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"at=\d+"))
    expect(page.locator(".sum b")).to_have_text("3")


def test_numbers_are_typed_keys_step_and_the_address_brings_them_back(open_step: Callable[..., Page]) -> None:
    page = open_step("learn_convolution")
    field = page.locator(".input input.cell").first
    field.focus()
    page.keyboard.type("7")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("-2")
    page.keyboard.press("Tab")
    expect(page).to_have_url(re.compile("matrix=7"))
    page.locator(".map button.cell.now").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".place")).to_contain_text("step 2 of 16")
    expect(page).to_have_url(re.compile("at=1"))

    again = open_step(page.url.split("/", 3)[3])
    expect(again.locator(".input input.cell").first).to_have_value("7")
    expect(again.locator(".place")).to_contain_text("step 2 of 16")


def test_named_kernels_look_in_the_browser_as_in_python(open_step: Callable[..., Page]) -> None:
    page = open_step("learn_convolution?step=library&sample=cat")
    page.locator(".lesson.seen").wait_for()
    grey = convolution.grey(thumbnail(load_sample("cat"), LONGEST))
    np.testing.assert_array_equal(numbers_of(page, "view.grey.values", "f8"), grey.reshape(-1))
    for name, kernel in KERNELS.items():
        size = len(kernel.rows) // 2
        for signed in (False, True):
            wanted = convolution.as_picture(
                convolution.convolve(grey, kernel.weights, (1, 1), (size, size)), signed=signed
            )
            view(
                page, "(Object.assign(view.state, argument), view.paint())", {"right": name, "signed": str(int(signed))}
            )
            np.testing.assert_array_equal(picture(page, "view.panes[1].canvas"), wanted.reshape(-1), name)
    page.locator(".camera").click()
    expect(page.locator(".lesson [role=status]").last).to_contain_text("does not allow this page the camera")
    page.context.grant_permissions(["camera"])
    page.locator(".camera").click()
    expect(page.locator(".camera")).to_have_text("Back to the photo")
    still = picture(page, "view.panes[0].canvas")
    seen = (page.wait_for_timeout(100) or picture(page, "view.panes[0].canvas") for _ in range(200))
    assert any(not np.array_equal(shown, still) for shown in seen), "the kernels follow the camera"


def test_three_channels_are_filtered_and_added_up_as_in_python(open_step: Callable[..., Page]) -> None:
    page = open_step("learn_convolution?step=channels&sample=cat")
    page.locator(".lesson.seen").wait_for()
    image = np.moveaxis(thumbnail(load_sample("cat"), LONGEST_CHANNEL), 2, 0)
    for text in FILTERS.values():
        kernels = [[[int(n) for n in row.split(",")] for row in part.split(";")] for part in text.split("|")]
        maps = convolution.convolve_channels(image, kernels, (1, 1), (1, 1))
        view(page, "(Object.assign(view.state, argument), view.paint())", {"filters": text})
        total = convolution.sum_of_channels(maps)
        np.testing.assert_array_equal(numbers_of(page, "view.maps().sum.values", "f8"), total.reshape(-1))


def test_a_kernel_is_painted_and_the_picture_follows(open_step: Callable[..., Page]) -> None:
    page = open_step("learn_convolution?step=own&sample=cat")
    page.locator(".lesson.seen").wait_for()
    page.get_by_role("button", name="All zero").click()
    assert set(picture(page, "view.after").tolist()) == {128}
    page.get_by_role("button", name="4", exact=True).click()
    page.mouse.click(*middle(page, ".drawn .cells"))
    expect(page).to_have_url(re.compile(re.escape(f"kernel={quote('0,0,0;0,4,0;0,0,0', safe='')}")))
    grey = convolution.grey(thumbnail(load_sample("cat"), LONGEST))
    wanted = convolution.as_picture(grey.astype(float) * 4, signed=True)
    np.testing.assert_array_equal(picture(page, "view.after"), wanted.reshape(-1))


def test_the_flip_gives_back_the_kernel_itself(open_step: Callable[..., Page]) -> None:
    page = open_step("learn_convolution?step=flip")
    maps = view(
        page, "view.drawn.map(({ map }) => map.cells.map((row) => row.map((cell) => Number(cell.textContent))))"
    )
    case = CASES["arrow"]
    assert maps[1] == [list(row) for row in case.kernel]
    assert maps[0] == convolution.flipped(case.kernel).tolist()


def test_a_photo_is_walked_into_until_its_very_numbers_stand_there(open_step: Callable[..., Page]) -> None:
    page = open_step("learn_pixels?sample=cat")
    page.locator(".lesson.seen").wait_for()
    image = load_sample("cat")
    assert view(page, "[view.image.width, view.image.height]") == [image.shape[1], image.shape[0]]
    pixels = numbers_of(page, "view.image.data", "u1").reshape(*image.shape[:2], 4)
    np.testing.assert_array_equal(pixels[..., :3], image)

    page.get_by_role("button", name="To the numbers").click()
    expect(page).to_have_url(re.compile("zoom=52"))
    page.mouse.move(*middle(page, "canvas.zoom"))
    row, column = image.shape[0] // 2, image.shape[1] // 2
    said = page.locator(".formula").first.inner_text()
    found = [int(number) for number in re.findall(r"\d+", said)]
    assert abs(found[0] - row) <= 1
    assert abs(found[1] - column) <= 1
    assert found[2:] == image[found[0], found[1]].tolist()


def test_the_probe_reads_both_squares_as_equal_with_and_without_what_is_around(open_step: Callable[..., Page]) -> None:
    page = open_step("learn_pixels?step=seeing")
    page.locator(".lesson.seen").wait_for()
    expect(page.locator(".verdict")).to_contain_text("A = B")
    before = page.locator("[data-probe=a] .measured").inner_text()
    slider = page.locator("[data-control=around] input")
    slider.fill("100")
    expect(page).to_have_url(re.compile("around=100"))
    assert page.locator("[data-probe=a] .measured").inner_text() == before
    assert page.locator("[data-probe=b] .measured").inner_text() == before


def test_a_volume_is_sliced_as_in_python(open_step: Callable[..., Page]) -> None:
    page = open_step("learn_pixels?step=shapes&kind=volume")
    volume = phantom.phantom(80)
    for axis in range(3):
        for place in (0, 33, 47, 79):
            found = numbers_of(page, f"view.sliceOf({axis}, {place}).values", "f8")
            np.testing.assert_array_equal(found, phantom.slice_of(volume, axis, place).reshape(-1))
