"""A training's options as the command that a person would type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, asdict, fields

from yolodash.data.augment.recipe import RECIPES, Recipe
from yolodash.runs.config import Hyperparameters, TrainOptions

ALWAYS = ("epochs", "batch", "size", "workers")
"""Options that stand in the line even where they are the usual ones: everybody asks for them."""
_APART = ("data", "weights", "cfg", "augment", "hyperparameters")


def train_words(options: TrainOptions, name: str = "") -> list[str]:
    """The words after ``python -m yolodash`` that lead to the same options."""
    words = ["train", "--data", options.data]
    words += ["--weights", options.weights] if options.weights else []
    words += ["--cfg", options.cfg] if options.cfg else []
    words += [word for part in _changed(options) for word in part]
    words += _recipe_words(options.augment, options.hyperparameters)
    return words + (["--name", name] if name else [])


def _changed(options: TrainOptions) -> Iterator[tuple[str, ...]]:
    """Every plain option that is not the usual one."""
    for one in fields(TrainOptions):
        value = getattr(options, one.name)
        if one.name in _APART or one.default is MISSING or (value == one.default and one.name not in ALWAYS):
            continue
        option = "--" + one.name.replace("_", "-")
        yield (option,) if value is True else (option, str(value))


def _recipe_words(recipe: Recipe, numbers: Hyperparameters) -> list[str]:
    """The known recipe that is nearest, and the values in which this one differs from it."""
    own = asdict(recipe)
    differences = {
        name: {key: value for key, value in own.items() if value != getattr(known, key)}
        for name, known in RECIPES.items()
    }
    nearest = min(differences, key=lambda name: len(differences[name]))  # the first of several: the usual one
    usual = Hyperparameters()
    changed = {key: value for key, value in asdict(numbers).items() if value != getattr(usual, key)}
    words = [] if RECIPES[nearest] == Recipe() else ["--augment", nearest]
    for key, value in (differences[nearest] | changed).items():
        words += ["--set", f"{key}={value!r}"]
    return words
