"""Pictures to try things on: a rendered scene of our own, and the photos that lie in scikit-image's wheel.

Nothing is fetched, and skimage is not imported.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from yolodash.data.images import read_image
from yolodash.errors import N_, ImageError
from yolodash.structures import Image


@dataclass(frozen=True)
class Sample:
    """A photo that is there from the start.

    Attributes:
        key: its name in addresses and commands.
        title: what to call it, a text to translate.
        credit: who made it and under which terms.
        file: its name in scikit-image's data folder, or beside this module.
        shows: what detectors that know it call what is in it.
        rendered: drawn by YoloDash itself, and part of it.
    """

    key: str
    title: str
    credit: str
    file: str
    shows: frozenset[str] = frozenset()
    rendered: bool = False


PICTURES = Path(__file__).parent / "pictures"
_PERSON = frozenset({"person"})
SAMPLES: tuple[Sample, ...] = (
    Sample(
        "coffee",
        N_("Coffee cup"),
        "Rachel Michetti, Pikolo Espresso Bar, CC0",
        "coffee.png",
        frozenset({"cup", "spoon", "dining table"}),
    ),
    Sample(
        "motorcycle",
        N_("Motorcycle"),
        "Middlebury Stereo Datasets 2014, Scharstein et al.",
        "motorcycle_left.png",
        frozenset({"motorcycle", "motorbike", "bicycle"}),
    ),
    Sample("cat", N_("Cat"), "Stefan van der Walt, CC0", "chelsea.png", frozenset({"cat"})),
    Sample("astronaut", N_("Astronaut"), "NASA, public domain", "astronaut.png", _PERSON),
    Sample("camera", N_("Cameraman"), "Lav Varshney, CC0", "camera.png", _PERSON),
    Sample("rocket", N_("Rocket"), "SpaceX, public domain", "rocket.jpg"),
    Sample("horse", N_("Silhouette of a horse"), "Andreas Preuss, CC0", "horse.png", frozenset({"horse"})),
    Sample("coins", N_("Coins"), "Brooklyn Museum, no known restrictions", "coins.png"),
    Sample("page", N_("Printed page"), "scikit-image", "page.png"),
    Sample("brick", N_("Brick wall"), "CC0Textures, CC0", "brick.png"),
    Sample("scene", N_("Rendered scene"), "YoloDash", "scene.jpg", frozenset({"cube", "sphere", "cylinder"}), True),
)
_BY_KEY = {sample.key: sample for sample in SAMPLES}


def get_sample(key: str) -> Sample:
    """The record of one sample.

    Raises:
        ImageError: no sample has this key.
    """
    if key not in _BY_KEY:
        raise ImageError(
            N_("No sample photo is called '{key}'"), fix=N_("choose one of {keys}"), key=key, keys=", ".join(_BY_KEY)
        )
    return _BY_KEY[key]


def sample_path(key: str) -> Path:
    """Where a sample's file lies.

    Raises:
        ImageError: no sample has this key, or scikit-image is not installed with its photos.
    """
    sample = get_sample(key)
    if sample.rendered:
        return PICTURES / sample.file
    package = find_spec("skimage")  # finds the folder without running the package, whose import takes a second
    path = Path(package.origin).parent / "data" / sample.file if package is not None and package.origin else None
    if path is None or not path.is_file():
        raise ImageError(
            N_("The sample photos are not installed"),
            where=sample.file,
            fix=N_("run pip install -r requirements.txt again"),
        )
    return path


def load_sample(key: str) -> Image:
    """A sample's pixels: ``(H, W, 3)`` uint8 RGB.

    Raises:
        ImageError: as ``sample_path``.
    """
    return read_image(sample_path(key))


def default_sample(names: Collection[str]) -> str:
    """Key of the first sample that shows something a model with these class names knows; else of the first."""
    known = set(names)
    return next((sample.key for sample in SAMPLES if sample.shows & known), SAMPLES[0].key)
