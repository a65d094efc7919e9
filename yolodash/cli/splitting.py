"""``dataset split``: pictures into train, val and test, and what belongs together into one of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from yolodash.cli.storing import Data, Json, progress, tell, user

if TYPE_CHECKING:
    from yolodash.data.dataset import Dataset


def split(
    data: Data,
    seed: Annotated[int, typer.Option(help="Decides among equals.")] = 0,
    ratios: Annotated[str, typer.Option(metavar="A,B,C", help="Shares of train, val and test.")] = ".8,.1,.1",
    group: Annotated[
        bool, typer.Option(help="Keep near duplicates and frames of one video in one part; looks at every picture.")
    ] = True,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder that does not exist yet; without it, in the workspace.")
    ] = None,
    json_file: Json = None,
) -> None:
    """Divide a data set by seed, every class in every part; one of the workspace in its place."""
    from yolodash.data.opening import open_dataset
    from yolodash.data.split import split_pictures

    shares = _shares(ratios)
    dataset = open_dataset(data)
    stored = _stored(dataset, output)
    classes = {image.name: image.annotations.class_ids.tolist() for image in dataset.images if image.path is not None}
    groups = _groups(dataset) if group else {}
    parts = split_pictures(classes, groups=groups, ratios=shares, seed=seed)
    record: dict[str, Any] = {"images": {name: len(pictures) for name, pictures in parts.items()}, "seed": seed}
    record |= {"ratios": shares, "groups": len(set(groups.values()))}
    notes = _write(dataset, parts, stored, output)
    counts = ", ".join(f"{name} {len(pictures)}" for name, pictures in parts.items())
    tell(record, notes, f"{output or dataset.root.name}: {counts} ({record['groups']} groups)", json_file)


def _shares(text: str) -> tuple[float, ...]:
    from yolodash.data.split import check_ratios

    try:
        shares = tuple(float(part) for part in text.split(","))
    except ValueError:
        shares = ()
    check_ratios(shares)
    return shares


def _stored(dataset: Dataset, output: Path | None) -> Path | None:
    """The data set's folder where it is to be divided in its place."""
    from yolodash.data.store.folders import list_stored
    from yolodash.errors import N_, OptionError

    if output is not None:
        return None
    found = next((folder for folder in list_stored() if folder == dataset.root.resolve()), None)
    if found is None:
        raise OptionError(
            N_("Only data sets of the workspace are divided in their place"),
            where="--output",
            fix=N_("give a folder to write to, or take it in first: dataset import"),
        )
    return found


def _groups(dataset: Dataset) -> dict[str, str]:
    from yolodash.data.duplicates import groups_of, origin_of
    from yolodash.data.likeness import signatures

    told = progress() or (lambda _done, _of: None)
    pictures = {image.name: image.path for image in dataset.images if image.path is not None}
    found, _errors = signatures(list(pictures.values()), lambda done: told(done, len(pictures)))
    return groups_of(pictures, found, {name: origin_of(name) for name in pictures})


def _write(dataset: Dataset, parts: dict[str, tuple[str, ...]], stored: Path | None, output: Path | None) -> Any:
    from yolodash.data.store.parts import write_splits
    from yolodash.data.writing import WrittenFormat, write_dataset

    if stored is not None:
        stems = {part: [Path(name).stem for name in pictures] for part, pictures in parts.items()}
        write_splits(stored, stems, by=user())
        return ()
    assert output is not None
    place = {name: part for part, pictures in parts.items() for name in pictures}
    images = tuple(replace(one, splits=(place[one.name],)) for one in dataset.images if one.name in place)
    form = dataset.format if dataset.format in get_args(WrittenFormat) else "yolo"
    return write_dataset(replace(dataset, images=images), output, form, progress=progress()).notes
