"""Errors of a worker's process, written down and read again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from yolodash.errors import N_, DatasetError, YoloDashError
from yolodash.runs.folders import create_run
from yolodash.runs.state import read_state, write_state
from yolodash.runs.told_errors import error_from, error_record


def test_an_error_comes_back_with_its_template_and_its_values() -> None:
    error = DatasetError(N_("Only {count} of {name}"), where="a.txt", fix=N_("bring {count} more"), count=3, name="{x}")

    again = error_from(json.loads(json.dumps(error_record(error))))

    assert (again.what, again.fix, again.where, again.values) == (error.what, error.fix, error.where, error.values)
    assert str(again) == str(error) == "Only 3 of {x} — a.txt — bring 3 more"


@pytest.mark.parametrize("value", [np.float32(0.5), np.int64(7), True, 2.5])
def test_numbers_of_any_kind_are_written_as_numbers(value: float) -> None:
    record = json.loads(json.dumps(error_record(YoloDashError("{value}", fix="", value=value))))
    assert record["values"] == {"value": float(value)}


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"what": "{gone} is gone", "fix": "look", "values": {}},
        {"what": "half {", "fix": "}", "values": "none"},
        {"what": "{0}", "fix": "{name.upper}", "where": ["x"], "values": {"name": 1}},
        {"what": "{name:>999999999}", "fix": "", "values": {"name": "x"}},
        {"what": "{name!r:>99}", "fix": "", "values": {"name": "x"}},
    ],
)
def test_a_damaged_record_still_gives_an_error_that_can_be_said(record: dict[str, object]) -> None:
    error = error_from(record)
    assert str(record.get("what", "")) in str(error)


def test_a_state_carries_the_error_beside_its_english_sentence(workspace: Path) -> None:
    run = create_run("train", "night", options={}, data={})
    error = DatasetError(N_("No room for {size} MB"), fix=N_("make some"), size=5)
    write_state(run, "failed", 1, 3, error=error)

    said = read_state(run)
    assert said.message == "No room for 5 MB — make some"
    assert said.error is not None
    assert said.error.what == "No room for {size} MB"
    assert "failed: No room for 5 MB" in (run / "events.log").read_text()

    write_state(run, "running", 1, 3)
    assert read_state(run).error is None


def test_states_of_earlier_versions_have_their_sentence_only(workspace: Path) -> None:
    run = create_run("train", "night", options={}, data={})
    (run / "state.json").write_text(json.dumps({"state": "failed", "message": "No room — make some"}))
    assert (read_state(run).message, read_state(run).error) == ("No room — make some", None)
