"""What lies where among artificial intelligence, machine learning, computer vision and image processing."""

from __future__ import annotations

from typing import Any

from yolodash.ui.i18n import _


def offered() -> list[dict[str, Any]]:
    """The examples, each with its place in the figure."""
    return [dict(zip(("name", "title", "words", "x", "y"), example, strict=True)) for example in _examples()]


def _examples() -> list[tuple[str, str, str, int, int]]:
    return [
        ("chess", _("A chess program that searches moves"),
         _("Artificial intelligence, without learning and without pictures."), 90, 130),
        ("spam", _("A filter that learns what spam is"),
         _("Machine learning: it learns from examples, but sees nothing."), 225, 230),
        ("detector", _("YOLO finds a dog in a photo"),
         _("Computer vision by machine learning: picture in, objects out, learned from labelled examples."), 420, 255),
        ("stereo", _("Distance from two cameras"),
         _("Computer vision by geometry: picture in, metres out. Nothing is learned."), 575, 310),
        ("inspection", _("Counting screws on a belt by a threshold"),
         _("Where the fields meet: image processing prepares, and a simple rule understands just enough."), 660, 255),
        ("contrast", _("More contrast for a dark photo"),
         _("Image processing: picture in, picture out. Nobody says what is in it."), 820, 190),
        ("edges", _("Edges by a kernel"),
         _("Image processing: the next page. Vision uses it as its first layer."), 820, 300),
    ]  # fmt: skip
