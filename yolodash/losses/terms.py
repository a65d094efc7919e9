"""What every loss takes and gives."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class LossTerms:
    """A loss and what it is made of; scalars, differentiable.

    Attributes:
        total: ``(box + objectness + class_)`` × pictures in the batch, so that the gradients of batches add up.
        box: of one picture, its gain included; likewise the two others.
        objectness: ″
        class_: ″
    """

    total: Tensor
    box: Tensor
    objectness: Tensor
    class_: Tensor


def joined(box: Tensor, objectness: Tensor, class_: Tensor, pictures: int) -> LossTerms:
    """Three terms, and their sum times the number of pictures."""
    return LossTerms((box + objectness + class_) * pictures, box, objectness, class_)


def exact(raw: Tensor) -> Tensor:
    """Half precision as float32, in which losses are computed; wider numbers as they are."""
    return raw.to(torch.promote_types(raw.dtype, torch.float32))
