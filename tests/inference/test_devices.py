"""What is known of this machine's devices."""

from __future__ import annotations

from pathlib import Path

import pytest

from yolodash.errors import DeviceError, OptionError
from yolodash.inference import devices


def test_the_processor_is_always_there_and_described() -> None:
    assert devices.device_names()[-1] == "cpu"
    processor = devices.devices()[-1]
    assert processor.name == "cpu"
    assert processor.description
    assert processor.threads >= 1
    assert str(processor).startswith(f"cpu: {processor.description}, {processor.threads} threads")


def test_auto_is_the_first_device() -> None:
    assert devices.resolve_device("auto") == devices.device_names()[0]
    assert devices.resolve_device("cpu") == "cpu"


@pytest.mark.parametrize("name", ["", "tpu", "cuda:", "cuda:-1", "cuda:one", "cpu:0:0", "../cpu"])
def test_a_name_that_means_nothing_is_refused(name: str) -> None:
    with pytest.raises(OptionError):
        devices.resolve_device(name)


def test_a_device_that_is_not_here_is_refused_with_those_that_are() -> None:
    with pytest.raises(DeviceError, match="cpu"):
        devices.resolve_device("cuda:63")


def test_a_system_without_the_kernels_files_still_has_a_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Path("/nowhere/at/all")
    monkeypatch.setattr(devices, "Path", lambda _: missing)
    devices.processor_name.cache_clear()
    devices._capabilities.cache_clear()
    try:
        processor = devices.describe("cpu")
    finally:
        devices.processor_name.cache_clear()
        devices._capabilities.cache_clear()
    assert processor.description
    assert processor.memory_free is None


def test_the_flags_of_an_arm_processor_are_understood(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    listing = tmp_path / "cpuinfo"
    listing.write_text("processor\t: 0\nFeatures\t: fp asimd sve bf16 i8mm\nCPU part\t: 0xd4f\n")
    monkeypatch.setattr(devices, "Path", lambda _: listing)
    devices._capabilities.cache_clear()
    try:
        assert devices._capabilities() == ("neon", "sve", "bf16")
    finally:
        devices._capabilities.cache_clear()


def test_matrix_units_are_what_makes_bfloat16_fast() -> None:
    plain = devices.Device("cpu", "x", None, None, ("avx2",), 2)
    assert not plain.has_matrix_units
    assert devices.Device("cpu", "x", None, None, ("avx512", "amx_bf16"), 2).has_matrix_units
    assert str(plain) == "cpu: x, 2 threads, avx2"


def test_new_work_is_refused_with_a_sentence_while_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    devices.require_memory()
    monkeypatch.setattr(devices, "memory", lambda: (2**34, devices.LEAST_FREE - 1))
    with pytest.raises(DeviceError, match="takes no new work"):
        devices.require_memory()
    monkeypatch.setattr(devices, "memory", lambda: (None, None))
    devices.require_memory()
