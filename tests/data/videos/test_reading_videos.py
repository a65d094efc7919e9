"""Videos read and written: every frame in its place and time, and nothing opened that a file names."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from yolodash.data.videos.containers import container_of
from yolodash.data.videos.reading import open_video
from yolodash.data.videos.writing import new_video
from yolodash.errors import OptionError, VideoError
from yolodash.structures import Image


def shade(value: int, height: int = 48, width: int = 64) -> Image:
    return np.full((height, width, 3), value, np.uint8)


def clip(path: Path, times: list[float], height: int = 48, width: int = 64) -> Path:
    """Frames of growing brightness at these times."""
    with new_video(path, rate=25) as writer:
        for number, seconds in enumerate(times):
            writer.write(shade(10 * number, height, width), seconds)
    return path


def test_every_frame_comes_back_at_its_own_time(tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.1, 0.5, 0.51, 2.0, 2.04]
    with open_video(clip(tmp_path / "a.mp4", times)) as video:
        frames = list(video.frames)
    assert [frame.index for frame in frames] == list(range(7))
    assert np.allclose([frame.seconds for frame in frames], times, atol=1e-4)
    assert np.allclose([frame.image.mean() for frame in frames], [10 * n for n in range(7)], atol=3)
    assert video.notes == []


def test_every_nth_frame_keeps_its_number(tmp_path: Path) -> None:
    with open_video(clip(tmp_path / "a.mp4", [n / 25 for n in range(10)]), every=4) as video:
        assert [frame.index for frame in video.frames] == [0, 4, 8]


@pytest.mark.parametrize(("height", "width"), [(47, 63), (1, 1), (2, 999)])
def test_odd_sides_become_even_and_play(height: int, width: int, tmp_path: Path) -> None:
    path = clip(tmp_path / "odd.mp4", [0.0, 0.1], height, width)
    with av.open(str(path)) as opened:
        stream = opened.streams.video[0]
        assert (stream.height, stream.width) == (height + height % 2, width + width % 2)
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
    data = path.read_bytes()
    assert data.find(b"moov") < data.find(b"mdat")


def test_a_change_of_size_in_the_middle_keeps_the_first(tmp_path: Path) -> None:
    with new_video(tmp_path / "a.mp4", rate=25) as writer:
        writer.write(shade(50), 0.0)
        writer.write(shade(150, 100, 30), 0.04)
    with open_video(tmp_path / "a.mp4") as video:
        assert [frame.image.shape for frame in video.frames] == [(48, 64, 3)] * 2


def test_times_that_stand_still_or_go_back_are_set_right(tmp_path: Path) -> None:
    with open_video(clip(tmp_path / "a.mp4", [0.0, 0.2, 0.2, 0.1, 0.3])) as video:
        seconds = [frame.seconds for frame in video.frames]
    assert seconds == sorted(set(seconds))


def test_a_video_that_fails_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> None:
        with new_video(tmp_path / "a.mp4", rate=25) as writer:
            writer.write(shade(1), 0.0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert list(tmp_path.iterdir()) == []


def test_only_mp4_is_written(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"let the name end in \.mp4"), new_video(tmp_path / "a.avi", rate=25):
        pass


REFUSED = {
    "list.mp4": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "list.mov": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "session.avi": b"v=0\no=- 0 0 IN IP4 127.0.0.1\n",
    "manifest.webm": b"<?xml version='1.0'?><MPD></MPD>",
    "spaced.mkv": b"\xef\xbb\xbf \n#EXTM3U\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_names_others_is_refused_before_any_decoder_sees_it(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(REFUSED[name])
    with pytest.raises(VideoError, match="names other files"):
        container_of(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"MZ\x90", "no MP4"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 200, "Not one frame"),
        (b"\x1aE\xdf\xa3" + b"\xff" * 500, "Not one frame"),
        (b"GIF89a\xff\xff\xff\xff\0\0\0", "Not one frame"),
    ],
)
def test_what_is_no_video_gets_a_sentence(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(content)
    with pytest.raises(VideoError, match=said), open_video(tmp_path / "x.mp4"):
        pass


def test_a_cut_file_gives_what_can_be_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    with new_video(tmp_path / "whole.mp4", rate=25) as writer:
        for number in range(60):
            writer.write(rng.integers(0, 255, (96, 128, 3), np.uint8), number / 25)
    data = (tmp_path / "whole.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[: len(data) // 2])
    with open_video(tmp_path / "cut.mp4") as video:
        count = sum(1 for _ in video.frames)
    assert 10 < count < 60
    assert video.notes, "and says that it is not all"
    assert all(str(note) for note in video.notes)


def test_the_decoding_process_can_write_no_file(tmp_path: Path) -> None:
    code = (
        "import sys; from yolodash.data.videos.decoder import confine; confine()\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "open(sys.argv[1], 'wb', buffering=0).write(b'x')"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "x"], capture_output=True, check=False)
    assert done.returncode != 0
    assert b"File too large" in done.stderr
    assert (tmp_path / "x").stat().st_size == 0


def test_a_folder_of_pictures_is_a_video(tmp_path: Path) -> None:
    for number in (2, 0, 1):
        cv2.imwrite(str(tmp_path / f"{number}.png"), shade(100 * number))
    with open_video(tmp_path) as video:
        assert [frame.image[0, 0, 0] for frame in video.frames] == [0, 100, 200]


COUNTS = {
    "animated.gif": 36, "av1.mkv": 125, "h264_bikes.mp4": 250, "hevc.mp4": 10, "mjpeg.avi": 36, "mpeg4part2.avi": 96,
    "really_webm.mp4": 150, "rotated_90.mov": 3, "vfr_rotated_180.mp4": 25, "vp8.webm": 24, "vp9_no_duration.webm": 74,
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTS)
def test_real_clips_give_all_their_frames(name: str, asset: Callable[[str], Path]) -> None:
    with open_video(asset(f"videos/{name}")) as video:
        seconds = [frame.seconds for frame in video.frames]
    assert len(seconds) == COUNTS[name]
    assert seconds[0] < 0.2
    assert all(one < other for one, other in itertools.pairwise(seconds))


@pytest.mark.parametrize("name", ["rotated_90.mov", "vfr_rotated_180.mp4"])
def test_rotated_clips_stand_upright_as_opencv_has_them(name: str, asset: Callable[[str], Path]) -> None:
    path = asset(f"videos/{name}")
    with open_video(path) as video:
        ours = next(video.frames).image
    capture = cv2.VideoCapture(str(path))
    theirs = capture.read()[1][..., ::-1]
    capture.release()
    assert ours.shape == theirs.shape
    assert np.abs(ours.astype(int) - theirs).mean() < 6
    assert np.abs(ours[::-1, ::-1].astype(int) - theirs).mean() > 10


@pytest.mark.parametrize("name", ["vfr_rotated_180.mp4", "mpeg4part2.avi", "really_webm.mp4"])
def test_sound_stays_with_its_pictures(name: str, asset: Callable[[str], Path], tmp_path: Path) -> None:
    path = asset(f"videos/{name}")
    with open_video(path) as video, new_video(tmp_path / "out.mp4", rate=video.facts.rate, sound_from=path) as writer:
        frames = [frame.seconds for frame in video.frames]
        for seconds in frames:
            writer.write(shade(9), seconds)
    assert writer.has_sound
    with av.open(str(tmp_path / "out.mp4")) as opened:
        sound = opened.streams.audio[0]
        assert sound.codec_context.name == "aac"
        length = float(sound.duration * sound.time_base)
    assert abs(length - frames[-1]) < 0.35
