"""``python -m yolodash models …``, as a shell runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from yolodash.models import catalogue

ROOT = Path(__file__).parents[2]
OFFICIAL = "models/yolov5n-official-v7.0/yolov5n.pt"
TRAPS = "models/traps-not-yolov5-detection"


def run(workspace: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = {**os.environ, "YOLODASH_HOME": str(workspace), "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "yolodash", "models", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=settings, cwd=workspace.parent, timeout=120)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a refusal."""
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    return lines[0]


def test_list_names_every_model_and_what_is_there(workspace: Path) -> None:
    (workspace / "models").mkdir(parents=True)
    (workspace / "models" / "best.pt").write_bytes(b"mine")
    done = run(workspace, "list", "--json", "-")
    rows = {row["name"]: row for row in json.loads(done.stdout)["models"]}
    assert done.returncode == 0
    assert {entry.name for entry in catalogue.entries()} | {"scenes", "best"} == set(rows)
    assert rows["best"]["state"] == "uploaded"
    assert rows["scenes"]["state"] == "bundled"
    assert rows["yolov5s"]["state"] == "not fetched"


def test_info_tells_exactly_what_is_promised(workspace: Path, asset: Callable[[str], Path]) -> None:
    output = workspace.parent / "info.json"
    done = run(workspace, "info", asset(OFFICIAL), "--json", output)
    assert done.returncode == 0, done.stderr
    told = json.loads(output.read_text())
    assert list(told) == ["family", "release", "classes", "parameters", "strides", "anchors", "size"]
    assert (told["family"], told["release"], told["parameters"]) == ("yolov5", "6.0", 1_872_157)
    assert (len(told["classes"]), told["classes"][0]) == (80, "person")
    assert told["strides"] == [8, 16, 32]
    assert told["anchors"][0] == [[10, 13], [16, 30], [33, 23]]
    assert told["size"] == [640, 640]


def test_info_finds_the_cfg_and_names_beside_darknet_weights(workspace: Path, asset: Callable[[str], Path]) -> None:
    done = run(workspace, "info", asset("models/yolov3-tiny/yolov3-tiny.weights"), "--json", "-")
    told = json.loads(done.stdout)
    assert (told["family"], told["release"], told["parameters"]) == ("yolov3", None, 8_852_366)
    assert told["classes"][41] == "cup"
    assert told["size"] == [416, 416]


def test_get_of_a_file_put_there_by_hand_needs_no_network(workspace: Path) -> None:
    weights = workspace / "models" / "yolov5s.pt"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"by hand")
    done = run(workspace, "get", "yolov5s")
    assert (done.returncode, done.stdout.strip()) == (0, str(weights.resolve()))


def test_get_without_a_network_says_what_to_put_where(workspace: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    done = run(workspace, "get", "yolov5s", https_proxy=nowhere, HTTPS_PROXY=nowhere, no_proxy="", NO_PROXY="")
    said = refused(done)
    assert "yolov5s.pt" in said
    assert "https://github.com/ultralytics/yolov5/releases/download/v7.0/yolov5s.pt" in said
    assert str((workspace / "models").resolve()) in said


@pytest.mark.parametrize("name", ["yolov9", "../x", "-"])
def test_get_of_what_the_catalogue_does_not_have_lists_what_it_has(workspace: Path, name: str) -> None:
    assert "yolov3-tiny" in refused(run(workspace, "get", name))


@pytest.mark.parametrize("content", [b"", b"hello" * 1000, b"<!doctype html><title>404</title>"])
def test_a_bad_file_is_one_sentence_and_torch_is_never_loaded(workspace: Path, content: bytes, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pt"
    broken.write_bytes(content)
    (tmp_path / "torch.py").write_text("raise SystemExit('torch was loaded')")
    done = run(workspace, "info", broken, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert "broken.pt" in refused(done)


def test_every_trap_is_refused(workspace: Path, asset: Callable[[str], Path]) -> None:
    traps = [path for path in asset(TRAPS).iterdir() if path.suffix in {".pt", ".pth", ".weights"}]
    assert traps
    for path in traps:
        refused(run(workspace, "info", path))


def test_wrong_usage_is_2(workspace: Path) -> None:
    assert run(workspace, "info").returncode == 2
    assert run(workspace, "export", "x", "--format", "tiff").returncode == 2


def test_a_model_is_exported_and_agrees(workspace: Path, asset: Callable[[str], Path]) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    target = workspace.parent / "net.onnx"
    done = run(workspace, "export", asset("models/yolov5-formula/v6.0-nc3-legacy.pt"), "--output", target)
    assert done.returncode == 0, done.stderr
    assert target.stat().st_size > 100_000
    assert "agrees" in done.stdout
