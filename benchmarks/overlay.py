"""From the movement of a slider to the picture, in Chromium: 25,200 candidates on a picture of 1280 × 960.

    python -m benchmarks.overlay

The clock starts at the browser's time stamp of the movement and stops at the frame after the drawing;
"work" is the processor time of the page's main thread a picture. The candidates
are made up and crowded: about 13,000 of them score above .01, more than a trained network gives on a real photo.
"""

from __future__ import annotations

import os
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np
import streamlit as st

from benchmarks.in_chromium import WATCH, served, tab, work_milliseconds

ANCHORS = (
    ((10.0, 13.0), (16.0, 30.0), (33.0, 23.0)),
    ((30.0, 61.0), (62.0, 45.0), (59.0, 119.0)),
    ((116.0, 90.0), (156.0, 198.0), (373.0, 326.0)),
)
MOVES = 60
CASES = (  # slider, from and to; and where the others stand: score, NMS IoU, across classes
    ("score_threshold", (0.20, 0.60), (0.25, 0.45, False)),
    ("score_threshold", (0.00, 0.10), (0.25, 0.45, False)),
    ("score_threshold", (0.00, 0.10), (0.25, 0.45, True)),
    ("nms_iou_threshold", (0.20, 0.80), (0.25, 0.45, False)),
    ("nms_iou_threshold", (0.20, 0.80), (0.01, 0.45, False)),
    ("nms_iou_threshold", (0.20, 0.80), (0.001, 0.45, False)),
    ("nms_iou_threshold", (0.00, 0.20), (0.001, 0.45, False)),
    ("nms_iou_threshold", (0.20, 0.80), (0.001, 0.45, True)),
)


def scene() -> tuple[Any, Any]:
    """The picture, and candidates of a YOLOv5 at 640 × 640 with random boxes and scores."""
    from yolodash.structures import Candidates, Head, ImageSize, Transform

    random = np.random.default_rng(0)
    heads = tuple(Head("yolov5", anchors, 8 * 2**scale, 80) for scale, anchors in enumerate(ANCHORS))
    places = [
        np.stack(np.meshgrid([scale], range(3), range(640 // head.stride), range(640 // head.stride), indexing="ij"))
        for scale, head in enumerate(heads)
    ]
    scale, anchor, row, column = np.concatenate([place.reshape(4, -1) for place in places], axis=1)
    count = len(scale)
    stride = 8 * 2**scale
    centre = (np.stack([column, row], axis=1) + random.random((count, 2))) * stride[:, None]
    half = np.array(ANCHORS)[scale, anchor] * random.lognormal(0, 0.3, (count, 2)) / 2
    boxes = (np.concatenate([centre - half, centre + half], axis=1) - [0, 80, 0, 80]) * 2
    objectness = 1 / (1 + np.exp(-random.normal(-4, 2.5, count)))
    probabilities = 1 / (1 + np.exp(-random.normal(-9, 2, (count, 80))))
    probabilities[np.arange(count), random.integers(0, 80, count)] = 0.9
    y, x = np.mgrid[0:960, 0:1280]
    image = np.stack([x // 6, y // 4, (x + y) // 9], axis=-1).astype(np.uint8)
    candidates = Candidates(
        boxes=boxes.astype(np.float32),
        raw=np.zeros((count, 85), np.float32),
        objectness=objectness.astype(np.float32),
        class_probabilities=probabilities.astype(np.float32),
        scale=scale,
        row=row,
        column=column,
        anchor=anchor,
        image_size=ImageSize(960, 1280),
        network_size=ImageSize(640, 640),
        transform=Transform(0.5, 0.5, 0.0, 80.0),
        family="yolov5",
        names=tuple(f"class {number}" for number in range(80)),
        heads=heads,
    )
    return image, candidates


def page() -> None:
    """What the server shows: the overlay and nothing else."""
    from yolodash.ui import overlay

    st.set_page_config(layout="wide")
    image, candidates = st.cache_resource(scene)()
    overlay.show(image, candidates, key="overlay")


def drag(tab: Any, tracer: Any, slider: str, span: tuple[float, float]) -> tuple[list[float], float]:
    """Milliseconds from movement to picture of a drag there and back, and the page's work a picture."""
    tab.wait_for_timeout(1500)
    tab.locator(".overlay").evaluate("root => { root.times = []; }")
    frame = tab.locator(f"[data-control={slider}] input[type=range]").bounding_box()
    y = frame["y"] + frame["height"] / 2
    shares = [*np.linspace(*span, MOVES // 2), *np.linspace(*reversed(span), MOVES // 2)]
    tab.mouse.move(frame["x"] + 8 + shares[0] * (frame["width"] - 16), y)
    tab.mouse.down()
    before = work_milliseconds(tracer)
    for share in shares:
        tab.mouse.move(frame["x"] + 8 + share * (frame["width"] - 16), y)
        tab.wait_for_timeout(40)
    work = work_milliseconds(tracer) - before
    tab.mouse.up()
    times: list[float] = tab.locator(".overlay").evaluate("root => root.times")
    return times, work / max(len(times), 1)


def measure() -> None:
    """Print the table."""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(
        f"{'dragged':18} {'span':>10} {'others: score, IoU, across':>28}"
        f" {'pictures':>9} {'median':>7} {'p95':>6} {'work':>6}  ms"
    )
    with served(Path(__file__)) as address, tab() as (page_, tracer):
        page_.goto(address)
        page_.locator(".overlay .legend li").first.wait_for(timeout=120_000)
        page_.locator(".overlay").evaluate(WATCH)
        for slider, span, (score, iou, agnostic) in CASES:
            page_.locator("[data-control=score_threshold] input[type=number]").fill(str(score))
            page_.locator("[data-control=nms_iou_threshold] input[type=number]").fill(str(iou))
            page_.locator("[data-control=class_agnostic] input").set_checked(agnostic)
            times, work = drag(page_, tracer, slider, span)
            print(
                f"{slider:18} {span[0]:4.2f}–{span[1]:4.2f} {f'{score}, {iou}, {agnostic}':>28} {len(times):9}"
                f" {median(times):7.1f} {quantiles(times, n=20)[-1]:6.1f} {work:6.1f}",
                flush=True,
            )


if st.runtime.exists():
    page()
elif __name__ == "__main__":
    measure()
