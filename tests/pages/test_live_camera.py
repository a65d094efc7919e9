"""The live camera: what the browser may send, what is answered, and what the page says where there is no camera."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages_app import opened, sound
from scripts_in_node import call

from yolodash.data.images import encode_jpeg, encode_png
from yolodash.errors import ImageError
from yolodash.inference.selection import judge
from yolodash.models import catalogue
from yolodash.structures import Thresholds
from yolodash.ui import caching, pictures
from yolodash.ui.caching import NetworkInput
from yolodash.ui.camera import live
from yolodash.ui.camera.texts import problems
from yolodash.ui.overlay.encoding import encode_thresholds

UI = Path(live.__file__).parents[1]
NOISE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)


def written(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def test_the_camera_is_one_of_the_videos_and_waits_to_be_started(workspace: Path) -> None:
    app = opened("detect_video", video="camera")
    sound(app)
    assert app.sidebar.selectbox[0].value == "camera"
    assert not (workspace / "sessions").exists() or not list((workspace / "sessions").rglob("*.jpg"))
    app.sidebar.selectbox[0].set_value("sample").run()
    sound(app)
    app.sidebar.button(key="video_live").click().run()
    sound(app)
    assert app.sidebar.selectbox[0].value == "camera"


def test_the_page_for_pictures_leads_to_the_live_camera(workspace: Path) -> None:
    app = opened("detect_image")
    app.button(key="live_camera_link").click().run()
    sound(app)
    assert app.title[0].value == "Detect objects in a video"
    assert app.sidebar.selectbox[0].value == "camera"


def test_a_jpeg_of_the_browser_is_read() -> None:
    assert live.read_picture(written(encode_jpeg(NOISE))).shape == (48, 64, 3)


@pytest.mark.parametrize(
    "sent",
    [
        None,
        7,
        "",
        "no base64!",
        "é" * 40,
        written(encode_png(NOISE)),
        written(b"GIF89a" + bytes(99)),
        written(encode_jpeg(np.zeros((10, live.LONGEST + 1, 3), np.uint8))),
        "A" * (2 * live.MOST_BYTES),
    ],
    ids=["nothing", "number", "empty", "words", "letters", "png", "gif", "too long a side", "too many bytes"],
)
def test_what_is_no_small_jpeg_is_refused_in_a_sentence(sent: Any) -> None:
    with pytest.raises(ImageError, match="JPEG of at most 640 pixels"):
        live.read_picture(sent)


def test_a_cut_jpeg_is_refused() -> None:
    with pytest.raises(ImageError, match="damaged"):
        live.read_picture(written(encode_jpeg(NOISE)[:-200]))


def test_what_is_sent_back_is_enough_to_find_what_select_finds() -> None:
    model = next(model for model in catalogue.usable() if model.name == "scenes")
    (photo,) = [one for one in pictures.samples() if one.key == "scene"]
    prediction = caching.known_prediction(model, photo, NetworkInput())
    assert prediction is not None
    answer = live.encode_answer(model.name, prediction)
    thresholds = {**encode_thresholds(Thresholds()), "labels": answer["default_labels"]}
    program = (
        "((data, thresholds) => { const found = new Selector(prepare(data)).select(thresholds);"
        "return Array.from(found.detections, (row) => [found.ranking.classId[row], found.ranking.score[row]]); })"
    )
    (theirs,) = call([UI / "overlay" / "selection.js"], program, [(answer, thresholds)])
    ours = judge(prediction.candidates, Thresholds()).detections
    assert len(theirs) > 2
    assert [class_id for class_id, _score in theirs] == ours.class_ids.tolist()
    assert np.allclose([score for _class_id, score in theirs], ours.scores)
    assert answer["candidates"]["count"] < len(prediction.candidates.objectness) / 10


@pytest.mark.parametrize(
    ("secure", "error", "text"),
    [
        (False, None, "ssh -L 8501:localhost:8501 lab.example"),
        (False, "NotAllowedError", "https"),
        (True, "NotAllowedError", "does not allow this page the camera"),
        (True, "NotFoundError", "Plug one in"),
        (True, "NotReadableError", "Another program has the camera"),
        (True, None, ""),
    ],
)
def test_a_camera_that_gives_nothing_is_a_sentence_that_says_what_to_do(
    secure: bool, error: str | None, text: str
) -> None:
    program = (
        "((texts, secure, name) => { const define = (key, value) => Object.defineProperty(globalThis, key, "
        "{ value, configurable: true }); define('navigator', secure ? { mediaDevices: { getUserMedia() {} } } : {});"
        "define('window', { location: { hostname: 'lab.example', port: '8501', protocol: 'http:' } });"
        "return cameraProblem(texts, name && { name }); })"
    )
    said = call([UI / "overlay" / "controls.js", UI / "camera" / "problems.js"], program, [(problems(), secure, error)])
    assert text in said[0]
    assert bool(said[0]) is bool(text)
