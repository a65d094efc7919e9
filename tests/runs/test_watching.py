"""Video runs: odd files end in frames or in a sentence, parts and steps are kept to, and what is packed can be read."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from tiny_detector import TinyDetector

from yolodash.data.videos.reading import VideoFacts
from yolodash.data.videos.uploads import delete_video, list_videos, save_video, video_path
from yolodash.data.videos.writing import new_video
from yolodash.errors import OptionError, VideoError, YoloDashError
from yolodash.inference.looking import Look
from yolodash.runs.state import LOCK, read_state
from yolodash.runs.watched import Watched, open_watched
from yolodash.runs.watching import PREVIEW, VideoOptions, begin_video, expected, read_progress, watch_run
from yolodash.structures import Image, ImageSize, Thresholds
from yolodash.ui.video.encoding import FLOORS, floor_for, pack


@pytest.fixture(autouse=True)
def quiet(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are worked on by the test itself, with a small network."""
    look = Look(TinyDetector("v5"), Thresholds(), ImageSize(96, 96), engine="torch", precision="float32")
    monkeypatch.setattr("yolodash.runs.watching.launch", lambda _run: 0)
    monkeypatch.setattr("yolodash.runs.watching._look", lambda _options: look)


def watched(source: Path, **options: Any) -> Watched:
    run = begin_video("odd", source, VideoOptions("scenes", source.name, **options))
    watch_run(run)
    assert read_state(run).state == "finished"
    found = open_watched(run)
    assert found is not None
    return found


def shade(value: int, height: int = 48, width: int = 64) -> Image:
    return np.full((height, width, 3), value, np.uint8)


