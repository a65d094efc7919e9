"""The page Status, and one's own data, through app.py."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pages_app import ROOT, opened, sound, words
from streamlit import config
from streamlit.testing.v1 import AppTest

from yolodash.data.images import encode_png
from yolodash.data.uploads import list_uploads, new_token, save_upload, session_path
from yolodash.inference import queue

pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture
def on_the_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("YOLODASH_OPEN", "1")
    before = config.get_option("server.address")
    config.set_option("server.address", "192.0.2.7")
    yield
    config.set_option("server.address", before)


def test_the_page_shows_times_memory_disk_and_the_queue() -> None:
    with queue.turn("cpu", "somebody"):
        app = opened("status")

    sound(app)
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Jobs that wait"] == "0"
    assert shown["Free disk"].endswith("B")
    assert shown["Page time, 95 %"].endswith("ms")
    assert "cpu: at work" in words(app)


def test_alone_the_page_says_how_to_let_others_in_and_shows_no_code() -> None:
    app = opened("status")

    sound(app)
    assert "--server.address 0.0.0.0" in app.code[0].value
    assert "access set trainer" in app.code[0].value
    assert not app.get("image")


@pytest.mark.usefixtures("on_the_network")
def test_on_the_network_the_page_shows_the_link_its_code_and_what_that_means() -> None:
    app = opened("status")

    sound(app)
    port = config.get_option("server.port")
    assert f"http://192.0.2.7:{port}/" in words(app)
    assert "may do what you may" in words(app)
    assert len(app.get("image")) == 1


def test_delete_my_data_deletes_mine() -> None:
    mine, other = new_token(), new_token()
    for token in (mine, other):
        save_upload(token, "a.png", encode_png(np.zeros((4, 4, 3), np.uint8)))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.session_state["session_token"] = mine
    app.session_state["session_settled"] = True
    app.run()
    assert "Kept for this browser: 0.1 MB, until 30 days" in words(app)
    app.button(key="delete_my_data_sure").click().run()

    sound(app)
    assert "is deleted" in words(app)
    assert not session_path(mine).exists()
    assert len(list_uploads(other)) == 1
