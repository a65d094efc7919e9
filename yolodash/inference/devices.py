"""The processors that can run a network: which there are and what they can do."""

from __future__ import annotations

from yolodash.errors import N_, DeviceError, OptionError


def resolve_device(name: str = "auto") -> str:
    """The device that a name means: ``cpu``, ``cuda:N`` or ``mps``; ``auto`` is the fastest kind that there is.

    Raises:
        OptionError: no kind of device has this name.
        DeviceError: this machine has no such device.
    """
    present = device_names()
    if name == "auto":
        return present[0]
    wanted = "cuda:0" if name in {"cuda", "gpu"} else name
    if wanted in present:
        return wanted
    kind, _, number = wanted.partition(":")
    if kind not in {"cpu", "cuda", "mps"} or (number and not number.isdecimal()):
        raise OptionError(
            N_("There is no device called '{name}'"), fix=N_("use auto, cpu, cuda, cuda:1 … or mps"), name=name
        )
    raise DeviceError(
        N_("This machine has no device '{name}'"),
        fix=N_("use one of: {present}; or auto"),
        name=name,
        present=", ".join(present),
    )


def device_names() -> list[str]:
    """The devices of this machine, the one that ``auto`` takes first; ``cpu`` is always the last."""
    import torch

    accelerators = [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        accelerators.append("mps")
    return [*accelerators, "cpu"]
