"""Pages run one after another, and none waits for a device in the others' way."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from yolodash.inference import queue
from yolodash.ui import session, turns


def test_a_page_that_waits_for_a_device_lets_others_in(monkeypatch: pytest.MonkeyPatch, workspace: Path) -> None:
    monkeypatch.setattr(turns._gate, "_lease", 60.0)
    monkeypatch.setattr(session, "owner", lambda: "somebody")
    came, told = [], threading.Event()

    def page() -> None:
        with turns.page(), turns.device("cpu", on_wait=lambda _jobs: told.set()):
            came.append("with the device")

    with queue.turn("cpu", "another"):
        waiting = threading.Thread(target=page)
        waiting.start()
        assert told.wait(10)
        with turns.page() as waited:
            assert waited < 30  # let in, not put up with
            assert came == []
    waiting.join(10)
    assert came == ["with the device"]
