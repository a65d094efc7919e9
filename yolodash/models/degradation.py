"""The degradation problem, small enough to be measured here: the same layers, plain and with skip connections.

A deeper network could do all that a shallower one does: its added layers need only pass on what they get. Yet plain
deep networks are found to be worse at the very examples that they are trained on, so it is no overfitting. The task
is small pictures of figures; the networks differ in depth and in the skips, and in nothing else.

Source: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, section 4.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

SIDE = 16
FIGURES = ("disc", "ring", "square", "frame", "triangle", "cross")
WIDTH = 12
NOISE = 0.25


@dataclass(frozen=True)
class Plan:
    """How a network is trained.

    Attributes:
        examples, held: pictures to train on, and others to test on.
        batch, epochs, rate: of stochastic gradient descent with momentum .9; the rate falls along a cosine.
        seed: of the pictures, the first weights and the order.
    """

    examples: int = 1200
    held: int = 600
    batch: int = 50
    epochs: int = 14
    rate: float = 0.05
    seed: int = 0


@dataclass(frozen=True)
class Point:
    """One network after its training.

    Attributes:
        depth: convolutions and the connected layer, as He et al. count.
        skips: whether it has skip connections.
        seed: of the plan.
        parameters: learnable values.
        losses: the mean training loss of every epoch.
        training_error, held_error: share of wrong answers, in [0, 1].
    """

    depth: int
    skips: bool
    seed: int
    parameters: int
    losses: tuple[float, ...]
    training_error: float
    held_error: float


class Pair(nn.Module):
    """Two convolutions with their normalisations; with ``skips`` what comes in is added to what comes out."""

    def __init__(self, width: int, *, skips: bool) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))
        self.skips = skips

    def forward(self, features: Tensor) -> Tensor:
        """``(B, C, h, w)`` → the same shape."""
        made = self.second(self.first(features))
        return functional.relu(features + made if self.skips else made)


def network(depth: int, *, skips: bool, width: int = WIDTH) -> nn.Sequential:
    """A network of ``depth`` layers: one convolution with stride 2, pairs of convolutions, one connected layer.

    Args:
        depth: an even number, 4 or more.
        skips: whether each pair has a skip connection; it adds no weights.
    """
    first = nn.Sequential(nn.Conv2d(1, width, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
    pairs = [Pair(width, skips=skips) for _ in range((depth - 2) // 2)]
    return nn.Sequential(first, *pairs, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, len(FIGURES)))


def figures(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Noisy pictures of figures by chance, bright on dark or dark on bright.

    Returns:
        pictures ``(N, 1, 16, 16)`` float32 around 0, and the numbers of their figures ``(N,)``.
    """
    random = np.random.default_rng(seed)
    kinds = random.integers(0, len(FIGURES), count)
    y, x = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    pictures = np.empty((count, SIDE, SIDE), np.float32)
    for index, kind in enumerate(kinds):
        radius = random.uniform(3.0, 5.5)
        centre = random.uniform(radius + 0.5, SIDE - radius - 0.5, 2)
        inside = _figure(FIGURES[kind], x - centre[0], y - centre[1], radius)
        pictures[index] = (inside - 0.5) * random.uniform(0.6, 1.2) * random.choice([-1.0, 1.0])
    pictures += random.normal(0.0, NOISE, pictures.shape).astype(np.float32)
    return torch.from_numpy(pictures)[:, None], torch.from_numpy(kinds)


def _figure(name: str, x: NDArray[np.float64], y: NDArray[np.float64], radius: float) -> NDArray[np.bool_]:
    """Where a figure around the origin is."""
    largest, distance = np.maximum(np.abs(x), np.abs(y)), np.hypot(x, y)
    match name:
        case "disc":
            return distance < radius
        case "ring":
            return (distance < radius) & (distance > 0.55 * radius)
        case "square":
            return largest < 0.9 * radius
        case "frame":
            return (largest < 0.9 * radius) & (largest > 0.5 * radius)
        case "triangle":
            return (y < 0.8 * radius) & (y > 2.0 * np.abs(x) - radius)
    return (np.minimum(np.abs(x), np.abs(y)) < 0.3 * radius) & (largest < radius)


def measure(depth: int, *, skips: bool, plan: Plan, told: Callable[[int], None] = lambda _epoch: None) -> Point:
    """Train one network, and say how wrong it is on what it was trained on, and on other pictures.

    Args:
        depth, skips: of the network.
        plan: of the training.
        told: after each epoch, its number from 1.
    """
    torch.manual_seed(plan.seed)
    model = network(depth, skips=skips)
    pictures, kinds = figures(plan.examples, 2 * plan.seed)
    others, other_kinds = figures(plan.held, 2 * plan.seed + 1)
    descent = torch.optim.SGD(model.parameters(), plan.rate, momentum=0.9, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(descent, plan.epochs)
    losses = []
    for epoch in range(plan.epochs):
        losses.append(_epoch(model, descent, pictures, kinds, plan.batch))
        schedule.step()
        told(epoch + 1)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    wrong, held = _error(model, pictures, kinds), _error(model, others, other_kinds)
    return Point(depth, skips, plan.seed, parameters, tuple(losses), wrong, held)


def _epoch(model: nn.Module, descent: torch.optim.Optimizer, pictures: Tensor, kinds: Tensor, batch: int) -> float:
    """Every picture once; the mean loss."""
    model.train()
    total = 0.0
    order = torch.randperm(len(pictures))
    for start in range(0, len(pictures), batch):
        some = order[start : start + batch]
        loss = functional.cross_entropy(model(pictures[some]), kinds[some])
        descent.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        descent.step()
        total += loss.item() * len(some)
    return total / len(pictures)


@torch.no_grad()
def _error(model: nn.Module, pictures: Tensor, kinds: Tensor) -> float:
    """Share of wrong answers."""
    model.eval()
    wrong = 0
    for start in range(0, len(pictures), 200):
        some = slice(start, start + 200)
        wrong += int((model(pictures[some]).argmax(dim=1) != kinds[some]).sum())
    return wrong / len(pictures)
