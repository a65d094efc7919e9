"""Who is there: 128 random bits that the browser keeps, so that a reload or a second tab finds its files again.

The bits live in the browser's local storage and travel over the page's own connection, never in the address. Where
the browser keeps nothing (a private window that is closed), the files are simply not found again.
"""

from __future__ import annotations

import hashlib
import re
import secrets

import streamlit as st

_TOKEN = "session_token"
_SETTLED = "session_settled"
_COMPONENT = "session_keeper"
_VALID = re.compile(r"[0-9a-f]{32}")

_JAVASCRIPT = """
const NAME = "yolodash-session";

export default function ({ data, setStateValue }) {
  let token = null;
  try {
    token = window.localStorage.getItem(NAME);
    if (!/^[0-9a-f]{32}$/.test(token ?? "")) {
      token = data.suggestion;
      window.localStorage.setItem(NAME, token);
    }
  } catch (error) {
    token = data.suggestion; // storage is forbidden: this visit only
  }
  setStateValue("token", token);
}
"""

_keeper = st.components.v2.component("yolodash_session", js=_JAVASCRIPT)


def token() -> str:
    """The session's secret: 32 hexadecimal digits."""
    if _TOKEN not in st.session_state:
        st.session_state[_TOKEN] = secrets.token_hex(16)
    return str(st.session_state[_TOKEN])


def owner() -> str:
    """A name for this session where others can read it, such as the device's queue; the token cannot be had from it."""
    return hashlib.sha256(token().encode()).hexdigest()[:16]


def settled() -> bool:
    """Whether the browser has said who it is; before that, what it uploaded earlier is not known yet."""
    return bool(st.session_state.get(_SETTLED))


def settle() -> None:
    """From now on the token that we have is the one."""
    st.session_state[_SETTLED] = True


def connect() -> None:
    """Ask the browser for its token, and leave ours with it if it has none. Once a run, on every page."""
    with st.sidebar:
        _keeper(
            key=_COMPONENT,
            data={"suggestion": token()},
            default={"token": None},
            on_token_change=_keep,
            height=1,
        )
    if not settled():  # a server that was started again under an open page is told no change, only the value
        _keep()


def _keep() -> None:
    told = st.session_state[_COMPONENT]["token"]
    if isinstance(told, str) and _VALID.fullmatch(told):
        st.session_state[_TOKEN] = told
        settle()
