"""The command ``video``: a line a looked-at frame, and a video that plays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from yolodash.cli import main
from yolodash.data.videos.reading import open_video


@pytest.fixture
def weights(asset: Callable[[str], Path]) -> str:
    return str(asset("models/yolov5n-official-v7.0/yolov5n.pt"))


def test_a_part_of_a_clip_is_told_followed_and_written(
    weights: str, asset: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip, output, lines = asset("videos/h264_bikes.mp4"), tmp_path / "out.mp4", tmp_path / "out.jsonl"
    words = ["video", clip, "--weights", weights, "--size", 256, "--every", 3, "--start", 2, "--end", 3]
    words += ["--output", output, "--json", lines, "--engine", "torch"]
    assert main([str(word) for word in words]) == 0
    records = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [one["frame"] for one in records] == list(range(50, 76, 3))
    assert all(2 <= one["seconds"] <= 3 for one in records)
    assert {found["class_name"] for one in records for found in one["detections"]} >= {"car"}
    tracks = [found["track"] for one in records for found in one["detections"]]
    assert max(tracks.count(track) for track in set(tracks)) > len(records) // 2
    assert "26 frames, 9 of them looked at" in capsys.readouterr().out
    with open_video(output) as video:
        seconds = [frame.seconds for frame in video.frames]
    assert len(seconds) == 26
    assert seconds[0] == 0
    assert abs(seconds[-1] - 1) < 0.01


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("a.mp4", b"#EXTM3U\n", "names other files"), ("b.mp4", b"", "empty"), ("c.mp4", b"text", "no MP4")],
)
def test_a_refused_file_ends_in_one_sentence(
    name: str, content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    words = ["video", str(tmp_path / name), "--weights", "nothing", "--output", str(tmp_path / "x.mp4")]
    assert main(words) == 1
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.count("\n") == 1
    assert not (tmp_path / "x.mp4").exists()


def test_a_part_without_frames_and_an_end_before_the_start_are_told(
    weights: str, asset: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    clip = str(asset("videos/mjpeg.avi"))
    assert main(["video", clip, "--weights", weights, "--start", "90"]) == 1
    assert "No frame lies in this part" in capsys.readouterr().err
    assert main(["video", clip, "--weights", weights, "--start", "2", "--end", "1"]) == 1
    assert "The end does not lie after the start" in capsys.readouterr().err
