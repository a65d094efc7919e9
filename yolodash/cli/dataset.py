"""``dataset``: what is in a data set and what is wrong with it, and the same in another form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yolodash.cli.enlarging import augment
from yolodash.cli.models import write_json
from yolodash.cli.splitting import split
from yolodash.cli.storing import export, import_, progress, tell
from yolodash.errors import one_line

if TYPE_CHECKING:
    from yolodash.data.dataset import Dataset, Problem

app = typer.Typer(help="Check a data set, and write it in another form.", no_args_is_help=True)
MOST_SHOWN = 20


@app.callback()
def _options() -> None:
    """Check a data set, and write it in another form."""


@app.command()
def check(
    data: Annotated[str, typer.Argument(help="data.yaml, folder, COCO JSON, zip, or a data set's name.")],
    json_file: Annotated[str | None, typer.Option("--json", metavar="FILE", help="- for stdout.")] = None,
) -> None:
    """Count pictures and boxes, and list everything that is not as it should be."""
    from yolodash.data.opening import open_dataset

    dataset = open_dataset(data)
    if json_file is not None:
        write_json(json_file, check_record(dataset))
    if json_file != "-":
        typer.echo("\n".join(_lines(dataset)))


@app.command()
def convert(
    data: Annotated[str, typer.Argument(help="data.yaml, folder, COCO JSON, zip, or a data set's name.")],
    to: Annotated[str, typer.Option("--to", metavar="FORM", help="yolo, coco or voc.")],
    output: Annotated[Path, typer.Option(metavar="DIR", help="A folder that does not exist yet.")],
    json_file: Annotated[str | None, typer.Option("--json", metavar="FILE", help="- for stdout.")] = None,
) -> None:
    """Write a data set in another form; it opens again as that folder."""
    from yolodash.data.opening import open_dataset
    from yolodash.data.writing import write_dataset

    written = write_dataset(open_dataset(data), output, to, progress=progress())
    record = {"images": written.images, "boxes": written.boxes}
    tell(record, written.notes, f"{output}: {written.images} pictures, {written.boxes} boxes ({to})", json_file)


app.command("import")(import_)
app.command()(export)
app.command()(augment)
app.command()(split)


def check_record(dataset: Dataset) -> dict[str, Any]:
    """The JSON of ``check``."""
    return {
        "images": len(dataset.images),
        "boxes": sum(len(image.annotations.class_ids) for image in dataset.images),
        "classes": [
            {"id": number, "name": dataset.names.get(number, f"class {number}"), "boxes": count}
            for number, count in dataset.boxes_per_class().items()
        ],
        "problems": problem_records(dataset.problems),
    }


def problem_records(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems as JSON."""
    return [
        {
            "kind": problem.kind,
            "file": problem.file,
            "line": problem.line,
            "message": problem.sentence(),
            "severity": problem.severity,
            "fix": problem.advice(),
        }
        for problem in problems
    ]


def _lines(dataset: Dataset) -> list[str]:
    """The same for people, the problems of a kind together."""
    record = check_record(dataset)
    used = [one for one in record["classes"] if one["boxes"]]
    lines = [f"{record['images']} pictures, {record['boxes']} boxes, {len(used)} classes used ({dataset.format})"]
    lines += [f"  {one['id']:>3} {one_line(one['name'], 30):<30} {one['boxes']:>7}" for one in used]
    kinds = Counter((problem.severity, problem.kind) for problem in dataset.problems)
    lines += [f"{count} × {kind} ({severity})" for (severity, kind), count in sorted(kinds.items())]
    for problem in record["problems"][:MOST_SHOWN]:
        where = f"{problem['file']}:{problem['line']}" if problem["line"] else problem["file"]
        lines.append(f"{problem['severity']}: {problem['message']} — {one_line(where)} — {problem['fix']}")
    more = len(record["problems"]) - MOST_SHOWN
    return [*lines, f"and {more} more; --json lists them all"] if more > 0 else lines
