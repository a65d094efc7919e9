"""What is evaluated: truth, one set of detections, and the pictures that they belong to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from yolodash.data.formats.coco import read_truth
from yolodash.evaluation.conventions import ConventionName
from yolodash.evaluation.files import read_files
from yolodash.evaluation.tables import Found, Labels, Truths
from yolodash.models.catalogue import InstalledModel
from yolodash.ui.evaluation.measured import Measured, measure

SAMPLE = Path(__file__).parent / "sample"
SAMPLES = {"simulated-a": "detections.json", "simulated-b": "detections_second.json"}


@dataclass(frozen=True)
class Evaluated:
    """Truth and detections as tables, and where the pictures are.

    Attributes:
        key: names the content: the same key, the same numbers.
        name: what the page calls the detections.
        sizes: ``(I, 2)`` height and width of the pictures; 0 where unknown.
        pictures: the files of those that are there, by the names in ``labels.images``.
        simulated: no network made these detections.
        model: whose detections these are, where one ran.
        notes: what was left out, one sentence each.
    """

    key: str
    name: str
    labels: Labels
    truths: Truths
    found: Found
    sizes: NDArray[np.int64]
    pictures: Mapping[str, Path] = field(default_factory=dict)
    simulated: bool = False
    model: InstalledModel | None = None
    notes: tuple[str, ...] = ()


def from_files(
    truth: Path, detections: Path, name: str, pictures: Mapping[str, Path], *, simulated: bool = False
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
        f"{digest}:{len(pictures)}", name, files.labels, files.truths, files.found, sizes, pictures, simulated
    )


@st.cache_resource(show_spinner=False, max_entries=4)
def sample(which: str) -> Evaluated:
    """One of the pairs of files that come with the program."""
    pictures = {path.name: path for path in (SAMPLE / "images").glob("*.jpg")}
    return from_files(SAMPLE / "truth.json", SAMPLE / SAMPLES[which], which, pictures, simulated=True)


@st.cache_resource(show_spinner=False, max_entries=8)
def measured(_evaluated: Evaluated, key: str, convention: ConventionName) -> Measured:
    """The matches of a set in a convention, kept by the process."""
    return measure(_evaluated.truths, _evaluated.found, _evaluated.labels, convention)
