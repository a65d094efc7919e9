"""What a model sees on the pictures of a data set: run once a picture, kept by the process, used by all its help."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import streamlit as st

from yolodash.data.images import read_image
from yolodash.data.store.classes import StoredClass
from yolodash.data.store.pictures import StoredPicture
from yolodash.errors import YoloDashError
from yolodash.evaluation.suspicion import Sight, Sights, plain_name, sights_of
from yolodash.models.catalogue import InstalledModel
from yolodash.ui import caching
from yolodash.ui.caching import Bounded, NetworkInput

BYTES = 32 * 2**20


@st.cache_resource(show_spinner=False)
def _kept() -> Bounded[Sights]:
    return Bounded(BYTES)


def seen(model: InstalledModel, picture: StoredPicture) -> Sights:
    """What a model sees on a picture, down to ``FLOOR``; torch is loaded here if it was not.

    Raises:
        YoloDashError: the picture or the model cannot be used.
    """
    known = known_sights(model, picture)
    if known is not None:
        return known
    prediction = caching.run_network(model, read_image(picture.path), NetworkInput())
    sights = sights_of(prediction.candidates)
    return _kept().put(_key(model, picture), sights, 200 + 200 * len(sights))


def known_sights(model: InstalledModel, picture: StoredPicture) -> Sights | None:
    """What a model saw on a picture before; None where it never looked."""
    return _kept().get(_key(model, picture))


def _key(model: InstalledModel, picture: StoredPicture) -> tuple[object, ...]:
    return (caching.identity(model), str(picture.path), picture.bytes, picture.added)


def look(
    model: InstalledModel, pictures: Sequence[StoredPicture], progress: Callable[[int, int], None]
) -> dict[str, Sights]:
    """What a model sees on many pictures; one that cannot be read is left out.

    Args:
        progress: told how many of how many are done.
    """
    result = {}
    for done, picture in enumerate(pictures):
        progress(done, len(pictures))
        try:
            result[picture.stem] = seen(model, picture)
        except YoloDashError:
            continue
    progress(len(pictures), len(pictures))
    return result


def uncertainty(sights: Iterable[Sight]) -> float:
    """How unsure a model is of a picture: the mean of 4·s·(1 − s), 1 where every score is one half.

    Returns:
        in [0, 1]; 0 where it sees nothing.
    """
    doubts = [4 * one.score * (1 - one.score) for one in sights]
    return sum(doubts) / len(doubts) if doubts else 0.0


def class_ids(classes: Sequence[StoredClass]) -> Mapping[str, int]:
    """The data set's classes by their names, as they are compared with a model's."""
    return {plain_name(one.name): one.id for one in classes}
