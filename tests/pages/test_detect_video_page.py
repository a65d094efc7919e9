"""The page Detect – video: the sample plays at once; a video is looked at by a run; what was refused is a sentence."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pages_app import ROOT, opened, sound, words
from streamlit.testing.v1 import AppTest

from yolodash.data.store.folders import list_stored
from yolodash.data.store.pictures import list_pictures
from yolodash.data.videos.writing import new_video
from yolodash.runs.exporting import COLUMNS, export_video, json_lines, send_frames, table, yolo_archive
from yolodash.runs.state import read_state
from yolodash.runs.watched import Watched, follow, open_watched
from yolodash.runs.watching import ABOUT, LAST, VideoOptions, begin_video, watch_run
from yolodash.structures import Thresholds
from yolodash.ui.video import camera, player, start
from yolodash.ui.video.source import SAMPLE_FOLDER

PAGE = "detect_video"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Seven frames of noise."""
    random = np.random.default_rng(0)
    with new_video(tmp_path / "noise.mp4", rate=25) as writer:
        for number in range(7):
            writer.write(random.integers(0, 255, (48, 64, 3), np.uint8), number / 25)
    return tmp_path / "noise.mp4"


def sample() -> Watched:
    found = open_watched(SAMPLE_FOLDER)
    assert found is not None
    return found


def command_on(app: AppTest) -> str:
    return str(next(one.value for one in app.code if "yolodash video" in one.value))


def wait_for(run: Path) -> None:
    end = time.monotonic() + 240
    while read_state(run).state in ("queued", "running") and time.monotonic() < end:
        time.sleep(0.2)
    assert read_state(run).state == "finished", (run / "worker.log").read_text()


def test_the_first_paint_shows_the_sample_or_the_camera_and_loads_no_torch(workspace: Path) -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=120); app.run()\n"
        "app.switch_page('pages/detect_video.py'); app.run()\n"
        "app.sidebar.selectbox[0].set_value('camera').run()\n"
        "assert not app.exception and not app.error, (app.exception, app.error)\n"
        "print(app.title[0].value, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip().endswith("Detect objects in a video False"), done.stderr[-2000:]


def test_the_sample_offers_files_the_command_and_another_look(workspace: Path) -> None:
    app = opened(PAGE)
    sound(app)
    assert "Click a box to ask why it is there" in words(app)
    code = command_on(app)
    assert code.startswith("python -m yolodash video clip.mp4")
    assert "--weights scenes" in code
    assert app.button(key="video_run").label == "Look at it with scenes · bundled"


def test_what_is_no_video_is_refused_in_a_sentence(workspace: Path) -> None:
    app = opened(PAGE)
    files = [
        ("list.mp4", b"#EXTM3U\nfile:///etc/passwd\n", "video/mp4"),
        ("parts.mov", b"ffconcat version 1.0\nfile /etc/passwd\n", "video/quicktime"),
    ]
    app.file_uploader[0].set_value(files).run()
    assert app.exception == []
    assert [error.value.count("names other files") for error in app.error] == [1, 1]


def test_an_upload_is_shown_at_once_looked_at_by_a_run_and_played(workspace: Path, clip: Path) -> None:
    app = opened(PAGE)
    app.file_uploader[0].set_value([("noise.mp4", clip.read_bytes(), "video/mp4")]).run()
    sound(app)
    assert "64×48" in words(app)
    assert "25 frames a second" in words(app)
    app.number_input(key="video_every").set_value(3)
    app.button(key="video_run").click().run(timeout=120)
    sound(app)
    (run,) = (workspace / "runs").iterdir()
    wait_for(run)
    app.run(timeout=120)
    sound(app)
    watched = open_watched(run)
    assert watched is not None
    assert [frame.processed for frame in watched.frames()] == [True, False, False, True, False, False, True]
    assert (run / LAST).is_file()

    again = opened(PAGE, video=f"run:{run.name}").run(timeout=120)
    sound(again)
    assert again.sidebar.selectbox[0].value == f"run:{run.name}"
    assert "--every 3" in command_on(again)


