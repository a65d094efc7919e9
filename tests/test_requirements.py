"""What is installed is pinned, and is not what this project does without."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = ("requirements.txt", "requirements-dev.txt")
UNWANTED = {
    "torchvision",
    "ultralytics",
    "yolov5",
    "opencv-python",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
}


def lines_of(name: str) -> list[str]:
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def pins_of(name: str) -> dict[str, str]:
    """Package and version of every line that is not ``-r``."""
    pins = (line.split("==") for line in lines_of(name) if not line.startswith("-r "))
    return {package.lower(): version for package, version in pins}


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_pinned(name: str) -> None:
    for line in lines_of(name):
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*|-r requirements\.txt", line), line


def test_the_development_file_begins_with_what_the_app_needs() -> None:
    assert lines_of("requirements-dev.txt")[0] == "-r requirements.txt"
    assert not pins_of("requirements.txt").keys() & pins_of("requirements-dev.txt").keys()


def test_torch_is_the_one_version() -> None:
    assert pins_of("requirements.txt")["torch"] == "2.13.0"


@pytest.mark.parametrize("name", FILES)
def test_nothing_unwanted_is_asked_for(name: str) -> None:
    assert not pins_of(name).keys() & UNWANTED


def test_extras_and_development_ask_for_the_same_versions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = pins_of("requirements.txt") | pins_of("requirements-dev.txt")
    extras = [line for lines in project.get("optional-dependencies", {}).values() for line in lines]
    for line in [*project.get("dependencies", []), *extras]:
        package, _, version = line.partition("==")
        assert not version or pins.get(package.lower(), version) == version
        assert re.split(r"[<>=!~\[ ]", package)[0].lower() not in UNWANTED


@pytest.mark.slow
def test_a_clean_environment_gets_nothing_unwanted(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "environment")], check=True)
    pip = [str(tmp_path / "environment" / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    for name in FILES:
        subprocess.run([*pip, "install", "--quiet", "-r", name], cwd=ROOT, check=True)
    listed = subprocess.run([*pip, "list", "--format=json"], capture_output=True, check=True)
    installed = {package["name"].lower(): package["version"] for package in json.loads(listed.stdout)}
    assert not installed.keys() & UNWANTED
    assert installed["torch"].split("+")[0] == "2.13.0"
    assert [name for name in installed if name.startswith("opencv")] == ["opencv-python-headless"]
    assert subprocess.run([*pip, "check"], capture_output=True, check=False).returncode == 0
