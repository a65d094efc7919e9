"""``dataset check``: counts and problems."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yolodash.cli import main
from yolodash.data.images import encode_png


def checked(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["dataset", "check", str(path), "--json", "-"]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_a_sound_data_set_is_counted(asset: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    result = checked(asset("datasets/coco128_64/data.yaml"), capsys)

    assert list(result) == ["images", "boxes", "classes", "problems"]
    assert (result["images"], result["boxes"], len(result["classes"])) == (64, 451, 80)
    assert result["classes"][0] == {"id": 0, "name": "person", "boxes": 122}


def test_each_problem_has_its_file_its_line_and_a_whole_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("images", "labels"):
        (tmp_path / kind).mkdir()
    picture = encode_png(np.zeros((20, 30, 3), np.uint8))
    (tmp_path / "images" / "a.png").write_bytes(picture)
    (tmp_path / "images" / "b.png").write_bytes(picture[:20])
    (tmp_path / "labels" / "a.txt").write_text("0 .5 .5 .2 .2\n7 .5 .5 .2 .2\n0 .5 .5 nonsense .2\n0 .5 .5 .2 .2\n")
    (tmp_path / "data.yaml").write_text("train: images\nval: gone\nnames: [cat]\n")
    result = checked(tmp_path / "data.yaml", capsys)
    problems = result["problems"]

    assert all(list(one) == ["kind", "file", "line", "message", "severity", "fix"] for one in problems)
    assert not [one for one in problems if "{" in one["message"] + one["fix"]]
    assert {(one["file"], one["line"]) for one in problems} >= {("labels/a.txt", n) for n in (2, 3, 4)}
    assert {one["kind"] for one in problems} >= {"missing_path", "broken_image", "duplicate"}


def test_people_get_the_same_in_lines(asset: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dataset", "check", str(asset("datasets/roboflow_yolo_building"))]) == 0
    assert capsys.readouterr().out.startswith("73 pictures, 73 boxes, 1 classes used (yolo)")


def test_nothing_to_read_is_one_line_and_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dataset", "check", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_data_set_is_imported_and_exported_and_is_the_same(
    asset: Callable[[str], Path], tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = asset("datasets/roboflow_yolo_building")
    assert main(["dataset", "import", str(source), "--name", "houses", "--json", "-"]) == 0
    taken = json.loads(capsys.readouterr().out)
    assert (taken["name"], taken["images"], taken["boxes"]) == ("houses", 73, 73)

    assert main(["dataset", "export", "houses", "--to", "coco", "--output", str(tmp_path / "houses.zip")]) == 0
    assert capsys.readouterr().out.startswith(f"{tmp_path / 'houses.zip'}: 73 pictures, 73 boxes (coco)")
    first, last = checked(source, capsys), checked(tmp_path / "houses.zip", capsys)
    assert [(one["name"], one["boxes"]) for one in first["classes"]] == [
        (one["name"], one["boxes"]) for one in last["classes"]
    ]


def test_a_name_that_is_taken_is_one_line_and_what_is_there_stays(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.png").write_bytes(encode_png(np.zeros((20, 30, 3), np.uint8)))
    assert main(["dataset", "import", str(tmp_path / "mine")]) == 0
    assert main(["dataset", "import", str(tmp_path / "mine")]) == 1
    assert "There is a data set of this name — mine" in capsys.readouterr().err
    assert main(["dataset", "export", "mine", "--output", str(tmp_path / "mine")]) == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["a.png"]
