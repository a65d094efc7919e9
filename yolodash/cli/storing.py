"""``dataset import`` and ``dataset export``: into the workspace, and out of it in a form that other programs read."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yolodash.cli.models import write_json
from yolodash.errors import one_line

if TYPE_CHECKING:
    from yolodash.data.dataset import Problem

Data = Annotated[str, typer.Argument(help="data.yaml, folder, COCO JSON, zip, or a data set's name.")]
Json = Annotated[str | None, typer.Option("--json", metavar="FILE", help="- for stdout.")]


def import_(
    data: Data,
    name: Annotated[str | None, typer.Option(help="Of the new data set; the folder's own if left out.")] = None,
    json_file: Json = None,
) -> None:
    """Take a data set into the workspace, where it can be annotated; the original stays as it is."""
    from yolodash import workspace
    from yolodash.data.opening import open_dataset
    from yolodash.data.store.importing import import_dataset

    source = open_dataset(data)
    chosen = name or workspace.safe_name(_called(Path(data), source.root))
    done = import_dataset(source, chosen, by=user(), progress=progress())
    record = {"name": done.folder.name, "folder": str(done.folder), "images": done.images, "boxes": done.boxes}
    tell(
        record,
        done.notes,
        f"{done.folder.name}: {done.images} pictures, {done.boxes} boxes, in {done.folder}",
        json_file,
    )


def export(
    data: Data,
    output: Annotated[Path, typer.Option(metavar="DIR", help="A folder that does not exist yet, or a .zip.")],
    to: Annotated[str, typer.Option("--to", metavar="FORM", help="yolo, coco or voc.")] = "yolo",
    json_file: Json = None,
) -> None:
    """Write a data set, or one version of it, for other programs; it opens again as what was written."""
    from yolodash.data.opening import open_dataset
    from yolodash.data.writing import write_dataset, write_zip

    write = write_zip if output.suffix.lower() == ".zip" else write_dataset
    written = write(open_dataset(data), output, to, progress=progress())
    record = {"images": written.images, "boxes": written.boxes}
    tell(record, written.notes, f"{output}: {written.images} pictures, {written.boxes} boxes ({to})", json_file)


def tell(record: dict[str, Any], notes: tuple[Problem, ...], line: str, json_file: str | None) -> None:
    """Say what was written, and what of the old could not be."""
    from yolodash.cli.dataset import problem_records

    if json_file is not None:
        write_json(json_file, {**record, "notes": problem_records(notes)})
    if json_file != "-":
        typer.echo(line)
        for note in notes:
            where = one_line(note.file)
            said = (f"{note.severity}: {note.sentence()}", where, note.advice())
            typer.echo(" — ".join(part for part in said if part))


def progress() -> Any:
    """What counts pictures on a terminal; None elsewhere."""
    if not sys.stderr.isatty():
        return None
    return lambda done, of: typer.echo(f"\r\033[K{done}/{of} pictures", err=True, nl=done == of)


def user() -> str:
    """Who is at this terminal, for the signature of what is imported."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _called(path: Path, root: Path) -> str:
    """What a data set is called that has no name yet: by its file, or the folder of its data.yaml."""
    return root.name if path.suffix.lower() in (".yaml", ".yml", ".json") else path.name.removesuffix(".zip")
