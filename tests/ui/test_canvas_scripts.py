"""The canvas's own arithmetic, in Node: boxes, camera, undo, and what waits to be confirmed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripts_in_node import call

from yolodash.ui.canvas import component

FOLDER = component.FOLDER
GEOMETRY = [FOLDER / "geometry.js"]
KEEPING = [FOLDER / "keeping.js"]
STEPS = [FOLDER / "steps.js"]
PHOTO = {"width": 4000, "height": 3000}
Box = list[float]


def test_every_script_of_the_canvas_stands_beside_the_others() -> None:
    scripts: list[Path] = [component.OVERLAY.parents[1] / "markup.js", *component.SCRIPTS, FOLDER / "canvas.js"]
    assert call([*scripts, FOLDER / "talking.js"], "((text) => text)", [("x",)]) == ["x"]


@pytest.mark.parametrize(
    ("drawn", "kept"),
    [
        ([10, 20, 110, 220], [10, 20, 110, 220]),
        ([110, 220, 10, 20], [10, 20, 110, 220]),  # drawn from the lower right
        ([-50, -1, 30.25, 40.5], [0, 0, 30.25, 40.5]),
        ([3990, 2990, 5000, 5000], [3990, 2990, 4000, 3000]),
        ([10, 10, 12, 12], [10, 10, 12, 12]),
        ([10, 10, 11.9, 500], None),  # under two pixels wide: a slip
        ([10, 10, 10, 10], None),
        ([-9, -9, -1, -1], None),  # beside the picture
    ],
)
def test_a_drawn_box_is_put_in_order_cut_at_the_edge_and_dropped_when_a_speck(drawn: Box, kept: Box | None) -> None:
    assert call(GEOMETRY, "tidied", [(drawn, PHOTO)]) == [kept]


def test_in_a_picture_of_one_pixel_a_box_of_one_pixel_is_none_too_small() -> None:
    assert call(GEOMETRY, "tidied", [([0, 0, 1, 1], {"width": 1, "height": 1})]) == [[0, 0, 1, 1]]


@pytest.mark.parametrize(
    ("by", "after"),
    [((5, 7), [105, 107, 205, 157]), ((-500, 0), [0, 100, 100, 150]), ((9e9, 9e9), [3900, 2950, 4000, 3000])],
)
def test_a_moved_box_stops_at_the_edge_and_keeps_its_size(by: tuple[float, float], after: Box) -> None:
    assert call(GEOMETRY, "moved", [([100, 100, 200, 150], *by, PHOTO)]) == [after]


@pytest.mark.parametrize(
    ("handle", "after"),
    [
        ("se", [100, 100, 300, 400]),
        ("nw", [200, 150, 300, 400]),
        ("n", [100, 150, 200, 400]),
        ("e", [100, 100, 300, 150]),
    ],
)
def test_corners_and_sides_resize_without_keeping_the_shape(handle: str, after: Box) -> None:
    box = [100, 100, 200, 150]
    assert call(GEOMETRY, "resized", [(box, handle, 300, 400, PHOTO)]) == [after]


@pytest.mark.parametrize(
    ("at", "handle"),
    [
        ((100, 100), "nw"), ((203, 98), "ne"), ((150, 100), "n"), ((96, 125), "w"), ((150, 152), "s"),
        ((200, 150), "se"), ((150, 125), None), ((90, 90), None), ((150, 110), None),
    ],
)  # fmt: skip
def test_handles_are_found_at_corners_and_along_sides(at: tuple[float, float], handle: str | None) -> None:
    assert call(GEOMETRY, "handleAt", [([100, 100, 200, 150], *at, 6)]) == [handle]


def test_of_boxes_at_a_point_the_smallest_is_meant() -> None:
    boxes = [{"box": [0, 0, 100, 100]}, {"box": [40, 40, 60, 60]}, {"box": [0, 0, 90, 90]}]
    points = [(boxes, 50, 50, 0), (boxes, 95, 95, 0), (boxes, 200, 200, 0), (boxes, 101, 50, 2)]
    assert call(GEOMETRY, "boxAt", points) == [1, 0, -1, 0]


STAGE = {"width": 700, "height": 480}
sides = st.integers(1, 9000)


@settings(max_examples=8)
@given(st.lists(st.tuples(sides, sides, *[st.floats(0, 1)] * 2, st.floats(-3, 5)), min_size=20, max_size=20))
def test_zooming_keeps_the_point_under_the_pointer_where_the_picture_covers_it(
    cases: list[tuple[int, int, float, float, float]],
) -> None:
    zoomed = "((w, h, x, y, power) => { const size = { width: w, height: h }, stage = { width: 700, height: 480 };"
    zoomed += "const start = fitted(size, stage), to = zoomed(start, 2 ** power, x * 700, y * 480, size, stage);"
    zoomed += "return [start, to, toPicture(start, x * 700, y * 480), toPicture(to, x * 700, y * 480)]; })"
    for (width, height, *_rest), (start, camera, before, after) in zip(
        cases, call(GEOMETRY, zoomed, cases), strict=True
    ):
        assert camera["scale"] >= start["scale"]
        for axis, side, length in (("x", width, 700), ("y", height, 480)):
            shown = side * camera["scale"]
            at = camera[axis]
            inside = at >= -1e-6 and at + shown <= length + 1e-6  # smaller than the stage: wholly on it
            covering = at <= 1e-6 and at + shown >= length - 1e-6  # larger: it covers the stage
            assert inside or covering
            place = 0 if axis == "x" else 1
            free = at < -1e-6 and at + shown > length + 1e-6
            if free and 0 <= before[place] <= side:
                assert math.isclose(before[place], after[place], abs_tol=1e-6 * side)


@settings(max_examples=5)
@given(st.lists(st.tuples(st.floats(0, 4000), st.floats(0, 3000), st.floats(0, 1), st.floats(0.05, 40)), min_size=30))
def test_a_point_goes_to_the_stage_and_back_without_loss(cases: list[tuple[float, float, float, float]]) -> None:
    there = "((x, y, shift, scale) => { const camera = { scale, x: -900 * shift, y: 50 * shift };"
    there += "return toPicture(camera, ...toStage(camera, [x, y, x, y]).slice(0, 2)); })"
    for (x, y, *_rest), (back_x, back_y) in zip(cases, call(GEOMETRY, there, cases), strict=True):
        assert (back_x, back_y) == pytest.approx((x, y), abs=1e-9)


def steps(moves: list[Any]) -> list[Any]:
    play = "((moves) => { const steps = new Steps(0); const seen = [];"
    play += "for (const move of moves) { if (typeof move === 'number') steps.take(move); else steps[move]();"
    play += "seen.push(steps.now); } return [seen, steps.past.length, steps.future.length]; })"
    result: list[Any] = call(STEPS, play, [(moves,)])[0]
    return result


def test_undo_and_redo_go_back_and_forth_and_a_new_step_ends_what_could_be_redone() -> None:
    seen, past, future = steps([1, 2, 3, "undo", "undo", "redo", "undo", "undo", "undo", 9, "redo"])
    assert seen == [1, 2, 3, 2, 1, 2, 1, 0, 0, 9, 9]
    assert (past, future) == (1, 0)


def test_the_memory_of_undo_is_bounded() -> None:
    assert steps(list(range(1, 1000)))[1:] == [200, 0]


STORAGE = """
class Storage {
  constructor(full) { this.map = new Map(); this.full = full; }
  get length() { return this.map.size; }
  key(i) { return [...this.map.keys()][i]; }
  getItem(key) { return this.map.get(key) ?? null; }
  setItem(key, value) { if (this.full) throw new Error("full"); this.map.set(key, value); }
  removeItem(key) { this.map.delete(key); }
}
"""


def kept(tmp_path: Path, body: str) -> Any:
    storage = tmp_path / "storage.js"
    storage.write_text(STORAGE, encoding="utf-8")
    return call([*KEEPING, storage], f"(() => {{ {body} }})", [()])[0]


REPLY = "const reply = (m, outcome, revision, sentence) => ({ ...m, outcome, revision, sentence });"
START = REPLY + "const storage = new Storage(); const keeper = new Keeper(storage, 'set', 'aa');"


def test_the_same_message_is_sent_until_it_is_confirmed_then_what_was_changed_behind_it(tmp_path: Path) -> None:
    body = START + (
        "keeper.change('a', 3, { boxes: [1] }); const one = keeper.message();"
        "keeper.change('a', 3, { boxes: [1, 2] }); keeper.change('a', 3, { boxes: [1, 2, 3], state: 'done' });"
        "const again = keeper.message(); keeper.hear(reply(one, 'saved', 4)); const two = keeper.message();"
        "const waits = !keeper.empty; keeper.hear(reply(two, 'saved', 5));"
        "return [one, again, two, waits, keeper.empty, storage.length];"
    )
    one, again, two, waits, empty, stored = kept(tmp_path, body)
    assert again == one == {**one, "revision": 3, "boxes": [1], "sequence": 1}
    assert two == {**two, "revision": 4, "boxes": [1, 2, 3], "sequence": 2, "state": "done"}
    assert (waits, empty, stored) == (True, True, 0)


def test_what_was_not_confirmed_is_found_again_by_the_next_tab_and_sent_as_it_was(tmp_path: Path) -> None:
    body = START + (
        "keeper.change('a', 3, { boxes: [1] }); const one = keeper.message(); keeper.change('a', 3, { boxes: [2] });"
        "const next = new Keeper(storage, 'set', 'bb'); const other = new Keeper(storage, 'other', 'cc');"
        "const sent = next.message(); next.hear(reply(sent, 'saved', 4)); const behind = next.message();"
        "next.hear(reply(behind, 'saved', 5));"
        "return [one, next.boxesOf('b'), sent, behind, other.empty, storage.length];"
    )
    one, nothing, sent, behind, other_empty, stored = kept(tmp_path, body)
    assert sent == one
    assert nothing is None
    assert behind == {**behind, "writer": "bb", "revision": 4, "boxes": [2]}
    assert (other_empty, stored) == (True, 0)


def test_a_refused_change_stays_and_a_late_answer_to_another_one_changes_nothing(tmp_path: Path) -> None:
    body = START + (
        "keeper.change('a', 0, { boxes: [1] }); const one = keeper.message();"
        "keeper.hear(reply({ ...one, sequence: 9 }, 'saved', 7));"
        "keeper.hear(reply({ ...one, writer: 'x' }, 'saved', 7));"
        "keeper.hear(reply(one, 'failed', 0, 'The disk is full.'));"
        "return [keeper.records.get('a').failed, keeper.boxesOf('a'), storage.length];"
    )
    assert kept(tmp_path, body) == ["The disk is full.", [1], 1]


def test_a_conflict_waits_without_being_sent_again_until_it_is_settled(tmp_path: Path) -> None:
    body = START + (
        "keeper.change('a', 0, { boxes: [1] }); const one = keeper.message(); keeper.hear(reply(one, 'conflict', 4));"
        "keeper.change('b', 2, { boxes: [5] }); const other = keeper.message();"
        "const waits = [keeper.waits('a'), keeper.boxesOf('a')]; keeper.hear(reply(one, 'settled', 5));"
        "return [other.stem, waits, keeper.waits('a')];"
    )
    assert kept(tmp_path, body) == ["b", [True, [1]], False]


def test_what_was_drawn_before_a_conflict_was_heard_of_becomes_part_of_the_version_to_choose_from(
    tmp_path: Path,
) -> None:
    body = START + (
        "keeper.change('a', 3, { boxes: [1], state: 'done' }); const one = keeper.message();"
        "keeper.change('a', 3, { boxes: [1, 2] }); keeper.hear(reply(one, 'conflict', 4));"
        "const two = keeper.message(); keeper.hear(reply(two, 'conflict', 4));"
        "return [two, keeper.message(), keeper.boxesOf('a')];"
    )
    two, nothing, boxes = kept(tmp_path, body)
    assert two == {**two, "revision": 3, "boxes": [1, 2], "state": "done", "sequence": 2}
    assert (nothing, boxes) == (None, [1, 2])


def test_where_the_browser_can_store_nothing_the_change_is_kept_in_memory_and_leaving_is_asked_about(
    tmp_path: Path,
) -> None:
    body = (
        "const keeper = new Keeper(new Storage(true), 'set', 'aa'); keeper.change('a', 0, { boxes: [1] });"
        "const nowhere = new Keeper(null, 'set', 'aa'); nowhere.change('a', 0, { boxes: [2] });"
        "return [keeper.boxesOf('a'), keeper.unstored, nowhere.boxesOf('a'), nowhere.unstored];"
    )
    assert kept(tmp_path, body) == [[1], True, [2], True]


def test_what_others_left_in_the_storage_is_passed_over(tmp_path: Path) -> None:
    body = (
        "const storage = new Storage();"
        'const at = (text) => storage.setItem(`yolodash-canvas:"set":${storage.length}`, text);'
        'at(\'{\'); at(\'null\'); at(\'5\'); at(\'{"stem": 3}\'); at(\'{"stem": "a", "base": "x", "sent": {}}\');'
        "return [new Keeper(storage, 'set', 'aa').empty];"
    )
    assert kept(tmp_path, body) == [True]
