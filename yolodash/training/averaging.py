"""The averaged network: after each step it moves a little towards the trained one, and it is what is kept.

Source: Polyak & Juditsky, 1992; the ramp of the decay as in YOLOv5's training.
"""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor

from yolodash.models.detector import Detector

LONGEST_DECAY = 0.9999
RAMP = 2000


def averaging_decay(updates: int) -> float:
    """What stays of the average at its n-th update: .9999 · (1 − exp(−n / 2000)), so that it follows fast at first."""
    return LONGEST_DECAY * (1 - math.exp(-updates / RAMP))


class Average:
    """An exponential moving average of a network's weights and statistics.

    Attributes:
        network: the averaged network, in evaluation mode.
        updates: how often it moved.
    """

    def __init__(self, network: Detector) -> None:
        self.network = copy.deepcopy(network)
        self.network.eval().requires_grad_(False)
        self.updates = 0

    @torch.no_grad()
    def update(self, network: Detector) -> None:
        """Move towards the network: average · d + network · (1 − d); whole numbers are taken over."""
        self.updates += 1
        decay = averaging_decay(self.updates)
        ours, theirs = self.network.state_dict(), network.state_dict()
        averaged = [name for name, tensor in ours.items() if tensor.is_floating_point()]
        own: list[Tensor] = [ours[name] for name in averaged]
        torch._foreach_mul_(own, decay)
        torch._foreach_add_(own, [theirs[name] for name in averaged], alpha=1 - decay)
        for name in ours.keys() - set(averaged):
            ours[name].copy_(theirs[name])
