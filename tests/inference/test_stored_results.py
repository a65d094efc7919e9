"""What a network said once and a file keeps is what it says again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from yolodash.data.samples import load_sample
from yolodash.inference.prediction import predict
from yolodash.inference.selection import judge
from yolodash.inference.stored_results import StoredResult, read_result, write_result
from yolodash.models.catalogue import locate
from yolodash.models.catalogue.bundled import DETECTOR, FOLDER, SAMPLE, weights_of
from yolodash.models.catalogue.store import sha256_of
from yolodash.models.loading import load_model
from yolodash.structures import Milliseconds, Thresholds

ROOT = Path(__file__).parents[2]
WEIGHTS = weights_of(DETECTOR)


@pytest.fixture(scope="module")
def stored() -> StoredResult:
    found = read_result(FOLDER / f"{SAMPLE}.safetensors", WEIGHTS, sha256_of(WEIGHTS))
    assert found is not None
    return found


def test_the_stored_result_of_the_sample_is_what_the_bundled_model_gives(stored: StoredResult) -> None:
    model = load_model(locate("scenes").weights)
    candidates = predict(model, load_sample(SAMPLE), engine="torch", precision="float32")

    for name in ("boxes", "raw", "objectness", "class_probabilities"):
        assert getattr(stored.candidates, name) == pytest.approx(getattr(candidates, name), abs=2e-3)
    for name in ("scale", "row", "column", "anchor", "image_size", "network_size", "transform", "names", "heads"):
        assert np.all(getattr(stored.candidates, name) == getattr(candidates, name))
    again = judge(candidates, Thresholds()).detections
    assert stored.detections.candidate_index.tolist() == again.candidate_index.tolist()
    assert stored.detections.scores == pytest.approx(again.scores, abs=1e-3)
    assert stored.parameters == model.parameter_count


def test_a_result_comes_back_as_it_was_written(stored: StoredResult, tmp_path: Path) -> None:
    once = StoredResult(stored.candidates, stored.detections, Milliseconds(1, 2, 3), 7)
    write_result(tmp_path / "r.safetensors", once, "abc")
    again = read_result(tmp_path / "r.safetensors", WEIGHTS, "abc")

    assert again is not None
    assert (again.milliseconds, again.parameters) == (Milliseconds(1, 2, 3), 7)
    assert (again.candidates.raw == stored.candidates.raw).all()
    assert again.candidates.row.dtype == np.int64
    assert (again.detections.boxes == stored.detections.boxes).all()


def test_a_result_of_other_weights_or_a_broken_file_is_none(stored: StoredResult, tmp_path: Path) -> None:
    path = tmp_path / "r.safetensors"
    assert read_result(path, WEIGHTS, "abc") is None
    write_result(path, stored, "abc")
    assert read_result(path, WEIGHTS, "abd") is None
    path.write_bytes(path.read_bytes()[:1000])
    assert read_result(path, WEIGHTS, "abc") is None
    assert read_result(WEIGHTS, WEIGHTS, "abc") is None


def test_reading_one_loads_no_torch() -> None:
    code = (
        "import sys; from yolodash.inference.stored_results import read_result\n"
        "from yolodash.models.catalogue.bundled import DETECTOR, FOLDER, SAMPLE, weights_of\n"
        "from yolodash.models.catalogue.store import sha256_of\n"
        "found = read_result(FOLDER / f'{SAMPLE}.safetensors', weights_of(DETECTOR), sha256_of(weights_of(DETECTOR)))\n"
        "print(found is not None, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"
