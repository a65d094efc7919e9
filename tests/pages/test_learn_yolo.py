"""The page YOLO through app.py: every step opens, of every generation, portrait or grey, and answers its question."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pages_app import opened, put_model, sound, words
from PIL import Image as Pillow
from streamlit.testing.v1 import AppTest
from tiny_yolov1 import put_yolov1

from yolodash.ui.learn.yolo import page

STEPS = tuple(page.titles())
PICTURES = {"portrait": (48, 96, 3), "grey": (64, 80)}


def put_yolov5(asset: Callable[[str], Path], workspace: Path) -> None:
    folder = workspace / "models" / "yolov5n"
    folder.mkdir(parents=True)
    shutil.copy(asset("models/yolov5n-official-v7.0/yolov5n.pt"), folder)


def png(shape: tuple[int, ...]) -> bytes:
    buffer = io.BytesIO()
    Pillow.fromarray(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def walk(app: AppTest) -> None:
    """Every step once, in their order."""
    row = next(one.key for one in app.segmented_control if str(one.key).startswith("lesson_step_"))
    for step in STEPS:
        app.segmented_control(key=row).set_value(step).run()
        sound(app)
        assert len(app.subheader) == 1, step
        assert [one for one in app.radio if str(one.key).startswith("question_yolo_")], step


@pytest.mark.parametrize("family", ["yolov1", "yolov3", "yolov5"])
def test_every_step_opens_with_a_model_of_each_generation(
    family: str, asset: Callable[[str], Path], workspace: Path
) -> None:
    name = {"yolov1": "tiny-v1", "yolov3": "yolov3-tiny", "yolov5": "yolov5n"}[family]
    match family:
        case "yolov1":
            put_yolov1(workspace)
        case "yolov3":
            put_model(asset, workspace)
        case _:
            put_yolov5(asset, workspace)
    app = opened("learn_yolo", model=name)
    walk(app)
    assert app.selectbox(key="model").value == name
    assert app.session_state["network_runs"] == 1


@pytest.mark.parametrize("kind", PICTURES)
def test_every_step_opens_with_a_picture_of_ones_own(kind: str, workspace: Path) -> None:
    put_yolov1(workspace)
    app = opened("learn_yolo", model="tiny-v1")
    app.file_uploader[0].set_value([(f"{kind}.png", png(PICTURES[kind]), "image/png")]).run()
    assert app.selectbox(key="sample").value.startswith("upload:")
    walk(app)


def test_the_address_opens_a_step_with_its_values(asset: Callable[[str], Path], workspace: Path) -> None:
    put_model(asset, workspace)
    app = opened("learn_yolo", step="grid", model="yolov3-tiny", box="10,20,110,220", stride="16")
    sound(app)
    assert app.session_state["yolo_grid_memory"].values == {"box": "10,20,110,220", "stride": "16"}
    assert app.query_params["box"] == "10,20,110,220"


@pytest.mark.parametrize(
    ("step", "address"),
    [
        ("grid", {"box": "9,9,1,1", "stride": "7"}),
        ("grid", {"box": "0,0,1e9,5"}),
        ("iou", {"truth": "<script>", "match": "nan", "same": "2"}),
        ("vector", {"cell": "99,99", "stride": "8"}),
        ("decoding", {"tx": "inf", "anchor": "-1"}),
        ("scales", {"side": "3.5", "heads": "x"}),
        ("nms", {"score": "2", "order": "", "at": "-1"}),
        ("stride", {"side": "1e99"}),
        ("network", {"network": "../../etc/passwd"}),
        ("nothing", {}),
    ],
)
def test_nonsense_in_the_address_is_passed_over(
    step: str, address: dict[str, str], asset: Callable[[str], Path], workspace: Path
) -> None:
    put_yolov1(workspace)
    app = opened("learn_yolo", step=step, model="tiny-v1", **address)
    sound(app)
    for name in address:
        assert app.query_params.get(name) not in (address[name], [address[name]])


def test_a_question_is_judged_and_explained(workspace: Path) -> None:
    app = opened("learn_yolo", step="offsets")
    app.radio(key="question_yolo_offsets").set_value("large").run()
    assert "ln 2" in app.warning[0].value
    app.radio(key="question_yolo_offsets").set_value("same").run()
    assert "ln 2" in app.success[0].value


def test_history_stands_there_before_torch_is_loaded(workspace: Path) -> None:
    app = opened("learn_yolo")
    sound(app)
    assert "10,647 (416)" in words(app)
    assert "network_runs" not in app.session_state


def test_the_lectures_network_has_75_convolutions_and_no_pooling(workspace: Path) -> None:
    app = opened("learn_yolo", step="network")
    sound(app)
    found = {metric.label: metric.value for metric in app.metric}
    assert found == {
        "Convolutions": "75",
        "Skip connections": "23",
        "Upsampling": "2",
        "Joins": "2",
        "Pooling": "0",
        "Heads": "3",
    }
    assert "| yolov1 | 24 | 4 | 0 | 0 | 1 |" in words(app)
    assert "| yolov2 | 23 | 5 |" in words(app)


def test_a_yolov5s_convolutions_are_counted_inside_its_blocks(asset: Callable[[str], Path], workspace: Path) -> None:
    put_yolov5(asset, workspace)
    app = opened("learn_yolo", step="network", model="yolov5n", network="yolov5n")
    sound(app)
    assert {metric.label: metric.value for metric in app.metric}["Convolutions"] == "60"


def test_the_network_looks_again_only_where_one_asks_for_another_size(
    asset: Callable[[str], Path], workspace: Path
) -> None:
    put_model(asset, workspace)
    app = opened("learn_yolo", step="stride", model="yolov3-tiny", side="320")
    sound(app)
    assert "network_runs" not in app.session_state
    app.button(key="yolo_try_size").click().run()
    sound(app)
    assert app.session_state["network_runs"] == 1
    assert "**320×320** · 1,500 →" in words(app)
    app.run()
    assert app.session_state["network_runs"] == 1
