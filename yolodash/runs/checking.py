"""What can be refused before a training has a folder, and again where it is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from yolodash.errors import N_, OptionError
from yolodash.inference.devices import describe, resolve_device
from yolodash.runs.config import TrainOptions

if TYPE_CHECKING:
    from yolodash.models.detector import Detector

Chosen = Literal["float32", "bfloat16", "float16"]
SURE = {"auto", "cpu"}
"""Devices that every machine has; whether it has the others only torch can tell."""


def refuse_at_once(options: TrainOptions) -> None:
    """Look at what this machine is asked for. Loads torch only for what it must be asked about.

    Raises:
        DeviceError: a device is not there.
        OptionError: it cannot do what is wanted.
    """
    if SURE.issuperset(options.devices) and options.precision != "float16":
        return
    for name in options.devices:
        precision_for(options.precision, resolve_device(name))


def refuse_size(network: Detector, size: int) -> None:
    """Stop at a size that is no multiple of the stride.

    Raises:
        OptionError: names the next one that is.
    """
    if size % network.stride:
        raise OptionError(
            N_("A network of stride {stride} cannot be trained at {size} pixels"),
            where="--size",
            fix=N_("give a multiple of {stride}, such as {next}"),
            stride=network.stride,
            size=size,
            next=-(-size // network.stride) * network.stride,
        )


def precision_for(asked: str, device: str) -> Chosen:
    """The precision of the forward pass: ``auto`` is bfloat16 where the device has units for it.

    Raises:
        OptionError: float16 on a processor, where gradients in it are not built.
    """
    if asked == "float16" and not device.startswith("cuda"):
        raise OptionError(
            N_("float16 trains on a GPU only"), where="--precision", fix=N_("take float32 or bfloat16 here")
        )
    if asked != "auto":
        return cast(Chosen, asked)
    if device.startswith("cuda"):
        import torch

        return "bfloat16" if torch.cuda.get_device_capability(device) >= (8, 0) else "float16"
    return "bfloat16" if device == "cpu" and describe("cpu").has_matrix_units else "float32"
