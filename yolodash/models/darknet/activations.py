"""Darknet's activation functions, by the names that a cfg gives them."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn


class Loggy(nn.Module):
    """The logistic, stretched to (−1, 1)."""

    def forward(self, features: Tensor) -> Tensor:
        """2σ(x) − 1."""
        return 2 * features.sigmoid() - 1


class Ramp(nn.Module):
    """A rectifier on top of a gentle slope."""

    def forward(self, features: Tensor) -> Tensor:
        """max(x, 0) + x / 10."""
        return features.relu() + 0.1 * features


_MAKERS: dict[str, Callable[[], nn.Module]] = {
    "linear": nn.Identity,
    "leaky": lambda: nn.LeakyReLU(0.1),
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "relie": lambda: nn.LeakyReLU(0.01),
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": lambda: nn.GELU(approximate="tanh"),
    "mish": nn.Mish,
    "swish": nn.SiLU,
    "logistic": nn.Sigmoid,
    "tanh": nn.Tanh,
    "loggy": Loggy,
    "ramp": Ramp,
    "hardtan": nn.Hardtanh,
}


def activation(name: str) -> nn.Module:
    """The module for one of ``specification.ACTIVATIONS``."""
    return _MAKERS[name]()
