"""A plan in rows, for the inspector: what each layer is, the shape of what comes out, and what it costs."""

from __future__ import annotations

import math
from fractions import Fraction

from yolodash.models.yolov5 import plan as plans
from yolodash.models.yolov5.plan import Block, Bottleneck, Convolution, Layer, Module, Plan
from yolodash.structures import ImageSize, LayerDescription


def describe(plan: Plan, size: ImageSize) -> tuple[LayerDescription, ...]:
    """Every layer with its shape for an input of ``size``; of the heads, the finest map and all their channels."""
    shapes = plans.shapes(plan)
    rows = [
        _row(index, layer, (shape.channels, *_sides(size, shape.stride)))
        for index, (layer, shape) in enumerate(zip(plan.layers, shapes, strict=False))
    ]
    return (*rows, _heads_row(plan, size))


def _row(index: int, layer: Layer, shape: tuple[int, int, int]) -> LayerDescription:
    cells = shape[1] * shape[2]
    return LayerDescription(
        index=index,
        kind=layer.name,
        sources=layer.sources,
        shape=shape,
        parameters=parameters(layer.module),
        multiply_adds=sum(weight_count(convolution) * cells for convolution in convolutions(layer.module)),
        detail=in_words(layer.module),
    )


def _heads_row(plan: Plan, size: ImageSize) -> LayerDescription:
    maps = [_sides(size, shape.stride) for shape in plans.head_shapes(plan)]
    heads = plan.heads.convolutions
    return LayerDescription(
        index=len(plan.layers) - 1,
        kind=plan.layers[-1].name,
        sources=plan.layers[-1].sources,
        shape=(sum(head.outputs for head in heads), *max(maps)),
        parameters=parameters(plan.heads),
        multiply_adds=sum(
            weight_count(head) * rows * columns for head, (rows, columns) in zip(heads, maps, strict=True)
        ),
        detail=in_words(plan.heads),
    )


def _sides(size: ImageSize, stride: Fraction) -> tuple[int, int]:
    return math.ceil(size.height / stride), math.ceil(size.width / stride)


def weight_count(convolution: Convolution) -> int:
    """Weights of a convolution, its bias not counted: C' · C/groups · k · k."""
    height, width = convolution.kernel
    return convolution.outputs * convolution.inputs // convolution.groups * height * width


def parameters(module: Module) -> int:
    """Learnable values: weights, biases, and a scale and a shift for every normalised channel."""
    found = sum(weight_count(part) + part.outputs * part.bias for part in convolutions(module))
    found += sum(2 * block.outputs for block in blocks(module) if block.normalisation is not None)
    if isinstance(module, plans.CspBottleneck):
        found += 2 * (module.second.outputs + module.third.outputs)
    return found


def convolutions(module: Module) -> list[Convolution]:
    """Every convolution in a layer."""
    found = [block.convolution for block in blocks(module)]
    match module:
        case plans.CspBottleneck():
            found += [module.second, module.third]
        case plans.Heads():
            found += module.convolutions
    return found


def blocks(module: Module) -> list[Block]:
    """Every block in a layer."""
    match module:
        case plans.Block():
            return [module]
        case plans.Focus():
            return [module.block]
        case plans.Chain():
            return _blocks_of(module.bottlenecks)
        case plans.CspBottleneck():
            return [module.first, module.last, *_blocks_of(module.bottlenecks)]
        case plans.C3():
            return [module.first, module.second, module.last, *_blocks_of(module.bottlenecks)]
        case plans.Pyramid():
            return [module.first, module.last]
    return []


def _blocks_of(bottlenecks: tuple[Bottleneck, ...]) -> list[Block]:
    return [block for bottleneck in bottlenecks for block in (bottleneck.first, bottleneck.second)]


def in_words(module: Module) -> str:
    """What the shape does not say: windows, steps, activation, how many bottlenecks."""
    match module:
        case plans.Block():
            return _convolution_in_words(module)
        case plans.Focus():
            return _convolution_in_words(module.block)
        case plans.Chain():
            return f"n = {len(module.bottlenecks)}"
        case plans.CspBottleneck() | plans.C3():
            shortcut = any(bottleneck.shortcut for bottleneck in module.bottlenecks)
            return f"n = {len(module.bottlenecks)}" + (", x + f(x)" if shortcut else "")
        case plans.Pyramid():
            return ", ".join(f"{window}×{window}" for window in module.windows)
        case plans.MaximumPooling():
            return f"{module.window}×{module.window} / {module.stride}"
        case plans.Upsample():
            return "× 2"
        case plans.Heads():
            return ", ".join(str(convolution.outputs) for convolution in module.convolutions)
    return ""


def _convolution_in_words(block: Block) -> str:
    height, width = block.convolution.kernel
    step = f" / {block.convolution.stride}" if block.convolution.stride > 1 else ""
    return f"{height}×{width}{step}, {block.activation.name}"
