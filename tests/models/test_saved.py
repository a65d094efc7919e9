"""Our own model files: what is written is read back, and what is no such file is refused with a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.yolov5_files import randomised, tiny
from yolodash.errors import ModelFileError
from yolodash.models.loading import load_model
from yolodash.models.saved import KEY, description_of, halved, read_saved, save_weights
from yolodash.models.yolov5.official import build


def saved(folder: Path) -> Path:
    model = tiny(classes=2)
    save_weights(folder / "best.safetensors", model, description_of(model))
    return folder / "best.safetensors"


@pytest.mark.parametrize("release", ["3.0", "3.1", "4.0", "7.0"])
def test_a_network_of_any_release_comes_back_as_it_was(tmp_path: Path, release: str) -> None:
    torch.manual_seed(0)
    model = randomised(build("n", 2, release, ("cat", "dog")))
    path = tmp_path / "model.safetensors"
    save_weights(path, model, description_of(model))

    back = load_model(path)
    assert (back.names, back.heads, back.release, back.size) == (model.names, model.heads, model.release, model.size)
    state = back.state_dict()
    assert not back.training
    assert all(torch.equal(state[name], halved(t).to(t.dtype)) for name, t in model.state_dict().items())


def test_what_half_precision_cannot_hold_is_kept_whole() -> None:
    large = torch.tensor([1.0, 70_000.0])

    assert torch.equal(halved(large), large)
    assert halved(torch.tensor([1.0])).dtype == torch.float16
    assert halved(torch.tensor(3)).dtype == torch.int64


def changed(path: Path, change: Any) -> Path:
    """The file with another description."""
    metadata = dict(read_saved(path).metadata)
    change(metadata)
    save_file(load_file(path), path, {KEY: json.dumps(metadata)})
    return path


CHANGES = {
    "a layer is missing": lambda m: m["architecture"]["plan"]["layers"].pop(2),
    "a layer is twice as wide": lambda m: m["architecture"]["plan"]["layers"][1]["module"]["convolution"].update(
        outputs=16
    ),
    "a kernel is absurd": lambda m: m["architecture"]["plan"]["layers"][0]["module"]["convolution"].update(
        kernel=[10**9, 3]
    ),
    "a kernel of nothing": lambda m: m["architecture"]["plan"]["layers"][0]["module"]["convolution"].update(
        kernel=[0, 0]
    ),
    "a number is a text": lambda m: m["architecture"]["plan"]["layers"][0]["module"]["convolution"].update(stride="2"),
    "groups of nothing": lambda m: m["architecture"]["plan"]["layers"][0]["module"]["convolution"].update(groups=0),
    "a part that is none": lambda m: m["architecture"]["plan"]["layers"][0].update(module={"is": "Path"}),
    "the plan is a list": lambda m: m["architecture"].update(plan=[]),
    "no heads": lambda m: m["architecture"].update(heads=[]),
    "an anchor without width": lambda m: m["architecture"]["heads"][0].update(anchors=[[0, 1], [2, 3], [4, 5]]),
    "another stride": lambda m: m["architecture"]["heads"][0].update(stride=32),
    "a size beyond reason": lambda m: m.update(size=[10**9, 64]),
    "a kind that is unknown": lambda m: m.update(architecture={"kind": "darknet", "cfg": "[net]"}),
    "a newer format": lambda m: m.update(format=2),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_description_that_was_tampered_with_is_refused(tmp_path: Path, change: Any) -> None:
    with pytest.raises(ModelFileError):
        load_model(changed(saved(tmp_path), change))


def test_files_of_other_programs_and_cut_ones_are_refused(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.zeros(3)}, foreign)
    with pytest.raises(ModelFileError, match="without the network"):
        load_model(foreign)

    whole = saved(tmp_path).read_bytes()
    for length in (20, 2000, len(whole) - 10):
        cut = tmp_path / "cut.safetensors"
        cut.write_bytes(whole[:length])
        with pytest.raises(ModelFileError):
            load_model(cut)


def test_a_description_is_refused_before_torch_is_loaded(tmp_path: Path) -> None:
    path = changed(saved(tmp_path), CHANGES["a layer is missing"])
    code = (
        "import sys\nfrom pathlib import Path\nfrom yolodash.models.saved import read_saved\n"
        f"try:\n    read_saved(Path({str(path)!r}))\nexcept Exception as error:\n    print(type(error).__name__)\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ModelFileError", "False"]
