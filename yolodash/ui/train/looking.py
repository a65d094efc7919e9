"""Data sets that are being looked at: in a thread of the server, so that thousands of pictures block no page.

What was found is kept for as long as the data set's folder looks the same, and is shared by all tabs.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from yolodash import workspace
from yolodash.data.dataset import Dataset
from yolodash.data.health import Health, counted, examined
from yolodash.data.opening import open_dataset
from yolodash.errors import N_, DatasetError, YoloDashError

MOST_FOLDERS = 2000
PATIENCE = 0.4
"""Seconds that a page waits at first: small data sets need no progress bar."""


@dataclass
class Look:
    """One data set, and how far it was looked at.

    Attributes:
        source: what was opened.
        dataset: once it is open.
        health: first what the labels say, then with what the pictures show.
        done, total: pictures that were looked at.
        error: why it cannot be opened.
        finished: set at the end, whatever it was.
    """

    source: str
    dataset: Dataset | None = None
    health: Health | None = None
    done: int = 0
    total: int = 0
    error: YoloDashError | None = None
    finished: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Open, count, then look at every picture."""
        try:
            self.dataset = open_dataset(self.source)
            self.total = len(self.dataset.images)
            self.health = counted(self.dataset)
            self.opened.set()
            self.health = examined(self.dataset, self._progress)
        except YoloDashError as error:
            self.error = error
        except (ArithmeticError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError) as error:
            self.error = DatasetError(
                N_("The data set cannot be looked at: {reason}"),
                where=self.source,
                fix=N_("check that its files can be read"),
                reason=f"{type(error).__name__}: {error}",
            )
            raise
        finally:
            self.opened.set()
            self.finished.set()

    def _progress(self, done: int, of: int) -> None:
        self.done, self.total = done, of


@st.cache_resource(show_spinner=False)
def _looks() -> tuple[dict[tuple[str, str], Look], threading.Lock]:
    return {}, threading.Lock()


def look_at(source: str) -> Look:
    """The look at a data set; begun if nobody has begun it since it changed."""
    looks, lock = _looks()
    key = (source, stamp(source))
    with lock:
        found = looks.get(key)
        if found is None:
            for old in [one for one in looks if one[0] == source]:
                del looks[old]
            found = looks[key] = Look(source)
            threading.Thread(target=found.work, name=f"looks at {source}", daemon=True).start()
    found.finished.wait(PATIENCE)
    return found


def look_again(source: str) -> None:
    """Forget what was found."""
    looks, lock = _looks()
    with lock:
        for old in [one for one in looks if one[0] == source]:
            del looks[old]


def stamp(source: str) -> str:
    """Changes when files of a data set come or go, or its description changes; quick, whatever its size."""
    path = Path(source)
    if not path.exists():
        path = workspace.home() / "datasets" / source
    try:
        if path.is_file():
            return f"{path.stat().st_mtime_ns}:{path.stat().st_size}"
        folders = [folder for folder, _ in zip(os.walk(path), range(MOST_FOLDERS), strict=False)]
        times = [Path(folder).stat().st_mtime_ns for folder, _, _ in folders]
        top = [(path / name).stat().st_mtime_ns for name in sorted(folders[0][2])[:MOST_FOLDERS]] if folders else []
        return str(hash((tuple(times), tuple(top))))
    except OSError:
        return ""  # opening it will say why
