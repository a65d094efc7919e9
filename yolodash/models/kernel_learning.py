"""Learning a kernel from examples, as the lecture says that networks do: gradient descent, and nothing else.

The examples are patches of a picture, and beside each the one number that a kernel made by hand gives for it. A kernel
of chance begins; each step moves every weight a little against the gradient of the squared error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.nn import functional

BRIGHTNESS_TAKEN = 0.9
"""The part of each patch's mean that is taken away."""


@dataclass(frozen=True)
class Learned:
    """A kernel on its way from chance to the examples.

    Attributes:
        kernels: ``(steps + 1, k, k)`` float64, the first by chance.
        losses: ``(steps + 1,)`` the mean squared error of each.
        target: ``(k, k)`` what made the examples.
    """

    kernels: NDArray[np.float64]
    losses: NDArray[np.float64]
    target: NDArray[np.float64]


def learn_kernel(
    grey: NDArray[np.uint8], target: ArrayLike, *, rate: float = 0.5, steps: int = 300, seed: int = 0
) -> Learned:
    """Find a kernel again from what it makes of a picture.

    Args:
        grey: ``(H, W)`` the picture that the examples are taken from.
        target: ``(k, k)`` the kernel that gives the right answers; the learner sees the answers only.
        rate: how far each step goes, as a part of the largest that does not overshoot; over 2 it diverges.
        steps: of gradient descent.
        seed: of the first kernel.
    """
    wanted = torch.as_tensor(np.asarray(target, np.float64))
    patches = patches_of(grey, wanted.shape[0])  # (P, k·k)
    answers = patches @ wanted.flatten()  # (P,)
    kernel = torch.randn(wanted.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    kernel.requires_grad_(True)
    step = rate / steepest(patches)
    kernels, losses = [], []
    for _ in range(steps + 1):
        loss = (patches @ kernel.flatten() - answers).square().mean()
        kernels.append(kernel.detach().clone().numpy())
        losses.append(loss.item())
        (gradient,) = torch.autograd.grad(loss, kernel)
        with torch.no_grad():
            kernel -= step * gradient
    return Learned(np.stack(kernels), np.array(losses), wanted.numpy())


def patches_of(grey: NDArray[np.uint8], side: int, most: int = 2000) -> Tensor:
    """Patches from all over a picture, ``(P, side·side)``, around 0 and on a scale of 1, their brightness turned down.

    Neighbouring pixels are almost alike. Left as they are, their common brightness would drown what differs, and the
    descent would take a hundred times as many steps; networks have normalisation against it.
    """
    picture = torch.from_numpy(np.ascontiguousarray(grey)).double()[None, None]
    patches = functional.unfold(picture, side)[0].T  # (P, side·side)
    patches = patches[:: max(1, len(patches) // most)]
    patches = patches - patches.mean()
    patches = patches - BRIGHTNESS_TAKEN * patches.mean(dim=1, keepdim=True)
    return patches / patches.square().mean().sqrt().clamp(min=1e-6)


def steepest(patches: Tensor) -> float:
    """The largest curvature of the squared error: 2 · the largest eigenvalue of the patches' covariance."""
    return float(2 * torch.linalg.eigvalsh(patches.T @ patches / len(patches))[-1].clamp(min=1e-9))
