"""A Darknet network in torch, built from a checked plan and filled from its weights file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from yolodash.models.darknet import layers
from yolodash.models.darknet import specification as spec
from yolodash.models.darknet.files import DarknetFiles, read_files
from yolodash.models.darknet.plan import Plan, family_of
from yolodash.models.detector import Detector
from yolodash.structures import Floats, Head, ImageSize, LayerDescription


class DarknetNetwork(Detector):
    """A detector of the Darknet family, v1 to v4 and what people made of them.

    Attributes:
        plan: the network on paper, for its own input size.
        layers: one module a layer of the plan.
    """

    def __init__(self, plan: Plan, *, names: tuple[str, ...], heads: tuple[Head, ...]) -> None:
        super().__init__(names=names, family=family_of(plan), release=None, heads=heads, size=plan.size)
        self.plan = plan
        self.layers = nn.ModuleList(_module(layer.specification) for layer in plan.layers)
        last_uses = plan.last_uses()
        self._done_after = [
            tuple(source for source in {*layer.sources} if last_uses[source] == layer.index) for layer in plan.layers
        ]

    @property
    def stride(self) -> int:
        """What the sides of the input must be multiples of; branches can go deeper than the heads."""
        return max(self.plan.coarsest_stride, *self.strides)

    def forward(self, batch: Tensor) -> tuple[Tensor, ...]:
        """The heads' raw maps.

        Args:
            batch: ``(B, 3, H, W)`` float RGB in [0, 1], sides whole multiples of the largest stride.

        Returns:
            one ``(B, A, h, w, 5 + C)`` a head, in the order of the cfg; v1 ``(B, S·S·(C + 5·A))``.
        """
        results: list[Tensor] = []
        maps = {-1: batch}  # only what is still needed; −1 is the picture
        for layer, module, done in zip(self.plan.layers, self.layers, self._done_after, strict=True):
            output = module([maps[source] for source in layer.sources])
            for source in done:
                del maps[source]
            if isinstance(layer.specification, spec.Output):
                results.append(raw_map(output, layer.specification.head))
            else:
                maps[layer.index] = output
        return tuple(results)

    def describe(self, size: ImageSize) -> tuple[LayerDescription, ...]:
        """Every layer, with the shapes that it has for an input of this size."""
        return self.plan.at(size).describe()


def raw_map(output: Tensor, head: Head) -> Tensor:
    """What goes into an output layer, as the head's raw map.

    Args:
        output: ``(B, A·(5 + C), h, w)``; for v1 any shape with the right number of values.

    Returns:
        ``(B, A, h, w, 5 + C)``; v1 ``(B, ·)``.
    """
    if head.kind == "detection":
        return output.flatten(1)
    batch, _, rows, columns = output.shape
    return output.reshape(batch, len(head.anchors), 5 + head.classes, rows, columns).permute(0, 1, 3, 4, 2)


def load_darknet(weights: Path, cfg: Path, names: Path | None = None) -> DarknetNetwork:
    """Load a detector from Darknet's files, in evaluation mode; arguments and errors as of ``files.read_files``."""
    return build(read_files(weights, cfg, names))


def build(files: DarknetFiles) -> DarknetNetwork:
    """The network that checked files describe, in evaluation mode."""
    network = DarknetNetwork(files.plan, names=files.names, heads=files.heads)
    fill(network, files.values)
    return network.eval()


@torch.no_grad()
def fill(network: DarknetNetwork, values: Sequence[dict[str, Floats]]) -> None:
    """Copy the values of a weights file, as ``read_values`` gives them, into the network."""
    for module, blocks in zip(network.layers, values, strict=True):
        assert isinstance(module, layers.DarknetLayer)
        targets = module.blocks()
        for name, block in blocks.items():
            targets[name].copy_(torch.from_numpy(block).view_as(targets[name]))


def _module(layer: spec.Specification) -> layers.DarknetLayer:
    match layer:
        case spec.Convolution():
            return layers.Convolutional(layer)
        case spec.Local():
            return layers.LocallyConnected(layer)
        case spec.Connected():
            return layers.Connected(layer)
        case spec.MaxPool():
            return layers.MaxPool(layer)
        case spec.AveragePool():
            return layers.AveragePool()
        case spec.Upsample():
            return layers.Upsample(layer)
        case spec.Route():
            return layers.Route(layer)
        case spec.Shortcut():
            return layers.Shortcut(layer)
        case spec.ScaleChannels():
            return layers.ScaleChannels(layer)
        case spec.Reorganisation():
            return layers.Reorganisation(layer)
        case spec.Softmax():
            return layers.Softmax(layer)
        case _:
            return layers.Passing()
