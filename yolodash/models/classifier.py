"""A small convolutional network that says of one crop what block it shows: shape, colour, material and size.

It is plain on purpose: four stages of convolution → batch normalisation → ReLU → pooling, each with a name, then two
fully connected layers and a softmax for every question. ``maps`` gives what each layer makes of a crop.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from yolodash.errors import N_, ModelFileError
from yolodash.models.layers import ConvolutionBlock
from yolodash.models.saved import CROP_CLASSIFIER, FORMAT, KEY, halved, write_tensors

SIDE: Final = 64
"""Pixels along a side of a crop."""
CHANNELS: Final = (8, 24, 48, 96)
"""Maps that each stage makes."""
HIDDEN: Final = 128
PLACE: Final = 4
"""Numbers that say where in its picture a crop lies."""
THING: Final = "thing"
NONE_OF_THESE: Final = "none of these"
QUESTIONS: Final[dict[str, tuple[str, ...]]] = {
    "shape": ("cube", "sphere", "cylinder"),
    "colour": ("gray", "red", "blue", "green", "brown", "purple", "cyan", "yellow"),
    "material": ("rubber", "metal"),
    "size": ("small", "large"),
    THING: ("block", NONE_OF_THESE),
}
"""What the network is asked, and what it can answer."""


class Stage(nn.Sequential):
    """Convolution, batch normalisation, ReLU, and a pooling that halves both sides.

    Attributes:
        block: the first three.
        pooling: the largest of every 2×2 values.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        block = ConvolutionBlock(convolution, nn.BatchNorm2d(outputs), nn.ReLU())
        super().__init__(OrderedDict(block=block, pooling=nn.MaxPool2d(2)))


class CropClassifier(nn.Module):
    """The network, with its questions and their answers.

    Attributes:
        questions: name of each question and its answers, in the order of the network's numbers.
        stages: ``stage1`` … ``stage4``: 3×64×64 → 8×32×32 → 24×16×16 → 48×8×8 → 96×4×4.
        hidden: fully connected, 96·4·4 values and the place → 128.
        answers: fully connected, one layer a question.
    """

    def __init__(
        self,
        questions: Mapping[str, tuple[str, ...]] = QUESTIONS,
        channels: tuple[int, ...] = CHANNELS,
        hidden: int = HIDDEN,
    ) -> None:
        super().__init__()
        self.questions = dict(questions)
        self.channels = tuple(channels)
        pairs = zip((3, *channels[:-1]), channels, strict=True)
        self.stages = nn.Sequential(OrderedDict((f"stage{i}", Stage(a, b)) for i, (a, b) in enumerate(pairs, start=1)))
        flat = channels[-1] * (SIDE >> len(channels)) ** 2
        self.hidden = nn.Linear(flat + PLACE, hidden)
        self.answers = nn.ModuleDict({name: nn.Linear(hidden, len(words)) for name, words in questions.items()})

    @property
    def parameter_count(self) -> int:
        """Learnable values."""
        return sum(parameter.numel() for parameter in self.parameters())

    def forward(self, crops: Tensor, places: Tensor) -> dict[str, Tensor]:
        """Logits.

        Args:
            crops: ``(B, 3, 64, 64)`` RGB in [0, 1].
            places: ``(B, 4)`` where each crop's box lies; see ``inference.attributes.places``.

        Returns:
            for every question ``(B, answers)``; a softmax makes them probabilities.
        """
        features: Tensor = self.stages(crops - 0.5)  # (B, 96, 4, 4)
        values = torch.cat([features.flatten(1), places], dim=1)  # (B, 1540)
        hidden = torch.relu(self.hidden(values))  # (B, 128)
        return {name: layer(hidden) for name, layer in self.answers.items()}

    def probabilities(self, crops: Tensor, places: Tensor) -> dict[str, Tensor]:
        """``forward`` after a softmax over the answers of every question."""
        return {name: logits.softmax(dim=1) for name, logits in self(crops, places).items()}

    def maps(self, crops: Tensor, places: Tensor) -> dict[str, Tensor]:
        """What every layer makes of some crops, in the order of the calculation.

        Returns:
            ``stage1.convolution`` ``(B, 8, 64, 64)``, ``stage1.normalisation``, ``stage1.activation``,
            ``stage1.pooling`` ``(B, 8, 32, 32)``, … ``stage4.pooling`` ``(B, 96, 4, 4)``, ``hidden`` ``(B, 128)``,
            then logits ``(B, answers)`` under each question's name.
        """
        features, made = crops - 0.5, {}
        for name, stage in self.stages.named_children():
            parts = {**dict(stage.block.named_children()), "pooling": stage.pooling}  # type: ignore[union-attr]
            for part, layer in parts.items():
                made[f"{name}.{part}"] = features = layer(features)
        made["hidden"] = hidden = torch.relu(self.hidden(torch.cat([features.flatten(1), places], dim=1)))
        return made | {name: layer(hidden) for name, layer in self.answers.items()}


def description_of(model: CropClassifier) -> dict[str, Any]:
    """What the file says of the network, so that it can be built again."""
    architecture = {"kind": CROP_CLASSIFIER, "channels": list(model.channels), "hidden": model.hidden.out_features}
    return {
        "format": FORMAT,
        "architecture": architecture,
        "questions": {name: list(words) for name, words in model.questions.items()},
        "size": [SIDE, SIDE],
    }


def save_classifier(path: Path, model: CropClassifier, metadata: Mapping[str, Any] | None = None) -> None:
    """Write the weights in half precision, and what the network is.

    Raises:
        WorkspaceError: the disk is full, or cannot be written to.
    """
    tensors = {name: halved(tensor) for name, tensor in model.state_dict().items()}
    write_tensors(path, tensors, {**(metadata or {}), **description_of(model)})


def load_classifier(path: Path) -> CropClassifier:
    """The network in evaluation mode, float32, on the CPU.

    Raises:
        ModelFileError: the file is missing, damaged, or another model's.
    """
    try:
        with safe_open(path, "pt") as file:
            metadata = json.loads((file.metadata() or {})[KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        architecture = metadata["architecture"]
        if architecture["kind"] != CROP_CLASSIFIER:
            raise ValueError("another model")
        questions = {str(name): tuple(map(str, words)) for name, words in metadata["questions"].items()}
        model = CropClassifier(questions, tuple(architecture["channels"]), int(architecture["hidden"]))
        model.load_state_dict({name: t.float() if t.is_floating_point() else t for name, t in tensors.items()})
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelFileError(
            N_("This is no classifier of crops that YoloDash can read"),
            where=path.name,
            fix=N_("install YoloDash again, or train the classifier with scripts/train_bundled.py"),
        ) from error
    return model.eval()
