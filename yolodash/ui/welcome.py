"""The first page: a real picture, two sentences, and what to click first."""

from __future__ import annotations

import streamlit as st

from yolodash.data.images import encode_jpeg
from yolodash.models import catalogue
from yolodash.structures import Thresholds
from yolodash.ui import caching, pictures
from yolodash.ui.caching import NetworkInput
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain
from yolodash.ui.pictures import Photo

SAMPLE = "coffee"


def picture() -> None:
    """A sample photo at once; with the boxes of the first model as soon as a network has looked at it."""
    photo = next(photo for photo in pictures.samples() if photo.id == SAMPLE)
    place = st.empty()
    place.image(caching.preview(photo), width="stretch")
    line = st.empty()
    line.caption(photo.name)
    model = catalogue.find_installed("yolov3-tiny") or next(iter(catalogue.installed()), None)
    if model is not None:
        drawn, found = detected(model, photo)
        place.image(drawn, width="stretch")
        line.caption(_("{model} found: {objects}").format(model=plain(model.name), objects=found or _("nothing")))


def detected(model: catalogue.InstalledModel, photo: Photo) -> tuple[bytes, str]:
    """The picture with its boxes as JPEG, and what is in them in words."""
    prediction = caching.prediction(model, photo, NetworkInput())
    from yolodash.drawing import draw_detections
    from yolodash.inference.selection import judge

    detections = judge(prediction.candidates, Thresholds()).detections
    names = prediction.candidates.names
    image = draw_detections(caching.pixels(photo), detections, names)
    pairs = zip(detections.class_ids, detections.scores, strict=True)
    return encode_jpeg(image), ", ".join(f"{plain(names[class_id])} {score:.2f}" for class_id, score in pairs)


def words() -> None:
    """What YoloDash is, and where to go."""
    st.write(
        _(
            "YoloDash runs real YOLO networks, from the first to the fifth generation, on your own pictures. "
            "Every box can be opened like a glass box: the numbers that made it, and what became of the others."
        )
    )
    with st.container(border=True):
        st.page_link(
            "pages/detect_image.py",
            label="**" + _("Detect objects in this picture") + "**",
            icon=":material/image_search:",
            width="stretch",
        )
        st.caption(_("Move a threshold. Click a box. Then click where there is none."))
    with st.container(border=True):
        st.page_link("pages/models.py", label="**" + _("Models") + "**", icon=":material/hub:", width="stretch")
        st.caption(_("Get a published network, bring your own, and look inside."))
