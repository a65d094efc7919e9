"""Which data set is augmented, opened once and kept, with its training pictures at the size of the preview."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from yolodash.data.augment.boxes import clipped
from yolodash.data.augment.enlarge import training_pictures
from yolodash.data.augment.varied import Source
from yolodash.data.dataset import Dataset
from yolodash.data.formats.own import looks_like_own
from yolodash.data.images import image_size, read_image, thumbnail
from yolodash.data.opening import open_dataset
from yolodash.data.writing import Placed
from yolodash.errors import YoloDashError
from yolodash.structures import Image, ImageSize
from yolodash.ui import entrance
from yolodash.ui.evaluation.model_run import data_sets
from yolodash.ui.evaluation.source import SAMPLE
from yolodash.ui.i18n import _
from yolodash.ui.train.looking import stamp

SAMPLES = ":sample"
KEY = "augment_data"
PREVIEW = 320
"""Pixels of the longer side at which pictures are shown and changed here."""

MOST_LETTERS = 3
MOST_TRIED = 5
MOST_SOURCES, MOST_PREVIEWS = 20_000, 400


@dataclass(frozen=True)
class Subject:
    """A data set that is open.

    Attributes:
        key: what stands in the address.
        stamp: changes when the data set does.
        dataset: as it was read.
        training: the pictures that are changed, in the order by which they are numbered.
        kept: what was looked up of them.
    """

    key: str
    stamp: str
    dataset: Dataset
    training: tuple[Placed, ...]
    kept: Kept

    @property
    def source(self) -> str:
        """What ``--data`` takes."""
        return str(SAMPLE) if self.key == SAMPLES else self.key

    @property
    def stored(self) -> bool:
        """Whether it is a data set of the workspace that can have versions."""
        return self.key != SAMPLES and not Path(self.key).exists() and looks_like_own(self.dataset.root)

    def names(self) -> dict[int, str]:
        """Class names by id."""
        return self.dataset.names


def choose() -> Subject:
    """The data set; at first one of the workspace, else scenes that come with the program.

    Raises:
        DatasetError: it cannot be opened, or has nothing to train with.
        InputError: a path, which is not for the role of who looks.
    """
    known = data_sets()
    if KEY not in st.session_state:
        st.session_state[KEY] = st.query_params.get("data") or first_of(known)
    typed = st.session_state[KEY]
    options = list(dict.fromkeys([*known, SAMPLES, *([typed] if typed else [])]))
    chosen = st.selectbox(
        _("Data set"),
        options,
        format_func=lambda key: _("Sample: rendered scenes") if key == SAMPLES else key,
        accept_new_options=True,
        help=_("A name in the workspace, or a path on the server."),
        key=KEY,
        persist_state="session",
    )
    key = str(chosen or SAMPLES)
    entrance.require_known(key, (SAMPLES, *known))
    return opened(key, stamp(str(SAMPLE) if key == SAMPLES else key))


def first_of(known: Sequence[str]) -> str:
    """A data set to begin with: the first one that has something to change, else the sample."""
    for name in known[:MOST_TRIED]:
        with contextlib.suppress(YoloDashError):
            return opened(name, stamp(name)).key
    return SAMPLES


@st.cache_resource(show_spinner=False, max_entries=4)
def opened(key: str, stamped: str) -> Subject:
    """Open a data set; kept for as long as its folder looks the same."""
    dataset = open_dataset(SAMPLE if key == SAMPLES else key)
    training = training_pictures(dataset)
    return Subject(key, stamped, dataset, training, Kept(training))


class Kept:
    """What was looked up of the training pictures, by their numbers: shared by all tabs, and quick to ask again."""

    def __init__(self, training: tuple[Placed, ...]) -> None:
        self._training = training
        self.source = lru_cache(maxsize=MOST_SOURCES)(self._source)
        self.preview = lru_cache(maxsize=MOST_PREVIEWS)(self._preview)
        self.preview_source = lru_cache(maxsize=MOST_SOURCES)(self._preview_source)
        self.class_ids = lru_cache(maxsize=MOST_SOURCES)(self._class_ids)

    def _source(self, index: int) -> Source:
        """A picture's size and boxes, in pixels of the original."""
        one = self._training[index].image
        assert one.path is not None
        size = image_size(one.path)
        return Source(size, clipped(one.annotations.boxes, size))

    def _preview(self, index: int) -> Image:
        """The picture, small."""
        path = self._training[index].image.path
        assert path is not None
        return np.ascontiguousarray(thumbnail(read_image(path), PREVIEW))

    def _preview_source(self, index: int) -> Source:
        """Its boxes in pixels of the small picture."""
        small, whole = self.preview(index), self.source(index)
        size = ImageSize(small.shape[0], small.shape[1])
        return Source(size, whole.boxes * ([size.width / whole.size.width, size.height / whole.size.height] * 2))

    def _class_ids(self, index: int) -> list[int]:
        """The class of each box."""
        ids: list[int] = self._training[index].image.annotations.class_ids.tolist()
        return ids


def letters(names: dict[int, str]) -> dict[int, str]:
    """Up to three letters for each class, to stand on a small picture: as few as tell it from all others.

    Where three do not, it is the class's id.
    """
    result = {i: str(i) for i in names}
    for length in range(MOST_LETTERS, 0, -1):
        starts = {i: name.strip()[:length].capitalize() for i, name in names.items()}
        counts = Counter(starts.values())
        result |= {i: start for i, start in starts.items() if start and counts[start] == 1}
    return result
