"""Clips: the same for the same seed, with an object that hides and identities that stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from yolodash.cli import main
from yolodash.data.videos.reading import open_video
from yolodash.errors import OptionError
from yolodash.scenes.clip_writing import write_clip, write_clips
from yolodash.scenes.clips import LEAST_HIDDEN, crossings_of, hidden_for, longest_hidden, sample_clip
from yolodash.structures import ImageSize

SMALL = ImageSize(48, 64)


def test_hidden_counts_only_between_two_frames_in_which_it_is_seen() -> None:
    assert hidden_for([True, False, False, True, False]) == 2
    assert hidden_for([False, False, True]) == 0
    assert hidden_for([True] * 4) == 0
    assert hidden_for([True, False, True, False, False, False, True]) == 3


@pytest.mark.parametrize("index", range(3))
def test_in_every_clip_one_hides_for_ten_frames_and_two_cross(index: int) -> None:
    clip = sample_clip(0, index)
    assert clip == sample_clip(0, index)
    assert longest_hidden(clip) >= LEAST_HIDDEN
    assert crossings_of(clip) >= 2
    assert (clip.turn != 0) == (index > 0)


def test_a_written_clip_has_a_frame_for_every_line_of_its_truth_and_blocks_keep_their_numbers(tmp_path: Path) -> None:
    boxes = write_clip(tmp_path, sample_clip(0, 0, SMALL, frames=8), "a")
    truth = json.loads((tmp_path / "a.json").read_text())
    with open_video(tmp_path / "a.mp4") as video:
        seconds = [frame.seconds for frame in video.frames]
    assert [one["seconds"] for one in truth["frames"]] == pytest.approx(seconds, abs=1e-3)
    assert sum(len(one["boxes"]) for one in truth["frames"]) == boxes > 8
    names = {(box["track"], box["class_name"]) for one in truth["frames"] for box in one["boxes"]}
    assert len({track for track, _ in names}) == len(names)


def test_a_number_of_clips_that_makes_no_sense_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(OptionError, match="0 is no number of clips"):
        write_clips(tmp_path / "clips", 0, SMALL, 0)
    assert main(["scenes", str(tmp_path / "x"), "--clips", "0"]) == 1
    assert "no number of clips" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
