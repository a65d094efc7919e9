"""How strongly pictures are changed and the numbers behind a training, as a person names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from yolodash.data.augment.recipe import RECIPES, Recipe
from yolodash.errors import N_, OptionError
from yolodash.runs.config import Hyperparameters

LARGEST_RECIPE = 1 << 20
EXTENSIONS = (".yaml", ".yml", ".json")


def read_recipe(text: str, where: str = "--augment") -> tuple[Recipe, Hyperparameters]:
    """What ``--augment`` means: a known name, or a file with fields of the recipe and the hyper-parameters.

    Args:
        where: the option, for the error.

    Raises:
        OptionError: there is no such recipe, or it holds what is no field.
    """
    if text in RECIPES:
        return RECIPES[text], Hyperparameters()
    return _replaced(Recipe(), Hyperparameters(), _recipe_file(Path(text), where), text)


def with_values(recipe: Recipe, numbers: Hyperparameters, assignments: Sequence[str]) -> tuple[Recipe, Hyperparameters]:
    """A recipe and hyper-parameters of which some were set one by one.

    Args:
        assignments: such as ``mosaic=0.5`` or ``momentum=0.9``.

    Raises:
        OptionError: one is no assignment, or of something unknown.
    """
    content: dict[str, Any] = {}
    for assignment in assignments:
        name, _, value = assignment.partition("=")
        try:
            content[name] = int(value) if value.strip().lstrip("+-").isdecimal() else float(value)
        except ValueError as error:
            raise OptionError(
                N_("'{assignment}' sets nothing"),
                where="--set",
                fix=N_("write a name, an equals sign and a number, such as mosaic=0.5"),
                assignment=assignment,
            ) from error
    return _replaced(recipe, numbers, content, "--set")


def _replaced(
    recipe: Recipe, numbers: Hyperparameters, content: dict[str, Any], where: str
) -> tuple[Recipe, Hyperparameters]:
    """Both with the values of a mapping, each in the one that has a field of its name."""
    recipe_names, number_names = ({one.name for one in fields(kind)} for kind in (Recipe, Hyperparameters))
    unknown = sorted(str(key) for key in content if key not in recipe_names | number_names)
    if unknown:
        raise OptionError(
            N_("The recipe holds '{name}', which is no part of one"),
            where=where,
            fix=N_("known are: {names}"),
            name=unknown[0],
            names=", ".join(sorted(recipe_names | number_names)),
        )
    return (
        replace(recipe, **{key: value for key, value in content.items() if key in recipe_names}),
        replace(numbers, **{key: value for key, value in content.items() if key in number_names}),
    )


def _recipe_file(path: Path, where: str) -> dict[str, Any]:
    """The mapping that a file holds."""
    if path.suffix not in EXTENSIONS or not path.is_file():
        raise OptionError(
            N_("There is no recipe '{name}'"),
            where=where,
            fix=N_("give {names}, or a .yaml file that exists"),
            name=str(path),
            names=", ".join(RECIPES),
        )
    import yaml

    try:
        content = yaml.safe_load(path.read_bytes()[:LARGEST_RECIPE])
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise OptionError(
            N_("The recipe cannot be read"), where=path.name, fix=N_("write lines such as mosaic: 0.5")
        ) from error
    if not isinstance(content, dict):
        raise OptionError(N_("The recipe is empty"), where=path.name, fix=N_("write lines such as mosaic: 0.5"))
    return content
