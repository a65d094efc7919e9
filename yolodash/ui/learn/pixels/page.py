"""The steps of the page, each one screen: something that moves, the code that ran, a question."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from yolodash import convolution
from yolodash.data import stereo
from yolodash.scenes import checker
from yolodash.ui import state
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, sending
from yolodash.ui.learn.pixels import SCRIPTS, examples, shapes, stored_pictures, texts
from yolodash.ui.learn.stage import Field, choice, number, play

LONGEST = 720
"""Pixels of the longer side of a photo that is walked into; its numbers travel without a loss."""

OWN = ("zoom", "middle", "channel", "at", "kind", "axis", "place", "around", "bridge", "example")
"""What stands in the address for one step alone."""


def titles() -> dict[str, str]:
    """The steps, in the order of the lecture."""
    return {
        "numbers": _("Numbers"),
        "colours": _("Three matrices"),
        "shapes": _("Shapes of image data"),
        "seeing": _("Seeing is not measuring"),
        "field": _("Where vision lies"),
    }


def show(step: str) -> None:
    """One step of the page."""
    steps: dict[str, Callable[[], None]] = {
        "numbers": numbers,
        "colours": colours,
        "shapes": shape_step,
        "seeing": seeing,
        "field": field,
    }
    steps[step]()


def numbers() -> None:
    """A photo, zoomed until its numbers appear."""
    photo = sending.photo(lesson.choose_picture(), LONGEST)
    st.markdown(_("You see a picture. The computer gets numbers from 0 to 255. Walk in until you can read them."))
    known = {
        "zoom": Field("0", number(0, 90)),
        "middle": Field(f"{photo.width / 2:.1f},{photo.height / 2:.1f}", _middle),
        "channel": Field("colour", choice("colour", "grey")),
    }
    play("numbers", "photo", known, {"photo": photo.data}, texts.numbers(), scripts=SCRIPTS)
    _reduced(photo)
    lesson.show_code(convolution.grey)
    lesson.question(
        "pixels_numbers",
        _("What does a pixel of value 0 look like, and one of 255?"),
        {
            "white": _("0 is white, 255 is black"),
            "black": _("0 is black, 255 is white"),
            "colour": _("That depends on the picture's size"),
        },
        "black",
        _("The number counts light: 0 is none, 255 is the most that eight bits can say."),
    )


def colours() -> None:
    """Grey, red, green and blue as matrices."""
    photo = sending.photo(lesson.choose_picture(), LONGEST)
    st.markdown(_("A colour picture is **three** matrices: how much red, green and blue. Grey is one, made of them."))
    known = {"at": Field(f"{photo.width // 2},{photo.height // 2}", _corner)}
    play("colours", "photo", known, {"photo": photo.data}, texts.colours(), scripts=SCRIPTS)
    _reduced(photo)
    lesson.show_code(convolution.grey)
    lesson.question(
        "pixels_colours",
        _("A pixel has red 255, green 255, blue 0. Which colour is it?"),
        {"yellow": _("Yellow"), "purple": _("Purple"), "cyan": _("Light blue")},
        "yellow",
        _("Light adds up: red and green light together are yellow. With 255 of blue as well it would be white."),
    )


def _middle(text: str) -> str:
    x, y = (float(part) for part in text.split(","))
    if not (0 <= x <= LONGEST and 0 <= y <= LONGEST):
        raise ValueError(text)
    return f"{x:.1f},{y:.1f}"


def _corner(text: str) -> str:
    x, y = (int(part) for part in text.split(","))
    if not (0 <= x < LONGEST and 0 <= y < LONGEST):
        raise ValueError(text)
    return f"{x},{y}"


def _reduced(photo: sending.Sent) -> None:
    if photo.reduced:
        size = f"{photo.width} × {photo.height}"
        st.caption(_("The photo is larger; it is shown here at {size} pixels.").format(size=size))


def shape_step() -> None:
    """The forms that image data take."""
    kinds = shapes.kinds()
    kind = state.choose(_("Kind of data"), kinds, "kind", usual="video")
    photo = lesson.choose_picture() if kind == "picture" else None
    data, words = shapes.content(kind, photo)
    subject = kind if photo is None else f"{kind}:{photo.key}"
    play("shapes", subject, shapes.fields_of(kind), data, words, scripts=SCRIPTS)
    lesson.show_code(*shapes.functions_of(kind))
    lesson.question(
        "pixels_shapes",
        _("A colour video has 100 frames of 480 rows and 640 columns. What is its shape?"),
        {
            "flat": "(480, 640, 3)",
            "stack": "(100, 480, 640, 3)",
            "grey": "(100, 480, 640)",
        },
        "stack",
        _("One picture after the other: frames, rows, columns, channels. Without the 3 it would be a grey film."),
    )


def seeing() -> None:
    """Two squares of the same intensity."""
    st.markdown(_("Which square is darker, **A** or **B**? Guess, then measure."))
    corners = checker.corners_of(checker.LIT, checker.SIZE), checker.corners_of(checker.SHADED, checker.SIZE)
    data = {
        "png": stored_pictures.encoded(stored_pictures.CHECKER),
        "size": [checker.SIZE.width, checker.SIZE.height],
        "lit": corners[0].round(2).tolist(),
        "shaded": corners[1].round(2).tolist(),
    }
    known = {
        "around": Field("0", number(0, 100, whole=True)),
        "bridge": Field("0", number(0, 100, whole=True)),
        "at": Field("330,330", _corner),
    }
    play("seeing", "checker", known, data, texts.seeing(), scripts=SCRIPTS)
    share = f"{checker.DARK:.2f}"
    lesson.formula(
        rf"A = {share} \cdot 1 \qquad B = 1 \cdot {share} \qquad A = B",
        _("Paint times light: A is dark paint in full light, B is light paint with so much of the light left."),
    )
    lesson.show_code(checker.intensity, checker.paint_of, checker.light_on)
    lesson.question(
        "pixels_seeing",
        _("Both squares measure the same. Is it a mistake that we see B as lighter?"),
        {
            "mistake": _("Yes: the eye measures badly"),
            "vision": _("No: B really is painted lighter, and the eye tells the paint from the shadow"),
            "picture": _("Yes: the picture is wrong"),
        },
        "vision",
        _("Seeing builds up what is in the world out of what was measured. Image processing stops at the numbers."),
    )


def field() -> None:
    """Where computer vision lies."""
    st.markdown(_("Three fields, and what they share. Click a number."))
    offered = examples.offered()
    known = {"example": Field("detector", choice(*(example["name"] for example in offered)))}
    play("field", "field", known, {"examples": offered}, texts.field(), scripts=SCRIPTS)
    lesson.show_code(stereo.distance, convolution.convolve)  # vision without learning, and image processing
    lesson.remark(
        _(
            "Computer vision is older than learning from data: much of it was geometry and kernels made by hand. So it "
            "lies across the border of machine learning rather than inside."
        )
    )
    lesson.question(
        "pixels_field",
        _("A program turns up the contrast of an X-ray picture. What is that?"),
        {
            "processing": _("Image processing: picture in, picture out"),
            "vision": _("Computer vision: picture in, understanding out"),
            "learning": _("Machine learning"),
        },
        "processing",
        _("It becomes vision when the program says what is in the picture: a fracture, and where."),
    )
