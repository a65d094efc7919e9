"""Uploaded videos are kept as uploaded pictures are: whole, once, within bounds, and for their browser alone."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from yolodash.data.uploads import new_token, session_folder
from yolodash.data.videos import uploads
from yolodash.data.videos.uploads import delete_video, list_videos, save_video, video_path
from yolodash.errors import VideoError

pytestmark = pytest.mark.usefixtures("workspace")


def film(letter: str, size: int = 900) -> io.BytesIO:
    """What begins as a Matroska file does."""
    return io.BytesIO(b"\x1a\x45\xdf\xa3\x88\x42\x82\x88matroska" + letter.encode() * size)


def files(token: str) -> list[Path]:
    """What lies in the session's folder, but for its lock."""
    return [path for path in (session_folder(token) / "videos").iterdir() if path.name != ".lock"]


def test_the_same_bytes_are_one_video_under_the_newer_name() -> None:
    token = new_token()
    first = save_video(token, "a.mkv", film("a"))
    again = save_video(token, "../../b.mkv", film("a"))

    assert again.id == first.id
    assert list_videos(token) == [again]
    assert video_path(token, again.id).read_bytes() == film("a").read()
    assert {path.name for path in files(token)} == {f"{first.id}.mkv", f"{first.id}.json"}
    assert list_videos(new_token()) == []


def test_all_videos_of_a_session_together_stay_within_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 2500)
    token = new_token()
    kept = [save_video(token, "a.mkv", film(letter)) for letter in "ab"]
    with pytest.raises(VideoError, match="no room for a video"):
        save_video(token, "c.mkv", film("c"))

    assert list_videos(token) == kept
    assert len(files(token)) == 4  # nothing half is left
    delete_video(token, kept[0].id)
    assert [one.name for one in (*list_videos(token), save_video(token, "c.mkv", film("c")))] == ["a.mkv", "c.mkv"]


@pytest.mark.parametrize("wanted", ["", "../x", "0" * 64, "A" * 64, "a\0b"])
def test_what_is_not_kept_is_a_sentence(wanted: str) -> None:
    token = new_token()
    kept = save_video(token, "a.mkv", film("a"))
    with pytest.raises(VideoError, match="not here"):
        video_path(token, wanted)
    delete_video(token, wanted)
    assert list_videos(token) == [kept]


def test_half_a_video_is_left_out() -> None:
    token = new_token()
    kept, half = (save_video(token, "a.mkv", film(letter)) for letter in "ab")
    video_path(token, half.id).unlink()
    folder = session_folder(token) / "videos"
    (folder / f"{'1' * 64}.json").write_text(json.dumps({"name": "x", "container": "exe", "size": 1, "added": 1}))
    (folder / f"{'2' * 64}.json").write_text("[" * 5000)

    assert list_videos(token) == [kept]
