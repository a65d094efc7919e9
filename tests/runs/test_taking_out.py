"""A zip of a data set is written by a process of its own: whole, or, after a stop, not at all."""

from __future__ import annotations

import os
import signal
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from yolodash.data.opening import open_dataset
from yolodash.runs import jobs, taking_out
from yolodash.runs.reporting import Watch
from yolodash.runs.state import STOP
from yolodash.scenes.writing import SeriesOptions, write_scenes
from yolodash.structures import ImageSize

PICTURES = 4


@pytest.fixture
def blocks(workspace: Path) -> Path:
    write_scenes(workspace / "datasets" / "blocks", SeriesOptions(PICTURES, ImageSize(48, 64)), workers=1)
    return workspace / "datasets" / "blocks"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process would do is done here."""
    monkeypatch.setattr(jobs, "start_detached", lambda _module, words, _log: jobs.work(words, taking_out.write))


def begin(dataset: Path, name: str = "one.zip", form: str = "yolo") -> Path:
    place = taking_out.zips_folder(dataset) / name
    taking_out.begin_taking_out(dataset, dataset, place, form, name="blocks.zip")
    return place


def state(dataset: Path) -> str:
    job = taking_out.taking_out(dataset)
    return "" if job is None else job.state


def lying(dataset: Path) -> set[str]:
    return {path.name for path in taking_out.zips_folder(dataset).iterdir()}


def wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done() and time.monotonic() < end:
        time.sleep(0.05)
    assert done()


def test_a_process_of_its_own_writes_a_zip_that_opens_again(blocks: Path) -> None:
    place = begin(blocks)
    assert state(blocks) in ("queued", "running", "finished")
    wait(lambda: state(blocks) not in ("queued", "running"))

    job, found = taking_out.taking_out(blocks), taking_out.ready(place)
    assert job is not None
    assert (job.state, job.error) == ("finished", None)
    assert job.progress is not None
    assert (job.progress.done, job.progress.total) == (2 * PICTURES, 2 * PICTURES)
    assert found is not None
    assert (found.images, found.boxes) == (PICTURES, sum(open_dataset(blocks).boxes_per_class().values()))
    with zipfile.ZipFile(place) as archive:
        assert archive.testzip() is None
    assert len(open_dataset(place).images) == PICTURES


class Interrupting(Watch):
    """Asks for a stop when it has been told so often, and then goes on as it would."""

    at = 0
    by: Callable[[Path], object]
    calls = 0

    def __call__(self, more: int) -> None:
        type(self).calls += 1
        if self.calls == self.at:
            type(self).by(self.run)
        super().__call__(more)


BY = {"file": lambda run: (run / STOP).touch(), "signal": lambda _run: os.kill(os.getpid(), signal.SIGTERM)}


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("at", [2, PICTURES + 3], ids=["while copying", "while packing"])
@pytest.mark.parametrize("by", BY)
def test_a_stop_leaves_nothing_and_the_next_one_is_whole(
    blocks: Path, monkeypatch: pytest.MonkeyPatch, at: int, by: str
) -> None:
    monkeypatch.setattr(Interrupting, "at", at)
    monkeypatch.setattr(Interrupting, "calls", 0)
    monkeypatch.setattr(Interrupting, "by", staticmethod(BY[by]), raising=False)
    monkeypatch.setattr(taking_out, "Watch", Interrupting)

    place = begin(blocks)

    assert Interrupting.calls == at
    assert state(blocks) == "stopped"
    assert lying(blocks) == {"job"}
    assert taking_out.ready(place) is None
    monkeypatch.setattr(taking_out, "Watch", Watch)
    begin(blocks)
    assert state(blocks) == "finished"
    assert lying(blocks) == {"job", "one.zip", "one.json"}


@pytest.mark.usefixtures("at_once")
def test_what_a_killed_process_left_goes_and_of_old_zips_a_few_stay(blocks: Path) -> None:
    folder = taking_out.zips_folder(blocks)
    (folder / ".one.zip.x.part" / "one").mkdir(parents=True)
    (folder / ".0123.part").write_bytes(b"half")
    (folder / "one.zip").write_bytes(b"whole, but nobody said so")
    for number in range(6):
        begin(blocks, f"{number}.zip")
        os.utime(folder / f"{number}.zip", (number, number))

    begin(blocks)

    assert taking_out.ready(folder / "one.zip") is not None
    assert lying(blocks) == {"job", *(f"{name}.{kind}" for name in ("3", "4", "5", "one") for kind in ("zip", "json"))}


def test_a_stop_before_it_began_and_two_at_once(blocks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(jobs, "start_detached", lambda _module, words, _log: started.append(words))
    place = begin(blocks)
    begin(blocks, "two.zip")
    assert len(started) == 1

    taking_out.stop_taking_out(blocks)
    assert jobs.work(started[0], taking_out.write) == 0

    assert state(blocks) == "stopped"
    assert not place.exists()
    taking_out.put_away(blocks)
    assert taking_out.taking_out(blocks) is None


@pytest.mark.usefixtures("at_once")
def test_what_goes_wrong_is_said(blocks: Path) -> None:
    (blocks / "classes.json").write_text("{", encoding="utf-8")
    begin(blocks)
    job = taking_out.taking_out(blocks)
    assert job is not None
    assert job.state == "failed"
    assert job.error is not None
    assert "classes" in str(job.error)
