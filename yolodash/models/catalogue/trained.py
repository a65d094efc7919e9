"""The models that runs have trained: the best and the last of each, under names that ``--weights`` takes.

They lie in the runs' own folders, so that they come and go with them.
"""

from __future__ import annotations

from pathlib import Path

from yolodash import workspace
from yolodash.models.catalogue.bundled import bundled
from yolodash.models.catalogue.store import InstalledModel, ModelFiles, installed

PREFIX = "runs/"
LAST = "/last"
_FILES = {"": "best.safetensors", LAST: "last.safetensors"}


def trained() -> list[InstalledModel]:
    """``runs/NAME``, the best of a run, and ``runs/NAME/last``, of every run that has them; the newest run first."""
    folder = workspace.home() / "runs"
    runs = [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []
    dated = [(run, _age(run)) for run in runs]
    ordered = sorted((pair for pair in dated if pair[1] is not None), key=lambda pair: (pair[1], pair[0]), reverse=True)
    return [model for run, _ in ordered for suffix in _FILES if (model := _model(run, suffix)) is not None]


def usable() -> list[InstalledModel]:
    """Every model that can be chosen: the bundled one, those of the workspace by name, then those of its runs."""
    own = bundled()
    taken = {model.name for model in own}
    return [*own, *(model for model in installed() if model.name not in taken), *trained()]


def find_usable(name: str) -> InstalledModel | None:
    """The model of that name, or None."""
    return next((model for model in usable() if model.name == name), None)


def model_of_run(run: str, *, last: bool = False) -> str:
    """What ``--weights`` calls the best, or the last, of a run."""
    return f"{PREFIX}{run}{LAST if last else ''}"


def _age(run: Path) -> float | None:
    """When a run was described; None for a folder that is none."""
    try:
        return (run / "run.json").stat().st_mtime
    except OSError:
        return None


def _model(run: Path, suffix: str) -> InstalledModel | None:
    weights = run / _FILES[suffix]
    try:
        size = weights.stat().st_size
    except OSError:
        return None
    return InstalledModel(f"{PREFIX}{run.name}{suffix}", "run", ModelFiles(weights), size, False)
