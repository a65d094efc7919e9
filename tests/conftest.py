"""Shared by all tests: where the real weights and pictures are."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

settings.register_profile("yolodash", deadline=None, derandomize=IN_CI)
settings.load_profile("yolodash")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is marked slow may take its time; all else is stopped where it hangs (``timeout`` in pyproject.toml)."""
    for item in items:
        if item.get_closest_marker("slow") is not None:
            item.add_marker(pytest.mark.timeout(0))


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """``__main__`` as it was: a page that ran in a test puts its own there, which a spawned process would run again."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


def unavailable(reason: str) -> None:
    """Skip where something is missing on this machine; in CI that is a failure."""
    if IN_CI:
        pytest.fail(f"missing in CI: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def assets() -> Path:
    """The folder of test assets that YOLODASH_ASSETS names."""
    value = os.environ.get("YOLODASH_ASSETS")
    if not value:
        unavailable("YOLODASH_ASSETS is not set: tests on real weights and pictures need it")
    folder = Path(str(value))
    if not folder.is_dir():
        unavailable(f"YOLODASH_ASSETS names no folder: {folder}")
    return folder


@pytest.fixture(scope="session")
def asset(assets: Path) -> Callable[[str], Path]:
    """``asset("models/yolov3-tiny/yolov3-tiny.cfg")``: one file or folder of the assets, which must exist."""

    def find(relative: str) -> Path:
        path = assets / relative
        if not path.exists():
            unavailable(f"no {relative} in the assets")
        return path

    return find


@pytest.fixture
def no_bundled_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program without the weights that come with it."""
    monkeypatch.setattr("yolodash.models.catalogue.bundled.FOLDER", tmp_path / "no bundled models")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace for one test."""
    home = tmp_path / "workspace"
    monkeypatch.setenv("YOLODASH_HOME", str(home))
    return home
