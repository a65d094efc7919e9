"""YOLOv5's layers and the network that a plan makes of them.

Each module is built from its part of the plan and called as the field calls it. A layer's output is kept only while a
later layer still reads it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yolodash.models.detector import Detector
from yolodash.models.layers import ConvolutionBlock, max_pool
from yolodash.models.yolov5 import plan as plans
from yolodash.models.yolov5.checkpoint import Checkpoint
from yolodash.models.yolov5.description import describe
from yolodash.models.yolov5.plan import Activation, Block, Convolution, Layer, Module, Normalisation, Plan
from yolodash.structures import Head, ImageSize, LayerDescription


def activation_module(activation: Activation) -> nn.Module:
    """The function that a plan names."""
    match activation.name:
        case "LeakyReLU":
            return nn.LeakyReLU(activation.slope)
        case "Hardswish":
            return nn.Hardswish()
        case "ReLU":
            return nn.ReLU()
        case "ReLU6":
            return nn.ReLU6()
        case "Mish":
            return nn.Mish()
        case "Identity":
            return nn.Identity()
    return nn.SiLU()


def convolution_module(convolution: Convolution) -> nn.Conv2d:
    """A convolution alone."""
    return nn.Conv2d(
        convolution.inputs,
        convolution.outputs,
        convolution.kernel,
        stride=convolution.stride,
        padding=convolution.padding,
        groups=convolution.groups,
        dilation=convolution.dilation,
        bias=convolution.bias,
    )


def normalisation_module(channels: int, normalisation: Normalisation) -> nn.BatchNorm2d:
    """A batch normalisation with the plan's constants."""
    return nn.BatchNorm2d(channels, eps=normalisation.epsilon, momentum=normalisation.momentum)


def block_module(block: Block) -> ConvolutionBlock:
    """Convolution, normalisation, activation."""
    normalisation = (
        nn.Identity() if block.normalisation is None else normalisation_module(block.outputs, block.normalisation)
    )
    return ConvolutionBlock(convolution_module(block.convolution), normalisation, activation_module(block.activation))


class Focus(nn.Module):
    """Space to depth: the even and odd rows and columns as four pictures, then a block."""

    def __init__(self, plan: plans.Focus) -> None:
        super().__init__()
        self.block = block_module(plan.block)

    def forward(self, picture: Tensor) -> Tensor:
        """``(B, 3, H, W)`` → ``(B, C, H/2, W/2)``."""
        corners = [picture[..., row::2, column::2] for column in (0, 1) for row in (0, 1)]
        result: Tensor = self.block(torch.cat(corners, dim=1))
        return result


class Bottleneck(nn.Module):
    """Two blocks; what comes in is added to what comes out where the plan has a shortcut."""

    def __init__(self, plan: plans.Bottleneck) -> None:
        super().__init__()
        self.first = block_module(plan.first)
        self.second = block_module(plan.second)
        self.shortcut = plan.shortcut

    def forward(self, features: Tensor) -> Tensor:
        """``(B, C, h, w)`` → the same shape."""
        result: Tensor = self.second(self.first(features))
        return features + result if self.shortcut else result


def bottleneck_chain(bottlenecks: tuple[plans.Bottleneck, ...]) -> nn.Sequential:
    """Bottlenecks one after another."""
    return nn.Sequential(*(Bottleneck(part) for part in bottlenecks))


class CspBottleneck(nn.Module):
    """Cross-stage partial bottleneck, until release 3.1: one way goes through bottlenecks, the other around them."""

    def __init__(self, plan: plans.CspBottleneck) -> None:
        super().__init__()
        self.first = block_module(plan.first)
        self.second = convolution_module(plan.second)
        self.third = convolution_module(plan.third)
        self.normalisation = normalisation_module(plan.second.outputs + plan.third.outputs, plan.normalisation)
        self.activation = activation_module(plan.activation)
        self.last = block_module(plan.last)
        self.bottlenecks = bottleneck_chain(plan.bottlenecks)

    def forward(self, features: Tensor) -> Tensor:
        """``(B, C, h, w)`` → ``(B, C', h, w)``."""
        through = self.third(self.bottlenecks(self.first(features)))
        around = self.second(features)
        joined = self.activation(self.normalisation(torch.cat([through, around], dim=1)))
        result: Tensor = self.last(joined)
        return result


class C3(nn.Module):
    """Cross-stage partial bottleneck with three blocks, since release 4.0."""

    def __init__(self, plan: plans.C3) -> None:
        super().__init__()
        self.first = block_module(plan.first)
        self.second = block_module(plan.second)
        self.last = block_module(plan.last)
        self.bottlenecks = bottleneck_chain(plan.bottlenecks)

    def forward(self, features: Tensor) -> Tensor:
        """``(B, C, h, w)`` → ``(B, C', h, w)``."""
        through = self.bottlenecks(self.first(features))
        result: Tensor = self.last(torch.cat([through, self.second(features)], dim=1))
        return result


