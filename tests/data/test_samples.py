"""The sample photos are there without a network and without scikit-image's slow import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from yolodash.data import samples
from yolodash.data.samples import SAMPLES, default_sample, get_sample, load_sample, sample_path
from yolodash.errors import ImageError


@pytest.mark.parametrize("key", [sample.key for sample in SAMPLES])
def test_every_sample_is_a_picture_that_was_installed(key: str) -> None:
    image = load_sample(key)
    assert image.dtype == np.uint8
    assert image.ndim == 3
    assert min(image.shape[:2]) >= 150
    assert image.std() > 10


def test_every_sample_has_a_key_of_its_own_and_a_credit() -> None:
    assert len({sample.key for sample in SAMPLES}) == len(SAMPLES)
    assert all(sample.title and sample.credit for sample in SAMPLES)


def test_a_sample_has_the_pixels_that_scikit_image_gives() -> None:
    import skimage.data

    assert (load_sample("coffee") == skimage.data.coffee()).all()
    assert (load_sample("cat") == skimage.data.chelsea()).all()


def test_samples_need_no_network_and_do_not_import_scikit_image() -> None:
    code = (
        "import socket, sys; socket.socket.connect = None\n"
        "from yolodash.data.samples import load_sample; load_sample('motorcycle')\n"
        "print({'skimage', 'torch', 'scipy', 'pooch'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout == "set()\n"


def test_an_unknown_sample_is_a_sentence_that_lists_the_known_ones() -> None:
    for find in (get_sample, sample_path, load_sample):
        with pytest.raises(ImageError, match="called 'dragon' — choose one of coffee, motorcycle, cat"):
            find("dragon")


def test_missing_photos_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "find_spec", lambda name: None)
    with pytest.raises(ImageError, match=r"not installed — coffee\.png — run pip install"):
        sample_path("coffee")


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (("person", "bicycle", "cup", "spoon"), "coffee"),
        (("aeroplane", "bicycle", "cat", "motorbike", "person"), "motorcycle"),
        (("cat", "dog"), "cat"),
        (("screw", "nut"), "coffee"),
        ((), "coffee"),
    ],
)
def test_a_model_begins_with_a_photo_of_something_that_it_knows(names: tuple[str, ...], key: str) -> None:
    assert default_sample(names) == key
