"""The overlay in a real browser: it selects what Python selects, follows a drag alone, and tells what was clicked."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from overlay_candidates import KINDS, candidates_of
from playwright.sync_api import Page, expect

from yolodash.inference.selection import judge
from yolodash.structures import FATES, Candidates, Selection, Thresholds

pytestmark = pytest.mark.browser

SCRIPT = """
import streamlit as st
from overlay_candidates import candidates_of, picture
from yolodash.structures import Thresholds
from yolodash.ui import overlay

st.set_page_config(layout="wide")

@st.cache_resource
def scene():
    st.session_state.made = st.session_state.get("made", 0) + 1
    return picture({size}), candidates_of({kind!r}, **{options!r})

st.session_state.runs = st.session_state.get("runs", 0) + 1
shown = st.checkbox("shown", True)
image, candidates = scene()
if shown:
    state = overlay.show(image, candidates, {thresholds!r}, key="scene")
    st.text(f"state {{state.thresholds}}")
    st.text(f"pick {{state.pick}}")
st.text(f"runs {{st.session_state.runs}}, made {{st.session_state.made}}")
"""
START = Thresholds()


def script(kind: str = "yolov5", thresholds: Thresholds = START, size: str = "", **options: Any) -> str:
    return SCRIPT.format(kind=kind, thresholds=thresholds, size=size, options=options)


@pytest.fixture
def open_overlay(start_app: Callable[..., str], open_page: Callable[..., Page]) -> Callable[..., Page]:
    """``open_overlay(script, **context)``: the page with the overlay drawn."""

    def open_(text: str, **options: object) -> Page:
        page = open_page(start_app(text), **options)
        page.locator(".overlay .legend li").first.wait_for()
        expect(page.get_by_text("runs 1, made 1")).to_be_visible()
        page.wait_for_function("document.querySelector('.stApp').getAttribute('data-test-script-state') !== 'running'")
        return page

    return open_


def view(page: Page, expression: str, argument: object = None) -> Any:
    """Evaluate an expression of ``view``, the overlay's own object, and ``argument``."""
    return page.locator(".overlay").evaluate(
        f"(root, argument) => {{ const view = root.view; return {expression}; }}", argument
    )


def grid_of_thresholds(candidates: Candidates) -> list[Thresholds]:
    every = itertools.product((0.001, 0.0625, 0.25, 0.9), (0.001, 0.45, 0.5, 0.95), (False, True), ("best", "all"))
    settings = [Thresholds(score, iou, 300, agnostic, None, labels) for score, iou, agnostic, labels in every]
    settings += [Thresholds(0.01, 0.6, 300, False, chosen, "all") for chosen in ((), (0,), (1, 3))]
    settings += [Thresholds(0.01, 0.6, 20_000, agnostic, None, "all") for agnostic in (False, True)]
    return [*settings, Thresholds(0.1, 0.5, 1, True, (2, 4), "best"), Thresholds(0.1, 1.0, 300, True, None, "all")]


def as_values(thresholds: Thresholds) -> dict[str, Any]:
    classes = None if thresholds.classes is None else list(thresholds.classes)
    return {**vars(thresholds), "classes": classes}


