"""What the server's process keeps about itself: one clock for all pages, and the thread that writes it down."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager

import streamlit as st
from streamlit import runtime
from streamlit.runtime import Runtime

from yolodash.serving import keeper, logs
from yolodash.serving.latency import Clock

_SESSIONS = "active_sessions"


@st.cache_resource(show_spinner=False)
def clock() -> Clock:
    """The times of all pages of this process."""
    return Clock()


def begin() -> None:
    """Once in the life of a server: start the thread, and the log. A test of a page has no server, and starts none."""
    if is_server():
        _thread()


def is_server() -> bool:
    """Whether pages are served to browsers, and not run by a test."""
    return type(_server()) is Runtime


def measured(page: str, waited: float = 0.0) -> AbstractContextManager[None]:
    """Time a run of a page that waited so many seconds for its turn."""
    return clock().measured(page, waited)


def sessions() -> int | None:
    """Open connections; None where there is no server."""
    server = _server()
    if type(server) is not Runtime:
        return None
    found = server.stats_mgr.get_stats([_SESSIONS]).get(_SESSIONS, ())
    return sum(int(getattr(stat, "value", 0)) for stat in found)


@st.cache_resource(show_spinner=False)
def _thread() -> threading.Event:
    logs.begin()
    return keeper.begin(sessions, clock())


def _server() -> Runtime | None:
    return runtime.get_instance() if runtime.exists() else None
