"""How strongly pictures are changed and the numbers behind a training, as a person names them."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from yolodash.data.augment.recipe import RECIPES, Recipe
from yolodash.errors import N_, OptionError
from yolodash.runs.config import Hyperparameters

LARGEST_RECIPE = 1 << 20
EXTENSIONS = (".yaml", ".yml", ".json")


def read_recipe(text: str) -> tuple[Recipe, Hyperparameters]:
    """What ``--augment`` means: a known name, or a file with fields of the recipe and the hyper-parameters.

    Raises:
        OptionError: there is no such recipe, or it holds what is no field.
    """
    if text in RECIPES:
        return RECIPES[text], Hyperparameters()
    content = _recipe_file(Path(text))
    recipe_names, number_names = ({one.name for one in fields(kind)} for kind in (Recipe, Hyperparameters))
    unknown = sorted(str(key) for key in content if key not in recipe_names | number_names)
    if unknown:
        raise OptionError(
            N_("The recipe holds '{name}', which is no part of one"),
            where=text,
            fix=N_("known are: {names}"),
            name=unknown[0],
            names=", ".join(sorted(recipe_names | number_names)),
        )
    return (
        Recipe(**{key: value for key, value in content.items() if key in recipe_names}),
        Hyperparameters(**{key: value for key, value in content.items() if key in number_names}),
    )


def _recipe_file(path: Path) -> dict[str, Any]:
    """The mapping that a file holds."""
    if path.suffix not in EXTENSIONS or not path.is_file():
        raise OptionError(
            N_("There is no recipe '{name}'"),
            where="--augment",
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
