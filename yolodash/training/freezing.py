"""Which layers learn."""

from __future__ import annotations

from torch import nn

from yolodash.errors import N_, OptionError
from yolodash.models.detector import Detector


def layers_of(network: Detector) -> nn.ModuleList:
    """The numbered layers, as the network's file counts them."""
    layers = network.get_submodule("layers")
    assert isinstance(layers, nn.ModuleList)
    return layers


def freeze(network: Detector, count: int) -> None:
    """Let the weights of the first layers stay as they are.

    Raises:
        OptionError: the network has no layer left to learn then.
    """
    layers = layers_of(network)
    if not 0 <= count < len(layers):
        raise OptionError(
            N_("This network has {layers} layers, so {count} cannot be frozen"),
            where="--freeze",
            fix=N_("give a number from 0 to {most}; YOLOv5's backbone is its first 10"),
            layers=len(layers),
            count=count,
            most=len(layers) - 1,
        )
    for layer in layers[:count]:
        layer.requires_grad_(False)


def learning_mode(network: Detector, frozen: int, *, freeze_statistics: bool) -> None:
    """Training mode; the batch-norm statistics of frozen layers move on, as in YOLOv5, unless they are frozen too."""
    network.train()
    if freeze_statistics:
        for layer in layers_of(network)[:frozen]:
            layer.eval()
