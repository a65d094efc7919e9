"""The gates, in their order, and the account of all candidates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_detector import HEADS, TREE, random_candidates

from yolodash.errors import OptionError
from yolodash.geometry.overlap import intersection_over_union
from yolodash.inference.selection import judge, select
from yolodash.structures import FATES, Candidates, Fate, Head, ImageSize, Thresholds, Transform

KINDS = sorted(HEADS)
all_thresholds = st.builds(
    Thresholds,
    score_threshold=st.sampled_from([0.0, 0.001, 0.05, 0.25, 0.5, 0.9, 1.0]),
    nms_iou_threshold=st.sampled_from([0.0, 0.3, 0.45, 0.7, 1.0]),
    max_detections=st.sampled_from([1, 2, 5, 300]),
    class_agnostic=st.booleans(),
    classes=st.sampled_from([None, (0,), (1, 3), ()]),
    labels=st.sampled_from([None, "best", "all"]),
)


def candidates(
    boxes: list[list[float]],
    objectness: list[float],
    probabilities: list[list[float]],
    head: Head | None = None,
    image: ImageSize = ImageSize(100, 100),  # noqa: B008 - frozen
) -> Candidates:
    """Candidates made by hand; of YOLOv5 unless a head says otherwise."""
    count, classes = len(boxes), len(probabilities[0]) if probabilities else 2
    head = head or Head("yolov5", ((10.0, 10.0),), 32, classes)
    families = {"yolov5": "yolov5", "yolo": "yolov3", "region": "yolov2", "detection": "yolov1"}
    zeros = np.zeros(count, dtype=np.int64)
    return Candidates(
        boxes=np.array(boxes, dtype=np.float32).reshape(-1, 4),
        raw=np.zeros((count, 5 + classes), dtype=np.float32),
        objectness=np.array(objectness, dtype=np.float32),
        class_probabilities=np.array(probabilities, dtype=np.float32).reshape(-1, classes),
        scale=zeros,
        row=zeros,
        column=zeros,
        anchor=zeros,
        image_size=image,
        network_size=ImageSize(32, 32),
        transform=Transform(1, 1, 0, 0),
        family=families[head.kind],  # type: ignore[arg-type]
        names=tuple("abcdef"[:classes]),
        heads=(head,),
    )


APART = [[0.0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]]
DARKNET = Head("yolo", ((10.0, 10.0),), 32, 2)


def fates(selected: Candidates, thresholds: Thresholds) -> list[Fate]:
    return [FATES[number] for number in judge(selected, thresholds).fate]


@pytest.mark.parametrize("kind", KINDS)
@given(thresholds=all_thresholds, seed=st.integers(0, 3))
def test_every_candidate_has_one_fate_and_the_kept_ones_are_the_detections(
    kind: str, thresholds: Thresholds, seed: int
) -> None:
    some = random_candidates(kind, seed=seed, network=64)
    selection = judge(some, thresholds)
    kept = np.flatnonzero(selection.fate == FATES.index(Fate.KEPT))
    assert len(selection.fate) == len(some.boxes)
    assert set(kept) == set(selection.detections.candidate_index)


@pytest.mark.parametrize("kind", KINDS)
@given(thresholds=all_thresholds)
def test_detections_are_aligned_sorted_clipped_and_no_more_than_asked(kind: str, thresholds: Thresholds) -> None:
    some = random_candidates(kind, network=64)
    found = judge(some, thresholds).detections
    count = len(found.scores)
    assert count <= thresholds.max_detections
    assert found.boxes.shape == (count, 4)
    assert found.class_ids.shape == found.candidate_index.shape == (count,)
    assert (np.diff(found.scores) <= 0).all()
    assert (found.boxes >= 0).all()
    assert (found.boxes <= [160, 90, 160, 90]).all()
    assert thresholds.classes is None or set(found.class_ids) <= set(thresholds.classes)
    assert (found.scores > np.float32(thresholds.score_threshold)).all()


@pytest.mark.parametrize("kind", KINDS)
@given(thresholds=all_thresholds)
def test_survivors_of_a_class_overlap_by_the_threshold_at_most(kind: str, thresholds: Thresholds) -> None:
    some = random_candidates(kind, network=64)
    pairs = judge(some, thresholds).pairs
    alive = pairs.rank > 0
    boxes = torch.from_numpy(some.boxes[pairs.candidate[alive]])
    overlap = intersection_over_union(boxes, boxes).triu(1).numpy()
    ids = pairs.class_ids[alive]
    together = np.full(overlap.shape, True) if thresholds.class_agnostic else ids[:, None] == ids[None]
    assert (overlap[together] <= np.float32(thresholds.nms_iou_threshold)).all()


def test_the_objectness_gate_is_the_score_threshold_and_strict() -> None:
    some = candidates(APART, [0.25, 0.26, 0.9], [[1, 0], [1, 0], [0.2, 0]])
    assert fates(some, Thresholds(score_threshold=0.25)) == [Fate.BELOW_OBJECTNESS, Fate.KEPT, Fate.BELOW_SCORE]


def test_thresholds_are_compared_as_float32() -> None:
    some = candidates(APART[:1], [0.1], [[1, 0]])
    assert float(np.float32(0.1)) > 0.1
    assert fates(some, Thresholds(score_threshold=0.1)) == [Fate.BELOW_OBJECTNESS]


def test_a_suppressed_box_names_the_detection_that_suppressed_it() -> None:
    some = candidates([[0, 0, 10, 10], [0, 0, 10, 8], [50, 50, 60, 60]], [0.8, 0.9, 0.7], [[1, 0]] * 3)
    selection = judge(some, Thresholds())
    assert [FATES[number] for number in selection.fate] == [Fate.SUPPRESSED, Fate.KEPT, Fate.KEPT]
    assert selection.suppressor.tolist() == [1, -1, -1]
    assert selection.suppressor_iou.tolist() == pytest.approx([0.8, 0, 0])


def test_boxes_of_different_classes_suppress_each_other_only_if_asked() -> None:
    some = candidates([APART[0], APART[0]], [0.9, 0.8], [[1, 0], [0, 1]])
    assert fates(some, Thresholds()) == [Fate.KEPT, Fate.KEPT]
    assert fates(some, Thresholds(class_agnostic=True)) == [Fate.KEPT, Fate.SUPPRESSED]


def test_suppression_runs_to_its_end_before_the_maximum_counts() -> None:
    some = candidates([APART[0], APART[0], APART[1], APART[2]], [0.9, 0.8, 0.7, 0.6], [[1, 0]] * 4)
    expected = [Fate.KEPT, Fate.SUPPRESSED, Fate.KEPT, Fate.OVER_MAXIMUM]
    assert fates(some, Thresholds(max_detections=2)) == expected


def test_a_box_over_the_maximum_still_suppresses() -> None:
    some = candidates([APART[1], APART[0], APART[0]], [0.9, 0.8, 0.7], [[1, 0]] * 3)
    selection = judge(some, Thresholds(max_detections=1))
    assert [FATES[number] for number in selection.fate] == [Fate.KEPT, Fate.OVER_MAXIMUM, Fate.SUPPRESSED]


def test_a_class_that_was_not_chosen_does_not_suppress() -> None:
    some = candidates([APART[0], APART[0]], [0.9, 0.8], [[1, 0], [0, 1]])
    thresholds = Thresholds(class_agnostic=True, classes=(1,))
    assert fates(some, thresholds) == [Fate.CLASS_NOT_CHOSEN, Fate.KEPT]


def test_of_equal_scores_the_first_candidate_comes_first() -> None:
    some = candidates([APART[2], APART[0], APART[1]], [0.5] * 3, [[1, 0]] * 3)
    assert judge(some, Thresholds()).detections.candidate_index.tolist() == [0, 1, 2]


def test_a_candidate_of_darknet_can_be_two_detections_and_one_of_yolov5_cannot() -> None:
    both = [[0.9, 0.8]]
    darknet = select(candidates(APART[:1], [0.9], both, DARKNET), score_threshold=0.25, nms_iou_threshold=0.45)
    assert darknet.class_ids.tolist() == [0, 1]
    assert darknet.candidate_index.tolist() == [0, 0]
    yolov5 = select(candidates(APART[:1], [0.9], both), score_threshold=0.25, nms_iou_threshold=0.45)
    assert yolov5.class_ids.tolist() == [0]


def test_a_candidate_with_a_kept_pair_is_kept_though_its_best_pair_was_suppressed() -> None:
    some = candidates([APART[0], APART[0]], [0.9, 0.8], [[0.9, 0], [0.9, 0.8]], DARKNET)
    selection = judge(some, Thresholds())
    assert FATES[selection.fate[1]] is Fate.KEPT
    assert selection.best_class.tolist() == [0, 1]
    assert selection.suppressor.tolist() == [-1, -1]


def test_v1_has_no_objectness_gate_and_two_negative_numbers_make_a_score() -> None:
    head = Head("detection", ((0.0, 0.0),), 32, 2)
    some = candidates(APART, [-0.8, 0.2, 1.5], [[-0.9, 0.5], [1.4, 0], [0.1, 0]], head)
    found = select(some, score_threshold=0.25, nms_iou_threshold=0.45)
    assert found.candidate_index.tolist() == [0, 1]
    assert found.class_ids.tolist() == [0, 0]
    assert found.scores.tolist() == pytest.approx([0.72, 0.28])


def test_in_a_tree_the_class_alone_is_the_score_and_objectness_only_a_gate() -> None:
    head = Head("region", ((10.0, 10.0),), 32, 6, softmax=True, tree=TREE)
    probabilities = [[0, 0, 0.9, 0, 0, 0], [0, 0, 0.9, 0, 0, 0]]
    some = candidates(APART[:2], [0.3, 0.2], probabilities, head)
    selection = judge(some, Thresholds(score_threshold=0.25))
    assert selection.detections.scores.tolist() == pytest.approx([0.9])
    assert [FATES[number] for number in selection.fate] == [Fate.KEPT, Fate.BELOW_OBJECTNESS]


def test_boxes_are_clipped_last_so_that_overlap_is_that_of_the_whole_boxes() -> None:
    some = candidates([[-90, 0, 10, 10], [0, 0, 10, 10]], [0.9, 0.8], [[1, 0]] * 2)  # IoU .1 whole, 1 clipped
    found = select(some, score_threshold=0.25, nms_iou_threshold=0.45)
    assert found.boxes.tolist() == [[0, 0, 10, 10], [0, 0, 10, 10]]


def test_nothing_found_has_the_right_shapes() -> None:
    for some in (candidates([], [], []), candidates(APART, [0.0] * 3, [[0, 0]] * 3)):
        found = select(some, score_threshold=0.25, nms_iou_threshold=0.45)
        assert found.boxes.shape == (0, 4)
        assert found.scores.shape == found.class_ids.shape == found.candidate_index.shape == (0,)
        assert found.boxes.dtype == found.scores.dtype == np.float32
        assert found.class_ids.dtype == found.candidate_index.dtype == np.int64


def test_numbers_that_are_none_never_pass() -> None:
    some = candidates(APART, [float("nan"), 0.9, 0.9], [[1, 0], [float("nan"), 0.1], [1, 0]])
    assert judge(some, Thresholds(score_threshold=0.0)).detections.candidate_index.tolist() == [2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"score_threshold": -0.1},
        {"score_threshold": float("nan")},
        {"nms_iou_threshold": 1.1},
        {"max_detections": 0},
        {"classes": (2,)},
        {"classes": (-1,)},
        {"labels": "some"},
    ],
)
def test_thresholds_that_make_no_sense_are_refused_with_a_sentence(wrong: dict[str, object]) -> None:
    with pytest.raises(OptionError, match=r".+"):
        judge(candidates(APART, [0.9] * 3, [[1, 0]] * 3), replace(Thresholds(), **wrong))
