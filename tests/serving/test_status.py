"""What a server tells of itself, what it keeps for whom, and how others reach it."""

from __future__ import annotations

import io
import json
import logging
import math
import os
import re
import threading
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from yolodash.data import room
from yolodash.data.images import encode_png
from yolodash.data.uploads import (
    delete_session,
    list_uploads,
    new_token,
    save_upload,
    session_bytes,
    session_path,
)
from yolodash.errors import ImageError, InputError
from yolodash.inference import queue
from yolodash.serving import keeper, logs, prometheus, sharing, status
from yolodash.serving.latency import Clock, PageRun, quantile
from yolodash.serving.status import Gpu, Status, look, times

pytestmark = pytest.mark.usefixtures("workspace")


def picture(shade: int) -> bytes:
    return encode_png(np.full((4, 4, 3), shade, np.uint8))


# times


@given(some.lists(some.floats(0, 1e6), min_size=1, max_size=200), some.floats(0.01, 1.0))
def test_a_quantile_is_a_value_that_no_fewer_stay_below(values: list[float], share: float) -> None:
    found = quantile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values) + 1e-9


def test_of_a_hundred_runs_the_ninety_fifth_is_told() -> None:
    found = times([PageRun("home", 0.0, number / 1000) for number in range(1, 101)])
    assert (found.runs, found.p50, found.p95, found.p99) == (100, 50.0, 95.0, 99.0)
    assert math.isnan(quantile([], 0.5))
    assert times([]).p95 is None


def test_a_page_that_fails_is_timed_too_and_the_ring_stays_small() -> None:
    clock = Clock()
    with pytest.raises(ValueError, match="broken"), clock.measured(""):
        raise ValueError("broken")
    assert [run.page for run in clock.newest()] == ["home"]
    for _ in range(5000):
        clock.add(PageRun("home", time.time(), 0.5))
    assert len(clock.newest()) == 4096
    assert clock.totals()[0] == 5001


def test_threads_lose_no_run() -> None:
    clock = Clock()

    def add() -> None:
        for _ in range(500):
            clock.add(PageRun("home", 0.0, 1.0))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.totals() == (2000, 2000.0)


# the status


def now(sessions: int | None = 3) -> Status:
    clock = Clock()
    clock.add(PageRun("home", time.time(), 0.25))
    return look(sessions, clock, {"models": 7})


def test_the_status_tells_the_queue_and_what_is_kept() -> None:
    save_upload(new_token(), "a.png", picture(1))
    with queue.turn("cpu", "somebody"):
        found = now()
    assert found.kept_sessions == 1
    assert [(line.device, line.running, line.waiting) for line in found.lines] == [("cpu", True, 0)]
    assert not status.lines()[0].running
    assert found.disk_free <= found.disk_total


def test_prometheus_can_read_the_metrics() -> None:
    text = prometheus.text(now())
    sample = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+')
    comment = re.compile(r"# (HELP|TYPE) [a-z_]+ .+")
    assert all((comment if line.startswith("#") else sample).fullmatch(line) for line in text.splitlines())
    assert "yolodash_sessions 3\n" in text
    assert 'yolodash_page_seconds{quantile="0.95"} 0.25\n' in text
    assert 'yolodash_disk_bytes{folder="models"} 7\n' in text
    assert "yolodash_sessions" not in prometheus.text(now(sessions=None))


def test_gpus_are_read_from_their_own_tools_table() -> None:
    found = status.gpus_in("NVIDIA H100, with a comma, 81559, 1024, 37\nnonsense\nX, [N/A], 1, 2\n")
    assert found == (Gpu("NVIDIA H100, with a comma", 81559 * 2**20, 1024 * 2**20, 37),)


