"""``dataset split``: in the workspace, into a folder, and with what belongs together kept together."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from yolodash.cli import main
from yolodash.data.duplicates import groups_of, kept_signatures, origin_of
from yolodash.data.opening import open_dataset
from yolodash.data.store.folders import create_dataset
from yolodash.data.store.parts import read_splits
from yolodash.data.store.pictures import add_picture, list_pictures


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data set of 10 pictures, of which two are nearly the same."""
    monkeypatch.setenv("YOLODASH_HOME", str(tmp_path / "home"))
    dataset = create_dataset("few", classes=["thing"])
    random = np.random.default_rng(0)
    for number in range(10):
        pixels = random.integers(0, 256, (12, 12, 3), np.uint8)
        file = tmp_path / f"{number}.png"
        Pillow.fromarray(pixels).resize((60, 60), Pillow.Resampling.NEAREST).save(file)
        add_picture(dataset, file.name, file.read_bytes(), by="somebody")
    Pillow.open(tmp_path / "3.png").save(tmp_path / "3-again.jpg", quality=97, subsampling=0)
    add_picture(dataset, "3-again.jpg", (tmp_path / "3-again.jpg").read_bytes(), by="somebody")
    return dataset


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["dataset", "split", *words, "--json", "-"]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_a_data_set_of_the_workspace_is_divided_in_its_place(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = told(capsys, "few", "--ratios", ".5,.5,0", "--seed", "3")

    parts = read_splits(stored)
    assert result["groups"] == 1
    assert sum(result["images"].values()) == len(parts) == 11
    assert parts["3"] == parts["3-again"]
    assert result["images"]["test"] == 0


def test_the_same_command_divides_in_the_same_way(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "few", "--no-group")
    first = read_splits(stored)
    told(capsys, "few", "--no-group")

    assert read_splits(stored) == first


def test_another_data_set_is_written_into_a_folder(
    asset: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YOLODASH_HOME", str(tmp_path / "home"))
    source = str(asset("datasets/coco128_64"))

    result = told(capsys, source, "--output", str(tmp_path / "out"))

    opened = open_dataset(tmp_path / "out")
    assert {name: len(opened.split(name)) for name in ("train", "val", "test")} == result["images"]
    assert sum(len(one.annotations.class_ids) for one in opened.images) == 451


@pytest.mark.parametrize("words", [("few", "--ratios", "1,1"), ("few", "--ratios", "a,b,c"), ("nowhere",)])
def test_what_makes_no_sense_is_one_line(
    stored: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dataset", "split", *words]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_data_set_from_elsewhere_needs_a_folder(
    stored: Path, asset: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dataset", "split", str(asset("datasets/raccoon_voc"))]) == 1
    assert "--output" in capsys.readouterr().err


def test_signatures_are_kept_until_a_picture_changes(stored: Path) -> None:
    pictures = {one.stem: one.path for one in list_pictures(stored)}
    seen: list[int] = []

    first = kept_signatures(stored, list(pictures.values()), lambda done, _of: seen.append(done))
    again = kept_signatures(stored, list(pictures.values()), lambda done, _of: seen.append(-done))

    assert [(one.digest, one.bits) for one in first if one] == [(one.digest, one.bits) for one in again if one]
    assert seen == list(range(1, 12))
    assert groups_of(pictures, again, {}) == {"3": "3", "3-again": "3"}


def test_names_say_what_was_made_from_one_original() -> None:
    copy = "train/street_jpg.rf.0123456789abcdef0123456789abcdef.jpg"
    assert origin_of(copy) == origin_of(copy.replace("0123", "4567").replace("train", "valid"))
    assert origin_of("images/clip-000010.jpg") == origin_of("images/clip-000020.jpg") != ""
    assert origin_of("images/IMG_1234.jpg") == ""
