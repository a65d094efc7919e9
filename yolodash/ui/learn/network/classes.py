"""Step: from features to classes. The connected part with its probabilities, and what changes when a part is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from yolodash.scenes.programs import VALUES
from yolodash.structures import ImageSize
from yolodash.ui import caching
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, sending, stage, subject
from yolodash.ui.learn.network import SCRIPTS, inside
from yolodash.ui.learn.reasoning import words as spoken
from yolodash.ui.learn.subject import Subject

if TYPE_CHECKING:
    from yolodash.inference.occlusion import Occluded

QUESTIONS = ("shape", "colour", "material", "size", "thing")
_KEPT_BYTES = 32 * 2**20


def show() -> None:
    """A box on the picture, the classifier's answers about it, and a map of what they hang on."""
    about = subject.choose()
    st.subheader(_("From maps to an answer, and what the answer hangs on"), anchor=False)
    height, width = caching.pixels(about.photo).shape[:2]
    size = ImageSize(height, width)
    start = inside.object_of(about)
    fields = {
        "box": stage.Field(stage.written(start), stage.box_within(size)),
        "question": stage.Field("shape", stage.choice(*QUESTIONS)),
        "hidden": stage.Field("-1", stage.number(-1, 168, whole=True)),
    }
    picture = subject.picture(subject.square(about, subject.LECTURE_SIDE))
    data = {"picture": {**picture, "x": 0, "y": 0, **stage.size(size)}, "network": stage.size(size), "words": words()}
    place = st.empty()
    stage.play(
        "classes", f"{about.photo.key}/{start}", fields, data, _texts(), lambda now: answers(about, now, place),
        scripts=SCRIPTS,
    )  # fmt: skip
    _below()


def words() -> dict[str, dict[str, str]]:
    """What the classifier can answer, in the session's language, by the names that it knows."""
    return {
        "questions": {
            **{name: spoken.attribute(name) for name in ("shape", "colour", "material", "size")},
            "thing": _("is it one?"),
        },
        "answers": {
            **{word: spoken.value(word) for values in VALUES.values() for word in values},
            "block": _("a block"),
            "none of these": _("none of these"),
        },
    }


@st.cache_resource(show_spinner=False)
def _kept() -> caching.Bounded[Occluded]:
    return caching.Bounded(_KEPT_BYTES)


def answers(about: Subject, now: Mapping[str, str], place: Any) -> dict[str, Any]:
    """What the classifier says of the box, whole and with a part hidden; behind a bar where it is not known."""
    from yolodash.inference.attributes import bundled_classifier
    from yolodash.inference.occlusion import occlude

    box = stage.read_box(now["box"])
    crop, where = inside.cropped(caching.pixels(about.photo), box)
    key = (about.photo.source, about.photo.id, box)
    found = _kept().get(key)
    if found is None:
        text = _("The classifier looks, with one part after another hidden …")
        bar = place.progress(0.0, text=text)
        found = occlude(
            bundled_classifier(), crop, where, on_progress=lambda done, all_: bar.progress(done / all_, text=text)
        )
        place.empty()
        _kept().put(key, found, sum(values.nbytes for values in found.hidden.values()))
    model = bundled_classifier()
    return {
        "crop": sending.jpeg(crop, 95),
        "side": found.side,
        "patches": found.patches.tolist(),
        "questions": {
            name: {
                "answers": list(model.questions[name]),
                "whole": np.round(found.whole[name], 4).tolist(),
                "hidden": np.round(found.hidden[name], 4).tolist(),
            }
            for name in model.questions
            if name in QUESTIONS
        },
    }


def _texts() -> dict[str, str]:
    return {
        "picture": _("The picture, with the box that the classifier looks at"),
        "box": _("what it looks at"),
        "move": _("The box. Arrow keys move it, with Shift they change its size."),
        "question": _("Question"),
        "flow": _(
            "crop 64×64×3 → 8 maps → 24 → 48 → 96 maps of 4×4 → 1,536 numbers, and 4 for the place → 128 → softmax"
        ),
        "answers": _("Its answer, as probabilities"),
        "occlusion": _("Hide a part: the darker red, the more “{answer}” falls"),
        "crop": _("What it sees, under the occlusion map. Click to hide a part."),
        "hidden": _("With this part hidden: {answer} {before} → {after}"),
        "none": _("Click on the map to hide that part."),
        "nothing": _("Nothing hidden"),
        "falls": _("Largest fall: {fall}"),
    }


def _below() -> None:
    from yolodash.inference import occlusion
    from yolodash.models.classifier import CropClassifier

    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "network_classes",
            _("Hiding one corner lets “cube” fall from .99 to .40; elsewhere nothing changes. What does that say?"),
            {
                "corner": _("This answer hangs on that corner"),
                "wrong": _("The network is broken"),
                "size": _("The cube is small"),
            },
            "corner",
            _("What is hidden and changes nothing was not needed. So one finds networks that look at the wrong place."),
        )
    with said:
        st.caption(
            _(
                "The classifier knows the blocks of our rendered scenes only. On a photo it answers all the same, for "
                "its softmax must sum to 1; “none of these” is what it should say."
            )
        )
        lesson.show_code(CropClassifier.forward, occlusion.occlude, occlusion.without, occlusion.falls)
