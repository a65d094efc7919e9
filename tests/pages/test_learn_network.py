"""The page Network through app.py: every step opens, of every generation, portrait or grey."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pages_app import opened, put_model, sound, words
from PIL import Image as Pillow
from tiny_yolov1 import put_yolov1

from yolodash.ui.learn.network import page

STEPS = tuple(page.titles())


def png(shape: tuple[int, ...]) -> bytes:
    buffer = io.BytesIO()
    Pillow.fromarray(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def test_every_step_opens_with_what_comes_along(workspace: Path) -> None:
    app = opened("learn_network")
    row = next(one.key for one in app.segmented_control if str(one.key).startswith("lesson_step_"))
    for step in STEPS:
        app.segmented_control(key=row).set_value(step).run()
        sound(app)
        assert len(app.subheader) == 1, step
        assert [one for one in app.radio if str(one.key).startswith("question_network_")], step


@pytest.mark.parametrize("family", ["yolov1", "yolov3", "scenes"])
def test_a_detector_of_each_generation_is_looked_into(
    family: str, asset: Callable[[str], Path], workspace: Path
) -> None:
    name = {"yolov1": "tiny-v1", "yolov3": "yolov3-tiny", "scenes": "scenes"}[family]
    if family == "yolov1":
        put_yolov1(workspace)
    if family == "yolov3":
        put_model(asset, workspace)
    app = opened("learn_network", step="maps", model=name, inside="detector")
    sound(app)
    layers = app.selectbox(key="layer")
    assert len(layers.options) == {"yolov1": 1, "yolov3": 13, "scenes": 57}[family]
    runs = app.session_state["network_runs"]
    app.run()
    assert app.session_state["network_runs"] == runs
    if len(layers.options) > 1:
        layers.select_index(len(layers.options) // 2).run()
        sound(app)
        assert app.session_state["network_runs"] == runs + 1
    assert app.segmented_control(key="inside").value == "detector"


@pytest.mark.parametrize("shape", [(96, 48, 3), (64, 80)], ids=["portrait", "grey"])
def test_a_picture_of_ones_own_is_looked_at(shape: tuple[int, ...], workspace: Path) -> None:
    app = opened("learn_network", step="classes")
    app.file_uploader[0].set_value([("own.png", png(shape), "image/png")]).run()
    sound(app)
    row = next(one.key for one in app.segmented_control if str(one.key).startswith("lesson_step_"))
    for step in ("field", "maps", "batches"):
        app.segmented_control(key=row).set_value(step).run()
        sound(app)


@pytest.mark.parametrize(
    ("step", "address"),
    [
        ("kernels", {"kernels": "0", "depth": "1e9", "side": "4"}),
        ("field", {"point": "-1,5", "level": "99", "inside": "x"}),
        ("relu", {"first": "1,2", "x": "nan,1"}),
        ("maps", {"layer": "../../etc/passwd", "map": "-1"}),
        ("classes", {"box": "9,9,1,1", "hidden": "1e3"}),
        ("learning", {"target": "<b>", "rate": "nan"}),
        ("skips", {"curves": "9"}),
        ("resampling", {"matrix": "1", "kernel": "x"}),
        ("batches", {"way": "crop"}),
    ],
)
def test_nonsense_in_the_address_is_passed_over(step: str, address: dict[str, str], workspace: Path) -> None:
    app = opened("learn_network", step=step, **address)
    sound(app)
    for name in address:
        assert app.query_params.get(name) != [address[name]]


def test_the_first_step_and_the_curves_need_no_torch_to_be_computed(workspace: Path) -> None:
    app = opened("learn_network", step="skips")
    sound(app)
    assert "network_runs" not in app.session_state
    assert "| 38 |" in words(app)


def test_a_batch_is_measured_where_one_asks_for_it(workspace: Path) -> None:
    app = opened("learn_network", step="batches")
    sound(app)
    assert "Nothing is measured yet" in words(app)
    app.button(key="measure_batches").click().run()
    sound(app)
    assert "as one by one" in words(app)
