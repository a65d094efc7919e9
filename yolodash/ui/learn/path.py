"""The path through the lecture and the lab: its places in order, where one is, and where one has been."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from yolodash.ui.i18n import _

PAGES = Path(__file__).parents[3] / "pages"
_SEEN = "path_seen"
_NOW = "path_now"


@dataclass(frozen=True)
class Place:
    """One place of the path.

    Attributes:
        page: its file's stem.
        icon: as the navigation has it.
        title: what one does there.
        line: the same in a few more words.
        questions: how the names of its questions begin; empty where there are none.
    """

    page: str
    icon: str
    title: str
    line: str
    questions: str = ""

    @property
    def file(self) -> str:
        """The page's file as Streamlit is told."""
        return f"pages/{self.page}.py"


def lecture() -> list[Place]:
    """The learning pages in the order of the lecture."""
    return _there(
        Place("learn_pixels", "apps", _("Pixels"), _("What a computer sees: numbers."), "pixels"),
        Place(
            "learn_convolution",
            "filter_center_focus",
            _("Convolution"),
            _("A window steps over the numbers."),
            "convolution",
        ),
        Place("learn_network", "lan", _("Network"), _("Many kernels, learned from examples."), "network"),
        Place("learn_yolo", "grid_on", _("YOLO"), _("One look: grid, anchors, boxes, NMS."), "yolo"),
        Place("learn_loss", "trending_down", _("Loss"), _("What a mistake costs."), "loss"),
        Place("learn_metrics", "rule", _("Metrics"), _("How good is it? Precision, recall, AP."), "metrics"),
        Place("reasoning", "psychology", _("Reasoning"), _("Questions about what was seen."), "reasoning"),
    )


def lab() -> list[Place]:
    """The lab's six exercises, each with the page on which it is done."""
    annotate = _first("annotate", "datasets", "train")
    film = _first("detect_video", "detect_image")
    return _there(
        Place("detect_image", "image_search", _("Detect"), _("Find objects with a trained YOLOv5s.")),
        Place(annotate, "draw", _("A data set"), _("Annotate your own pictures, and augment them.")),
        Place("train", "model_training", _("Train"), _("Train the model again on the new data.")),
        Place("compare", "compare_arrows", _("Compare"), _("Freeze the backbone, more epochs, another IoU.")),
        Place("detect_image", "image_search", _("Your model"), _("Your own model on a picture.")),
        Place(film, "movie", _("Video"), _("Your own model on a video.")),
    )


def _there(*places: Place) -> list[Place]:
    return [place for place in places if (PAGES / f"{place.page}.py").is_file()]


def _first(*pages: str) -> str:
    return next((page for page in pages if (PAGES / f"{page}.py").is_file()), pages[-1])


def visit(page: str) -> None:
    """Remember that this session has come to a page; told before it is run."""
    st.session_state[_NOW] = page
    st.session_state.setdefault(_SEEN, set()).add(page)


def seen(page: str) -> bool:
    """Whether this session has been there."""
    return page in st.session_state.get(_SEEN, ())


def beside(step: int) -> Place | None:
    """The learning page before (−1) or after (+1) the one that is shown, if there is one."""
    places = lecture()
    at = next((i for i, place in enumerate(places) if place.page == st.session_state.get(_NOW)), None)
    if at is None or not 0 <= at + step < len(places):
        return None
    return places[at + step]
