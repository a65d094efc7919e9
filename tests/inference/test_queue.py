"""The device queue, with real processes."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from yolodash.errors import DeviceError, WorkspaceError
from yolodash.inference import queue

CONTEXT = multiprocessing.get_context("spawn")
PATIENCE = 30.0


def until(condition: object, patience: float = PATIENCE) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + patience
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def work(journal: Path, owner: str, interactive: bool, release: Path) -> None:
    """In another process: have the device, write when it began and ended, hold it until a file appears."""
    with queue.turn("cpu", owner, interactive=interactive, timeout=PATIENCE):
        with open(journal, "a") as file:
            file.write(f"begin {owner}\n")
        until(release.exists)
        with open(journal, "a") as file:
            file.write(f"end {owner}\n")


def line_length() -> int:
    return len(queue.waiting("cpu"))


def lines(journal: Path) -> list[str]:
    return journal.read_text().splitlines() if journal.exists() else []


@pytest.fixture
def processes(workspace: Path) -> Iterator[list[BaseProcess]]:
    """Processes that a test starts; none outlives it."""
    started: list[BaseProcess] = []
    yield started
    for process in started:
        process.kill()
        process.join()


def start(processes: list[BaseProcess], journal: Path, owner: str, release: Path, interactive: bool = True) -> None:
    process = CONTEXT.Process(target=work, args=(journal, owner, interactive, release))
    process.start()
    processes.append(process)


def test_only_one_process_at_a_time_has_the_device(processes: list[BaseProcess], tmp_path: Path) -> None:
    journal, release = tmp_path / "journal", tmp_path / "release"
    release.touch()
    for owner in "abcd":
        start(processes, journal, owner, release)
    for process in processes:
        process.join(PATIENCE)
    written = lines(journal)
    assert len(written) == 8
    for begin, end in zip(written[::2], written[1::2], strict=True):
        assert begin.split()[0] == "begin"
        assert end == begin.replace("begin", "end")


def test_interactive_work_goes_first_and_owners_take_turns(processes: list[BaseProcess], tmp_path: Path) -> None:
    journal, release = tmp_path / "journal", tmp_path / "release"
    start(processes, journal, "holder", release)
    until(lambda: lines(journal) == ["begin holder"])
    order = [("batch", False), ("greedy", True), ("greedy", True), ("modest", True)]
    for length, (owner, interactive) in enumerate(order, start=1):
        start(processes, journal, owner, release, interactive)
        until(lambda length=length: line_length() == length)
    assert [(entry.owner, entry.interactive) for entry in queue.waiting("cpu")] == [
        ("greedy", True),
        ("modest", True),
        ("greedy", True),
        ("batch", False),
    ]
    assert queue.place("cpu", "modest") == 2
    assert queue.place("cpu", "batch") == 4
    assert queue.place("cpu", "nobody") is None
    release.touch()
    for process in processes:
        process.join(PATIENCE)
    begun = [line.split()[1] for line in lines(journal) if line.startswith("begin")]
    assert begun == ["holder", "greedy", "modest", "greedy", "batch"]


def test_a_killed_holder_and_a_killed_waiter_free_their_places(processes: list[BaseProcess], tmp_path: Path) -> None:
    journal, release, never = tmp_path / "journal", tmp_path / "release", tmp_path / "never"
    start(processes, journal, "holder", never)
    until(lambda: lines(journal) == ["begin holder"])
    start(processes, journal, "first", never)
    until(lambda: line_length() == 1)
    start(processes, journal, "second", release)
    until(lambda: line_length() == 2)
    for process in processes[:2]:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    release.touch()
    processes[2].join(PATIENCE)
    assert lines(journal) == ["begin holder", "begin second", "end second"]
    assert line_length() == 0
    assert not queue.busy("cpu")


def test_waiting_too_long_ends_in_a_sentence_and_leaves_the_line(workspace: Path) -> None:
    said: list[int] = []
    failures: list[DeviceError] = []

    def wait() -> None:
        try:
            with queue.turn("cuda:0", "impatient", timeout=0.1, on_wait=said.append):
                pass
        except DeviceError as error:
            failures.append(error)

    with queue.turn("cuda:0", "holder"):
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(PATIENCE)
    assert said == [1]
    assert "cuda:0 is still busy" in str(failures[0])
    assert queue.waiting("cuda:0") == []


def test_a_thread_that_has_the_device_gets_it_again_at_once(workspace: Path) -> None:
    with queue.turn("cpu", "me"):
        with queue.turn("cpu", "me", timeout=0):
            assert queue.busy("cpu")
        assert queue.busy("cpu")
    assert not queue.busy("cpu")


def test_the_threads_of_a_process_read_the_line_for_each_other(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, read = [0], queue.waiting
    done: list[str] = []

    def counted(device: str) -> list[queue.Waiting]:
        reads[0] += 1
        return read(device)

    def job(number: int) -> None:
        with queue.turn("cpu", f"owner {number}"):
            done.append(f"owner {number}")

    threads = [threading.Thread(target=job, args=(number,)) for number in range(8)]
    with queue.turn("cpu", "first"):
        for thread in threads:
            thread.start()
        until(lambda: len(read("cpu")) == 8)
        monkeypatch.setattr(queue, "waiting", counted)
        monkeypatch.setattr(queue, "POLL", 0.5)
        time.sleep(1.0)
        assert reads[0] < 8  # each by itself would have read twice
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(done) == [f"owner {number}" for number in range(8)]


def test_devices_do_not_wait_for_each_other(workspace: Path) -> None:
    with queue.turn("cuda:0", "me"), queue.turn("cuda:1", "me", timeout=0):
        assert queue.busy("cuda:0")
        assert queue.busy("cuda:1")


def test_a_ticket_whose_owner_died_is_cleared_away(workspace: Path) -> None:
    folder = workspace / "devices" / "cpu.queue"
    folder.mkdir(parents=True)
    orphan = folder / "dead.ticket"
    orphan.write_text(json.dumps({"owner": "dead", "interactive": True, "since": 0}))
    (folder / "torn.ticket").write_text('{"owner": ')
    with queue.turn("cpu", "me", timeout=1):
        assert list(folder.iterdir()) == []


def test_a_queue_that_cannot_be_written_says_so(workspace: Path) -> None:
    workspace.mkdir()
    (workspace / "devices").write_text("in the way")
    with pytest.raises(WorkspaceError, match="Could not write to disk"), queue.turn("cpu", "me"):
        pass
