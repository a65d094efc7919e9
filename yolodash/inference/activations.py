"""A look inside a network while it runs: the maps of one layer, before and after its activation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from yolodash.models.layers import ConvolutionBlock
from yolodash.structures import Floats


@dataclass(frozen=True)
class Maps:
    """What one layer made of one picture.

    Attributes:
        before: ``(C, h, w)`` the feature maps: convolved and normalised.
        after: ``(C, h, w)`` the activation maps.
    """

    before: Floats
    after: Floats


def blocks_of(network: nn.Module) -> dict[str, ConvolutionBlock]:
    """Every convolution block of a network, by its name, in the order of the file."""
    return {name: module for name, module in network.named_modules() if isinstance(module, ConvolutionBlock)}


@torch.inference_mode()
def maps_of(network: nn.Module, block: str, *inputs: Tensor) -> Maps:
    """Run a network on one picture, and keep what one of its blocks makes.

    Args:
        network: any network that is made of convolution blocks; it may be in use elsewhere at the same time.
        block: a name of ``blocks_of``.
        inputs: what the network is called with, a batch of one.
    """
    caught: dict[str, Tensor] = {}
    with _watched(blocks_of(network)[block], caught):
        network(*inputs)
    return Maps(caught["before"][0].float().cpu().numpy(), caught["after"][0].float().cpu().numpy())


@contextmanager
def _watched(block: ConvolutionBlock, caught: dict[str, Tensor]) -> Iterator[None]:
    """Catch what goes into the block's activation and what comes out, of this thread's runs alone."""
    mine = threading.get_ident()

    def keep(_module: nn.Module, given: tuple[Any, ...]) -> None:
        if threading.get_ident() == mine:
            caught["before"] = given[0].clone()  # an activation may work in place

    def end(_module: nn.Module, _given: tuple[Any, ...], made: Tensor) -> None:
        if threading.get_ident() == mine:
            caught["after"] = made.clone()

    hooks = [block.activation.register_forward_pre_hook(keep), block.register_forward_hook(end)]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def strongest(maps: Floats) -> list[tuple[int, int, float]]:
    """Of every map the cell with the largest value: row, column, value. What lies there excites the map most."""
    finite = np.nan_to_num(maps.reshape(len(maps), -1))
    places = finite.argmax(axis=1)
    columns = maps.shape[2]
    return [(int(p) // columns, int(p) % columns, float(row[p])) for p, row in zip(places, finite, strict=True)]
