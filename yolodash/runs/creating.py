"""A new training: everything that can be refused at once is looked at, then the run's folder appears.

The command and the page begin here, so that the same options make the same run. Imports no torch at the top.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from yolodash.errors import N_, DatasetError
from yolodash.models.catalogue import ModelFiles, locate
from yolodash.runs.config import TrainOptions
from yolodash.runs.folders import Exist, create_run, new_run_folder


def create_training(
    options: TrainOptions,
    name: str | None = None,
    *,
    exist: Exist = "error",
    command: Sequence[str] = (),
    find_weights: Callable[[str], ModelFiles] = locate,
) -> Path:
    """The folder of a new run that waits for its worker; it appears whole or not at all.

    Args:
        options: what to do; paths in them become whole ones.
        name: of the run; without it one is made of network and data, which is never a reason to refuse.
        exist: what to do where the name is taken.
        command: what was typed, or would be.
        find_weights: what ``--weights`` means; may show how a download comes on.

    Raises:
        WorkspaceError: the name is taken or cannot be one, or the disk cannot be written to.
        DatasetError: the data set cannot be read, or has nothing to train or to validate with.
        ModelFileError, DownloadError: there are no such weights.
    """
    if name is not None and exist == "error":
        new_run_folder(name)
    kept, data = looked_at(options, find_weights)
    return create_run(
        "train", name or suggested_name(options), options=kept.record(), data=data, command=command,
        exist="rename" if name is None else exist, epochs=options.epochs,
    )  # fmt: skip


def looked_at(
    options: TrainOptions, find_weights: Callable[[str], ModelFiles] = locate
) -> tuple[TrainOptions, dict[str, str]]:
    """The options as a run keeps them, with whole paths, and where its data lies and what it was.

    Raises:
        DatasetError: the data set cannot be read, or has nothing to train or to validate with.
        ModelFileError, DownloadError: there are no such weights.
    """
    from yolodash.data.fingerprint import fingerprint
    from yolodash.data.opening import open_dataset

    dataset = open_dataset(options.data)
    for split in ("train", "val"):
        if not any(image.path is not None for image in dataset.split(split)):
            raise DatasetError(
                N_("The split '{split}' has no pictures"),
                where=options.data,
                fix=N_("let data.yaml name pictures to train with and pictures to validate with"),
                split=split,
            )
    path = Path(options.data)
    data = {
        "path": str(path.resolve() if path.exists() else dataset.root.resolve()),
        "fingerprint": fingerprint(dataset, "val"),
    }
    kept = replace(
        options,
        data=str(path.resolve()) if path.exists() else options.data,
        weights=str(find_weights(options.weights).weights.resolve()) if options.weights else "",
        cfg=_resolved_cfg(options.cfg),
    )
    return kept, data


def _resolved_cfg(cfg: str) -> str:
    return str(Path(cfg).resolve()) if cfg and Path(cfg).is_file() else cfg


def suggested_name(options: TrainOptions) -> str:
    """A name such as ``yolov5n-scenes``, from what is trained on what."""
    from yolodash.workspace import safe_name

    data = Path(options.data)
    about = data.parent.name if data.name in ("data.yaml", "data.yml") and data.resolve().parent.name else data.stem
    about = about or data.resolve().parent.name
    return safe_name(f"{network_stem(options.weights or options.cfg)}-{about}")


def network_stem(text: str) -> str:
    """A short name of weights or a cfg: the run's for its best or last, else the file's."""
    path = Path(text)
    return path.parent.name if path.stem in ("best", "last") and path.parent.name else path.stem
