"""The models that come with the program: small, each with a card, and found without a workspace or a network."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from yolodash.errors import ModelFileError
from yolodash.models import catalogue
from yolodash.models.catalogue.bundled import CLASSIFIER, DETECTOR, FOLDER, weights_of
from yolodash.models.catalogue.store import sha256_of
from yolodash.models.classifier import load_classifier
from yolodash.models.loading import load_model
from yolodash.models.summary import summarise, summarise_saved

ROOT = Path(__file__).parents[3]


def test_the_bundled_detector_is_offered_first_and_is_what_weights_means(workspace: Path) -> None:
    (workspace / "models").mkdir(parents=True)
    (workspace / "models" / "a.pt").write_bytes(b"mine")

    first, second = catalogue.usable()
    assert (first.name, first.origin, second.name) == ("scenes", "bundled", "a")
    assert catalogue.locate("scenes") == first.files
    assert catalogue.find_usable("scenes") == first
    assert [model.name for model in catalogue.installed()] == ["a"]


def test_without_its_file_there_is_none_and_a_sentence(workspace: Path, no_bundled_models: None) -> None:
    assert catalogue.usable() == []
    with pytest.raises(ModelFileError, match="not in this version"):
        catalogue.locate("scenes")
    with pytest.raises(ModelFileError, match="card of this bundled model cannot be read"):
        catalogue.card_of("scenes")


@pytest.mark.parametrize("name", [DETECTOR, CLASSIFIER])
def test_a_card_says_how_the_model_was_made_and_what_was_measured(name: str) -> None:
    card = catalogue.card_of(name)

    assert card.name == name
    assert card.sha256 == sha256_of(weights_of(name))
    assert card.bytes == weights_of(name).stat().st_size < 5_000_000
    assert card.data["seed"] != card.evaluation["seed"]
    assert card.data["images"] >= 1000
    assert card.evaluation["images"] >= 100
    assert card.training["seconds"] > 0
    assert card.training["processor"]
    assert card.code["version"]
    assert len(card.code["commit"]) == 40
    assert card.licence == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license"]
    for command in (card.data["command"], card.training["command"], card.evaluation["command"]):
        assert command.startswith("python ")
    assert "/tmp" not in (FOLDER / f"{name}.json").read_text()
    assert "/home" not in (FOLDER / f"{name}.json").read_text()


def test_the_cards_figures_are_those_that_were_asked_for() -> None:
    detector, classifier = (catalogue.card_of(name).figures for name in (DETECTOR, CLASSIFIER))

    assert {"map", "map50", "map75", "milliseconds"} <= detector.keys()
    for question in ("shape", "colour", "material", "size", "thing"):
        assert 0 < classifier[question] <= 1
        assert 0 < classifier[f"{question}_in_detections"] <= 1
    assert {"background", "photos"} <= classifier.keys()


def test_the_cards_count_what_the_files_hold() -> None:
    assert load_model(weights_of(DETECTOR)).parameter_count == catalogue.card_of(DETECTOR).parameters
    assert load_classifier(weights_of(CLASSIFIER)).parameter_count == catalogue.card_of(CLASSIFIER).parameters


def test_its_summary_from_the_header_alone_is_that_of_the_loaded_network() -> None:
    from yolodash.models.saved import read_saved

    assert summarise_saved(read_saved(weights_of(DETECTOR))) == summarise(load_model(weights_of(DETECTOR)))


def test_nothing_of_whoever_trained_it_is_in_the_files() -> None:
    for path in FOLDER.glob("*.safetensors"):
        content = path.read_bytes()
        header = content[8 : 8 + int.from_bytes(content[:8], "little")]
        assert json.loads(header)["__metadata__"].keys() == {"yolodash"}
        assert b"/tmp" not in header
        assert b"random." not in header


def test_every_bundled_file_goes_into_the_wheel() -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["yolodash"]
    suffixes = {pattern.rpartition(".")[2] for pattern in patterns if pattern.startswith("**/*.")}
    assert {path.suffix[1:] for path in FOLDER.iterdir()} <= suffixes
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 5_000_000
