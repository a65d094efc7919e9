"""What the steps share in the browser: the component that draws and drags, its values, and their way into the address.

A step's values travel as the very texts that stand in the address, so that what comes from a link and what comes from
the browser is checked by one parser. They are told on release; while something is dragged, nothing is sent.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from yolodash.structures import ImageSize
from yolodash.ui import state
from yolodash.ui.learn.subject import Box

_HERE = Path(__file__).parent
_HTML = '<div class="lesson"><div class="stage"></div><div class="panel"></div></div>'


@dataclass(frozen=True)
class Field:
    """One value of a step.

    Attributes:
        default: its text where nobody has changed anything.
        parse: gives the text as it is to stand in the address; ValueError where it does not fit.
    """

    default: str
    parse: Callable[[str], str]


@dataclass
class _Memory:
    """What one step remembers in the session.

    The component's own values die when it is not shown, and its data must stay the same from run to run, or the
    picture would be sent again. Hence ``sent``, which follows ``values`` only when everything has to be sent anyway.
    """

    subject: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    content: str = ""


def play(
    step: str,
    subject: str,
    fields: Mapping[str, Field],
    data: Mapping[str, Any],
    texts: Mapping[str, str],
    live: Callable[[Mapping[str, str]], object] = lambda _values: None,
    *,
    scripts: Path,
) -> dict[str, str]:
    """Show a step's component; give its values as they were on the last release.

    Args:
        step: names its script in the folder.
        subject: what the values are about; for another one they begin anew.
        fields: the values, by their names in the address.
        data: what the step draws, JSON-able.
        texts: the words that it needs.
        live: what Python adds for the values of now; it is drawn into what stands there already.
        scripts: the folder of the page's scripts; what is in its ``shared.js`` and ``page.css`` is there in each step.
    """
    key = f"{scripts.parent.name}_{step}"
    memory: _Memory = st.session_state.setdefault(f"{key}_memory", _Memory())
    reported = st.session_state.get(key)
    _take(memory, subject, fields, reported)
    content = json.dumps([data, texts], sort_keys=True)
    if not reported or memory.content != content:
        memory.sent, memory.content = dict(memory.values), content
    version = hashlib.sha256(json.dumps([content, memory.sent, subject]).encode()).hexdigest()[:16]
    sent = {**data, "texts": dict(texts), "state": memory.sent, "subject": subject, "version": version}
    sent["live"] = live(memory.values)
    component(step, scripts)(key=key, data=sent, on_state_change=_nothing)
    state.mirror(
        {name: None if memory.values[name] == one.default else memory.values[name] for name, one in fields.items()}
    )
    return dict(memory.values)


def _take(memory: _Memory, subject: str, fields: Mapping[str, Field], reported: Any) -> None:
    """The values of now: the address's at first, the defaults for another subject, else what the browser reports."""
    if memory.subject != subject:
        first = memory.subject is None
        memory.values = {
            name: state.from_address(name, one.parse, one.default) if first else one.default
            for name, one in fields.items()
        }
        memory.subject = subject
    told = reported.get("state") if isinstance(reported, Mapping) else None
    if not isinstance(told, Mapping) or told.get("subject") != subject or not isinstance(told.get("values"), Mapping):
        return
    for name, one in fields.items():
        try:
            memory.values[name] = one.parse(str(told["values"].get(name)))
        except ValueError:
            continue


def number(low: float, high: float, *, whole: bool = False) -> Callable[[str], str]:
    """A parser of numbers within bounds."""

    def parse(text: str) -> str:
        value = float(text)
        if not low <= value <= high or (whole and value != int(value)):
            raise ValueError(text)
        return str(int(value)) if value == int(value) else f"{value:.6g}"

    return parse


def choice(*options: str) -> Callable[[str], str]:
    """A parser that takes the given texts only."""
    return state.one_of(options, str)


def box_within(network: ImageSize) -> Callable[[str], str]:
    """A parser of ``left,top,right,bottom`` in whole pixels of the network's input."""

    def parse(text: str) -> str:
        left, top, right, bottom = (int(part) for part in text.split(","))
        if not (0 <= left < right <= network.width and 0 <= top < bottom <= network.height):
            raise ValueError(text)
        return written((left, top, right, bottom))

    return parse


def written(box: Box) -> str:
    """A box as it stands in the address."""
    return ",".join(map(str, box))


def read_box(text: str) -> Box:
    """A box from its text, which a parser has checked."""
    left, top, right, bottom = (int(part) for part in text.split(","))
    return left, top, right, bottom


def size(network: ImageSize) -> dict[str, int]:
    """A size for the browser."""
    return {"width": network.width, "height": network.height}


@functools.cache
def script(step: str, scripts: Path) -> str:
    """The JavaScript of a step's component."""
    camera = _HERE.parent / "camera" / "problems.js"
    return _joined(_HERE / "stage.js", _HERE / "pictures.js", camera, scripts / "shared.js", scripts / f"{step}.js")


@st.cache_resource(show_spinner=False)
def component(step: str, scripts: Path) -> Any:
    """Register a step's component once, from the files of its page."""
    css = _joined(_HERE / "stage.css", scripts / "page.css")
    return st.components.v2.component(
        f"yolodash_{scripts.parent.name}_{step}", html=_HTML, css=css, js=script(step, scripts)
    )


def _joined(*paths: Path) -> str:
    """The texts of the files that there are."""
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.exists())


def _nothing() -> None:
    """A state needs a callback to be announced; there is nothing to do in it."""