def as_lists(selection: Selection) -> dict[str, Any]:
    found = selection.detections
    return {
        "pairs": [
            list(pair)
            for pair in zip(
                found.candidate_index.tolist(), found.class_ids.tolist(), found.scores.tolist(), strict=True
            )
        ],
        "fate": selection.fate.tolist(),
        "bestClass": selection.best_class.tolist(),
        "suppressedBy": selection.suppressor.tolist(),
        "account": np.bincount(selection.fate, minlength=len(FATES)).tolist(),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_browser_selects_the_very_pairs_that_python_selects(kind: str, open_overlay: Callable[..., Page]) -> None:
    page = open_overlay(script(kind))
    candidates = candidates_of(kind)
    kept = 0
    for thresholds in grid_of_thresholds(candidates):
        expected = as_lists(judge(candidates, thresholds))
        assert view(page, "view.selectionFor(argument)", as_values(thresholds)) == expected, thresholds
        kept += len(expected["pairs"])
    assert kept > 500


def test_the_controls_select_what_they_say(open_overlay: Callable[..., Page]) -> None:
    page = open_overlay(script("yolov3"))
    control = lambda name: page.locator(f"[data-control={name}]")  # noqa: E731
    control("score_threshold").locator("input[type=number]").fill("0.1")
    control("nms_iou_threshold").locator("input[type=number]").fill("0.7")
    control("max_detections").locator("input").fill("50")
    control("class_agnostic").locator("input").check()
    control("labels").locator("select").select_option("best")
    control("classes").get_by_role("button", name="class 1", exact=True).click()
    control("classes").get_by_role("button", name="class 3", exact=True).click()
    wanted = Thresholds(0.1, 0.7, 50, True, (1, 3), "best")
    expect(page.get_by_text(f"state {wanted}")).to_be_visible()
    account = np.bincount(judge(candidates_of("yolov3"), wanted).fate, minlength=len(FATES))
    for fate, count in zip(FATES, account, strict=True):
        expect(page.locator(f"[data-fate={fate.value}]")).to_have_text(f"{count:,}")


def test_dragging_redraws_without_a_word_to_the_server_until_release(
    start_app: Callable[..., str], open_page: Callable[..., Page]
) -> None:
    page = open_page("about:blank")
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: frames.append("sent")))
    page.on("websocket", lambda socket: socket.on("framereceived", lambda _: frames.append("received")))
    page.goto(start_app(script("yolov5")))
    page.locator(".overlay .legend li").first.wait_for()
    page.wait_for_timeout(1500)
    view(
        page,
        "(root.drawn = [], root.addEventListener('drawn', ({ detail }) =>"
        " detail.complete && root.drawn.push(detail.account)))",
    )
    slider = page.locator("[data-control=score_threshold] input[type=range]").bounding_box()
    assert slider is not None
    y = slider["y"] + slider["height"] / 2
    page.mouse.move(slider["x"] + slider["width"] * 0.25, y)
    page.mouse.down()
    before = len(frames)
    for step in range(20):
        page.mouse.move(slider["x"] + slider["width"] * (0.25 + 0.03 * step), y)
        page.wait_for_timeout(30)
    while_dragging = len(frames) - before
    drawn = view(page, "root.drawn")
    page.mouse.up()
    assert while_dragging == 0
    assert len(drawn) >= 10
    assert len({account[0] for account in drawn}) >= 5
    assert all(sum(account) == 378 for account in drawn)
    expect(page.get_by_text("runs 2, made 1")).to_be_visible()
    score = view(page, "view.thresholds.score_threshold")
    assert score > 0.5
    expect(page.get_by_text(f"score_threshold={score}, ")).to_be_visible()


def centre(page: Page, rank: int) -> tuple[float, float]:
    """The middle of a detection's box on the screen."""
    left, top, right, bottom = view(page, "view.boxOf(view.selection.detections[argument])", rank)
    x, y = (left + right) / 2, (top + bottom) / 2
    frame = page.locator("canvas.boxes").bounding_box()
    assert frame is not None
    return frame["x"] + x, frame["y"] + y


FEW = Thresholds(score_threshold=0.9, nms_iou_threshold=0.2, class_agnostic=True)


@pytest.mark.parametrize("scale", [1, 2])
def test_a_click_on_a_box_names_its_candidate(scale: int, open_overlay: Callable[..., Page]) -> None:
    page = open_overlay(script(thresholds=FEW), device_scale_factor=scale)
    found = judge(candidates_of("yolov5"), FEW).detections
    smallest = int(np.argmin(np.prod(found.boxes[:, 2:] - found.boxes[:, :2], axis=1)))
    page.mouse.click(*centre(page, smallest))
    index, class_id = found.candidate_index[smallest], found.class_ids[smallest]
    expect(page.get_by_text(f"index={index}, class_id={class_id})")).to_be_visible()
    canvas = page.locator("canvas.boxes")
    assert canvas.evaluate("node => node.width / node.clientWidth") == pytest.approx(scale, abs=0.01)


