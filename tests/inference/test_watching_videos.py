"""Decoding, network and drawing side by side: the same frames in the same order, and every error where it belongs."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from tiny_detector import TinyDetector

from yolodash.data.videos.reading import Frame
from yolodash.inference import video
from yolodash.inference.looking import Look
from yolodash.inference.video import AHEAD, Behind, ahead, drawn, looked_at, watch
from yolodash.structures import ImageSize, Thresholds


def test_ahead_gives_the_same_and_then_the_error() -> None:
    def items() -> Iterator[int]:
        yield from range(10)
        raise KeyError("late")

    line = ahead(items())
    assert [next(line) for _ in range(10)] == list(range(10))
    with pytest.raises(KeyError, match="late"):
        next(line)


def test_ahead_makes_no_more_than_its_count_and_ends_its_thread() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    line = ahead(items(), count=3)
    assert next(line) == 0
    line.close()  # type: ignore[attr-defined]
    assert len(made) <= 6
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]


def test_behind_works_in_order_and_raises_what_went_wrong() -> None:
    done: list[int] = []
    with Behind[int](done.append) as line:
        for number in range(50):
            line.put(number)
    assert done == list(range(50))

    def fail(_number: int) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), Behind[int](fail) as line:
        line.put(1)


def frames(count: int) -> Iterator[Frame]:
    random = np.random.default_rng(0)
    for number in range(count):
        yield Frame(number, number / 25, random.integers(0, 255, (90, 160, 3), np.uint8))


def test_skipped_frames_show_the_boxes_of_the_last_one_looked_at() -> None:
    look = Look(TinyDetector("v5"), Thresholds(0.2, 0.45), ImageSize(64, 64), engine="torch", precision="float32")
    seen = list(watch(frames(7), look, every=3))
    assert [one.processed for one in seen] == [True, False, False, True, False, False, True]
    assert [one.frame.index for one in seen] == list(range(7))
    assert seen[1].detections is seen[0].detections
    assert len(seen[0].detections.scores) > 0
    assert (seen[0].detections.scores > 0.2).all()
    assert len(seen[0].tracks) == len(seen[0].detections.scores)
    assert drawn(seen[0], look.model.names).shape == (90, 160, 3)
    assert not np.array_equal(drawn(seen[0], look.model.names), seen[0].frame.image)


@pytest.mark.parametrize("every", [1, 2, 5, 40])
@pytest.mark.parametrize("together", [1, 2, 4])
def test_frames_looked_at_together_are_those_looked_at_alone(
    monkeypatch: pytest.MonkeyPatch, every: int, together: int
) -> None:
    look = Look(TinyDetector("v5"), Thresholds(0.2, 0.45), ImageSize(64, 64), engine="torch", precision="float32")
    alone = list(looked_at(frames(23), look, "test", every=every, floor=0.1))
    monkeypatch.setattr(video, "at_once", lambda _look: together)
    drawn_from: list[int] = []

    def counted() -> Iterator[Frame]:
        for frame in frames(23):
            drawn_from.append(frame.index)
            yield frame

    many = []
    for one in looked_at(counted(), look, "test", every=every, floor=0.1):
        assert len(drawn_from) - len(many) <= together + AHEAD  # so many frames wait at most
        many.append(one)
    assert [frame.index for frame, _ in many] == list(range(23))
    for (_, found), (_, expected) in zip(many, alone, strict=True):
        assert (found is None) == (expected is None)
        if found is not None and expected is not None:
            assert np.array_equal(found.boxes, expected.boxes)
            assert np.array_equal(found.objectness, expected.objectness)
