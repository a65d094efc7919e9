"""Makes the sample of the page Detect – video: a rendered clip, and what the bundled model said of each of its frames.

python -m scripts.video_sample
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "yolodash" / "ui" / "video" / "sample"
SEED, INDEX = 3, 1


FLOOR = 0.02
"""Higher than a run's, so that the files stay small."""


def _thin(run: Path) -> None:
    """Leave out what scores less than the floor."""
    from dataclasses import replace

    from yolodash.inference.kept_frames import FrameWriter, thinned
    from yolodash.runs.state import read_json
    from yolodash.runs.watched import open_watched

    watched = open_watched(run)
    assert watched is not None
    frames = [thinned(frame, watched.model, FLOOR) for frame in watched.frames()]
    writer = FrameWriter(run / "frames.bin")
    for frame in frames:
        writer.add(frame)
    writer.close()
    about = read_json(run / "video.json") or {}
    about["model"] = replace(watched.model, floor=FLOOR).record()
    (run / "video.json").write_text(json.dumps(about) + "\n")


def write_tracks() -> None:
    """Frame, candidate, class and track of every box, for the usual thresholds."""
    from yolodash.runs.watched import follow, open_watched
    from yolodash.structures import Thresholds
    from yolodash.ui.video.encoding import track_rows

    watched = open_watched(FOLDER)
    assert watched is not None
    rows = list(track_rows(follow(watched, Thresholds())))
    (FOLDER / "tracks.json").write_text(json.dumps(rows, separators=(",", ":")) + "\n")


def main() -> None:
    from yolodash.models.catalogue.bundled import DETECTOR
    from yolodash.runs.folders import create_run
    from yolodash.runs.watching import VideoOptions, watch_run
    from yolodash.scenes.clip_writing import write_clip
    from yolodash.scenes.clips import sample_clip
    from yolodash.structures import ImageSize

    options = VideoOptions(DETECTOR, "clip.mp4")
    run = create_run("video", "sample", options=vars(options), data={"path": "clip.mp4", "fingerprint": ""})
    write_clip(run, sample_clip(SEED, INDEX, ImageSize(360, 480)), "source")
    truth = run / "source.json"
    truth.rename(run / "truth.json")
    watch_run(run)
    _thin(run)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("run.json", "source.mp4", "frames.bin", "video.json"):
        shutil.copy(run / name, FOLDER / name)
    write_tracks()
    for path in sorted(FOLDER.iterdir()):
        print(f"{path.stat().st_size:>9,} {path.name}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--tracks"]:
        write_tracks()
        sys.exit()
    with tempfile.TemporaryDirectory() as workspace:
        os.environ["YOLODASH_HOME"] = workspace
        main()
