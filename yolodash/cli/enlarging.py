"""``dataset augment``: a data set whose training pictures are there again, changed by chance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from yolodash.cli.storing import Data, Json, progress, tell

if TYPE_CHECKING:
    from yolodash.data.augment.cutting import Way


def augment(
    data: Data,
    output: Annotated[Path, typer.Option(metavar="DIR", help="A folder that does not exist yet.")],
    recipe: Annotated[str, typer.Option(metavar="RECIPE", help="A recipe's name, or a YAML file.")] = "varied",
    seed: Annotated[int, typer.Option(help="Decides what is drawn; the same seed gives the same pictures.")] = 0,
    copies: Annotated[int, typer.Option(help="Changed pictures of each training picture.")] = 2,
    cut: Annotated[str, typer.Option(metavar="WAY", help="Boxes that are cut: keep, clip or drop.")] = "drop",
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="One number of the recipe, such as blur=2; repeatable."),
    ] = None,
    json_file: Json = None,
) -> None:
    """Write a data set whose training pictures are there again, changed by chance."""
    from yolodash.data.augment.enlarge import Enlargement, enlarge
    from yolodash.data.opening import open_dataset
    from yolodash.runs.recipes import read_recipe, with_values

    wanted, _ = with_values(*read_recipe(recipe, "--recipe"), values or [])
    asked = Enlargement(wanted, seed, copies, cast("Way", cut))
    made = enlarge(open_dataset(data), output, asked, progress=progress())
    counts = {"images": made.images, "boxes": made.boxes, "made": made.made, "lost": made.lost}
    line = f"{output}: {made.images} pictures, {made.made} of them new, {made.boxes} boxes"
    tell({**counts, **asked.record()}, made.notes, line, json_file)