class SpatialPyramidPooling(nn.Module):
    """Maxima over windows of several sizes beside the features themselves: SPP, until release 5.0."""

    def __init__(self, plan: plans.Pyramid) -> None:
        super().__init__()
        self.first = block_module(plan.first)
        self.last = block_module(plan.last)
        self.windows = plan.windows

    def forward(self, features: Tensor) -> Tensor:
        """``(B, C, h, w)`` → ``(B, C', h, w)``."""
        features = self.first(features)
        pooled = [max_pool(features, window, 1, window // 2) for window in self.windows]
        result: Tensor = self.last(torch.cat([features, *pooled], dim=1))
        return result


class FastSpatialPyramidPooling(SpatialPyramidPooling):
    """SPPF, since release 6.0: one window, pooled again and again, which sees as far as larger windows do."""

    def forward(self, features: Tensor) -> Tensor:
        """``(B, C, h, w)`` → ``(B, C', h, w)``."""
        pooled = [self.first(features)]
        for window in self.windows:
            pooled.append(max_pool(pooled[-1], window, 1, window // 2))
        result: Tensor = self.last(torch.cat(pooled, dim=1))
        return result


class Concatenation(nn.Module):
    """Feature maps of the same size, stacked along their channels."""

    def forward(self, features: list[Tensor]) -> Tensor:
        """``[(B, C₁, h, w), …]`` → ``(B, C₁ + …, h, w)``."""
        return torch.cat(features, dim=1)


class HeadConvolutions(nn.ModuleList):
    """Detect: a 1×1 convolution a scale, whose channels are 5 + C numbers for each anchor."""

    def __init__(self, plan: plans.Heads, anchors: tuple[int, ...]) -> None:
        super().__init__(convolution_module(convolution) for convolution in plan.convolutions)
        self.anchors = anchors

    def forward(self, features: list[Tensor]) -> tuple[Tensor, ...]:
        """``[(B, C, h, w), …]`` → one ``(B, A, h, w, 5 + C)`` a scale."""
        maps: list[Tensor] = []
        for convolution, of_scale, anchors in zip(self, features, self.anchors, strict=True):
            output = convolution(of_scale)
            batch, _, rows, columns = output.shape
            # not unflatten: the tracing exporter would take rows and columns for constants
            maps.append(output.reshape(batch, anchors, -1, rows, columns).permute(0, 1, 3, 4, 2))
        return tuple(maps)


def layer_module(module: Module, heads: tuple[Head, ...]) -> nn.Module:
    """The module that a layer of the plan stands for."""
    match module:
        case plans.Block():
            return block_module(module)
        case plans.Focus():
            return Focus(module)
        case plans.Chain():
            return bottleneck_chain(module.bottlenecks)
        case plans.CspBottleneck():
            return CspBottleneck(module)
        case plans.C3():
            return C3(module)
        case plans.Pyramid():
            return FastSpatialPyramidPooling(module) if module.repeated else SpatialPyramidPooling(module)
        case plans.Upsample():
            return nn.Upsample(scale_factor=2.0, mode="nearest")
        case plans.Concatenation():
            return Concatenation()
        case plans.MaximumPooling():
            return nn.MaxPool2d(module.window, module.stride, module.padding)
        case plans.ZeroPadding():
            return nn.ZeroPad2d(module.sides)
        case plans.Heads():
            return HeadConvolutions(module, tuple(len(head.anchors) for head in heads))


class YoloV5(Detector):
    """A YOLOv5 of any release and size.

    Attributes:
        plan: what its layers are.
        layers: the modules, in the order and with the numbers of the plan.
    """

    def __init__(self, plan: Plan, *, names: tuple[str, ...], heads: tuple[Head, ...], size: ImageSize) -> None:
        super().__init__(names=names, family="yolov5", release=plans.release(plan), heads=heads, size=size)
        self.plan = plan
        self.layers = nn.ModuleList(layer_module(layer.module, heads) for layer in plan.layers)
        self._last_reader = _last_readers(plan.layers)

    def forward(self, batch: Tensor) -> tuple[Tensor, ...]:
        """The heads' raw maps.

        Args:
            batch: ``(B, 3, H, W)`` float RGB in [0, 1], sides whole multiples of the largest stride.

        Returns:
            one ``(B, A, h, w, 5 + C)`` a head, the finest grid first.
        """
        outputs: dict[int, Tensor] = {-1: batch}
        result: Tensor | tuple[Tensor, ...] = batch
        for index, (layer, module) in enumerate(zip(self.plan.layers, self.layers, strict=True)):
            features = [outputs[source] for source in layer.sources]
            many = isinstance(layer.module, plans.Concatenation | plans.Heads)
            result = module(features if many else features[0])
            if isinstance(result, tuple):
                return result
            outputs[index] = result
            for source in set(layer.sources):
                if self._last_reader[source] == index:
                    del outputs[source]
        raise AssertionError("a plan ends with its heads")

    def describe(self, size: ImageSize) -> tuple[LayerDescription, ...]:
        """Every layer, with the shapes that it has for an input of this size; the numbers are ``layers``' own."""
        return describe(self.plan, size)


def _last_readers(layers: tuple[Layer, ...]) -> dict[int, int]:
    """For each layer that is read, the number of the last one that reads it."""
    return {source: index for index, layer in enumerate(layers) for source in layer.sources}


def network(checkpoint: Checkpoint, names: tuple[str, ...] | None = None) -> YoloV5:
    """The network of a checkpoint with its weights, in evaluation mode, float32, on the CPU."""
    model = YoloV5(checkpoint.plan, names=names or checkpoint.names, heads=checkpoint.heads, size=checkpoint.size)
    state = {name: torch.from_numpy(array.copy()) for name, array in checkpoint.arrays().items()}
    model.load_state_dict(state, strict=True)
    return model.eval()
