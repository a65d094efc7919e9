"""How fast one labels: 100 boxes by keyboard and mouse in Chromium, how exact they are, and frames at 200 boxes.

    python -m benchmarks.annotate

Ten photos of 4000 × 3000 with ten known rectangles each. The script drags every box and presses its class, then Enter
brings the next picture; it waits for nothing but the picture, and stops the clock when the last change is confirmed.
A person needs longer to look; what is measured is what the program adds. The error is between the rectangle that was
meant and the truth on the disk; a mouse without parts of pixels would add half a pixel of the screen.
"""

from __future__ import annotations

import io
import os
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.in_chromium import REPOSITORY, served, tab, work_milliseconds
from yolodash.data.store.folders import create_dataset
from yolodash.data.store.pictures import add_picture
from yolodash.data.store.truth import StoredBox, Truth, read_truth, save_truth

PICTURES, BOXES = 10, 10
WIDTH, HEIGHT = 4000, 3000
CROWDS = (200, 1000)
CANVAS = ".canvas canvas.boxes"
FRAMES = """root => {
    const view = root.view, paint = view.paint.bind(view);
    view.painted = [];
    view.intervals = [];
    view.paint = () => {
        const start = performance.now();
        paint();
        view.painted.push(performance.now() - start);
        if (view.last) view.intervals.push(start - view.last);
        view.last = start;
    };
}"""


def rectangles(seed: int) -> np.ndarray:
    """``(10, 4)`` x1, y1, x2, y2."""
    random = np.random.default_rng(seed)
    cells = [(column, row) for column in range(4) for row in range(3)][:BOXES]
    corners = np.array(cells) * (WIDTH / 4, HEIGHT / 3) + random.uniform(60, 200, (BOXES, 2))
    return np.concatenate([corners, corners + random.uniform(200, 600, (BOXES, 2))], axis=1)


def picture(boxes: np.ndarray, seed: int) -> bytes:
    """A photo of grey with its rectangles."""
    pixels = np.full((HEIGHT, WIDTH, 3), 150 + seed, np.uint8)
    for x1, y1, x2, y2 in boxes.round().astype(int):
        pixels[y1:y2, x1:x2] = (40, 90, 160)
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "JPEG", quality=85)
    return data.getvalue()


def make() -> Path:
    """The data set: ten photos to label, and one for each crowd."""
    dataset = create_dataset("speed", classes=["one", "two", "three"])
    for number in range(PICTURES):
        add_picture(dataset, f"p{number}.jpg", picture(rectangles(number), number), by="benchmark")
    for count in CROWDS:
        stem = f"crowd{count}"
        random = np.random.default_rng(count)
        add_picture(dataset, f"{stem}.jpg", picture(rectangles(count), 30 + count // 200), by="benchmark")
        corners = random.uniform((0, 0), (WIDTH - 300, HEIGHT - 300), (count, 2))
        boxes = np.concatenate([corners, corners + random.uniform(30, 300, (count, 2))], axis=1).tolist()
        stored = tuple(StoredBox(f"b{i}", i % 3, tuple(box)) for i, box in enumerate(boxes))
        now = read_truth(dataset, stem)
        save_truth(dataset, stem, Truth(now.revision, now.size, "in_work", boxes=stored), by="benchmark")
    return dataset


def label(page: Any) -> float:
    """Label the ten photos; the minutes that it took."""
    frame = page.locator(CANVAS).bounding_box()
    assert frame is not None
    scale = min(frame["width"] / WIDTH, frame["height"] / HEIGHT)
    left = frame["x"] + (frame["width"] - WIDTH * scale) / 2
    top = frame["y"] + (frame["height"] - HEIGHT * scale) / 2
    start = time.monotonic()
    for number in range(PICTURES):
        page.locator(f'.canvas[data-picture="p{number}"]').wait_for()
        for place, (x1, y1, x2, y2) in enumerate(rectangles(number).tolist()):
            page.mouse.move(left + x1 * scale, top + y1 * scale)
            page.mouse.down()
            page.mouse.move(left + x2 * scale, top + y2 * scale, steps=5)
            page.mouse.up()
            page.keyboard.press(str(place % 3 + 1))
        page.keyboard.press("Enter")
    saved(page)
    return (time.monotonic() - start) / 60


def saved(page: Any) -> None:
    """Wait until everything is confirmed."""
    page.wait_for_timeout(50)
    page.locator(".canvas .saved[data-state=saved]").wait_for()


def frames(page: Any, address: str, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds of drawing a frame, and between frames, while a box is dragged among others and the wheel zooms."""
    page.goto(f"{address}/annotate?data=speed&picture=crowd{count}")
    page.locator(f'.canvas[data-picture="crowd{count}"]').wait_for()
    page.wait_for_timeout(1000)
    root = page.locator(".canvas")
    root.evaluate(FRAMES)
    frame = page.locator(CANVAS).bounding_box()
    assert frame is not None
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 200, y + 150, steps=90)
    page.mouse.up()
    for step in range(30):
        page.mouse.wheel(0, -60 if step < 15 else 60)
        page.wait_for_timeout(20)
    return root.evaluate("root => root.view.painted"), root.evaluate("root => root.view.intervals")


def measure() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["YOLODASH_HOME"] = home
        dataset = make()
        with served(REPOSITORY / "app.py") as address, tab() as (page, tracer):
            page.goto(f"{address}/annotate?data=speed&picture=p0")
            page.locator('.canvas[data-picture="p0"]').wait_for()
            page.wait_for_timeout(1000)
            before = work_milliseconds(tracer)
            minutes = label(page)
            work = (work_milliseconds(tracer) - before) / (PICTURES * BOXES)
            errors = []
            for number in range(PICTURES):
                truth = read_truth(dataset, f"p{number}")
                assert [one.class_id for one in truth.boxes] == [place % 3 for place in range(BOXES)]
                assert number == PICTURES - 1 or truth.state == "done"
                errors += np.abs(np.array([one.box for one in truth.boxes]) - rectangles(number)).max(axis=1).tolist()
            print(f"{PICTURES * BOXES} boxes in {minutes * 60:.1f} s: {PICTURES * BOXES / minutes:.0f} boxes a minute")
            print(f"work of the page's main thread: {work:.0f} ms a box, saving and changing pictures included")
            print(f"error in original pixels: median {median(errors):.3f}, largest {max(errors):.3f}")
            print(f"{'boxes':>6} {'frames':>7} {'drawing ms':>11} {'p95':>6} {'between ms':>11} {'p95':>6}")
            for count in CROWDS:
                painted, between = frames(page, address, count)
                between = [value for value in between if value < 500]
                print(
                    f"{count:6} {len(painted):7} {median(painted):11.1f} {quantiles(painted, n=20)[-1]:6.1f}"
                    f" {median(between):11.1f} {quantiles(between, n=20)[-1]:6.1f}"
                )


if __name__ == "__main__":
    measure()
