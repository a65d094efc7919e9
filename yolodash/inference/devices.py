"""The processors that can run a network: which there are and what they can do."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from yolodash.errors import N_, DeviceError, OptionError

MATRIX_UNITS = frozenset({"amx_bf16", "avx512_bf16", "bf16"})
"""Capabilities that make bfloat16 fast on a processor; without them it is emulated, ten times slower than float32."""

LEAST_FREE = 512 * 2**20
"""Bytes of memory that have to be free before a page lets a network run; below that the whole server is in danger."""

_CAPABILITY_OF_FLAG = {
    "avx2": "avx2",
    "avx512f": "avx512",
    "avx512_bf16": "avx512_bf16",
    "amx_tile": "amx",
    "amx_bf16": "amx_bf16",
    "asimd": "neon",
    "sve": "sve",
    "bf16": "bf16",
}


@dataclass(frozen=True)
class Device:
    """What is known of one device.

    Attributes:
        name: ``cpu``, ``cuda:0``, ``mps``.
        description: what its maker calls it.
        memory_total: in bytes; None where it cannot be read.
        memory_free: in bytes, at the moment of asking; None where it cannot be read.
        capabilities: of a processor, such as ``avx2``; of a GPU, its compute capability.
        threads: that PyTorch uses; 0 where that makes no sense.
    """

    name: str
    description: str
    memory_total: int | None
    memory_free: int | None
    capabilities: tuple[str, ...]
    threads: int

    @property
    def has_matrix_units(self) -> bool:
        """Whether bfloat16 has hardware of its own here."""
        return bool(MATRIX_UNITS.intersection(self.capabilities))

    def __str__(self) -> str:
        """One line for people: ``cpu: NAME, 2 threads, avx2, 16.0 GiB``."""
        parts = [self.description]
        if self.threads:
            parts.append(f"{self.threads} threads")
        parts.extend(self.capabilities)
        if self.memory_total is not None:
            parts.append(f"{self.memory_total / 2**30:.1f} GiB")
        return f"{self.name}: {', '.join(parts)}"


def resolve_device(name: str = "auto") -> str:
    """The device that a name means: ``cpu``, ``cuda:N`` or ``mps``; ``auto`` is the first of ``device_names``.

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
    kind, colon, number = wanted.partition(":")
    if kind not in {"cpu", "cuda", "mps"} or (colon and not number.isdecimal()):
        raise OptionError(
            N_("There is no device called '{name}'"), fix=N_("use auto, cpu, cuda, cuda:1 … or mps"), name=name
        )
    raise DeviceError(
        N_("This machine has no device '{name}'"),
        fix=N_("use one of these: {present}; or auto"),
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


def devices() -> list[Device]:
    """A record of each device of this machine, in the order of ``device_names``."""
    return [describe(name) for name in device_names()]


def describe(name: str) -> Device:
    """What is known of a device that is there (see ``resolve_device``)."""
    import torch

    if name.startswith("cuda"):
        properties = torch.cuda.get_device_properties(name)
        free, total = torch.cuda.mem_get_info(name)
        return Device(name, properties.name, total, free, (f"compute {properties.major}.{properties.minor}",), 0)
    total_memory, free_memory = memory()
    if name == "mps":
        return Device(name, platform.machine(), total_memory, free_memory, (), 0)
    flags = _capabilities()
    return Device(name, processor_name(), total_memory, free_memory, flags, torch.get_num_threads())


@cache
def processor_name() -> str:
    """What the processor is called, as far as the operating system tells."""
    lines = _lines(Path("/proc/cpuinfo"))
    named = [line.partition(":")[2].strip() for line in lines if line.lower().startswith(("model name", "cpu model"))]
    return next((name for name in named if name), platform.processor() or platform.machine() or "unknown")


def memory() -> tuple[int | None, int | None]:
    """Total and free memory in bytes, each None where the system does not tell; a container's limit counts."""
    sizes = {key: int(value.split()[0]) * 1024 for key, value in _pairs(Path("/proc/meminfo")) if value.strip()}
    total, free = sizes.get("MemTotal"), sizes.get("MemAvailable")
    if total is None and hasattr(os, "sysconf") and {"SC_PAGE_SIZE", "SC_PHYS_PAGES"} <= set(os.sysconf_names):
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = next(iter(_lines(Path("/sys/fs/cgroup/memory.max"))), "max")
    if total is not None and limit.isdecimal():
        total = min(total, int(limit))
        free = None if free is None else min(free, total)
    return total, free


def require_memory() -> None:
    """Refuse new work while memory is short, rather than have the system end the server.

    Raises:
        DeviceError: too little is free.
    """
    free = memory()[1]
    if free is not None and free < LEAST_FREE:
        raise DeviceError(
            N_("This server's memory is almost used up, so it takes no new work"),
            fix=N_("wait a moment, then try again"),
        )


@cache
def _capabilities() -> tuple[str, ...]:
    """What the processor can do that matters to a network: from the operating system's list, else from PyTorch."""
    listed = {key.strip().lower(): value for key, value in _pairs(Path("/proc/cpuinfo"))}
    flags = set((listed.get("flags") or listed.get("features") or "").lower().split())
    found = tuple(capability for flag, capability in _CAPABILITY_OF_FLAG.items() if flag in flags)
    if found:
        return found
    import torch

    level = torch.backends.cpu.get_cpu_capability().lower()
    return () if level in {"default", "no avx"} else (level,)


def _pairs(path: Path) -> list[tuple[str, str]]:
    """``key: value`` lines of one of the kernel's files."""
    return [(key, value) for key, _, value in (line.partition(":") for line in _lines(path))]


def _lines(path: Path) -> list[str]:
    """The lines of one of the kernel's files; none where the system has no such file."""
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []
