"""The first page: a real picture, two sentences, and what to click first."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from yolodash.data.images import encode_jpeg
from yolodash.models import catalogue
from yolodash.serving.roles import Role
from yolodash.structures import Detections, Thresholds
from yolodash.ui import caching, entrance, pictures
from yolodash.ui.caching import NetworkInput
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain
from yolodash.ui.pictures import Photo

MOST_SPOKEN = 5


def picture() -> None:
    """The first model's sample: with its boxes at once where they are stored, else when the network has looked."""
    model = next(iter(catalogue.usable()), None)
    key = pictures.default_for(model)
    photo = next(photo for photo in pictures.samples() if photo.key == key)
    place, line = st.empty(), st.empty()
    stored = None if model is None else caching.stored_with_the_program(model, photo, NetworkInput())
    if model is None or stored is None:
        place.image(caching.preview(photo), width="stretch")
        line.caption(photo.name)
    if model is not None:
        detections, names = (stored.detections, stored.candidates.names) if stored else looked(model, photo)
        place.image(drawn(photo, detections, names), width="stretch")
        found = ", ".join(spoken(detections, names)) or _("nothing")
        who = _("The bundled model") if model.origin == "bundled" else plain(model.name)
        line.caption(_("{model} found: {objects}").format(model=who, objects=found))


def looked(model: catalogue.InstalledModel, photo: Photo) -> tuple[Detections, tuple[str, ...]]:
    """What the network finds at the usual thresholds, and the names of its classes."""
    candidates = caching.prediction(model, photo, NetworkInput()).candidates
    from yolodash.inference.selection import judge

    return judge(candidates, Thresholds()).detections, candidates.names


def drawn(photo: Photo, detections: Detections, names: tuple[str, ...]) -> bytes:
    """The picture with its boxes as JPEG."""
    from yolodash.drawing import draw_detections

    return encode_jpeg(draw_detections(caching.pixels(photo), detections, names))


def spoken(detections: Detections, names: tuple[str, ...]) -> list[str]:
    """What was found: each with its score; many things by their number."""
    if len(detections.scores) > MOST_SPOKEN:
        counted = Counter(names[class_id] for class_id in detections.class_ids)
        return [f"{count} × {plain(name)}" for name, count in counted.most_common()]
    pairs = zip(detections.class_ids, detections.scores, strict=True)
    return [f"{plain(names[class_id])} {score:.2f}" for class_id, score in pairs]


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
        if entrance.may(Role.TRAINER):
            st.caption(_("Get a published network, bring your own, and look inside."))
        else:
            st.caption(_("Look inside the networks that are here."))
