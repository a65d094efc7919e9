"""The page Detect, through app.py: what it says and what it remembers. What a person does is tested in a browser."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pages_app import opened, put_model, sound, words
from PIL import Image as Pillow
from streamlit.testing.v1 import AppTest

from yolodash.errors import N_, DownloadError
from yolodash.models import catalogue


def jpeg(colour: tuple[int, int, int] = (200, 40, 40)) -> bytes:
    buffer = io.BytesIO()
    Pillow.new("RGB", (64, 48), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def upload(app: AppTest, *files: tuple[str, bytes, str]) -> AppTest:
    return app.file_uploader[0].set_value(list(files)).run()


def test_without_a_model_one_button_gets_one(workspace: Path, no_bundled_models: None) -> None:
    app = opened("detect_image")

    sound(app)
    assert [button.label for button in app.main.button] == ["Get YOLOv3-tiny (35 MB)"]


def test_a_failed_download_is_a_sentence_and_the_button_stays(
    workspace: Path, no_bundled_models: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, progress: object) -> None:
        raise DownloadError(N_("No source answers"), fix=N_("try again later"), where=name)

    monkeypatch.setattr(catalogue, "get", refuse)
    app = opened("detect_image")
    app.button(key="get_model").click().run()

    assert [error.value for error in app.error] == ["**No source answers** (yolov3\\-tiny). Try again later."]
    assert app.button(key="get_model")


def test_a_model_finds_the_cup_and_the_network_runs_once(asset: Callable[[str], Path], workspace: Path) -> None:
    put_model(asset, workspace)
    app = opened("detect_image", model="yolov3-tiny")

    sound(app)
    assert "The network has run 1 time in this tab" in words(app)
    assert "(13·13 + 26·26)·3 = 2,535" in words(app).replace("\\", "")

    app.run()
    assert "The network has run 1 time in this tab" in words(app)


def test_the_address_opens_sample_and_size(asset: Callable[[str], Path], workspace: Path) -> None:
    put_model(asset, workspace)
    app = opened(
        "detect_image", model="yolov3-tiny", sample="cat", size="320", score="0.5", iou="nonsense", classes="15"
    )

    sound(app)
    assert app.selectbox(key="sample").value == "cat"
    assert app.selectbox(key="size").value == 320
    thresholds = app.session_state["thresholds"]
    assert (thresholds.score_threshold, thresholds.nms_iou_threshold, thresholds.classes) == (0.5, 0.45, (15,))


@pytest.mark.parametrize(
    "address",
    [
        {"sample": "../../etc/passwd"},
        {"score": "-1"},
        {"size": "1e9"},
        {"classes": "-3,x"},
        {"max": "0"},
        {"view": "?"},
    ],
    ids=lambda address: next(iter(address)),
)
def test_nonsense_in_the_address_is_passed_over(
    asset: Callable[[str], Path], workspace: Path, address: dict[str, str]
) -> None:
    put_model(asset, workspace)
    app = opened("detect_image", model="yolov3-tiny", **address)

    sound(app)
    assert app.selectbox(key="sample").value == "coffee"


def test_an_upload_is_opened_and_the_next_run_still_has_it(workspace: Path) -> None:
    app = upload(opened("detect_image"), ("red *square*.jpg", jpeg(), "image/jpeg"))

    sound(app)
    assert app.selectbox(key="sample").value.startswith("upload:")
    assert "red *square*.jpg" in app.selectbox(key="sample").options
    app.run()
    assert app.selectbox(key="sample").value.startswith("upload:")


def test_a_bad_upload_is_a_sentence_and_the_good_one_beside_it_is_opened(workspace: Path) -> None:
    app = upload(
        opened("detect_image"),
        ("<script>alert(1)</script>[x](y).jpg", b"<!doctype html><html></html>", "image/jpeg"),
        ("good.jpg", jpeg(), "image/jpeg"),
    )

    assert len(app.error) == 1
    assert "This is a web page, not a picture" in app.error[0].value
    assert "\\<script\\>" in app.error[0].value
    assert "\\[x\\]\\(y\\)" in app.error[0].value
    assert app.selectbox(key="sample").value.startswith("upload:")


def test_my_uploads_can_be_deleted(workspace: Path) -> None:
    app = upload(opened("detect_image"), ("one.jpg", jpeg(), "image/jpeg"))
    app.toggle(key="delete").set_value(True).run()
    app.button(key="delete_uploads").click().run()

    sound(app)
    assert app.selectbox(key="sample").value == "scene"
    assert list(workspace.rglob("*.jpg")) == []


def test_many_uploads_become_a_gallery(asset: Callable[[str], Path], workspace: Path) -> None:
    put_model(asset, workspace)
    photo = asset("images/dog.jpg").read_bytes()
    app = upload(
        opened("detect_image", model="yolov3-tiny"), ("dog.jpg", photo, "image/jpeg"), ("red.jpg", jpeg(), "image/jpeg")
    )
    app.segmented_control(key="view").set_value("all").run()
    app.button(key="gallery_start").click().run()

    sound(app)
    assert "Pictures: 2 ·" in words(app)
    assert "nothing found" in words(app)
    assert any(label.startswith("dog") for label in app.pills(key="gallery_classes").options)
    app.pills(key="gallery_classes").set_value([16]).run()
    assert "nothing found" not in words(app)


def test_a_broken_model_is_a_sentence_without_a_path(workspace: Path) -> None:
    folder = workspace / "models"
    folder.mkdir(parents=True)
    (folder / "broken.pt").write_bytes(np.arange(100, dtype=np.uint8).tobytes())
    app = opened("detect_image", model="broken")

    assert len(app.error) == 1
    assert str(workspace) not in app.error[0].value
    assert "Something went wrong" not in app.error[0].value
