"""Names, notes, what builds on what, and the bin. No training here."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from yolodash import bins
from yolodash.bins import BIN
from yolodash.errors import InputError, OptionError, WorkspaceError
from yolodash.runs.folders import create_run, list_bin, read_run
from yolodash.runs.housekeeping import (
    LONGEST_NOTE,
    Citation,
    bin_run,
    citations,
    read_note,
    rename_run,
    room,
    unbin_run,
    write_note,
)
from yolodash.runs.launch import LOG
from yolodash.runs.resuming import ONE_AT_A_TIME, refuse_finished, resume_run
from yolodash.runs.state import at_work, read_state, write_state
from yolodash.runs.store import list_runs
from yolodash.workspace import locked


def made(name: str, kind: Any = "train", weights: str = "", sweep: str = "", **options: Any) -> Path:
    told = {"data": "d", "cfg": "yolov5n", **options} | ({"weights": weights} if weights else {})
    run = create_run(kind, name, options=told, data={}, sweep=sweep)
    (run / "best.safetensors").write_bytes(b"x" * 1000)
    return run


def names() -> set[str]:
    return {entry.name for entry in list_runs()}


def test_a_note_is_kept_replaced_and_taken_away(workspace: Path) -> None:
    run = made("one")
    assert read_note(run) == ""
    write_note(run, "frozen, è lento\nsecond line")
    write_note(run, "frozen: è lento\nsecond line")
    assert read_note(run) == "frozen: è lento\nsecond line"
    write_note(run, "  ")
    assert read_note(run) == ""
    with pytest.raises(InputError, match="too long"):
        write_note(run, "x" * (LONGEST_NOTE + 1))


def test_a_renamed_run_keeps_what_it_holds_and_what_builds_on_it_follows(workspace: Path) -> None:
    run = made("one")
    made("child", weights=str(run / "best.safetensors"))
    made("by name", "evaluate", weights="runs/one/last")
    made("bystander", weights="onesie")

    place = rename_run(run, "two")

    assert place.name == "two"
    assert read_run(place)["name"] == "two"
    assert (place / "best.safetensors").stat().st_size == 1000
    assert names() == {"two", "child", "by name", "bystander"}
    assert read_run(workspace / "runs" / "child")["options"]["weights"] == str(place / "best.safetensors")
    assert read_run(workspace / "runs" / "by name")["options"]["weights"] == "runs/two/last"
    assert read_run(workspace / "runs" / "bystander")["options"]["weights"] == "onesie"
    assert citations(place) == (Citation("by name", "evaluated"), Citation("child", "trained"))


@pytest.mark.parametrize("wrong", ["taken", "../x", "", ".hidden", "a/b", "x" * 300])
def test_a_name_that_is_taken_or_none_changes_nothing(workspace: Path, wrong: str) -> None:
    run = made("one")
    made("taken")
    with pytest.raises(WorkspaceError):
        rename_run(run, wrong)
    assert names() == {"one", "taken"}
    assert read_run(run)["name"] == "one"


def test_what_a_worker_has_or_is_on_its_way_to_is_neither_renamed_nor_deleted(workspace: Path) -> None:
    run = made("one")
    with at_work(run):
        for change in (lambda: rename_run(run, "two"), lambda: bin_run(run)):
            with pytest.raises(WorkspaceError, match="busy"):
                change()
    (run / LOG).write_bytes(b"")  # as a launch does
    write_state(run, "queued", 0, 3)
    for change in (lambda: rename_run(run, "two"), lambda: bin_run(run)):
        with pytest.raises(WorkspaceError, match="busy"):
            change()
    old = time.time() - 1000
    os.utime(run / "state.json", (old, old))
    assert rename_run(run, "two").name == "two"


def test_what_belongs_to_a_sweep_is_known_and_not_renamed_while_the_sweep_works(workspace: Path) -> None:
    member = made("sweep-f0", sweep="sweep")
    sweep = made("sweep", "sweep", members=["sweep-f0"])
    assert citations(member) == (Citation("sweep", "sweep"),)
    assert citations(sweep) == (Citation("sweep-f0", "member"),)
    with at_work(sweep), pytest.raises(WorkspaceError, match="busy"):
        rename_run(member, "other")

    place = rename_run(member, "other")
    assert citations(place) == (Citation("sweep", "sweep"),)
    assert read_run(sweep)["options"]["members"] == ["other"]
    assert citations(rename_run(sweep, "matrix")) == (Citation("other", "member"),)


@pytest.mark.parametrize("foreign", ['{"format": 9}', '{"format": 1}', '{"format": 1, "options": [], "kind": "sweep"}'])
def test_a_foreign_folder_among_the_runs_keeps_none_from_being_renamed(workspace: Path, foreign: str) -> None:
    member = made("sweep-f0", sweep="sweep")
    sweep = made("sweep", "sweep", members=["sweep-f0"])
    stranger = sweep.with_name("another")
    stranger.mkdir()
    (stranger / "run.json").write_text(foreign)

    rename_run(member, "other")

    assert read_run(sweep)["options"]["members"] == ["other"]
    assert (stranger / "run.json").read_text() == foreign


def test_the_bin_keeps_a_run_with_its_size_and_gives_it_back_under_a_free_name(workspace: Path) -> None:
    run = made("one")
    before = room()
    (entry,) = bin_run(run)

    assert names() == set()
    assert entry.bytes > 1000
    after = room()
    assert after.bin == entry.bytes
    assert after.runs < before.runs
    assert after.free > 0

    made("one")
    place = unbin_run(list_bin()[0])
    assert place.name == read_run(place)["name"] == "one-2"
    assert (place / "best.safetensors").exists()
    assert list_bin() == ()


def test_what_has_been_in_the_bin_for_a_month_goes_with_the_next_deletion(workspace: Path) -> None:
    bin_run(made("old"))
    entry = list_bin()[0]
    entry.path.rename(entry.path.with_name(f"{int(time.time()) - 31 * 86_400} old"))
    bin_run(made("new"))

    assert [one.name for one in list_bin()] == ["new"]
    bins.remove(list_bin()[0])
    assert list_bin() == ()
    assert not list((workspace / "runs" / BIN).iterdir())


def test_a_run_whose_description_is_damaged_can_be_deleted_and_not_renamed(workspace: Path) -> None:
    run = made("one")
    (run / "run.json").write_text("{")
    with pytest.raises(InputError, match="description"):
        rename_run(run, "two")
    bin_run(run)
    (entry,) = list_bin()
    assert unbin_run(entry) == run


def test_going_on_is_refused_with_a_reason(workspace: Path) -> None:
    run = made("one")
    write_state(run, "finished", 3, 3)
    with pytest.raises(OptionError, match="finished"):
        resume_run(run)
    with pytest.raises(InputError, match="Only a training"):
        resume_run(made("judged", "evaluate"))
    (run / "run.json").write_text(json.dumps({"format": 1, "kind": "train", "options": {"turbo": 1}}))
    with pytest.raises(OptionError, match="turbo"):
        refuse_finished(run)


def test_of_two_who_want_to_go_on_at_once_one_is_refused_and_the_state_is_left_alone(workspace: Path) -> None:
    run = made("one")
    write_state(run, "stopped", 1, 3)
    with locked(run / ONE_AT_A_TIME), pytest.raises(WorkspaceError, match="Another process"):
        resume_run(run)
    with at_work(run):
        write_state(run, "running", 1, 3)
        with pytest.raises(WorkspaceError, match="Another process"):
            resume_run(run)
        assert read_state(run).state == "running"
    (run / LOG).write_bytes(b"")
    write_state(run, "queued", 1, 3)
    with pytest.raises(WorkspaceError, match="Another process"):
        resume_run(run)