def test_the_thread_writes_what_the_command_and_prometheus_read(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from yolodash.cli import main

    clock = Clock()
    clock.add(PageRun("home", time.time(), 0.25))
    keeper.Keeper(lambda: 5, clock).step(0.0)
    assert "yolodash_sessions 5\n" in (workspace / "metrics.prom").read_text(encoding="utf-8")

    assert main(["status", "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sessions"] == 5
    assert told["times"]["p95"] == 250.0


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"taken": 9e99, "times": {"x": 1}}', "\x00\xff"])
def test_what_no_server_wrote_is_not_believed(workspace: Path, content: str) -> None:
    from yolodash.cli.status import _server

    workspace.mkdir()
    (workspace / "status.json").write_text(content, encoding="utf-8")
    assert _server(now(sessions=None)).sessions is None


def test_the_thread_goes_on_when_the_disk_does_not(workspace: Path, caplog: pytest.LogCaptureFixture) -> None:
    (workspace / "metrics.prom").mkdir(parents=True)
    watch = keeper.Keeper(lambda: 5, Clock())
    watch.step(0.0)
    watch.step(10.0)
    assert caplog.text.count("could not be written") == 1
    (workspace / "metrics.prom").rmdir()
    watch.step(20.0)
    assert (workspace / "metrics.prom").is_file()


def test_the_thread_sweeps_sessions_to_which_nobody_came_back() -> None:
    old, new = new_token(), new_token()
    for token in (old, new):
        save_upload(token, "a.png", picture(1))
    past = time.time() - timedelta(days=31).total_seconds()
    for path in (*session_path(old).rglob("*"), session_path(old)):
        os.utime(path, (past, past))
    keeper.Keeper(lambda: None, Clock()).step(0.0)
    assert not session_path(old).exists()
    assert list_uploads(new)


@pytest.mark.parametrize(("setting", "days"), [("7", 7.0), ("0.5", 0.5), ("", 30.0), ("never", 30.0), ("-1", 30.0)])
def test_the_owner_says_how_long_sessions_are_kept(setting: str, days: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOLODASH_SESSION_DAYS", setting)
    assert keeper.session_days() == days


# the log


def test_the_log_is_json_and_has_nothing_personal() -> None:
    record = logging.LogRecord("yolodash", logging.ERROR, "/x/page.py", 7, "cannot open %s", ("holiday.jpg",), None)
    try:
        room.take("holiday.jpg", 2**62)
    except InputError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    told = json.loads(logs.JsonLines().format(record))
    assert told["event"] == "error"
    assert told["error"] == "InputError"
    assert told["at"][-1].startswith("data/room.py:")
    assert "holiday" not in json.dumps(told)


# sessions


def test_to_delete_a_session_deletes_all_of_it_and_nobody_elses() -> None:
    mine, other = new_token(), new_token()
    for token in (mine, other):
        save_upload(token, "a.png", picture(1))
    (session_path(mine) / "gallery").mkdir()
    (session_path(mine) / "gallery" / "result.json").write_text("[" + 500 * " " + "]", encoding="utf-8")
    assert session_bytes(mine) > session_bytes(other) > 0
    delete_session(mine)
    delete_session(mine)
    assert not session_path(mine).exists()
    assert list_uploads(other)


def test_all_sessions_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    first = save_upload(new_token(), "a.png", picture(1))
    assert first.size < 500
    monkeypatch.setenv("YOLODASH_SESSIONS_GIB", str(5000 / 2**30))
    monkeypatch.setattr(room, "_SUM", room._Sum())
    taken = [save_upload(new_token(), "b.png", picture(shade)) for shade in range(2, 4)]
    assert sum(upload.size for upload in taken) < 500
    monkeypatch.setenv("YOLODASH_SESSIONS_GIB", str((first.size + 100) / 2**30))
    with pytest.raises(InputError, match="no room"):
        save_upload(new_token(), "c.png", picture(9))


def test_on_a_server_for_strangers_a_session_keeps_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yolodash.data.uploads.MOST_UPLOADS", 20)
    monkeypatch.setenv("YOLODASH_DEMO", "1")
    token = new_token()
    for shade in range(2):
        save_upload(token, "a.png", picture(shade))
    with pytest.raises(ImageError, match="as many as may be"):
        save_upload(token, "a.png", picture(3))


# sharing


@pytest.mark.parametrize("listens", ["127.0.0.1", "localhost", "::1"])
def test_a_server_that_listens_to_this_machine_alone_has_no_link_to_share(listens: str) -> None:
    assert sharing.shared_link(listens, 8501) is None


def test_a_server_on_the_network_has_one() -> None:
    assert sharing.shared_link("192.168.1.20", 8501) == "http://192.168.1.20:8501/"
    assert sharing.shared_link("fd00::1", 80, "/yolo/") == "http://[fd00::1]:80/yolo/"


def test_the_qr_code_is_black_on_white_with_a_margin() -> None:
    shown = np.array(Image.open(io.BytesIO(sharing.qr_code("http://192.168.1.20:8501/"))).convert("L"))
    assert set(np.unique(shown)) == {0, 255}
    assert (shown[:24] == 255).all()
    assert (shown[:, :24] == 255).all()
    assert (shown[24:66, 24:66][:6] == 0).all()  # the finder pattern's upper edge
