"""``video``: what a model finds on a video, frame by frame, with identities; and the video with its boxes."""

from __future__ import annotations

import contextlib
import itertools
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from yolodash.cli.looking import (
    CfgOption,
    ClassAgnosticOption,
    ClassesOption,
    DeviceOption,
    EngineOption,
    LabelsOption,
    MaxDetectionsOption,
    NamesOption,
    NmsIouOption,
    PrecisionOption,
    ResizeOption,
    ScoreOption,
    SizeOption,
    WeightsOption,
    open_look,
)
from yolodash.errors import N_, OptionError, VideoError, one_line
from yolodash.structures import Thresholds

if TYPE_CHECKING:
    from yolodash.data.videos.reading import Video
    from yolodash.inference.looking import Look
    from yolodash.inference.video import SeenFrame


def video(
    source: Annotated[Path, typer.Argument(help="MP4, MOV, MKV, WebM, AVI, GIF, or a folder of frames.")],
    weights: WeightsOption,
    cfg: CfgOption = None,
    names: NamesOption = None,
    size: SizeOption = None,
    score: ScoreOption = 0.25,
    nms_iou: NmsIouOption = 0.45,
    max_detections: MaxDetectionsOption = 300,
    class_agnostic: ClassAgnosticOption = False,
    classes: ClassesOption = None,
    labels: LabelsOption = None,
    resize: ResizeOption = None,
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    engine: EngineOption = "auto",
    every: Annotated[int, typer.Option(min=1, help="The network sees every so many-th frame.")] = 1,
    start: Annotated[float, typer.Option(min=0, help="Begin at so many seconds.")] = 0.0,
    end: Annotated[float | None, typer.Option(min=0, help="End at so many seconds.")] = None,
    output: Annotated[Path | None, typer.Option(metavar="OUT.mp4", help="Write the video with its boxes.")] = None,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="A line a frame; - for stdout.")
    ] = None,
) -> None:
    """Find objects on a video and follow them."""
    if end is not None and end <= start:
        raise OptionError(N_("The end does not lie after the start"), where="--end", fix=N_("give more seconds"))
    from yolodash.data.videos.reading import open_video
    from yolodash.inference.looking import make_ready, worth_trying

    with open_video(source) as opened:
        thresholds = Thresholds(score, nms_iou, max_detections, class_agnostic, labels=labels)
        _files, look = open_look(
            weights, cfg, names, thresholds=thresholds, classes=classes, size=size, resize=resize, device=device,
            precision=precision, engine=engine,
        )  # fmt: skip
        make_ready(look, worth_trying(opened.facts.expected_frames // every))
        counts = _work(opened, source, look, every, (start, end), output, json_file)
        _tell(opened, source, counts, output if counts.frames else None, json_file)


@dataclass
class _Counts:
    """How much was seen; of each track, in how many frames."""

    frames: int = 0
    processed: int = 0
    tracks: Counter[int] = field(default_factory=Counter)
    sound: bool = False

    @property
    def followed(self) -> int:
        """Objects that were seen more than once."""
        return sum(count > 1 for track, count in self.tracks.items() if track)


def _work(
    opened: Video,
    source: Path,
    look: Look,
    every: int,
    part: tuple[float, float | None],
    output: Path | None,
    json_file: str | None,
) -> _Counts:
    """All frames of the part: told, drawn, counted."""
    from yolodash.inference.video import frame_record, watch, within

    counts = _Counts()
    frames = within(opened.frames, *part)
    first = next(frames, None)
    if first is None:
        raise VideoError(
            N_("No frame lies in this part of the video"), where=source.name, fix=N_("choose another part")
        )
    with _lines(json_file) as tell, _drawing(opened, source, look, first.seconds, output, counts) as draw:
        for seen in watch(itertools.chain([first], frames), look, every=every):
            counts.frames += 1
            draw(seen)
            if seen.processed:
                counts.processed += 1
                counts.tracks.update(seen.tracks)
                told = (seen.frame.index, seen.frame.seconds, seen.detections, seen.tracks)
                tell(frame_record(*told, look.model.names))
                _progress(counts.frames, opened.facts.expected_frames)
    return counts


@contextlib.contextmanager
def _drawing(
    opened: Video, source: Path, look: Look, begin: float, output: Path | None, counts: _Counts
) -> Iterator[Callable[[SeenFrame], None]]:
    """What takes the frames for the output, drawn and encoded in a thread; nothing where none is wanted."""
    if output is None:
        yield lambda _seen: None
        return
    from yolodash.data.videos.writing import new_video
    from yolodash.inference.video import Behind, drawn

    def write(seen: SeenFrame) -> None:
        writer.write(drawn(seen, look.model.names), seen.frame.seconds - begin)

    rate = opened.facts.rate
    with new_video(output, rate=rate, sound_from=source, start=begin) as writer, Behind[Any](write) as line:
        yield line.put
    counts.sound = writer.has_sound


@contextlib.contextmanager
def _lines(json_file: str | None) -> Iterator[Callable[[dict[str, Any]], None]]:
    """What takes the records, a line each; a file appears whole at the end."""
    if json_file is None:
        yield lambda _record: None
    elif json_file == "-":
        yield lambda one: typer.echo(json.dumps(one, ensure_ascii=False))
    else:
        from yolodash import workspace

        with workspace.writing(Path(json_file)) as file:
            stream: IO[bytes] = file
            yield lambda one: _write_line(stream, one)


def _write_line(stream: IO[bytes], one: dict[str, Any]) -> None:
    stream.write(json.dumps(one, ensure_ascii=False).encode() + b"\n")


def _progress(done: int, expected: int) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r\033[K{done}/{expected or '?'} frames", err=True, nl=False)


def _tell(opened: Video, source: Path, counts: _Counts, output: Path | None, json_file: str | None) -> None:
    """What was seen, in a line, and what could not be."""
    for note in opened.notes:
        typer.echo(f"note: {note} — {one_line(source.name)}", err=True)
    if json_file == "-":
        return
    sound = " with its sound" if counts.sound else ""
    written = f"; written to {output}{sound}" if output is not None else ""
    typer.echo(
        f"{one_line(str(source))}: {counts.frames} frames, {counts.processed} of them looked at, "
        f"{counts.followed} objects followed{written}"
    )
