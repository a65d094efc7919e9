"""What the page looks at: a scene, a question about it, and what the networks find in its picture, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import streamlit as st

from yolodash.inference import reasoning
from yolodash.inference.attributes import BUNDLED
from yolodash.inference.reasoning import Finding
from yolodash.models import catalogue
from yolodash.models.catalogue import InstalledModel
from yolodash.scenes import lecture
from yolodash.scenes.questions import Question, ask
from yolodash.scenes.rendering import render
from yolodash.scenes.truth import seen_blocks
from yolodash.scenes.writing import DrawnScene, scene_of
from yolodash.ui import caching, first_look, state
from yolodash.ui.caching import NetworkInput
from yolodash.ui.i18n import _
from yolodash.ui.learn import sending
from yolodash.ui.learn.reasoning import words

T = TypeVar("T")
SEED = 77
"""Of the scenes by chance; the bundled networks were not trained on this series."""
MOST = 40
LECTURE = {"cube": lecture.cube_scene, "blue": lecture.blue_scene}
SCENES = (*LECTURE, *(str(number) for number in range(1, MOST + 1)))
OWN = ("question", "at", "score", "changes", "program")
"""What stands in the address and belongs to one scene."""
SCORE = 0.25
_SCENE = "reasoning_scene"


@dataclass(frozen=True)
class Subject:
    """A scene with what is known about it.

    Attributes:
        name: in the address: ``cube``, ``blue``, or the number of a scene by chance.
        drawn: the scene, its picture and its boxes.
        question: that is asked.
        number: of the question, from 1.
        findings: what the networks say; empty while they have not looked yet.
        looked: whether they have.
        by_networks: False where the bundled networks are missing, and the truth stands in for them.
    """

    name: str
    drawn: DrawnScene
    question: Question
    number: int
    findings: tuple[Finding, ...]
    looked: bool
    by_networks: bool


def choose() -> Subject:
    """The scene and the question in a row; then what the networks find."""
    which, what, other = st.columns([4, 7, 2], vertical_alignment="bottom")
    other.button(_("Another"), icon=":material/casino:", width="stretch", on_click=_another)
    with which:
        name = _choose_scene()
    drawn = drawn_scene(name)
    asked = questions(name)
    with what:
        number = _choose_question(name, asked)
    state.mirror({"scene": None if name == "cube" else name, "question": None if number == 1 else str(number)})
    if first_look.is_due():
        first_look.come_back()
        return Subject(name, drawn, asked[number - 1], number, (), False, True)
    model = bundled_detector()
    if model is None:
        st.info(_("The bundled networks are not installed: the program runs on the truth itself."))
        return Subject(name, drawn, asked[number - 1], number, reasoning.perfect(drawn), True, False)
    return Subject(name, drawn, asked[number - 1], number, findings(name, model), True, True)


def _choose_scene() -> str:
    begin(_SCENE, "scene", state.one_of(SCENES, str), "cube")
    st.selectbox(_("Scene"), SCENES, format_func=title, key=_SCENE, persist_state="session", on_change=_forget)
    return str(st.session_state[_SCENE])


def begin(key: str, name: str, parse: Callable[[str], T], default: T) -> None:
    """Give a widget its first value: the address's under a name, else the default."""
    if key not in st.session_state:
        st.session_state[key] = state.from_address(name, parse, default)


def _another() -> None:
    place = SCENES.index(str(st.session_state[_SCENE]))
    st.session_state[_SCENE] = SCENES[(place + 1) % len(SCENES)] if place >= 1 else SCENES[2]
    _forget()


def _forget() -> None:
    """Another scene begins with its own question and without changes."""
    state.mirror(dict.fromkeys(OWN))


def title(name: str) -> str:
    """What a scene is called."""
    if name == "cube":
        return _("The lecture's short question")
    if name == "blue":
        return _("The lecture's long question")
    return _("Scene {number}").format(number=name)


def _choose_question(name: str, asked: tuple[Question, ...]) -> int:
    key = f"reasoning_question_{name}"
    numbers = tuple(range(1, len(asked) + 1))
    begin(key, "question", state.one_of(numbers, int), 1)
    chosen = st.selectbox(
        _("Question"), numbers, format_func=lambda number: text_of(asked[number - 1]), key=key, persist_state="session"
    )
    return int(chosen or 1)


def text_of(question: Question) -> str:
    """A question as it is asked, in the language of the page; the lecture's in its own words."""
    short = _("What shape is the red thing?")
    long = _(
        "There is a large ball that is on the right side of the rubber sphere that is behind the tiny cyan object on "
        "the left side of the large green matte thing; what is its color?"
    )
    known = {lecture.cube_scene()[1].text: short, lecture.blue_scene()[1].text: long}
    return known.get(question.text) or words.question(question.program)


@st.cache_resource(show_spinner=False, max_entries=64)
def drawn_scene(name: str) -> DrawnScene:
    """A scene, drawn once for the process."""
    if name not in LECTURE:
        return scene_of(int(name), SEED)
    scene, _question = LECTURE[name]()
    rendered = render(scene)
    return DrawnScene(scene, rendered, seen_blocks(rendered))


@st.cache_resource(show_spinner=False, max_entries=64)
def questions(name: str) -> tuple[Question, ...]:
    """The lecture's question, then some by chance, each with another text."""
    scene = drawn_scene(name).scene
    number = SCENES.index(name)
    by_chance = ask(scene, np.random.default_rng([SEED, number, 1]))
    own = [LECTURE[name]()[1]] if name in LECTURE else []
    return (*own, *(question for question in by_chance if all(question.text != one.text for one in own)))


@st.cache_data(show_spinner=False, max_entries=64)
def jpeg(name: str) -> str:
    """A scene's picture as base64."""
    return sending.jpeg(drawn_scene(name).rendered.image, 92)


def bundled_detector() -> InstalledModel | None:
    """The detector of blocks, where it and the classifier are there."""
    found = [model for model in catalogue.usable() if model.origin == "bundled"]
    return found[0] if found and BUNDLED.is_file() else None


def findings(name: str, model: InstalledModel) -> tuple[Finding, ...]:
    """What the two networks say of a scene's picture; they run once a scene, for the whole process."""
    key = (name, caching.identity(model), BUNDLED.stat().st_mtime_ns)
    known = _findings().get(key)
    if known is None:
        image = drawn_scene(name).rendered.image
        with st.spinner(_("The networks look at the picture …"), show_time=True):
            found = reasoning.find(image, caching.run_network(model, image, NetworkInput()).candidates)
        known = _findings().put(key, found, 1)
    return known


@st.cache_resource(show_spinner=False)
def _findings() -> caching.Bounded[tuple[Finding, ...]]:
    return caching.Bounded(256)
