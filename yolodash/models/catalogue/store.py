"""The models that lie in the workspace.

``models/NAME/`` holds the weights, the cfg and names of a Darknet model, and ``model.json``. A file that a user put
straight into ``models/`` is a model too. Deleted models go to ``models/.bin/``.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal

from yolodash import workspace
from yolodash.errors import N_, InputError, WorkspaceError
from yolodash.models.catalogue.class_names import CLASS_NAMES
from yolodash.models.catalogue.darknet_configurations import configuration
from yolodash.models.catalogue.entries import find_entry
from yolodash.models.catalogue.records import Entry

Origin = Literal["bundled", "catalogue", "uploaded", "run"]

RECORD = "model.json"
BIN = ".bin"
WEIGHTS_SUFFIXES = (".pt", ".pth", ".weights", ".safetensors")
RESERVED = {"scenes", "runs"}


@dataclass(frozen=True)
class ModelFiles:
    """The files of one model: what ``load_model`` takes."""

    weights: Path
    cfg: Path | None = None
    names: Path | None = None


@dataclass(frozen=True)
class InstalledModel:
    """A model in the workspace.

    Attributes:
        name: what ``locate`` and ``--weights`` take.
        origin: comes with the program, from the catalogue, put there by the user, or trained by a run.
        files: where it lies.
        bytes: of the weights.
        verified: its SHA-256 is one that the catalogue accepts.
    """

    name: str
    origin: Origin
    files: ModelFiles
    bytes: int
    verified: bool


def models_folder() -> Path:
    """``models/`` of the workspace; not created by asking."""
    return workspace.home() / "models"


def installed() -> list[InstalledModel]:
    """Every model in the workspace, by name."""
    folder = models_folder()
    if not folder.is_dir():
        return []
    found: dict[str, InstalledModel] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        model = _in_folder(path) if path.is_dir() else _loose(path)
        if model is not None:
            found.setdefault(model.name, model)
    return [found[name] for name in sorted(found)]


def find_installed(name: str) -> InstalledModel | None:
    """The model of that name, or None."""
    return next((model for model in installed() if model.name == name), None)


def _in_folder(folder: Path) -> InstalledModel | None:
    """``models/NAME/``; None when there are no weights in it (yet)."""
    record = _read_record(folder)
    named = str(record.get("weights", ""))
    candidates = [folder / named] if named and named == workspace.safe_name(named) else []
    candidates += sorted(path for path in folder.iterdir() if path.suffix.lower() in WEIGHTS_SUFFIXES)
    weights = next((path for path in candidates if path.is_file() and not path.name.startswith(".")), None)
    return None if weights is None else _described(folder.name, weights, record)


def _loose(weights: Path) -> InstalledModel | None:
    """A file straight in ``models/``."""
    if weights.suffix.lower() not in WEIGHTS_SUFFIXES or not weights.is_file():
        return None
    entry = find_entry(weights.name)
    name = entry.name if entry else weights.stem
    return _described(name, weights, _read_record(weights.parent / name))


def _described(name: str, weights: Path, record: dict[str, Any]) -> InstalledModel:
    entry, size = find_entry(name), weights.stat().st_size
    unchanged = record.get("bytes") == size and record.get("modified") == weights.stat().st_mtime_ns
    verified = entry is not None and unchanged and record.get("sha256") in entry.sha256
    origin: Origin = "catalogue" if entry is not None else "uploaded"
    files = beside(weights, models_folder() / name)
    if entry is not None:
        with contextlib.suppress(WorkspaceError):  # a folder that cannot be written to can still be listed
            files = with_own_companions(files, entry)
    return InstalledModel(name, origin, files, size, verified)


def _read_record(folder: Path) -> dict[str, Any]:
    """What ``model.json`` says; nothing where it is missing or spoilt: the files speak for themselves."""
    with contextlib.suppress(OSError, ValueError):
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return record if isinstance(record, dict) else {}
    return {}


def write_record(name: str, weights: Path, *, origin: Origin, sha256: str | None = None) -> None:
    """Note where a model came from and which hash its weights had when they looked as they do now."""
    status = weights.stat()
    record = {"format": 1, "name": name, "origin": origin, "weights": weights.name, "sha256": sha256}
    record |= {"bytes": status.st_size, "modified": status.st_mtime_ns, "added": time.strftime("%Y-%m-%dT%H:%M:%S%z")}
    workspace.write_json(models_folder() / name / RECORD, record)


def known_sha256(name: str, weights: Path) -> str | None:
    """The recorded hash, if the weights have not changed since."""
    record, status = _read_record(models_folder() / name), weights.stat()
    unchanged = record.get("bytes") == status.st_size and record.get("modified") == status.st_mtime_ns
    return record.get("sha256") if unchanged else None


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def beside(weights: Path, *folders: Path) -> ModelFiles:
    """A weights file with the cfg and names that lie with it: of the same name, else the only one in the folder."""
    places = (weights.parent, *folders)
    cfg = _companion(weights, places, ".cfg") if weights.suffix.lower() == ".weights" else None
    return ModelFiles(weights, cfg, _companion(weights, places, ".names"))


def with_own_companions(files: ModelFiles, entry: Entry) -> ModelFiles:
    """The files of a published Darknet model; a cfg or names that is missing is written from our own description."""
    if not entry.is_darknet or (files.cfg is not None and files.names is not None):
        return files
    cfg, names = (models_folder() / entry.name / f"{entry.name}{ending}" for ending in (".cfg", ".names"))
    if files.cfg is None:
        workspace.write_bytes(cfg, configuration(entry.name).encode())
    if files.names is None:
        workspace.write_bytes(names, ("\n".join(CLASS_NAMES[entry.classes]) + "\n").encode())
    return ModelFiles(files.weights, files.cfg or cfg, files.names or names)


def _companion(weights: Path, places: tuple[Path, ...], suffix: str) -> Path | None:
    for place in places:
        same = place / (weights.stem + suffix)
        if same.is_file():
            return same
        others = [path for path in place.glob("*" + suffix) if path.is_file()]
        if len(others) == 1 and place != models_folder():
            return others[0]
    return None


def add_upload(
    name: str,
    data: bytes | IO[bytes],
    *,
    cfg: bytes | None = None,
    names: bytes | None = None,
    check: Callable[[ModelFiles], object] | None = None,
) -> InstalledModel:
    """Put an uploaded model into the workspace under a safe name of its own; the same files twice are one model.

    Args:
        name: of the file, as its owner called it.
        data: the weights.
        cfg, names: a Darknet model's other files.
        check: raises when the files are no model; nothing is kept then.

    Raises:
        InputError: there is nothing in the file.
        WorkspaceError: the disk is full or read-only.
    """
    safe = Path(workspace.safe_name(name))
    stem = workspace.safe_name(safe.stem)
    suffix = safe.suffix if safe.suffix.lower() in WEIGHTS_SUFFIXES else ".weights" if cfg else ".pt"
    with _incoming() as folder:
        files = _written(folder, stem, suffix, data, cfg, names)
        if (same := _same_as(files, stem)) is not None:
            return same
        if check is not None:
            check(files)
        return _settled(folder, stem, files)


@contextlib.contextmanager
def _incoming() -> Iterator[Path]:
    """A hidden folder for what is not whole yet; gone at the end unless it was renamed."""
    parent = workspace.folder("models")
    try:
        folder = Path(tempfile.mkdtemp(prefix=".incoming-", dir=parent))
    except OSError as error:
        raise workspace.disk_error(error, parent) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _written(
    folder: Path, stem: str, suffix: str, data: bytes | IO[bytes], cfg: bytes | None, names: bytes | None
) -> ModelFiles:
    weights = folder / (stem + suffix)
    with workspace.writing(weights) as file:
        if isinstance(data, bytes):
            file.write(data)
        else:
            shutil.copyfileobj(data, file, 1 << 20)
    if weights.stat().st_size == 0:
        raise InputError(N_("The file is empty"), where=weights.name, fix=N_("choose the model's weights file"))
    others = {".cfg": cfg, ".names": names}
    for ending, content in others.items():
        if content is not None:
            workspace.write_bytes(folder / (stem + ending), content)
    paths = {ending: folder / (stem + ending) if content is not None else None for ending, content in others.items()}
    return ModelFiles(weights, paths[".cfg"], paths[".names"])


def _same_as(files: ModelFiles, stem: str) -> InstalledModel | None:
    """A model of the user's that was kept from the very same files, for whoever clicks twice."""
    wanted = _contents(files)
    for model in installed():
        named = model.name == stem or model.name.startswith(stem + " ")
        if model.origin == "uploaded" and named and _contents(model.files) == wanted:
            return model
    return None


