"""One batch: forward, loss, backward, and where it is time the optimiser's step."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from yolodash.data.batches import Batch
from yolodash.errors import N_, OptionError
from yolodash.losses.terms import LossTerms
from yolodash.losses.yolov3 import yolov3_loss
from yolodash.losses.yolov5 import Gains, yolov5_loss
from yolodash.models.detector import Detector
from yolodash.structures import ImageSize
from yolodash.training.checkpoint import State
from yolodash.training.distributed import ALONE, Processes, gradients_shared, match_weights, over_all
from yolodash.training.optimisation import apply_moment
from yolodash.training.schedule import Moment
from yolodash.training.settings import Settings

Loss = Callable[[Sequence[Tensor], Tensor, ImageSize], LossTerms]
"""Raw maps, targets and the input's size → the loss."""


def loss_of(network: Detector, gains: Gains, processes: Processes = ALONE) -> Loss:
    """The loss of a network's generation; of the whole batch, where several processes have a share of it each.

    Raises:
        OptionError: there is none for it here.
    """
    heads = network.heads
    if network.family == "yolov5":
        if processes.alone:
            return lambda maps, targets, size: yolov5_loss(maps, targets, heads, size, gains)
        return lambda maps, targets, size: over_all(
            yolov5_loss(
                maps, targets, heads, size, gains, match_weights(maps, targets, heads, gains.largest_ratio, processes)
            ),
            processes,
        )
    if network.family == "yolov3":
        return lambda maps, targets, size: over_all(yolov3_loss(maps, targets, heads, size), processes)
    raise OptionError(
        N_("A {family} cannot be trained here"),
        where="--weights",
        fix=N_("choose a YOLOv5 or a YOLOv3; the page on losses shows what {family} learns from"),
        family=network.family,
    )


def learn(state: State, batch: Batch, moment: Moment, loss: Loss, settings: Settings) -> tuple[float, float, float]:
    """Let a network learn from one batch; its weights move once the gradients of enough batches have added up.

    Returns:
        the three terms of the loss, of one picture: box, objectness, class.

    Raises:
        OptionError: the loss is no longer a number.
    """
    apply_moment(state.optimizer, moment)
    position = state.position
    due = position.batches - position.last_update >= moment.accumulate
    through = state.replica or state.network
    with gradients_shared(through, due):
        terms = losses(through, batch, loss, settings)
        values = terms.box.item(), terms.objectness.item(), terms.class_.item()
        if not all(math.isfinite(value) for value in values):
            raise _no_number(state, moment)
        state.scaler.scale(terms.total).backward()  # type: ignore[no-untyped-call]
    if due:
        update(state, settings.clip)
        position.last_update = position.batches
    position.batches += 1
    position.step += 1
    return values


def losses(network: nn.Module, batch: Batch, loss: Loss, settings: Settings) -> LossTerms:
    """The loss of one batch, with what is needed to go back."""
    device, precision = settings.device, settings.precision
    images = batch.images.to(device, non_blocking=True).float().div_(255)
    half = precision != "float32"
    narrow = torch.autocast(torch.device(device).type, getattr(torch, precision)) if half else contextlib.nullcontext()
    with narrow:
        maps = network(images)
    return loss(maps, batch.targets.to(device), ImageSize(images.shape[2], images.shape[3]))


def update(state: State, clip: float) -> None:
    """Move the weights along the gradients that have added up, and the average after them."""
    state.scaler.unscale_(state.optimizer)
    torch.nn.utils.clip_grad_norm_(state.network.parameters(), clip)
    state.scaler.step(state.optimizer)
    state.scaler.update()
    state.optimizer.zero_grad()
    state.average.update(state.network)


def _no_number(state: State, moment: Moment) -> OptionError:
    return OptionError(
        N_("The loss is no longer a number in epoch {epoch}, batch {step}"),
        fix=N_("train again with a lower learning rate (now {rate}), or in float32; check the labels"),
        epoch=state.position.epoch,
        step=state.position.step,
        rate=f"{moment.learning_rates['weights']:.2g}",
    )
