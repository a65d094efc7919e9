"""Groups of runs and their difference: how much of it is the chance of the seeds."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from yolodash.errors import InputError
from yolodash.runs.comparison import T_95, Difference, compare_runs, difference, expanded, grouped, quantile, result_of
from yolodash.runs.config import TrainOptions
from yolodash.runs.folders import create_run
from yolodash.runs.state import write_state

OPTIONS = TrainOptions(data="data.yaml", weights="yolov5n.pt")
# mAP50-95 after 30 epochs on the raccoons: seeds 0, 1, 2; and seeds 0, 1 with a frozen backbone
WHOLE, FROZEN = {0: 0.675, 1: 0.661, 2: 0.661}, {0: 0.569, 1: 0.562}


def made(name: str, value: float, *, fingerprint: str = "f", **options: Any) -> Path:
    run = create_run(
        "train", name, options=replace(OPTIONS, **options).record(), data={"path": "d", "fingerprint": fingerprint}
    )
    records = [{"epoch": 0, "seconds": 2.0, "map50": 0.9, "map": 0.9}, {"epoch": 1, "seconds": 4.0, "map": value}]
    (run / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    write_state(run, "finished", 2, 2)
    return run


def between(first: dict[int, float], second: dict[int, float]) -> Difference:
    runs = [
        [result_of(made(f"{group}-{seed}", value, seed=seed)) for seed, value in values.items()]
        for group, values in (("a", first), ("b", second))
    ]
    return difference(runs[0], runs[1], "map")


def test_the_quantiles_are_students() -> None:
    assert [round(float(stats.t.ppf(0.975, freedom)), 3) for freedom in range(1, 31)] == list(T_95)
    assert quantile(1000) == T_95[-1]
    assert math.isnan(quantile(0))


def test_with_the_same_seeds_each_seeds_difference_is_taken_first(workspace: Path) -> None:
    found = between(FROZEN, {seed: WHOLE[seed] for seed in FROZEN})

    assert found.pairs == pytest.approx({0: 0.106, 1: 0.099})
    assert found.mean == pytest.approx(0.1025)
    test = stats.ttest_rel([WHOLE[0], WHOLE[1]], list(FROZEN.values()))
    interval = test.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-5)
    assert found.decided


def test_with_other_seeds_the_spreads_of_both_sides_count(workspace: Path) -> None:
    found = between(FROZEN, WHOLE)

    assert not found.pairs
    assert found.seeds == 2
    test = stats.ttest_ind(list(WHOLE.values()), list(FROZEN.values()), equal_var=False)
    assert found.mean == pytest.approx(np.mean(list(WHOLE.values())) - np.mean(list(FROZEN.values())))
    interval = test.confidence_interval(0.95)
    assert found.low <= interval.low + 1e-6  # whole degrees of freedom: never narrower
    assert found.high >= interval.high - 1e-6
    assert found.high - found.low < 1.5 * (interval.high - interval.low)


def test_one_seed_a_side_decides_nothing(workspace: Path) -> None:
    found = between({0: 0.1}, {0: 0.9})

    assert found.mean == pytest.approx(0.8)
    assert math.isnan(found.low)
    assert not found.decided


def test_turning_the_two_around_turns_the_sign(workspace: Path) -> None:
    runs = [[result_of(made(f"{side}{seed}", 0.1 * seed + side, seed=seed)) for seed in range(3)] for side in (0, 1)]
    there, back = difference(runs[0], runs[1], "map"), difference(runs[1], runs[0], "map")

    assert there.mean == pytest.approx(-back.mean)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_the_best_epoch_counts_where_it_is_asked_for(workspace: Path) -> None:
    result = result_of(made("one", 0.2))

    assert result.value("map") == pytest.approx(0.2)
    assert result.value("map", "best") == pytest.approx(0.9)
    assert math.isnan(result.value("recall"))
    assert result.seconds == 6


def test_a_sweep_stands_for_its_runs_that_have_an_epoch(workspace: Path) -> None:
    members = [made("s-f0", 0.5, freeze=0), made("s-f10", 0.4, freeze=10)]
    waiting = create_run("train", "s-f20", options=OPTIONS.record(), data={})
    names = [run.name for run in (*members, waiting)]
    sweep = create_run("sweep", "s", options={"members": [*names, "gone"]}, data={})

    assert expanded([members[1], sweep]) == (members[1], members[0])
    assert [group.options for group in grouped(compare_runs(expanded([sweep])))] == [{"freeze": 0}, {"freeze": 10}]


def test_what_is_no_training_or_has_no_epoch_or_saw_other_data_is_refused(workspace: Path) -> None:
    one, other = made("one", 0.5), made("other", 0.5, fingerprint="g")
    empty = create_run("sweep", "empty", options={"members": []}, data={})
    broken = create_run("sweep", "broken", options={}, data={})
    evaluation = create_run("evaluate", "evaluation", options={}, data={})

    with pytest.raises(InputError, match="validated on different data"):
        compare_runs([one, other])
    for run, words in ((empty, "no.* epoch|None"), (broken, "does not say"), (evaluation, "no training")):
        with pytest.raises(InputError, match=words):
            expanded([run])