def test_a_click_where_nothing_is_gives_the_point_in_the_picture(open_overlay: Callable[..., Page]) -> None:
    page = open_overlay(script(thresholds=Thresholds(score_threshold=1.0)))
    frame = page.locator("canvas.boxes").bounding_box()
    assert frame is not None
    page.mouse.click(frame["x"] + frame["width"] / 4, frame["y"] + frame["height"] / 2)
    expect(page.get_by_text("index=-1, class_id=-1)")).to_be_visible()
    pick = view(page, "view.pick")
    assert (pick["x"], pick["y"]) == pytest.approx((80, 120), abs=1)


def test_the_keyboard_goes_through_the_detections_picks_and_clears(open_overlay: Callable[..., Page]) -> None:
    page = open_overlay(script(thresholds=FEW))
    found = judge(candidates_of("yolov5"), FEW).detections
    page.locator("canvas.boxes").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".overlay .live")).to_contain_text(f"2 of {len(found.scores)}: class {found.class_ids[1]}")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"index={found.candidate_index[1]}, class_id={found.class_ids[1]})")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("pick None")).to_be_visible()


def test_class_names_are_words_and_never_markup(open_overlay: Callable[..., Page]) -> None:
    names = ("<img src=x onerror=alert(1)>", "{count} {name}", "a\nb\u202ec", "x" * 5000, "</script><b>bold</b>")
    page = open_overlay(script(thresholds=FEW, names=names))
    page.on("dialog", lambda dialog: pytest.fail(f"a class name ran: {dialog.message}"))
    assert page.locator(".overlay img, .overlay b, .overlay script").count() == 0
    chips = page.locator("[data-control=classes] .chips .text").all_text_contents()
    assert set(chips) == set(names)
    page.locator("canvas.boxes").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".overlay .tooltip").is_visible()


def test_thresholds_and_pick_outlive_being_hidden(open_overlay: Callable[..., Page]) -> None:
    page = open_overlay(script(thresholds=FEW))
    page.mouse.click(*centre(page, 0))
    expect(page.get_by_text("pick Pick(")).to_be_visible()
    field = page.locator("[data-control=nms_iou_threshold] input[type=number]")
    field.fill("0.3")
    field.press("Enter")
    expect(page.get_by_text("nms_iou_threshold=0.3,")).to_be_visible()
    toggle = page.get_by_text("shown", exact=True)
    toggle.click()
    expect(page.locator(".overlay")).to_have_count(0)
    toggle.click()
    page.locator(".overlay .legend li").first.wait_for()
    expect(page.get_by_text("nms_iou_threshold=0.3,")).to_be_visible()
    expect(page.get_by_text("pick Pick(")).to_be_visible()
    expect(field).to_have_value("0.3")
    assert view(page, "view.pick.index") >= 0


@pytest.mark.parametrize("size", ["1, 1", "1, 10000", "10000, 1"])
def test_a_picture_of_any_shape_can_be_seen_and_clicked(size: str, open_overlay: Callable[..., Page]) -> None:
    page = open_overlay(script(size=size))
    frame = page.locator("canvas.boxes").bounding_box()
    assert frame is not None
    assert min(frame["width"], frame["height"]) >= 40
    assert frame["height"] <= 720
    page.mouse.click(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    expect(page.get_by_text("pick Pick(")).to_be_visible()


def test_no_candidates_at_all_are_an_empty_account(
    start_app: Callable[..., str], open_page: Callable[..., Page]
) -> None:
    text = (
        script()
        .replace("state = overlay", "candidates = none_of(candidates)\n    state = overlay")
        .replace("st.set_page_config", "from overlay_candidates import none_of\nst.set_page_config")
    )
    page = open_page(start_app(text))
    expect(page.locator(".overlay .found")).to_have_text("No object above the thresholds")
    expect(page.locator("[data-fate=kept]")).to_have_text("0")
