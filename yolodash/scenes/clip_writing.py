"""Clips written to disk: ``clips/NNNNNN.mp4``, and beside each a JSON with every box and identity of every frame."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from yolodash.data.videos.writing import new_video
from yolodash.errors import N_, OptionError
from yolodash.scenes.blocks import SHAPES
from yolodash.scenes.clips import RATE, Clip, drawn_frames, sample_clip, scene_at
from yolodash.scenes.truth import Seen
from yolodash.scenes.writing import SeriesOptions, check_options
from yolodash.structures import ImageSize
from yolodash.workspace import make_folder, new_folder, write_bytes

MOST_CLIPS = 10_000


def write_clips(
    output: Path, count: int, size: ImageSize, seed: int, *, progress: Callable[[int, int], object] | None = None
) -> int:
    """Render clips with their truth.

    Args:
        output: a folder that does not exist yet, or is empty.
        progress: told after every clip.

    Returns:
        how many boxes there are.

    Raises:
        OptionError: an option makes no sense.
        WorkspaceError: the output holds something, or cannot be written.
    """
    check_options(SeriesOptions(1, size, seed))
    if not 1 <= count <= MOST_CLIPS:
        raise OptionError(
            N_("{count} is no number of clips that can be written"),
            where="--clips",
            fix=N_("give a number from 1 to {most}"),
            count=count,
            most=MOST_CLIPS,
        )
    boxes = 0
    with new_folder(output) as folder:
        for index in range(count):
            boxes += write_clip(make_folder(folder / "clips"), sample_clip(seed, index, size), f"{index:06d}")
            if progress is not None:
                progress(index + 1, count)
    return boxes


def write_clip(folder: Path, clip: Clip, stem: str) -> int:
    """Draw one clip; gives how many boxes its truth has."""
    frames, boxes = [], 0
    with new_video(folder / f"{stem}.mp4", rate=RATE) as writer:
        for number, (rendered, seen) in enumerate(drawn_frames(clip)):
            writer.write(rendered.image, number / RATE)
            boxes += len(seen)
            frames.append({"frame": number, "seconds": number / RATE, "boxes": [_box(clip, one) for one in seen]})
    truth = {
        "width": clip.size.width,
        "height": clip.size.height,
        "rate": RATE,
        "classes": list(SHAPES),
        "frames": frames,
    }
    write_bytes(folder / f"{stem}.json", (json.dumps(truth, ensure_ascii=False) + "\n").encode())
    return boxes


def _box(clip: Clip, one: Seen) -> dict[str, Any]:
    block = scene_at(clip, 0).blocks[one.block]
    return {
        "track": one.block + 1,
        "class_id": SHAPES.index(block.shape),
        "class_name": block.shape,
        "box": list(one.box),
        "visible": round(one.visible, 4),
    }
