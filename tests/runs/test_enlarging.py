"""Enlarging as a run: another process makes the pictures, and the folder says how far it is and how it ended."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from yolodash.data.augment.enlarge import Enlargement
from yolodash.data.opening import open_dataset
from yolodash.data.store.versions import is_intact, list_versions
from yolodash.errors import DatasetError, OptionError, WorkspaceError
from yolodash.runs.enlarging import begin_enlarging, enlarge_run, read_result
from yolodash.runs.reporting import StoppedError, Watch, read_progress
from yolodash.runs.state import STOP, read_state, request_stop
from yolodash.scenes.writing import SeriesOptions, write_scenes
from yolodash.structures import ImageSize


@pytest.fixture
def blocks(workspace: Path) -> Path:
    write_scenes(workspace / "datasets" / "blocks", SeriesOptions(5, ImageSize(48, 64)), workers=1)
    return workspace / "datasets" / "blocks"


@pytest.fixture
def unstarted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are made, and their worker is this process."""
    monkeypatch.setattr("yolodash.runs.enlarging.launch", lambda run: 0)


def wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done() and time.monotonic() < end:
        time.sleep(0.05)
    assert done()


def test_a_version_is_made_by_a_process_of_its_own(blocks: Path) -> None:
    run = begin_enlarging("more", "blocks", Enlargement(copies=2, seed=5), into="version", name="large", by="Ada")
    wait(lambda: read_state(run).state not in ("queued", "running"))
    state, made, progress = read_state(run), read_result(run), read_progress(run)

    assert state.state == "finished", state.message
    assert made is not None
    assert (made.images, made.made) == (13, 8)
    assert progress is not None
    assert (progress.done, progress.total) == (13, 13)
    (version,) = list_versions(blocks)
    assert (version.name, version.images, version.recipe["by"]) == ("large", 13, "Ada")
    assert version.recipe["augment"] == Enlargement(copies=2, seed=5).record()
    assert is_intact(version)
    opened = open_dataset(made.source)
    assert [len(opened.split(split)) for split in ("train", "val")] == [12, 1]
    assert len(open_dataset("blocks").images) == 5


def test_data_from_elsewhere_becomes_a_data_set_of_the_workspace(blocks: Path, tmp_path: Path, unstarted: None) -> None:
    elsewhere = tmp_path / "elsewhere"
    blocks.rename(elsewhere)
    run = begin_enlarging("more", str(elsewhere), Enlargement(copies=1), into="dataset", name="large", by="")
    enlarge_run(run)
    made = read_result(run)

    assert made is not None
    assert made.source == "large"
    assert len(open_dataset("large").images) == 9
    about = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert about["data"]["path"] == str(elsewhere)
    assert len(about["data"]["fingerprint"]) == 64


def test_stopped_it_leaves_nothing_and_says_so(blocks: Path, unstarted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    run = begin_enlarging("more", "blocks", Enlargement(copies=50), into="version", name="large", by="")
    told: list[int] = []

    def stopping(watch: Watch, more: int) -> None:
        told.append(more)
        if len(told) == 20:
            request_stop(run)
        if (run / STOP).exists():
            raise StoppedError

    monkeypatch.setattr(Watch, "__call__", stopping)
    enlarge_run(run)

    assert read_state(run).state == "stopped"
    assert list_versions(blocks) == ()
    assert [path.name for path in (blocks / "versions").iterdir()] == []
    assert read_result(run) is None


def test_what_cannot_be_begun_makes_no_run(blocks: Path, unstarted: None) -> None:
    begin_enlarging("more", "blocks", Enlargement(), into="version", name="large", by="")
    (blocks / "versions" / "large").mkdir(parents=True)
    for error, changes in (
        (WorkspaceError, {"name": "large"}),
        (WorkspaceError, {"name": "../out"}),
        (WorkspaceError, {"into": "dataset", "name": "blocks"}),
        (DatasetError, {"data": "nothing"}),
        (OptionError, {"wanted": Enlargement(copies=0)}),
    ):
        asked = {"data": "blocks", "wanted": Enlargement(), "into": "version", "name": "new", "by": "", **changes}
        with pytest.raises(error):
            begin_enlarging("more", **asked)  # type: ignore[arg-type]
    assert [path.name for path in (blocks.parent.parent / "runs").iterdir()] == ["more"]


def test_a_data_set_that_has_gone_is_said_in_the_run(blocks: Path, unstarted: None) -> None:
    run = begin_enlarging("more", "blocks", Enlargement(), into="version", name="large", by="")
    blocks.rename(blocks.with_name("other"))
    with pytest.raises(DatasetError):
        enlarge_run(run)
    assert read_state(run).state == "failed"
    assert "There is no such data set" in read_state(run).message


def test_the_worker_loads_no_torch() -> None:
    code = "import sys, yolodash.runs.enlarging; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
