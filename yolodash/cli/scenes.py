"""``scenes``: render pictures of blocks whose truth is known, as a data set."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yolodash.errors import N_, OptionError
from yolodash.structures import ImageSize

if TYPE_CHECKING:
    from yolodash.scenes.writing import Hardness, Progress


def scenes(
    output: Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty.")],
    images: Annotated[int, typer.Option(help="How many pictures; 80 % train, 10 % val, 10 % test.")] = 1000,
    size: Annotated[str, typer.Option(metavar="WIDTHxHEIGHT", help="Of the pictures.")] = "320x240",
    seed: Annotated[int, typer.Option(help="Which series; the same seed gives the same files.")] = 0,
    questions: Annotated[bool, typer.Option("--questions", help="Write questions with their answers.")] = False,
    clips: Annotated[int | None, typer.Option(help="Videos in place of pictures, with boxes and identities.")] = None,
) -> None:
    """Render pictures of cubes, spheres and cylinders whose truth is known, as a data set; or clips of them."""
    if clips is not None:
        _clips(output, clips, parse_size(size), seed)
        return
    from yolodash.scenes.writing import SeriesOptions, write_scenes

    options = SeriesOptions(images, parse_size(size), seed, questions)
    with _bar(images) as progress:
        hardness = write_scenes(output, options, progress=progress)
    typer.echo(f"{output}: {images:,} pictures, {hardness.boxes:,} boxes")
    typer.echo(told(hardness))


def _clips(output: Path, clips: int, size: ImageSize, seed: int) -> None:
    """Clips with their truth."""
    from yolodash.scenes.clip_writing import write_clips

    with _bar(clips) as progress:
        boxes = write_clips(output, clips, size, seed, progress=progress)
    typer.echo(f"{output}: {clips:,} clips, {boxes:,} boxes with identities")


def parse_size(text: str) -> ImageSize:
    """``320x240`` as width and height, ``320`` as a square.

    Raises:
        OptionError: it is neither.
    """
    found = re.fullmatch(r"([0-9]{1,6})(?:[x×]([0-9]{1,6}))?", text.strip())
    if not found:
        raise OptionError(
            N_("'{text}' is no size"),
            where="--size",
            fix=N_("give width and height in pixels, such as 320x240"),
            text=text,
        )
    return ImageSize(height=int(found[2] or found[1]), width=int(found[1]))


def told(hardness: Hardness) -> str:
    """How hard the pictures are, in a sentence."""
    from yolodash.scenes.truth import PARTLY_HIDDEN, SMALL_SIDE

    boxes = max(hardness.boxes, 1)
    return (
        f"how hard: {hardness.partly_hidden / boxes:.1%} of the boxes are partly hidden (less than {PARTLY_HIDDEN:.0%} "
        f"of the block visible), {hardness.small / boxes:.1%} have a side under {SMALL_SIDE} pixels"
    )


@contextmanager
def _bar(length: int) -> Iterator[Progress | None]:
    """A progress bar on stderr, if that is a terminal."""
    if length < 2 or not sys.stderr.isatty():
        yield None
        return
    with typer.progressbar(length=length, file=sys.stderr, show_pos=True) as bar:
        yield lambda done, of: bar.update(1)