def _contents(files: ModelFiles) -> list[str | None]:
    return [None if path is None else sha256_of(path) for path in (files.weights, files.cfg, files.names)]


def _settled(folder: Path, stem: str, files: ModelFiles) -> InstalledModel:
    """The folder under the first name that nobody has; the rename decides between two who want the same one."""
    for name in _free_names(stem):
        target = models_folder() / name
        record = {"format": 1, "name": name, "origin": "uploaded", "weights": files.weights.name}
        workspace.write_json(folder / RECORD, record)
        try:
            folder.rename(target)
        except OSError as error:
            if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
                continue
            raise workspace.disk_error(error, target) from error
        workspace.flush_folder(target.parent)
        if (model := _in_folder(target)) is not None:
            return model
    raise WorkspaceError(N_("No name is free for this model"), where=stem, fix=N_("give the file another name"))


def _free_names(stem: str) -> Iterator[str]:
    taken = {model.name for model in installed()} | RESERVED
    for number in range(1, 10_000):
        name = workspace.safe_name(stem if number == 1 else f"{stem} {number}")
        if name not in taken and find_entry(name) is None and not (models_folder() / name).exists():
            yield name


def rename(name: str, new: str) -> InstalledModel:
    """Give an uploaded model another name.

    Raises:
        InputError: there is no such model, or it is one of the catalogue's.
        WorkspaceError: the new name cannot be one, or is taken.
    """
    model = _of_the_user(name)
    target = workspace.inside(models_folder(), new)
    taken = target.exists() or find_installed(new) is not None or find_entry(new) is not None or new in RESERVED
    if taken:
        raise WorkspaceError(N_("'{name}' is taken"), fix=N_("choose another name"), name=new)
    folder = _gathered(model)
    try:
        folder.rename(target)
        workspace.flush_folder(target.parent)
    except OSError as error:
        raise workspace.disk_error(error, target) from error
    renamed = find_installed(new)
    return renamed if renamed is not None else replace(model, name=new)