def test_a_stopped_run_keeps_what_it_did_and_says_so(
    workspace: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yolodash.runs.watching.launch", lambda _run: 0)
    run = begin_video("noise", clip, VideoOptions("scenes", "noise.mp4"))
    monkeypatch.setattr("yolodash.runs.watching._Journal.stopping", lambda journal: journal.done >= 3)
    watch_run(run)
    assert read_state(run).state == "stopped"
    watched = open_watched(run)
    assert watched is not None
    assert sum(1 for _ in watched.frames()) == 3
    app = opened(PAGE, video="run:noise")
    assert "Stopped after 3 frames" in app.info[0].value


def test_the_files_agree_with_each_other() -> None:
    watched, thresholds = sample(), Thresholds(0.5)
    lines = [json.loads(line) for line in json_lines(watched, thresholds).splitlines()]
    rows = table(watched, thresholds).decode().splitlines()
    assert rows[0] == ",".join(COLUMNS)
    assert len(rows) - 1 == sum(len(line["detections"]) for line in lines) > 300
    assert all(found["score"] > 0.5 and found["track"] for line in lines for found in line["detections"])
    with zipfile.ZipFile(io.BytesIO(yolo_archive(watched, thresholds, 50))) as archive:
        names = archive.namelist()
        labels = archive.read("labels/000000.txt").decode().splitlines()
    assert names == [
        "data.yaml", "images/000000.jpg", "labels/000000.txt", "images/000050.jpg", "labels/000050.txt",
    ]  # fmt: skip
    assert len(labels) == len(lines[0]["detections"])
    assert all(len(line.split()) == 5 for line in labels)


def test_the_stored_identities_are_those_that_the_tracker_finds() -> None:
    rows = player.stored_rows(sample(), Thresholds())
    assert rows is not None
    assert rows == list(player.track_rows(follow(sample(), Thresholds())))


def test_what_could_not_be_read_is_kept_as_a_sentence_and_its_values(workspace: Path) -> None:
    run = workspace / "runs" / "cut"
    shutil.copytree(SAMPLE_FOLDER, run)
    about = json.loads((run / ABOUT).read_bytes())
    notes = ["said by an older version", ["Packets that were damaged and left out: {count}", {"count": 3}]]
    (run / ABOUT).write_text(json.dumps({**about, "notes": notes}))
    watched = open_watched(run)
    assert watched is not None
    assert [str(note) for note in watched.notes] == [notes[0], "Packets that were damaged and left out: 3"]


def test_frames_sent_to_annotation_are_proposals_in_a_data_set(workspace: Path) -> None:
    from yolodash.data.store.classes import read_classes
    from yolodash.data.store.folders import create_dataset
    from yolodash.data.store.truth import read_truth

    dataset = create_dataset("from video", classes=["Sphere"])
    assert send_frames(sample(), Thresholds(0.5), 50, dataset, by="me") == 2
    assert send_frames(sample(), Thresholds(0.5), 50, dataset, by="me") == 0
    pictures = list_pictures(dataset)
    assert {one.state for one in pictures} == {"in_work"}
    assert pictures[0].origin == "clip.mp4, 0.00 s"
    assert sorted(one.name.casefold() for one in read_classes(dataset)) == ["cube", "cylinder", "sphere"]
    boxes = read_truth(dataset, pictures[0].stem).boxes
    assert len(boxes) >= 5
    assert {box.source for box in boxes} == {"model scenes"}
    assert [path.name for path in list_stored()] == ["from video"]


def test_the_exported_video_has_every_frame_at_its_time(tmp_path: Path) -> None:
    from yolodash.data.videos.reading import open_video

    seen: list[int] = []
    export_video(sample(), Thresholds(0.5), tmp_path / "out.mp4", seen.append)
    with open_video(tmp_path / "out.mp4") as video:
        seconds = [frame.seconds for frame in video.frames]
    assert np.allclose(seconds, np.arange(100) / 25, atol=1e-3)
    assert seen == list(range(1, 101))


def test_the_command_says_what_differs_from_the_usual() -> None:
    options = VideoOptions("my model", "-odd name.mp4", every=2, start=1.5, end=3.0, size=320)
    text = start.command(options, Thresholds(0.3, 0.5, classes=(0, 2), labels="all")).replace(" \\\n ", "")
    assert text == (
        "python -m yolodash video './-odd name.mp4' --weights 'my model' --score 0.3 --nms-iou 0.5 --classes 0,2 "
        "--labels all --size 320 --every 2 --start 1.5 --end 3.0 --output out.mp4 --json out.jsonl"
    )


@pytest.mark.parametrize(
    ("url", "secure"),
    [("https://lab.example/x", True), ("http://localhost:8501/x", True), ("http://127.0.0.1/x", True), ("", True),
     ("http://10.0.0.5:8501/x", False), ("http://lab.example/x", False)],
)  # fmt: skip
def test_a_camera_needs_https_or_this_machine(url: str, secure: bool) -> None:
    assert camera.is_secure(url) is secure


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("1,2,3,4", (1.0, 2.0, 3.0, 4.0)),
        ("1,2,3", None),
        ("a,b,c,d", None),
        ("-5,0,99999999,1", (0.0, 0.0, 65535.0, 1.0)),
    ],
)
def test_a_line_of_the_address_is_read_or_passed_over(text: str, line: tuple[float, ...] | None) -> None:
    assert player.read_line(text.split(",")) == line


def test_what_the_browser_makes_up_is_no_pick() -> None:
    good = {"frame": 3, "index": 5, "class_id": 1, "track": 2, "x": 1.5, "y": 2, "score": 0.5}
    assert player.read_pick(good, 3) == player.Picked(3, 5, 1, 1.5, 2.0, 2, 0.5)
    for broken in ({"class_id": 3}, {"frame": -1}, {"index": None}, {"x": "a"}):
        assert player.read_pick({**good, **broken}, 3) is None


def test_a_button_sends_the_frames_and_leads_to_where_they_are_annotated(workspace: Path) -> None:
    from yolodash.data.store.folders import create_dataset

    create_dataset("mine")
    app = opened(PAGE)
    app.selectbox(key="video_dataset").set_value("mine").run()
    app.number_input(key="video_frames_every").set_value(50).run()
    app.button(key="video_send").click().run(timeout=120)
    sound(app)
    assert app.success[0].value == "2 frames are in the data set mine."
