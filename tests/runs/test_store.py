"""Evaluations as run folders: what is kept comes back, whole or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from evaluation_tables import random_scoring

from yolodash.errors import InputError, WorkspaceError
from yolodash.evaluation.report import Scoring, report, report_record
from yolodash.runs.store import keep_evaluation, list_runs, open_evaluation

ROOT = Path(__file__).parents[2]


def kept(name: str, made: Scoring) -> Path:
    numbers = report(made.truths, made.found, made.labels, "coco")
    data = {"path": "shapes", "fingerprint": "00"}
    return keep_evaluation(name, made.truths, made.found, made.labels, numbers, options={"split": "val"}, data=data)


def test_what_is_kept_comes_back(workspace: Path) -> None:
    made = random_scoring(1)
    kept("first", made)
    again = open_evaluation("first")

    assert again.report == json.loads(json.dumps(report_record(report(made.truths, made.found, made.labels, "coco"))))
    assert again.labels == made.labels
    assert report(again.truths, again.found, again.labels, "coco") == report(
        made.truths, made.found, made.labels, "coco"
    )
    assert (again.options, again.data["path"]) == ({"split": "val"}, "shapes")


def test_a_run_says_what_it_is(workspace: Path) -> None:
    folder = kept("first", random_scoring(1))
    about = json.loads((folder / "run.json").read_text())

    assert {key: about[key] for key in ("format", "kind", "name")} == {"format": 1, "kind": "evaluate", "name": "first"}
    assert json.loads((folder / "state.json").read_text())["state"] == "finished"
    assert [entry.name for entry in list_runs("evaluate")] == ["first"]
    assert list_runs("train") == ()


def test_a_name_is_taken_once_and_nothing_is_left_of_the_second_try(workspace: Path) -> None:
    folder = kept("first", random_scoring(1))
    before = sorted(path.name for path in folder.parent.iterdir())

    with pytest.raises(WorkspaceError, match="a run of this name"):
        kept("first", random_scoring(2))
    assert sorted(path.name for path in folder.parent.iterdir()) == before


@pytest.mark.parametrize("name", ["../elsewhere", "a/b", "", ".hidden"])
def test_a_name_that_leads_elsewhere_is_refused(workspace: Path, name: str) -> None:
    with pytest.raises(WorkspaceError):
        kept(name, random_scoring(1))
    with pytest.raises(WorkspaceError):
        open_evaluation(name)


def test_folders_that_are_no_runs_are_passed_over(workspace: Path) -> None:
    kept("first", random_scoring(1))
    (workspace / "runs" / "stray").mkdir()
    (workspace / "runs" / "broken").mkdir()
    (workspace / "runs" / "broken" / "run.json").write_text("{")

    assert [entry.name for entry in list_runs()] == ["first"]


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 cut", b"no archive"])
def test_damaged_boxes_are_a_sentence(workspace: Path, damage: bytes) -> None:
    folder = kept("first", random_scoring(1))
    (folder / "detections.npz").write_bytes(damage)

    with pytest.raises(InputError, match="cannot be read"):
        open_evaluation("first")


def test_pickled_objects_are_never_loaded(workspace: Path) -> None:
    folder = kept("first", random_scoring(1))
    np.savez(folder / "detections.npz", image=np.array([{}], object), label=0, xywh=0, score=0)

    with pytest.raises(InputError, match="cannot be read"):
        open_evaluation("first")


def test_an_evaluation_that_is_not_there_is_a_sentence(workspace: Path) -> None:
    with pytest.raises(InputError, match="no evaluation"):
        open_evaluation("nothing")


def test_a_kept_evaluation_opens_and_is_taken_apart_without_torch() -> None:
    parts = ("breakdown", "compare", "confusion", "mistakes", "points", "report", "stepping")
    names = ["yolodash.runs.store", *(f"yolodash.evaluation.{part}" for part in parts)]
    code = f"import sys, {', '.join(names)}; print(sorted({{'torch', 'cv2', 'streamlit'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout == "[]\n"
