"""What is kept of a video's frames: the same detections come out as from all candidates, and a torso spoils nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_detector import HEADS, random_candidates

from yolodash.inference.kept_frames import (
    FrameWriter,
    KeptFrame,
    ModelFacts,
    above,
    candidates_of,
    facts_from,
    keep,
    packed,
    read_frames,
    skipped,
    thinned,
)
from yolodash.inference.prediction import worth_keeping
from yolodash.inference.selection import judge
from yolodash.structures import Candidates, ImageSize, Labels, Thresholds

FLOOR = 0.001


def kept(candidates: Candidates, index: int = 0) -> tuple[KeptFrame, ModelFacts]:
    facts = ModelFacts(candidates.family, candidates.names, candidates.heads, candidates.network_size, FLOOR)
    return keep(index, index / 25, candidates, worth_keeping(candidates, FLOOR), FLOOR), facts


def through_a_file(frame: KeptFrame, path: Path) -> KeptFrame:
    path.write_bytes(packed(frame))
    (again,) = read_frames(path)
    return again


@pytest.mark.parametrize("kind", HEADS)
@pytest.mark.parametrize("labels", ["best", "all"])
@pytest.mark.parametrize("score", [0.001, 0.1, 0.3])
def test_what_is_kept_gives_the_same_detections_as_all_candidates(
    kind: str, labels: Labels, score: float, tmp_path: Path
) -> None:
    candidates = random_candidates(kind)
    thresholds = Thresholds(score, 0.45, labels=labels)
    frame, facts = kept(candidates)
    again = through_a_file(frame, tmp_path / "frames.bin")
    rows = above(again, facts, score)
    for wanted in (None, rows):
        found = judge(candidates_of(again, facts, wanted), thresholds).detections
        own = again.candidate[found.candidate_index if wanted is None else rows[found.candidate_index]]
        expected = judge(candidates, thresholds).detections
        assert np.array_equal(own, expected.candidate_index)
        assert np.array_equal(found.class_ids, expected.class_ids)
        assert np.array_equal(found.scores, expected.scores)
        assert np.array_equal(found.boxes, expected.boxes)


def test_the_facts_of_a_model_come_back_from_json() -> None:
    for kind in HEADS:
        _frame, facts = kept(random_candidates(kind))
        assert facts_from(json.loads(json.dumps(facts.record()))) == facts


def test_what_a_killed_writer_left_behind_is_read_up_to_its_last_whole_frame(tmp_path: Path) -> None:
    frame, _facts = kept(random_candidates("v5"))
    writer = FrameWriter(tmp_path / "frames.bin")
    writer.add(frame)
    writer.add(skipped(1, 0.04, ImageSize(90, 160)))
    writer.add(replace(frame, index=2))
    writer.close()
    whole = (tmp_path / "frames.bin").read_bytes()
    (tmp_path / "frames.bin").write_bytes(whole[:-5])
    frames = list(read_frames(tmp_path / "frames.bin"))
    assert [(one.index, one.processed) for one in frames] == [(0, True), (1, False)]


def test_no_file_has_no_frames(tmp_path: Path) -> None:
    assert list(read_frames(tmp_path / "none")) == []


def test_thinned_is_what_a_higher_floor_would_have_kept(tmp_path: Path) -> None:
    candidates = random_candidates("v5")
    frame, facts = kept(candidates)
    thin = thinned(frame, facts, 0.2)
    expected = keep(0, 0.0, candidates, worth_keeping(candidates, 0.2), 0.2)
    assert np.array_equal(thin.candidate, expected.candidate)
    assert np.array_equal(thin.pair_candidate, expected.pair_candidate)
    assert np.array_equal(thin.pair_probability, expected.pair_probability)
