"""A new training, made by the page or by the command: the same options, the same run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.training_files import small_data, small_weights
from yolodash.cli import main
from yolodash.data.augment.recipe import RECIPES, Recipe
from yolodash.errors import OptionError, WorkspaceError
from yolodash.runs.command_line import train_words
from yolodash.runs.config import Hyperparameters, TrainOptions, options_from
from yolodash.runs.creating import create_training, suggested_name
from yolodash.runs.folders import find_run, read_run
from yolodash.runs.recipes import read_recipe, with_values

SHARES = st.floats(0, 1, allow_nan=False)
RECIPE = st.one_of(
    st.sampled_from(list(RECIPES.values())),
    st.builds(Recipe, hue=SHARES, mosaic=SHARES, degrees=st.floats(0, 90), perspective=st.floats(0, 0.001)),
)
NUMBERS = st.builds(
    Hyperparameters,
    learning_rate=st.floats(1e-6, 1), momentum=st.floats(0, 0.99), nominal_batch=st.integers(1, 256),
    warmup_batches=st.integers(0, 1000), largest_ratio=st.floats(1.5, 9),
)  # fmt: skip
OPTIONS = st.builds(
    TrainOptions,
    data=st.just("DATA"), cfg=st.sampled_from(["yolov5p", "yolov5x"]),
    epochs=st.integers(1, 1000), batch=st.integers(1, 512), size=st.integers(1, 40).map(lambda n: 32 * n),
    seed=st.integers(0, 2**31), workers=st.integers(0, 8), freeze=st.integers(0, 24), freeze_statistics=st.booleans(),
    optimizer=st.sampled_from(["sgd", "adamw"]), schedule=st.sampled_from(["linear", "cosine"]),
    precision=st.sampled_from(["auto", "float32", "bfloat16"]), device=st.sampled_from(["auto", "cpu"]),
    patience=st.integers(0, 500), augment=RECIPE, hyperparameters=NUMBERS,
)  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_data(tmp_path_factory.mktemp("data"), 4)


@given(options=OPTIONS)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_line_to_copy_leads_to_the_very_options(
    options: TrainOptions, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    options = replace(options, data=str(data))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YOLODASH_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr(
            import_module("yolodash.cli.train"), "start", lambda *_: None
        )  # what is compared is the run, not the training
        assert main(train_words(options, "a run")) == 0
        found = options_from(read_run(find_run("a run"))["options"])

    assert found == replace(options, data=str(data.resolve()))


def test_the_line_names_what_is_usual_only_where_everybody_asks() -> None:
    usual = TrainOptions(data="d.yaml", weights="yolov5s", epochs=3, workers=2)

    assert " ".join(train_words(usual)) == (
        "train --data d.yaml --weights yolov5s --epochs 3 --batch 16 --size 640 --workers 2"
    )
    changed = replace(usual, augment=replace(RECIPES["none"], hue=0.5), hyperparameters=Hyperparameters(clip=3.0))
    assert " ".join(train_words(changed, "x")).endswith("--augment none --set hue=0.5 --set clip=3.0 --name x")


def test_every_number_can_be_set_by_its_name() -> None:
    names = [one.name for part in (Recipe, Hyperparameters) for one in fields(part)]

    recipe, numbers = with_values(Recipe(), Hyperparameters(), [f"{name}=0.5" for name in names])
    assert {getattr(part, one.name) for part in (recipe, numbers) for one in fields(part)} == {0.5}


@pytest.mark.parametrize("text", ["mosaic", "mosaic=", "mosaic=much", "=1", "nothing=1"])
def test_what_sets_nothing_is_refused(text: str) -> None:
    with pytest.raises(OptionError):
        with_values(*read_recipe("default"), [text])


def test_of_two_who_want_one_name_at_once_one_gets_it(workspace: Path, data: Path) -> None:
    options = TrainOptions(data=str(data), cfg="yolov5p", size=64)

    def attempt(_: int) -> str:
        try:
            return create_training(options, "wanted").name
        except WorkspaceError as error:
            return error.what

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert outcomes.count("wanted") == 1
    assert outcomes.count("There is a run of this name") == 7


def test_without_a_name_one_is_made_of_network_and_data(workspace: Path, data: Path, tmp_path: Path) -> None:
    options = TrainOptions(data=str(data), weights=str(small_weights(tmp_path)), size=64)

    assert suggested_name(options) == "tiny3-scenes"
    assert [create_training(options).name for _ in range(2)] == ["tiny3-scenes", "tiny3-scenes-2"]
    assert suggested_name(TrainOptions(data="cats", weights="/w/runs/best cats/best.safetensors")) == "best cats-cats"
