"""The one place where what went wrong becomes words on the screen, in the session's language."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator, Mapping

import streamlit as st

from yolodash.errors import YoloDashError, one_line
from yolodash.runs.state import RunState
from yolodash.ui.i18n import _

_LOG = logging.getLogger("yolodash")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&^=])")
_WORD_JOINER = "\u2060"


def plain(text: object) -> str:
    """A text that may come from outside, made to show as it is where Markdown is expected.

    Streamlit replaces ``:smile:`` and ``:material/…:`` after escapes are resolved, so a colon is followed by an
    invisible word joiner.
    """
    escaped = _MARKDOWN.sub(r"\\\1", one_line(str(text)))
    return escaped.replace(":", ":" + _WORD_JOINER)


def phrase(text: str, values: Mapping[str, object]) -> str:
    """A message of the package, translated and filled in, made plain."""
    return plain(_(text).format(**values))


def sentence(error: YoloDashError) -> str:
    """What is wrong, where, and what to do, as Markdown."""
    what = phrase(error.what, error.values)
    fix = phrase(error.fix, error.values)
    where = f" ({plain(error.where)})" if error.where else ""
    return f"**{what}**{where}. {fix[:1].upper()}{fix[1:]}."


def told(state: RunState) -> str:
    """Why a run failed, as Markdown: in the session's language, or as an earlier version wrote it down."""
    return sentence(state.error) if state.error is not None else plain(state.message)


def show(error: YoloDashError) -> None:
    """Put an error on the page."""
    st.error(sentence(error), icon=":material/error:")


@contextlib.contextmanager
def shown() -> Iterator[None]:
    """Turn whatever goes wrong inside the block into a sentence; the rest of the page goes on.

    What nobody foresaw is logged in full and shown without its details: they may hold paths of this machine.
    """
    try:
        yield
    except YoloDashError as error:
        show(error)
    except Exception:
        _LOG.exception("unexpected error on a page")
        st.error(
            _("Something went wrong that we did not foresee. Details are in the log of the server; try another input."),
            icon=":material/error:",
        )
