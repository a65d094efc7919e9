"""Run folders: options, states, names, the bin, imports and comparisons. No training here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from yolodash.data.augment.recipe import UNCHANGED, Recipe
from yolodash.errors import InputError, OptionError, WorkspaceError
from yolodash.models.catalogue import locate
from yolodash.models.loading import load_model
from yolodash.runs.comparison import compare_runs, differing, grouped
from yolodash.runs.config import Hyperparameters, TrainOptions, options_from
from yolodash.runs.folders import create_run, delete_run, empty_bin, find_run, list_bin, read_run
from yolodash.runs.housekeeping import unbin_run
from yolodash.runs.importing import import_run
from yolodash.runs.metrics import best_of, read_metrics
from yolodash.runs.state import at_work, is_alive, read_state, request_stop, write_state
from yolodash.runs.store import list_runs

OPTIONS = TrainOptions(data="data.yaml", weights="yolov5n.pt")


def made(name: str = "one", *, fingerprint: str = "f", maps: tuple[float, ...] = (), **options: Any) -> Path:
    run = create_run(
        "train", name, options=replace(OPTIONS, **options).record(), data={"path": "d", "fingerprint": fingerprint}
    )
    lines = [json.dumps({"epoch": e, "seconds": 2.0, "map50": m + 0.1, "map": m}) for e, m in enumerate(maps)]
    (run / "metrics.jsonl").write_text("".join(f"{line}\n" for line in lines))
    return run


def test_options_go_through_run_json_unchanged(workspace: Path) -> None:
    options = replace(
        OPTIONS, freeze=10, augment=replace(Recipe(), mosaic=0.5), hyperparameters=Hyperparameters(momentum=0.9)
    )
    run = create_run("train", "one", options=options.record(), data={"path": "d", "fingerprint": "f"})

    assert options_from(read_run(run)["options"]) == options
    assert options_from({"data": "d", "cfg": "yolov5n"}) == TrainOptions(data="d", cfg="yolov5n")


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0}, {"epochs": True}, {"batch": 10**9}, {"size": 8}, {"seed": -1}, {"weights": ""},
        {"optimizer": "adam"}, {"schedule": "step"}, {"precision": "int8"}, {"freeze": 1.5},
        {"hyperparameters": Hyperparameters(learning_rate=float("nan"))},
        {"hyperparameters": Hyperparameters(learning_rate=-1)}, {"hyperparameters": Hyperparameters(momentum=1)},
        {"augment": replace(UNCHANGED, mosaic=float("inf"))},
    ],
    ids=str,
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(OptionError):
        replace(OPTIONS, **wrong)


def test_an_option_that_nobody_knows_is_refused() -> None:
    with pytest.raises(OptionError, match="turbo"):
        options_from({"data": "d", "weights": "w", "turbo": True})


def test_a_name_that_is_taken_is_refused_or_counted_on(workspace: Path) -> None:
    made("one")
    with pytest.raises(WorkspaceError, match="run of this name"):
        made("one")
    second = create_run("train", "one", options={}, data={}, exist="rename")

    assert second.name == "one-2"
    assert read_run(second)["name"] == "one-2"
    with pytest.raises(WorkspaceError):
        made("../elsewhere")


def test_a_run_that_says_running_without_a_held_lock_has_died(workspace: Path) -> None:
    run = made()
    with at_work(run):
        write_state(run, "running", 1, 3)
        assert is_alive(run)
        assert read_state(run).state == "running"
        with pytest.raises(WorkspaceError, match="Another process"), at_work(run):
            pass
        with pytest.raises(WorkspaceError, match="busy"):
            delete_run(run)

    assert read_state(run).state == "died"
    assert (read_state(run).epoch, read_state(run).epochs) == (1, 3)
    assert [entry.state for entry in list_runs()] == ["died"]


def test_a_run_that_waits_for_its_worker_is_queued_until_it_is_clear_that_none_comes(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made()
    assert read_state(run).state == "queued"
    monkeypatch.setattr("yolodash.runs.state.STARTING_SECONDS", 0.0)
    assert read_state(run).state == "died"


def test_stopping_a_run_without_a_worker_says_stopped(workspace: Path) -> None:
    run = made()
    assert not request_stop(run)
    assert read_state(run).state == "stopped"


def test_a_deleted_run_lies_in_the_bin_and_comes_back(workspace: Path) -> None:
    run = made("one", maps=(0.1,))
    entry = delete_run(run)

    assert not list_runs()
    assert entry.name == "one"
    assert entry.bytes > 100
    assert 29.9 < entry.days_left <= 30
    assert [one.name for one in list_bin()] == ["one"]
    with pytest.raises(InputError):
        find_run("one")
    assert unbin_run(list_bin()[0]) == run
    assert [one.name for one in list_runs()] == ["one"]

    delete_run(run)
    empty_bin(older_than_days=1)
    assert len(list_bin()) == 1
    empty_bin()
    assert not list_bin()


def test_a_run_is_found_by_name_by_folder_and_by_path(workspace: Path) -> None:
    run = made("night")
    assert find_run("night") == find_run("runs/night") == find_run(str(run)) == run
    for wrong in ("day", "../night", "", "."):
        with pytest.raises(InputError):
            find_run(wrong)


def test_metrics_that_are_cut_are_left_out(workspace: Path) -> None:
    run = made(maps=(0.1, 0.3, 0.2))
    with (run / "metrics.jsonl").open("a") as file:
        file.write('nonsense\n{"epoch": "x"}\n[1]\n{"epoch": 3, "ma')

    assert [record["epoch"] for record in read_metrics(run)] == [0, 1, 2]
    best = best_of(read_metrics(run))
    assert best is not None
    assert best["epoch"] == 1


def test_runs_are_compared_by_what_differs_with_the_spread_over_seeds(workspace: Path) -> None:
    runs = [
        made(f"{freeze}-{seed}", maps=(0.1, value), freeze=freeze, seed=seed)
        for freeze, seed, value in ((0, 0, 0.66), (0, 1, 0.68), (10, 0, 0.5))
    ]
    results = compare_runs(runs)

    assert differing(results) == ["seed", "freeze"]
    free, frozen = grouped(results)
    assert (free.options, free.runs) == ({"freeze": 0}, ("0-0", "0-1"))
    assert free.map == pytest.approx(0.67)
    assert free.map_spread == pytest.approx(0.01414, abs=1e-5)
    assert frozen.map == 0.5
    assert frozen.map_spread != frozen.map_spread  # of one run there is none
    assert results[0].seconds == 4.0


def test_runs_with_other_validation_data_or_without_an_epoch_are_not_compared(workspace: Path) -> None:
    first, other = made("a", maps=(0.1,)), made("b", maps=(0.1,), fingerprint="g")
    with pytest.raises(InputError, match="different data"):
        compare_runs([first, other])
    with pytest.raises(InputError, match="no epoch"):
        compare_runs([first, made("c")])


def test_a_run_of_the_yolov5_repository_becomes_one_of_ours(workspace: Path, asset: Callable[[str], Path]) -> None:
    folder = asset("models/yolov5n-six-crops")
    run = import_run(folder, "crops")

    records = read_metrics(run)
    assert len(records) == 100
    assert records[0]["learning_rates"] == {"biases": 0.070769, "weights": 0.0032479, "normalisation": 0.0032479}
    assert records[-1]["map50"] == 0.88861
    assert [record["epoch"] for record in records if record["warmup"]] == [0, 1, 2]
    options = read_run(run)["options"]
    assert (options["batch"], options["size"], options["optimizer"], options["freeze"]) == (64, 320, "sgd", 0)
    model = load_model(locate("crops").weights)
    assert model.names == load_model(folder / "best.pt").names
    assert read_state(run).state == "finished"


@pytest.mark.parametrize("content", ["", "epoch,loss\n0,1\n", "epoch,metrics/mAP_0.5,metrics/mAP_0.5:0.95\n0,x,1\n"])
def test_results_that_are_none_are_refused_and_nothing_is_left(workspace: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "results.csv").write_text(content)
    if content:
        with pytest.raises(InputError, match="no results"):
            import_run(tmp_path, "bad")
    with pytest.raises(InputError):
        import_run(tmp_path / "nowhere", "bad")
    assert not list((workspace / "runs").iterdir())