def mjpeg(path: Path, images: Sequence[Image], times: Sequence[int], base: Fraction) -> Path:
    """JPEGs as they are, at these times."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mjpeg", rate=25)
        stream.height, stream.width, stream.pix_fmt = *images[0].shape[:2], "yuvj420p"
        stream.time_base = base
        for image, time in zip(images, times, strict=True):
            packet = av.Packet(cv2.imencode(".jpg", image)[1].tobytes())
            packet.stream, packet.pts, packet.dts, packet.time_base = stream, time, time, base
            packet.is_keyframe = True
            output.mux(packet)
    return path


def plain(path: Path, times: Sequence[float]) -> Path:
    with new_video(path, rate=25) as writer:
        for number, seconds in enumerate(times):
            writer.write(shade(20 * number), seconds)
    return path


ODD: dict[str, tuple[Callable[[Path], Path], int]] = {
    "one frame": (lambda folder: plain(folder / "a.mp4", [0.0]), 1),
    "10,000 frames a second": (lambda folder: plain(folder / "a.mp4", [n / 10_000 for n in range(4)]), 4),
    "no duration": (lambda folder: mjpeg(folder / "a.mkv", [shade(9)] * 3, [0, 0, 0], Fraction(1, 1000)), 3),
    "times below zero": (
        lambda folder: mjpeg(folder / "a.mkv", [shade(9)] * 3, [-80, -40, 0], Fraction(1, 1000)),
        3,
    ),
    "another size in the middle": (
        lambda folder: mjpeg(folder / "a.avi", [shade(9), shade(9, 96, 80)], [0, 1], Fraction(1, 25)),
        2,
    ),
    "a frame of 8K": (
        lambda folder: mjpeg(folder / "a.avi", [shade(9, 4320, 7680)], [0], Fraction(1, 25)),
        1,
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_videos_give_all_their_frames_each_later_than_the_one_before(name: str, tmp_path: Path) -> None:
    make, count = ODD[name]
    found = watched(make(tmp_path))
    seconds = [frame.seconds for frame in found.frames()]
    assert len(seconds) == count
    assert seconds == sorted(set(seconds))
    assert seconds[0] >= 0
    assert found.playable() is not None
    about = pack(found)
    assert len(read_packed(about.data)["index"]) == count


def test_a_video_that_browsers_do_not_play_gets_a_copy_that_they_do(tmp_path: Path) -> None:
    times = list(range(3))
    found = watched(mjpeg(tmp_path / "a.avi", [shade(9)] * 3, times, Fraction(1, 25)))
    playable = found.playable()
    assert playable == (found.folder / PREVIEW, "video/mp4", 0.0)
    with av.open(str(playable[0])) as opened:
        assert opened.streams.video[0].codec_context.name == "h264"


def test_only_the_part_and_every_nth_frame_are_looked_at(tmp_path: Path) -> None:
    found = watched(plain(tmp_path / "a.mp4", [n / 25 for n in range(12)]), every=2, start=0.1, end=0.3)
    frames = list(found.frames())
    assert [frame.index for frame in frames] == [3, 4, 5, 6, 7]
    assert [frame.processed for frame in frames] == [True, False, True, False, True]
    assert found.begin == pytest.approx(0.12)
    progress = read_progress(found.folder)
    assert progress is not None
    assert (progress.done, progress.total, progress.processed) == (5, 5, 3)


REFUSED = {
    "empty": b"",
    "list": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "playlist": b"#EXTM3U\n#EXTINF:1,\nhttps://example.org/a.ts\n",
    "session": b"v=0\no=- 0 0 IN IP4 127.0.0.1\n",
    "address": b"https://example.org/a.mp4\n",
    "text": b"hello",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_makes_neither_a_run_nor_an_upload(name: str, workspace: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(REFUSED[name])
    with pytest.raises(VideoError):
        begin_video("refused", path, VideoOptions("scenes", "a.mp4"))
    with path.open("rb") as file, pytest.raises(VideoError):
        save_video("0" * 32, "a.mp4", file)
    assert not (workspace / "runs" / "refused").exists()
    assert list_videos("0" * 32) == []


def test_a_header_without_a_frame_fails_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + b"\0" * 200)
    run = begin_video("odd", tmp_path / "a.mp4", VideoOptions("scenes", "a.mp4"))
    with pytest.raises(YoloDashError):
        watch_run(run)
    assert read_state(run).state == "failed"
    assert "Not one frame" in read_state(run).message
    assert open_watched(run) is None


def test_a_part_without_frames_and_one_that_ends_before_it_starts_are_told(tmp_path: Path) -> None:
    clip = plain(tmp_path / "a.mp4", [0.0, 0.04])
    run = begin_video("odd", clip, VideoOptions("scenes", "a.mp4", start=50))
    with pytest.raises(VideoError, match="No frame lies in this part"):
        watch_run(run)
    with pytest.raises(OptionError, match="does not lie after"):
        begin_video("other", clip, VideoOptions("scenes", "a.mp4", start=2, end=1))


def test_a_killed_run_reads_as_died_and_its_frames_are_there(tmp_path: Path) -> None:
    found = watched(plain(tmp_path / "a.mp4", [n / 25 for n in range(4)]))
    (found.folder / "state.json").write_text(json.dumps({"state": "running"}))
    (found.folder / LOCK).touch()
    whole = (found.folder / "frames.bin").read_bytes()
    (found.folder / "frames.bin").write_bytes(whole[:-1])
    assert read_state(found.folder).state == "died"
    assert sum(1 for _ in found.frames()) == 3


def test_how_many_frames_to_expect_of_a_part() -> None:
    facts = VideoFacts(frames=250, rate=25, seconds=10)
    assert expected(facts, VideoOptions("", "")) == 250
    assert expected(facts, VideoOptions("", "", start=2, end=4)) == 50
    assert expected(facts, VideoOptions("", "", start=8)) == 50
    assert expected(facts, VideoOptions("", "", start=20)) == 0
    assert expected(VideoFacts(), VideoOptions("", "", start=1)) == 0


def test_the_floor_rises_until_what_goes_to_the_browser_is_small_enough(tmp_path: Path) -> None:
    found = watched(plain(tmp_path / "a.mp4", [0.0, 0.04]))
    assert floor_for(found, 1 << 30) == FLOORS[0]
    assert floor_for(found, 0) == FLOORS[-1]


def read_packed(data: bytes) -> dict[str, Any]:
    """The arrays again, as the browser reads them."""
    (length,) = struct.unpack_from("<I", data)
    named = json.loads(data[4 : 4 + length])["arrays"]
    return {name: np.frombuffer(data, f"<{kind}", count, offset) for name, kind, offset, count in named}


def test_the_same_bytes_are_the_same_upload_and_can_be_deleted(tmp_path: Path) -> None:
    clip = plain(tmp_path / "a.mp4", [0.0])
    token = "a" * 32
    for name in ("one.mp4", "../two.mp4"):
        with clip.open("rb") as file:
            kept = save_video(token, name, file)
    assert [one.name for one in list_videos(token)] == ["../two.mp4"]
    assert video_path(token, kept.id).read_bytes() == clip.read_bytes()
    assert video_path(token, kept.id).suffix == ".mp4"
    with pytest.raises(VideoError, match="belongs to another browser"):
        video_path("b" * 32, kept.id)
    delete_video(token, kept.id)
    assert list_videos(token) == []
