"""``scenes`` as a shell runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from yolodash.cli import main
from yolodash.data.opening import open_dataset


def test_the_command_writes_a_data_set_and_says_how_hard_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "scenes"

    assert main(["scenes", str(output), "--images", "2", "--size", "80x60", "--seed", "3", "--questions"]) == 0
    told = capsys.readouterr().out
    boxes = sum(len(image.annotations.boxes) for image in open_dataset(output).images)
    assert f"2 pictures, {boxes} boxes" in told
    assert re.search(r"[\d.]+% of the boxes are partly hidden .* [\d.]+% have a side under 24 pixels", told)
    assert (output / "questions.jsonl").stat().st_size


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--size", "small"], "'small' is no size"),
        (["--size", "0x0"], "Pictures of 0×0 cannot be drawn"),
        (["--size", "99999x99999"], "Pictures of 99999×99999 cannot be drawn"),
        (["--images", "0"], "0 is no number of pictures"),
        (["--images", "-5"], "-5 is no number of pictures"),
        (["--seed", "-1"], "A seed cannot be negative"),
    ],
)
def test_what_makes_no_sense_is_one_line_that_says_what_to_do(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scenes", str(tmp_path / "scenes"), *words]) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {said}")
    assert line.count(" — ") == 2
    assert not list(tmp_path.iterdir())


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").write_text("mine")

    assert main(["scenes", str(tmp_path), "--images", "1"]) == 1
    assert "stays untouched" in capsys.readouterr().err


def test_an_output_below_a_file_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")

    assert main(["scenes", str(tmp_path / "file" / "scenes"), "--images", "1"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: Could not write to disk")


def test_drawing_scenes_loads_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys; from yolodash.cli import main; "
        f"main(['scenes', {str(tmp_path / 'scenes')!r}, '--images', '1', '--size', '40x40']); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "False"
