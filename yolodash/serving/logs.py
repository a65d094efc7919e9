"""The server's log as JSON, a line an event, without personal data.

Set ``YOLODASH_LOG=json``. A line has the time, the event and numbers; no name of a file, no token, no address of a
machine, no text that a user wrote. Of an error it has the kind and the lines of our own code, not its message.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from pathlib import Path

SETTING = "YOLODASH_LOG"
_PACKAGE = Path(__file__).parents[1]
_LOG = logging.getLogger("yolodash")
_EVENTS = logging.getLogger("yolodash.events")


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, event, its numbers, and where in our code an error came from."""
        told: dict[str, object] = {"time": round(record.created, 3), "level": record.levelname.lower()}
        values = getattr(record, "values", None)
        if isinstance(values, dict):
            told |= {"event": record.getMessage(), **values}
        else:
            told |= {"event": "log", "from": f"{record.module}:{record.lineno}"}
        if record.exc_info and record.exc_info[1] is not None:
            told |= {"event": "error", "error": type(record.exc_info[1]).__name__, "at": _places(record.exc_info[1])}
        return json.dumps(told)


def begin() -> None:
    """Write JSON to the standard error stream from now on, if that is asked for."""
    if os.environ.get(SETTING) != "json" or any(isinstance(found.formatter, JsonLines) for found in _LOG.handlers):
        return
    stream = logging.StreamHandler()
    stream.setFormatter(JsonLines())
    _LOG.addHandler(stream)
    _LOG.propagate = False
    _EVENTS.setLevel(logging.INFO)


def event(name: str, **values: float | str) -> None:
    """Log something that happened; texts among the values are our own words, never a user's."""
    if _EVENTS.isEnabledFor(logging.INFO):
        _EVENTS.info(name, extra={"values": {**values}})


def _places(error: BaseException) -> list[str]:
    """The lines of our own code through which an error came, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
    return [f"{Path(frame.filename).relative_to(_PACKAGE).as_posix()}:{frame.lineno}" for frame in own[-5:]]
