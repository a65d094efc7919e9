"""Our tracker beside a plain IoU matcher, on rendered clips whose boxes and identities are known.

    python -m benchmarks.track [CLIPS]

CLIPS is what ``python -m yolodash scenes CLIPS --clips 3`` wrote; without it clips are rendered first. The boxes are
those of the bundled detector, so both trackers get the same misses and doubles; a second table gives both the truth's
own boxes, so that what is left is the tracker's alone.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

from yolodash.data.videos.reading import open_video
from yolodash.evaluation.tracking import Followed, Identities, identities
from yolodash.geometry.overlap import intersection_over_union
from yolodash.inference.prediction import predict
from yolodash.inference.selection import select
from yolodash.inference.tracking import Tracker, TrackerOptions
from yolodash.models.catalogue import locate
from yolodash.models.loading import load_model
from yolodash.scenes.clip_writing import write_clips
from yolodash.structures import Detections, ImageSize

SCORE, WEAK = 0.4, 0.1
Follow = Callable[[Detections, float], list[int]]


@dataclass
class PlainMatcher:
    """A box goes on with the track whose last box it overlaps most, if by a third; nothing is expected or kept."""

    least: float = 0.3
    boxes: list[tuple[int, int, np.ndarray]] = field(default_factory=list)
    count: int = 0

    def follow(self, found: Detections, _seconds: float) -> list[int]:
        """The track of every detection; 0 for weak ones."""
        rows = np.flatnonzero(found.scores >= SCORE)
        numbers = [0] * len(found.scores)
        if self.boxes and len(rows):
            last = torch.from_numpy(np.stack([box for _, _, box in self.boxes]))
            overlap = intersection_over_union(last, torch.from_numpy(found.boxes[rows].astype(np.float64))).numpy()
            overlap *= np.array([class_id for _, class_id, _ in self.boxes])[:, None] == found.class_ids[rows]
            for one, other in zip(*linear_sum_assignment(overlap, maximize=True), strict=True):
                if overlap[one, other] >= self.least:
                    numbers[rows[other]] = self.boxes[one][0]
        for row in rows.tolist():
            if not numbers[row]:
                self.count += 1
                numbers[row] = self.count
        self.boxes = [(numbers[row], int(found.class_ids[row]), found.boxes[row].astype(np.float64)) for row in rows]
        return numbers


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary) / "clips"
        if not folder.exists():
            write_clips(folder, 3, ImageSize(240, 320), 0)
        clips = sorted((folder / "clips").glob("*.mp4"))
        truths = [read_truth(clip.with_suffix(".json")) for clip in clips]
        seen = [list(looked_at(clip)) for clip in clips]
        print("\nboxes of the bundled detector\n")
        show(clips, truths, seen)
        print("\nthe truth's own boxes\n")
        show(clips, truths, [[perfect(frame) for frame in truth] for truth in truths])


def show(clips: list[Path], truths: list[list[Followed]], seen: list[list[Detections]]) -> None:
    """One table."""
    print(
        f"{'clip':10} {'tracker':12} {'MOTA':>6} {'IDF1':>6} {'switches':>9} {'missed':>7} {'false':>6} {'tracks':>7}"
    )
    for clip, truth, found in zip(clips, truths, seen, strict=True):
        ways: dict[str, Follow] = {
            "ours": Tracker(TrackerOptions(high=SCORE)).follow,
            "plain IoU": PlainMatcher().follow,
        }
        for name, follow in ways.items():
            followed = [kept(one, follow(one, number / 25)) for number, one in enumerate(found)]
            line(clip.stem, name, identities(truth, followed), len({t for f in followed for t in f.tracks.tolist()}))


def line(clip: str, name: str, numbers: Identities, tracks: int) -> None:
    print(
        f"{clip:10} {name:12} {numbers.mota:6.3f} {numbers.idf1:6.3f} {numbers.switches:9} {numbers.missed:7} "
        f"{numbers.false:6} {tracks:7}"
    )


def kept(found: Detections, tracks: list[int]) -> Followed:
    """The boxes that are shown."""
    rows = [row for row, track in enumerate(tracks) if track and found.scores[row] >= SCORE]
    numbers = np.array([tracks[row] for row in rows], np.int64)
    return Followed(found.boxes[rows].astype(np.float64).reshape(-1, 4), numbers, found.class_ids[rows])


def read_truth(path: Path) -> list[Followed]:
    frames = json.loads(path.read_text())["frames"]
    return [
        Followed(
            np.array([box["box"] for box in frame["boxes"]], np.float64).reshape(-1, 4),
            np.array([box["track"] for box in frame["boxes"]], np.int64),
            np.array([box["class_id"] for box in frame["boxes"]], np.int64),
        )
        for frame in frames
    ]


def looked_at(clip: Path) -> Iterator[Detections]:
    model = load_model(locate("scenes").weights)
    with open_video(clip) as video:
        for frame in video.frames:
            yield select(predict(model, frame.image), score_threshold=WEAK, nms_iou_threshold=0.45)


def perfect(frame: Followed) -> Detections:
    count = len(frame.tracks)
    return Detections(
        frame.boxes.astype(np.float32), np.full(count, 0.9, np.float32), frame.class_ids, np.arange(count)
    )


if __name__ == "__main__":
    main()
