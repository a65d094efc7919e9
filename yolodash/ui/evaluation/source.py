"""What is evaluated: truth, one set of detections, and the pictures that they belong to."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from yolodash.data.formats.coco import read_truth
from yolodash.data.opening import open_dataset
from yolodash.errors import YoloDashError
from yolodash.evaluation.conventions import ConventionName
from yolodash.evaluation.files import read_files
from yolodash.evaluation.tables import Found, Labels, Truths
from yolodash.models import catalogue
from yolodash.models.catalogue import InstalledModel
from yolodash.models.catalogue.bundled import DETECTOR
from yolodash.runs.store import KeptEvaluation, open_evaluation
from yolodash.ui.evaluation.measured import Measured, measure
from yolodash.ui.i18n import _, ngettext

SAMPLE = Path(__file__).parent / "sample"
SAMPLES = {"bundled": ("detections.json", 384), "bundled-small": ("detections_second.json", 192)}
"""The file of each sample, and the size of input at which the bundled detector made it."""


@dataclass(frozen=True)
class Evaluated:
    """Truth and detections as tables, and where the pictures are.

    Attributes:
        key: names the content: the same key, the same numbers.
        name: what the page calls the detections.
        sizes: ``(I, 2)`` height and width of the pictures; 0 where unknown.
        pictures: the files of those that are there, by the names in ``labels.images``.
        sample: comes with the program.
        model: whose detections these are, where one ran and is still here.
        input_size: of the network, where it was not the model's own.
        command: options of ``evaluate`` that make these detections again, where a model ran.
        told: what the run said of itself, message ids and their values.
        left_out: boxes of the truth and of the detections that had no place in the set.
    """

    key: str
    name: str
    labels: Labels
    truths: Truths
    found: Found
    sizes: NDArray[np.int64]
    pictures: Mapping[str, Path] = field(default_factory=dict)
    sample: bool = False
    model: InstalledModel | None = None
    input_size: int | None = None
    left_out: tuple[int, int] = (0, 0)
    command: tuple[str, ...] = ()
    told: tuple[tuple[str, dict[str, Any]], ...] = ()


def from_files(
    truth: Path, detections: Path, name: str, pictures: Mapping[str, Path], *, sample: bool = False
) -> Evaluated:
    """A truth file and a results file.

    Raises:
        DatasetError: one cannot be read, or they do not belong together.
    """
    files = read_files(truth, detections)
    digest = hashlib.sha256(truth.read_bytes() + b"\0" + detections.read_bytes()).hexdigest()[:16]
    target = read_truth(truth)
    size_of = dict(zip(target.image_ids, target.image_sizes.tolist(), strict=True))
    sizes = np.array([size_of[number] for number in sorted(size_of)], np.int64).reshape(-1, 2)
    return Evaluated(
        f"{digest}:{len(pictures)}",
        name,
        files.labels,
        files.truths,
        files.found,
        sizes,
        pictures,
        sample,
        left_out=(files.truths_left_out, files.detections_left_out),
    )


def notes(evaluated: Evaluated) -> list[str]:
    """What was left out, and what is strange about the numbers, one sentence each, plain text."""
    said = [
        _counted_out(count, where)
        for count, where in zip(evaluated.left_out, (_("the truth"), _("the detections")), strict=True)
        if count
    ]
    said += [_filled(text, values) for text, values in evaluated.told]
    said += oddities(evaluated.truths, evaluated.found, evaluated.sizes)
    if evaluated.key.startswith("run:") and not evaluated.pictures:
        said.append(_("The data set is no longer where it was: the numbers are kept, the pictures are not."))
    return said


def _filled(text: str, values: dict[str, Any]) -> str:
    """A message with its values; as it stands where they do not fit."""
    try:
        return _(text).format(**values)
    except (KeyError, IndexError, ValueError, AttributeError):
        return text


def _counted_out(count: int, where: str) -> str:
    return ngettext(
        "{count} box of {where} is of a picture or class that the truth does not list, and is left out.",
        "{count} boxes of {where} are of a picture or class that the truth does not list, and are left out.",
        count,
    ).format(count=count, where=where)


def oddities(truths: Truths, found: Found, sizes: NDArray[np.int64]) -> list[str]:
    """What is strange about the numbers, one sentence each; they are scored as they stand."""
    said = []
    if not len(truths.label):
        said.append(_("The truth has no boxes: recall and AP are undefined, and every detection is a false positive."))
    if not len(found.label):
        said.append(_("There are no detections: every truth is missed, and AP is 0."))
    for table, where in ((truths.xywh, _("the truth")), (found.xywh, _("the detections"))):
        inverted = int(((table[:, 2] <= 0) | (table[:, 3] <= 0)).sum())
        if inverted:
            said.append(
                ngettext(
                    "{count} box of {where} has no width or height, and matches nothing.",
                    "{count} boxes of {where} have no width or height, and match nothing.",
                    inverted,
                ).format(count=inverted, where=where)
            )
    beyond = _beyond(found, sizes)
    if beyond:
        said.append(
            ngettext(
                "{count} detection reaches more than a pixel beyond its picture; it is scored as it is.",
                "{count} detections reach more than a pixel beyond their pictures; they are scored as they are.",
                beyond,
            ).format(count=beyond)
        )
    if len(found.score) and (found.score.min() < 0 or found.score.max() > 1):
        said.append(_("Some scores lie outside 0 to 1: the sliders reach only those from 0 to 1."))
    return said


def _beyond(found: Found, sizes: NDArray[np.int64]) -> int:
    """Detections that leave a picture whose size is known."""
    height, width = sizes[found.image].T if len(sizes) else (np.zeros(0), np.zeros(0))
    x, y, w, h = found.xywh.T
    outside = (x < -1) | (y < -1) | (x + w > width + 1) | (y + h > height + 1)
    return int((outside & (width > 0) & (height > 0)).sum())


@st.cache_resource(show_spinner=False, max_entries=4)
def sample(which: str) -> Evaluated:
    """One of the pairs of files that come with the program."""
    file, size = SAMPLES[which]
    pictures = {path.name: path for path in (SAMPLE / "images").glob("*.jpg")}
    files = from_files(SAMPLE / "truth.json", SAMPLE / file, which, pictures, sample=True)
    return replace(files, model=catalogue.find_usable(DETECTOR), input_size=size)


@st.cache_resource(show_spinner=False, max_entries=4)
def kept(name: str, created: str) -> Evaluated:
    """An evaluation of the workspace by the name of its run.

    Raises:
        YoloDashError: it is gone or damaged.
    """
    run = open_evaluation(name)
    there = _files_of(run)
    sizes = np.array([there.get(image, (None, 0, 0))[1:] for image in run.labels.images], np.int64).reshape(-1, 2)
    pictures = {image: path for image, (path, _height, _width) in there.items() if path is not None}
    return Evaluated(
        f"run:{name}:{created}",
        name,
        run.labels,
        run.truths,
        run.found,
        sizes,
        pictures,
        model=_model_of(run),
        command=_command_of(run),
        told=_told_by(run),
    )


def _files_of(run: KeptEvaluation) -> dict[str, tuple[Path | None, int, int]]:
    """Path, height and width of each picture, where the data set can still be opened."""
    try:
        dataset = open_dataset(run.data.get("path", ""))
    except YoloDashError:
        return {}  # said in the notes: the numbers do not need it
    sizes = {one.name: one.annotations.image_size for one in dataset.images}
    return {one.name: (one.path, sizes[one.name].height, sizes[one.name].width) for one in dataset.images}


def _command_of(run: KeptEvaluation) -> tuple[str, ...]:
    """The options that run its model again; none where files were scored."""
    if "weights" not in run.options:
        return ()
    weights, split = (shlex.quote(str(run.options.get(name, ""))) for name in ("weights", "split"))
    nms = f"{float(run.options.get('nms_iou_threshold', 0.6)):.6g}"
    data = shlex.quote(str(run.data.get("path", "")))
    return (f"--weights {weights}", f"--data {data}", f"--split {split}", f"--nms-iou {nms}")


def _told_by(run: KeptEvaluation) -> tuple[tuple[str, dict[str, Any]], ...]:
    """What a run left out; of a file that was changed by hand, what can be read."""
    said = run.options.get("notes")
    pairs = [one for one in said if isinstance(one, list) and len(one) == 2] if isinstance(said, list) else []
    return tuple((str(text), values) for text, values in pairs if isinstance(values, dict))


def _model_of(run: KeptEvaluation) -> InstalledModel | None:
    """The model that made it, if it is still in the workspace, by its name or its file's."""
    weights = str(run.options.get("weights", ""))
    named = catalogue.find_usable(weights)
    return named or next((model for model in catalogue.installed() if model.files.weights.name == weights), None)


@st.cache_resource(show_spinner=False, max_entries=8)
def measured(_evaluated: Evaluated, key: str, convention: ConventionName) -> Measured:
    """The matches of a set in a convention, kept by the process."""
    return measure(_evaluated.truths, _evaluated.found, _evaluated.labels, convention)
