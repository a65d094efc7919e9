"""``evaluate`` as a shell runs it: files, models, what it promises and what it refuses."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from yolodash.cli import main
from yolodash.runs.store import open_evaluation

ROOT = Path(__file__).parent.parent.parent
KEYS = [
    *("convention", "map", "map50", "map75", "map_small", "map_medium", "map_large", "ar1", "ar10", "ar100"),
    *("precision", "recall", "f1", "score_threshold", "classes"),
]
TRUTH: dict[str, Any] = {
    "images": [{"id": 5, "file_name": "a.jpg", "width": 100, "height": 100}, {"id": 9, "file_name": "b.jpg"}],
    "categories": [{"id": 3, "name": "cat"}, {"id": 7, "name": "dog"}],
    "annotations": [
        {"id": 1, "image_id": 5, "category_id": 3, "bbox": [0, 0, 50, 50], "area": 2500, "iscrowd": 0},
        {"id": 2, "image_id": 9, "category_id": 3, "bbox": [10, 10, 50, 50], "area": 2500, "iscrowd": 0},
    ],
}
FOUND: list[dict[str, Any]] = [
    {"image_id": 5, "category_id": 3, "bbox": [0, 0, 50, 50], "score": 0.9},
    {"image_id": 5, "category_id": 7, "bbox": [0, 0, 50, 50], "score": 0.8},
]


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., list[str]]:
    """The words of the command for a truth and results, given as values or as the text of the file."""

    def write(truth: Any = TRUTH, found: Any = FOUND) -> list[str]:
        words = ["evaluate"]
        for option, value in (("truth", truth), ("detections", found)):
            path = tmp_path / f"{option}.json"
            path.write_text(value if isinstance(value, str) else json.dumps(value))
            words += [f"--{option}", str(path)]
        return words

    return write


def scored(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main([*words, "--json", "-"]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_the_json_is_what_was_promised(files: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    result = scored(files(), capsys)

    assert list(result) == KEYS
    assert result["classes"] == [
        {"id": 3, "name": "cat", "truths": 2, "map": pytest.approx(51 / 101), "map50": pytest.approx(51 / 101)},
        {"id": 7, "name": "dog", "truths": 0, "map": -1, "map50": -1},
    ]
    assert (result["convention"], result["map_small"]) == ("coco", -1)
    assert (result["precision"], result["recall"], result["score_threshold"]) == (1.0, 0.5, 0.9)


@pytest.mark.parametrize("convention", ["coco", "voc", "voc07", "yolov5"])
def test_an_empty_list_of_detections_is_a_result(
    files: Callable[..., list[str]], capsys: pytest.CaptureFixture[str], convention: str
) -> None:
    result = scored([*files(found=[]), "--convention", convention], capsys)

    assert (result["map"], result["precision"], result["recall"]) == (0, 0, 0)


def test_truth_without_boxes_is_a_result(files: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert scored(files(truth={**TRUTH, "annotations": []}), capsys)["map"] == -1


def test_the_match_iou_moves_voc_s_map(files: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    found = [{"image_id": 5, "category_id": 3, "bbox": [0, 0, 50, 30], "score": 0.9}]
    words = [*files(found=found), "--convention", "voc"]

    assert scored([*words, "--match-iou", ".55"], capsys)["map"] == pytest.approx(0.5)
    assert scored([*words, "--match-iou", ".65"], capsys)["map"] == 0


def test_precision_and_recall_are_read_at_the_score_that_was_asked_for(
    files: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    result = scored([*files(), "--score-at", ".1"], capsys)

    assert (result["score_threshold"], result["precision"], result["recall"]) == (0.1, 0.5, 0.5)


def test_scoring_files_loads_no_torch(files: Callable[..., list[str]], tmp_path: Path) -> None:
    words = [*files(), "--json", str(tmp_path / "out.json")]
    code = f"import sys; from yolodash.cli import main; print(main({words!r}), 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "0 False"
    assert (tmp_path / "out.json").exists()


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--truth", "t.json"],
        ["--weights", "w.pt"],
        ["--data", "d", "--detections", "d.json"],
        ["--truth", "t.json", "--detections", "d.json", "--weights", "w.pt", "--data", "d"],
        ["--truth", "t.json", "--detections", "d.json", "--convention", "pascal"],
        ["--truth", "t.json", "--detections", "d.json", "--match-iou", "1.5"],
        ["--weights", "w.pt", "--data", "d", "--split", "none"],
        ["--weights", "w.pt", "--data", "d", "--batch", "0"],
    ],
)
def test_a_wrong_combination_is_wrong_usage(words: list[str]) -> None:
    assert main(["evaluate", *words]) == 2


@pytest.mark.parametrize(
    ("truth", "found", "said"),
    [
        (json.dumps(TRUTH)[:80], FOUND, "truth.json"),
        (TRUTH, "[{", "detections.json"),
        (TRUTH, '[{"image_id": 5, "category_id": 3, "bbox": [0, 0, 5, 5], "score": NaN}]', "Entry 0"),
        (TRUTH, [{"image_id": 5, "category_id": 3, "bbox": [0, 0, 5], "score": 0.5}], "Entry 0"),
        (TRUTH, [{"image_id": 5, "category_id": 3, "bbox": [0, 0, 5, 5]}], "'score'"),
        (TRUTH, [{"image_id": 77, "category_id": 3, "bbox": [0, 0, 5, 5], "score": 0.5}], "None of these detections"),
        (TRUTH, "7", "detections.json"),
        (FOUND, FOUND, "truth.json"),
        ({**TRUTH, "images": []}, FOUND, "names no pictures"),
        ({**TRUTH, "categories": [5]}, FOUND, "truth.json"),
    ],
)
def test_what_cannot_be_scored_is_one_line_that_says_where(
    files: Callable[..., list[str]], capsys: pytest.CaptureFixture[str], truth: Any, found: Any, said: str
) -> None:
    assert main(files(truth, found)) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert said in error
    assert error.count("\n") == 1


def test_files_that_are_not_there_are_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["evaluate", "--truth", str(tmp_path / "no.json"), "--detections", str(tmp_path)]) == 1
    assert "no.json" in capsys.readouterr().err


def test_what_has_no_place_in_the_truth_is_counted_and_the_rest_is_scored(
    files: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    extra = [{"image_id": 5, "category_id": 99, "bbox": [0, 0, 5, 5], "score": 0.5}]
    assert main(files(found=[*FOUND, *extra])) == 0
    assert "left out 1 boxes" in capsys.readouterr().err


def test_a_kept_evaluation_opens_again_and_its_name_is_taken(
    files: Callable[..., list[str]], capsys: pytest.CaptureFixture[str], workspace: Path
) -> None:
    result = scored([*files(), "--save", "mine"], capsys)

    assert open_evaluation("mine").report == result
    assert main([*files(), "--save", "mine"]) == 1
    assert "choose another name" in capsys.readouterr().err


def test_a_model_is_scored_on_a_split(
    asset: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], workspace: Path
) -> None:
    folder = asset("models/yolov5n-six-crops")
    for kind in ("images", "labels"):
        (tmp_path / kind).mkdir()
        for path in sorted((folder / kind / "val").glob("carrot_*"))[:2]:
            shutil.copyfile(path, tmp_path / kind / path.name)
    names = "[banana, carrot, green_chilli, orange, soya, tomato]"
    (tmp_path / "data.yaml").write_text(f"train: images\nval: images\nnames: {names}\n")
    words = ["evaluate", "--weights", str(folder / "best.pt"), "--data", str(tmp_path / "data.yaml")]
    words += ["--size", "320", "--device", "cpu", "--split", "valid", "--save", "carrots"]
    result = scored(words, capsys)

    assert [one["name"] for one in result["classes"] if one["truths"]] == ["carrot"]
    assert result["map50"] > 0.9
    options = open_evaluation("carrots").options
    assert (options["nms_iou_threshold"], options["score_threshold"], options["labels"]) == (0.6, 0.001, "all")


def test_a_data_set_that_is_not_there_is_one_line(
    asset: Callable[[str], Path], capsys: pytest.CaptureFixture[str], workspace: Path
) -> None:
    weights = asset("models/yolov5n-six-crops/best.pt")

    assert main(["evaluate", "--weights", str(weights), "--data", "nowhere"]) == 1
    assert "no such data set" in capsys.readouterr().err
