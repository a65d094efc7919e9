"""The classifier of crops: its shapes, its file, and that nobody takes it for a detector."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from yolodash.errors import ModelFileError
from yolodash.models.classifier import QUESTIONS, CropClassifier, load_classifier, save_classifier
from yolodash.models.loading import load_model
from yolodash.scenes.blocks import COLOURS, HALF_SIDE, MATERIALS, SHAPES

BATCH = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(0)), torch.zeros(3, 4)


@pytest.fixture(scope="module")
def model() -> CropClassifier:
    torch.manual_seed(0)
    return CropClassifier().eval()


def test_its_questions_are_what_a_block_has() -> None:
    asked = {name: set(words) for name, words in QUESTIONS.items()}
    blocks = {"shape": set(SHAPES), "colour": set(COLOURS), "material": set(MATERIALS), "size": set(HALF_SIDE)}
    assert {name: asked[name] for name in blocks} == blocks
    assert asked.keys() - blocks.keys() == {"thing"}


def test_every_question_is_answered_with_probabilities(model: CropClassifier) -> None:
    probabilities = model.probabilities(*BATCH)
    for name, words in QUESTIONS.items():
        assert probabilities[name].shape == (3, len(words))
        assert torch.allclose(probabilities[name].sum(dim=1), torch.ones(3))


def test_the_maps_of_every_layer_can_be_shown_and_end_in_the_answers(model: CropClassifier) -> None:
    maps = model.maps(*BATCH)
    shapes = {name: tuple(values.shape[1:]) for name, values in maps.items()}

    assert [shapes[f"stage{i}.pooling"] for i in range(1, 5)] == [(8, 32, 32), (24, 16, 16), (48, 8, 8), (96, 4, 4)]
    assert shapes["stage1.convolution"] == shapes["stage1.activation"] == (8, 64, 64)
    assert shapes["hidden"] == (128,)
    assert (maps["stage1.activation"] >= 0).all()
    for name, logits in model(*BATCH).items():
        assert torch.equal(maps[name], logits)


def test_it_is_small(model: CropClassifier, tmp_path: Path) -> None:
    save_classifier(tmp_path / "a.safetensors", model)
    assert model.parameter_count < 400_000
    assert (tmp_path / "a.safetensors").stat().st_size < 1_000_000


def test_a_saved_classifier_says_the_same_again(model: CropClassifier, tmp_path: Path) -> None:
    save_classifier(tmp_path / "a.safetensors", model)
    again = load_classifier(tmp_path / "a.safetensors")
    for name, logits in model(*BATCH).items():
        assert torch.allclose(again(*BATCH)[name], logits, atol=0.01)


def test_it_is_no_detector_and_says_so(model: CropClassifier, tmp_path: Path) -> None:
    save_classifier(tmp_path / "a.safetensors", model)
    with pytest.raises(ModelFileError, match=r"a classifier of crops.*a\.safetensors.*choose a detector"):
        load_model(tmp_path / "a.safetensors")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x08\0\0\0\0\0\0\0{}      "])
def test_what_is_no_classifier_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(ModelFileError, match="no classifier of crops"):
        load_classifier(tmp_path / "a.safetensors")
    with pytest.raises(ModelFileError, match="no classifier of crops"):
        load_classifier(tmp_path / "nothing.safetensors")
