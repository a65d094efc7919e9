"""The command, from its words to its files; the good runs on a real network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiny_detector import random_picture

from yolodash.cli import main
from yolodash.data.images import encode_png, read_image

REFERENCE = ["--precision", "float32", "--engine", "torch", "--device", "cpu"]


@pytest.fixture
def official(asset: Callable[[str], Path]) -> str:
    return str(asset("models/yolov5n-official-v7.0/yolov5n.pt"))


@pytest.fixture
def photos(tmp_path: Path, asset: Callable[[str], Path]) -> Path:
    """A folder of two photos, a broken one between them, and a text."""
    folder = tmp_path / "photos"
    (folder / "deeper").mkdir(parents=True)
    shutil.copy(asset("images/bus.jpg"), folder / "a.jpg")
    (folder / "b.jpg").write_bytes((folder / "a.jpg").read_bytes()[:2000])
    (folder / "deeper" / "c.png").write_bytes(encode_png(random_picture(40, 60)))
    (folder / "notes.txt").write_text("no picture")
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_folder_gives_one_entry_a_picture_and_a_bad_one_stops_nothing(
    capsys: pytest.CaptureFixture[str], workspace: Path, official: str, photos: Path, tmp_path: Path
) -> None:
    drawn = tmp_path / "drawn"
    words = ("detect", photos, "--weights", official, "--json", "-", "--draw", drawn, *REFERENCE)
    code, out, err = run(capsys, *words)
    record: dict[str, Any] = json.loads(out)
    first, broken, last = record["images"]
    assert code == 1
    assert [Path(entry["source"]).name for entry in record["images"]] == ["a.jpg", "b.jpg", "c.png"]
    assert [found["class_name"] for found in first["detections"]].count("person") == 4
    assert set(broken) == {"source", "error"}
    assert (last["width"], last["height"]) == (60, 40)
    assert record["model"] | {"name": "yolov5n.pt", "family": "yolov5", "size": [640, 640]} == record["model"]
    assert record["model"]["parameters"] == 1_872_157
    assert "skipped 1" in err
    assert sorted(path.name for path in drawn.iterdir()) == ["a.jpg", "c.png"]
    assert read_image(drawn / "c.png").shape == (40, 60, 3)


def test_the_options_reach_the_selection(
    capsys: pytest.CaptureFixture[str], workspace: Path, official: str, photos: Path, tmp_path: Path
) -> None:
    result = tmp_path / "result.json"
    options = (
        "--score",
        0.01,
        "--classes",
        "bus,0",
        "--max-detections",
        3,
        "--size",
        "256x320",
        "--resize",
        "letterbox",
    )
    code, out, _ = run(
        capsys, "detect", photos / "a.jpg", "--weights", official, "--json", result, *options, *REFERENCE
    )
    record = json.loads(result.read_text())
    assert code == 0
    assert "a.jpg" in out
    assert record["model"]["size"] == [320, 256]
    assert record["thresholds"]["classes"] == [5, 0]
    assert len(record["images"][0]["detections"]) == 3
    assert {found["class_id"] for found in record["images"][0]["detections"]} <= {0, 5}


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("photo.jpg",),
        ("--weights", "x.pt"),
        ("photo.jpg", "--weights", "x.pt", "--score", "1.5"),
        ("photo.jpg", "--weights", "x.pt", "--score", "much"),
        ("photo.jpg", "--weights", "x.pt", "--size", "big"),
        ("photo.jpg", "--weights", "x.pt", "--size", "0"),
        ("photo.jpg", "--weights", "x.pt", "--labels", "some"),
        ("photo.jpg", "--weights", "x.pt", "--resize", "crop"),
        ("photo.jpg", "--weights", "x.pt", "--max-detections", "0"),
        ("photo.jpg", "--weights", "x.pt", "--wrong"),
    ],
)
def test_wrong_usage_ends_with_2(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    code, out, err = run(capsys, "detect", *words)
    assert code == 2
    assert out == ""
    assert "Traceback" not in err


def test_a_problem_with_the_input_is_one_line_and_ends_with_1(
    capsys: pytest.CaptureFixture[str], workspace: Path, tmp_path: Path
) -> None:
    weights = tmp_path / "broken\nname.pt"
    weights.write_bytes(b"nothing")
    for words in (
        ("detect", tmp_path / "empty", "--weights", weights),
        ("detect", tmp_path / "photo.jpg", "--weights", weights),
        ("detect", tmp_path / "photo.jpg", "--weights", "no-such-model"),
    ):
        (tmp_path / "empty").mkdir(exist_ok=True)
        code, _, err = run(capsys, *words)
        assert code == 1
        assert err.startswith("error: ")
        assert len(err.splitlines()) == 1
        assert err.count(" — ") >= 1


def test_classes_that_the_model_lacks_are_refused(
    capsys: pytest.CaptureFixture[str], workspace: Path, official: str, photos: Path
) -> None:
    for wrong in ("unicorn", "80", "0,,1"):
        code, _, err = run(capsys, "detect", photos / "a.jpg", "--weights", official, "--classes", wrong, *REFERENCE)
        assert code == 1
        assert err.startswith("error: ")


def test_a_traceback_is_shown_only_when_asked_for(
    capsys: pytest.CaptureFixture[str], workspace: Path, tmp_path: Path
) -> None:
    words = ("detect", tmp_path, "--weights", "none")
    assert "Traceback" not in run(capsys, *words)[2]
    assert "Traceback" in run(capsys, *words, "--debug")[2]


def test_the_unexpected_is_a_sentence_too(
    capsys: pytest.CaptureFixture[str], workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(paths: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("yolodash.data.sources.find_images", fail)
    code, _, err = run(capsys, "detect", tmp_path, "--weights", "x")
    assert code == 1
    assert err.startswith("error: ")
    assert "RuntimeError: two\\nlines" in err
    assert len(err.splitlines()) == 1


def test_interruption_ends_with_130(
    capsys: pytest.CaptureFixture[str], workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupt(paths: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("yolodash.data.sources.find_images", interrupt)
    assert run(capsys, "detect", tmp_path, "--weights", "x")[0] == 130


def test_the_command_line_starts_without_torch() -> None:
    code = "import sys, yolodash.cli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_help_and_version_end_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("--help",), ("--version",), ("detect", "--help"), ("models", "--help")):
        assert run(capsys, *words)[0] == 0
