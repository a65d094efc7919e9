"""How long a sweep may take: from steps that were measured with the very network, else from earlier runs."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean
from typing import Any

import streamlit as st

from yolodash import workspace
from yolodash.data.health import Health, counted
from yolodash.data.opening import open_dataset
from yolodash.errors import YoloDashError
from yolodash.runs import estimates
from yolodash.runs.config import TrainOptions
from yolodash.runs.folders import find_run, read_run
from yolodash.runs.metrics import read_metrics
from yolodash.runs.store import list_runs
from yolodash.runs.sweep import Plan

START_SECONDS = 5.0
"""Of each run, where only earlier runs are known: a process begins, torch is loaded, pictures are opened."""
MOST_LOOKED_AT = 50


def estimated_seconds(plan: Plan) -> float | None:
    """Of all runs together; None where nothing is known of one.

    Raises:
        YoloDashError: why one cannot be measured, which is why it cannot be trained.
    """
    seconds = 0.0
    epochs: dict[tuple[str, int, int], float | None] = {}
    for _label, options in plan.members():
        measured = _measured(options)
        if measured is not None:
            seconds += measured
            continue
        key = (options.weights, options.size, options.freeze)
        if key not in epochs:
            epochs[key] = _earlier_epoch(options)
        earlier = epochs[key]
        if earlier is None:
            return None
        seconds += START_SECONDS + earlier * options.epochs
    return seconds


def measure(plan: Plan) -> None:
    """Let a few steps of each network, size and freeze be taken, by processes of their own."""
    for options in _distinct(plan):
        health = facts(options.data)
        if health is not None:
            estimates.begin(options, len(health.classes))


def measuring(plan: Plan) -> bool:
    """Whether that is under way."""
    return any(estimates.at_work(key) for key in map(_key, _distinct(plan)) if key is not None)


def _distinct(plan: Plan) -> list[TrainOptions]:
    members = {(one.weights, one.size, one.freeze): one for _label, one in plan.members()}
    return list(members.values())


def _key(options: TrainOptions) -> str | None:
    health = facts(options.data)
    return None if health is None else estimates.key_of(options, len(health.classes))


def _measured(options: TrainOptions) -> float | None:
    key, health = _key(options), facts(options.data)
    found = None if key is None else estimates.measured(key)
    if found is None or health is None:
        return None
    pictures = health.pictures
    return estimates.estimate(found, options, train=pictures["train"], val=pictures["val"]).seconds


@st.cache_data(show_spinner=False, max_entries=16, ttl=60)
def facts(data: str) -> Health | None:
    """What a data set holds; None where it cannot be opened, which the start says."""
    try:
        return counted(open_dataset(data)) if data else None
    except (YoloDashError, OSError):
        return None


def _earlier_epoch(asked: TrainOptions) -> float | None:
    """The mean epoch of the newest run of the same network, size and freeze on the same data."""
    for entry in list_runs("train")[:MOST_LOOKED_AT]:
        run = find_run(entry.name)
        options: dict[str, Any] = read_run(run)["options"]
        same = options.get("size") == asked.size and options.get("freeze") == asked.freeze
        alike = Path(str(options.get("weights", ""))).stem == Path(asked.weights).stem
        if not same or not alike or not _same(str(options.get("data", "")), asked.data):
            continue
        records = read_metrics(run)
        took = [record["seconds"] for record in records if isinstance(record.get("seconds"), int | float)]
        if took:
            return fmean(took)
    return None


def _same(kept: str, asked: str) -> bool:
    """Whether two ways to say it mean one data set."""
    return kept == asked or Path(kept) in (Path(asked).resolve(), workspace.home() / "datasets" / asked)
