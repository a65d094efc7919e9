"""``dataset augment``: the same recipe as a training takes, from a name, a file or number by number."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from yolodash.cli import main
from yolodash.data.opening import open_dataset
from yolodash.runs.recipes import read_recipe
from yolodash.scenes.writing import SeriesOptions, write_scenes
from yolodash.structures import ImageSize


@pytest.fixture
def scenes(workspace: Path) -> str:
    write_scenes(workspace / "datasets" / "blocks", SeriesOptions(5, ImageSize(48, 64)), workers=1)
    return "blocks"


def test_a_data_set_of_the_workspace_is_enlarged_and_opens(
    scenes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("blur: 2\nflip_horizontal: 0.5\nmosaic: 0\nmomentum: 0.9\n")
    line = ["dataset", "augment", scenes, "--recipe", str(recipe), "--set", "noise=5", "--seed", "3", "--copies", "2"]
    assert main([*line, "--output", str(tmp_path / "large"), "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert (told["images"], told["made"], told["seed"], told["cut"]) == (13, 8, 3, "drop")
    assert (told["recipe"]["blur"], told["recipe"]["noise"]) == (2, 5)
    assert len(open_dataset(tmp_path / "large").split("train")) == 12
    assert read_recipe(str(recipe))[0].blur == 2


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        ("fog: 1", "'fog', which is no part of one"),
        ("blur: .nan", "blur cannot be nan"),
        ("blur: 21", "from 0 to 20"),
        ("blur: thick", "blur cannot be thick"),
        ("crop_probability: 2", "from 0 to 1"),
        ("- blur", "The recipe is empty"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_one_line_and_writes_nothing(
    scenes: str, tmp_path: Path, recipe: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.yaml").write_text(recipe)
    line = ["dataset", "augment", scenes, "--recipe", str(tmp_path / "bad.yaml")]

    assert main([*line, "--output", str(tmp_path / "large")]) == 1
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
    assert not (tmp_path / "large").exists()