def _gathered(model: InstalledModel) -> Path:
    """The model's own folder; a loose file is moved into one."""
    folder = models_folder() / model.name
    if model.files.weights.parent != folder:
        workspace.make_folder(folder)
        for path in (model.files.weights, model.files.cfg, model.files.names):
            if path is not None and path.parent != folder:
                os.replace(path, folder / path.name)
    return folder


def delete(name: str) -> None:
    """Move an installed model to the bin, ``models/.bin/``.

    Raises:
        InputError: there is no such model.
        WorkspaceError: the disk does not let us.
    """
    model = find_installed(name)
    if model is None:
        raise _unknown(name)
    try:
        folder = _gathered(model)
        target = workspace.make_folder(models_folder() / BIN) / f"{time.time_ns()} {name}"
        folder.rename(target)
        workspace.flush_folder(models_folder())
    except OSError as error:
        raise workspace.disk_error(error, model.files.weights) from error


def _of_the_user(name: str) -> InstalledModel:
    model = find_installed(name)
    if model is None:
        raise _unknown(name)
    if model.origin == "catalogue":
        raise InputError(
            N_("A model of the catalogue keeps its name"), where=name, fix=N_("upload a copy of it under another name")
        )
    return model


def _unknown(name: str) -> InputError:
    return InputError(N_("There is no such model in the workspace"), where=name, fix=N_("reload the page"))
