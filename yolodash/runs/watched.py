"""A video that a model has looked at, as its folder holds it: a run's, finished or not, or the sample's.

From what was kept, detections and identities follow for any thresholds without the network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yolodash.data.videos.containers import MATROSKA, container_of
from yolodash.data.videos.playing import mime_of
from yolodash.data.videos.reading import VideoFacts
from yolodash.errors import Note
from yolodash.inference.kept_frames import KeptFrame, ModelFacts, above, candidates_of, facts_from, read_frames
from yolodash.runs.state import read_json
from yolodash.runs.watching import ABOUT, FRAMES, PREVIEW, VideoOptions, options_of, source_of
from yolodash.structures import Detections, Thresholds


@dataclass(frozen=True)
class Watched:
    """What a folder holds.

    Attributes:
        folder: of the run.
        options: what was asked for.
        video: what the video said of itself.
        model: what is the same of all frames.
        begin: seconds at which the part begins.
        preview: whether a copy was made for the browser; it begins at 0.
        notes: what could not be read.
    """

    folder: Path
    options: VideoOptions
    video: VideoFacts
    model: ModelFacts
    begin: float
    preview: bool
    notes: tuple[Note, ...] = ()

    @property
    def source(self) -> Path:
        """The video."""
        return source_of(self.folder)

    @property
    def stamp(self) -> tuple[str, int, int]:
        """Names what is kept: another one once more frames are."""
        found = (self.folder / FRAMES).stat()
        return str(self.folder), found.st_size, found.st_mtime_ns

    def playable(self) -> tuple[Path, str, float] | None:
        """The file for the browser, its kind, and what to take from a frame's time to have that file's.

        None where the copy for the browser is not there, since the run was killed or is still at work.
        """
        if self.preview:
            copy = self.folder / PREVIEW
            return (copy, "video/mp4", self.begin) if copy.is_file() else None
        source = self.source
        kind = MATROSKA if source.suffix in (".mkv", ".webm") else container_of(source)
        return source, mime_of(kind), 0.0

    def frames(self) -> Iterator[KeptFrame]:
        """What was kept of each, in their order."""
        return read_frames(self.folder / FRAMES)


@dataclass(frozen=True)
class FollowedFrame:
    """A frame with its boxes.

    Attributes:
        index, seconds: as in ``KeptFrame``.
        processed: whether the network saw it; else the boxes are those of the last one that it saw.
        detections: ``candidate_index`` counts the network's own candidates.
        tracks: the identity of each.
    """

    index: int
    seconds: float
    processed: bool
    detections: Detections
    tracks: tuple[int, ...]


def open_watched(folder: Path) -> Watched | None:
    """What a folder holds; None while its worker has not seen one frame.

    Raises:
        OptionError, InputError: it is no run, or its options cannot be read.
    """
    about: dict[str, Any] | None = read_json(folder / ABOUT)
    if about is None or not (folder / FRAMES).is_file():
        return None
    return Watched(
        folder,
        options_of(folder),
        VideoFacts(**about["video"]),
        facts_from(about["model"]),
        float(about["begin"]),
        bool(about["preview"]),
        tuple(Note(one) if isinstance(one, str) else Note(*one) for one in about.get("notes", ())),
    )


def follow(watched: Watched, thresholds: Thresholds) -> Iterator[FollowedFrame]:
    """Every frame with the boxes and identities that these thresholds give; the network does not run.

    Raises:
        OptionError: a threshold makes no sense, or a class that the model does not have.
    """
    from yolodash.inference.video import Follower

    follower = Follower(thresholds)
    shown: tuple[Detections, tuple[int, ...]] | None = None
    for frame in watched.frames():
        if frame.processed or shown is None:
            rows = above(frame, watched.model, follower.weak.score_threshold)
            found, tracks = follower.next(candidates_of(frame, watched.model, rows), frame.seconds)
            own = frame.candidate[rows[found.candidate_index]]
            shown = Detections(found.boxes, found.scores, found.class_ids, own), tracks
        yield FollowedFrame(frame.index, frame.seconds, frame.processed, *shown)
