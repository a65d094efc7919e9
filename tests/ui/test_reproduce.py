"""What is copied as a command or as Python runs, and gives what the page shows."""

from __future__ import annotations

import ast
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from yolodash.models.catalogue import InstalledModel, ModelFiles
from yolodash.structures import Thresholds
from yolodash.ui.caching import NetworkInput
from yolodash.ui.pictures import Photo
from yolodash.ui.reproduce import command, python

MODEL = InstalledModel("yolov3-tiny", "catalogue", ModelFiles(Path("x.weights")), 1, verified=True)
COFFEE = Photo("sample", "coffee", "Coffee cup")
HOSTILE = ["a b.jpg", "$(touch pwned).jpg", "';rm -rf x;'.jpg", "-rf.jpg", '"quoted".jpg', "back\\slash.jpg"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_name_stays_one_word_of_the_command(name: str) -> None:
    line = command(MODEL, Photo("upload", "0" * 64, name), NetworkInput(), Thresholds())
    words = shlex.split(line.replace("\\\n", ""))

    assert words[4] in (name, f"./{name}")
    assert words[5] == "--weights"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_name_stays_one_text_of_the_script(name: str) -> None:
    tree = ast.parse(python(MODEL, Photo("upload", "0" * 64, name), NetworkInput(), Thresholds()))

    assert name in [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]


def test_the_command_names_what_differs_from_the_usual() -> None:
    thresholds = replace(Thresholds(), score_threshold=0.5, max_detections=5, class_agnostic=True, classes=(0, 41))
    line = command(MODEL, COFFEE, NetworkInput(320, "stretch"), thresholds)

    for part in ("--score 0.5", "--max-detections 5", "--class-agnostic", "--classes 0,41", "--size 320"):
        assert part in line
    assert "--resize stretch" in line


def test_the_script_finds_the_cup(asset: Callable[[str], Path], workspace: Path) -> None:
    folder = workspace / "models" / "yolov3-tiny"
    folder.mkdir(parents=True)
    for path in asset("models/yolov3-tiny").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    script = python(MODEL, COFFEE, NetworkInput(), Thresholds())
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("cup 0.6")
    assert len(done.stdout.splitlines()) == 1
