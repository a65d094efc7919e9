"""What is no YOLOv5 detector, or a broken one, is refused with a sentence that says what it is."""

from __future__ import annotations

import collections
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from tests.yolov5_files import made, network, save, tiny
from yolodash.errors import ModelFileError, one_line
from yolodash.models.loading import load_model

Asset = Callable[[str], Path]
ROOT = Path(__file__).parent.parent.parent


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(ModelFileError) as caught:
        load_model(path, **options)
    assert caught.value.where == one_line(path.name) or options
    return str(caught.value)


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes a checkpoint: its content by keyword, or a whole network."""

    def write(content: object = None, *, legacy: bool = False, **parts: object) -> Path:
        return save(parts if content is None else content, tmp_path / "best.pt", legacy=legacy)

    return write


def test_a_names_file_replaces_the_names_if_it_has_as_many(written: Callable[..., Path], tmp_path: Path) -> None:
    path = written(model=network(tiny()))
    names = tmp_path / "my.names"
    names.write_text("one\ntwo\nthree\n\n")

    assert load_model(path, names=names).names == ("one", "two", "three")
    names.write_text("one\ntwo\n")
    assert "2 names; the model has 3 classes" in refusal(path, names=names)
    assert refusal(path, names=tmp_path / "missing.names")


def segmentation() -> object:
    return {"model": network(tiny(), kind="SegmentationModel", head="Segment")}


def classifier() -> object:
    return {"model": made("ClassificationModel", model=nn.Sequential(nn.Linear(2, 2)), names=["a"])}


def ultralytics_model() -> object:
    return {"model": made("U", model=nn.Sequential(nn.Conv2d(3, 8, 3)), names={0: "a"}), "train_args": {}}


def yolov7() -> object:
    return {"model": network(tiny(), kind="Model", head="IDetect")}


def transformer() -> object:
    saved = network(tiny())
    saved.model[3] = made("C3TR", i=3, f=-1)
    return {"model": saved}


def faces() -> object:
    saved = network(tiny(classes=11))
    saved.model[-1].nc = 1
    return {"model": saved}


def without_anchors() -> object:
    saved = network(tiny())
    del saved.model[-1].anchors
    return {"model": saved}


def state_dict() -> object:
    return network(tiny()).state_dict()


def nested_state_dict() -> object:
    return {"epoch": 1, "state_dict": network(tiny()).state_dict()}


def model_of_state() -> object:
    return {"model": collections.OrderedDict(network(tiny()).state_dict())}


def linear() -> object:
    return nn.Linear(3, 4)


def unknown_activation() -> object:
    saved = network(tiny())
    saved.model[2].act = nn.Tanhshrink()
    return {"model": saved}


OTHERS = {
    segmentation: "segmentation",
    classifier: "classifier",
    ultralytics_model: "YOLOv8",
    yolov7: "YOLOv7",
    transformer: "Layer 3 is a C3TR",
    faces: "5 numbers and 1 classes a box",
    without_anchors: "no anchors",
    state_dict: "plain state dict",
    nested_state_dict: "plain state dict",
    model_of_state: "plain state dict",
    linear: "torch.nn.modules.linear.Linear, not a YOLOv5 detector",
    unknown_activation: "Tanhshrink",
    dict: "no network",
    list: "no network",
    int: "no network",
}


@pytest.mark.parametrize("content", OTHERS, ids=lambda content: content.__name__)
@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_what_is_no_yolov5_detector_is_told_what_it_is(
    content: Callable[[], object], legacy: bool, tmp_path: Path
) -> None:
    assert OTHERS[content] in refusal(save(content(), tmp_path / "other.pt", legacy=legacy))


def wrong_shape(saved: Any) -> None:
    saved.model[1].conv = nn.Conv2d(5, 8, 3, 2, 1, bias=False)


def wrong_normalisation(saved: Any) -> None:
    saved.model[1].bn = nn.BatchNorm2d(7)


def forward_reference(saved: Any) -> None:
    saved.model[1].f = 2


def far_reference(saved: Any) -> None:
    saved.model[1].f = -9


def wrong_strides(saved: Any) -> None:
    saved.model[-1].stride = torch.tensor([8.0, 16.0, 64.0])


def no_layers(saved: Any) -> None:
    saved.model = nn.Sequential()


def endless_upsampling(saved: Any) -> None:
    for index in range(3):
        saved.model[index] = nn.Upsample(scale_factor=2.0)
        saved.model[index].i, saved.model[index].f = index, -1


def huge_padding(saved: Any) -> None:
    saved.model[0].conv.padding = (1 << 30, 1 << 30)


def zero_stride(saved: Any) -> None:
    saved.model[0].conv.stride = (0, 0)


def text_stride(saved: Any) -> None:
    saved.model[0].conv.stride = "many"


def no_convolution(saved: Any) -> None:
    del saved.model[0].conv


def anchors_not_numbers(saved: Any) -> None:
    saved.model[-1].anchors = torch.full((3, 3, 2), float("nan"))


def detect_in_the_middle(saved: Any) -> None:
    saved.model[2] = saved.model[-1]


def a_layer_that_is_itself(saved: Any) -> None:
    saved.model[1] = saved.model
    saved.model.i, saved.model.f = 1, -1


BROKEN = [
    wrong_shape, wrong_normalisation, forward_reference, far_reference, wrong_strides, no_layers, endless_upsampling,
    huge_padding, zero_stride, text_stride, no_convolution, anchors_not_numbers, detect_in_the_middle,
    a_layer_that_is_itself,
]  # fmt: skip


@pytest.mark.parametrize("harm", BROKEN, ids=lambda harm: harm.__name__)
def test_a_network_that_does_not_fit_together_is_refused(
    harm: Callable[[Any], None], written: Callable[..., Path]
) -> None:
    saved = network(tiny())
    harm(saved)

    assert refusal(written(model=saved))


def test_channels_cannot_grow_without_end(written: Callable[..., Path]) -> None:
    layers = [made("Concat", d=1, i=index, f=[-1] * 8) for index in range(20)]
    saved = made("Model", model=nn.Sequential(*layers, network(tiny()).model[-1]))
    saved.model[-1].f = [17, 18, 19]

    assert "does not fit" in refusal(written(model=saved))


def test_tensors_that_share_one_storage_cannot_be_more_than_the_file(written: Callable[..., Path]) -> None:
    shared = nn.Conv2d(8, 8, 63, 2, 31, bias=False)
    saved = network(tiny())
    for index in (1, 2, 3, 4):
        saved.model[index].conv = shared

    assert "larger than the file" in refusal(written(model=saved))


CONTENTS = {
    "empty": (b"", "empty"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "Git LFS pointer"),
    "html": (b"\n <!DOCTYPE html><html><body>404", "web page"),
    "safetensors": ((2).to_bytes(8, "little") + b"{}", "safetensors"),
    "onnx": (b"\x08\x07\x12\x07pytorch\x1a\x052.1.0:", "ONNX"),
    "cfg": (b"# tiny\n[net]\nwidth=416\n", "Darknet cfg"),
    "png": (b"\x89PNG\r\n\x1a\n", "PNG"),
    "tflite": (b"\x1c\0\0\0TFL3", "TensorFlow Lite"),
    "hdf5": (b"\x89HDF\r\n", "Keras"),
    "text": (b"hello" * 100, "not a model file"),
    "zip": (b"PK\x05\x06" + b"\0" * 18, "zip archive of 0 files"),
    "one byte": (b"P", "not a model file"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_other_files_are_told_what_they_are(name: str, tmp_path: Path) -> None:
    content, sentence = CONTENTS[name]
    path = tmp_path / "yolov5s.pt"
    path.write_bytes(content)

    assert sentence in refusal(path)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("lfs-pointer__yolov5s.pt", "Git LFS pointer"),
        ("html-page__yolov5s.pt", "web page"),
        ("plain-state-dict__backbone.pth", "plain state dict"),
    ],
)
def test_the_traps_of_the_assets_are_told_what_they_are(name: str, sentence: str, asset: Asset) -> None:
    assert sentence in refusal(asset(f"models/traps-not-yolov5-detection/{name}"))


def test_a_missing_file_a_folder_and_an_impossible_name_are_refused(tmp_path: Path) -> None:
    assert "cannot be opened" in refusal(tmp_path / "missing.pt")
    assert "cannot be opened" in refusal(tmp_path)
    assert "cannot be opened" in refusal(tmp_path / "a\0b.pt")


def test_a_refusal_does_not_import_torch(tmp_path: Path, asset: Asset) -> None:
    bad = tmp_path / "bad.pt"
    bad.write_bytes(b"PK\x03\x04 and no more")
    good_pickle = asset("models/traps-not-yolov5-detection/plain-state-dict__backbone.pth")
    code = (
        "import sys\n"
        "from yolodash.errors import ModelFileError\n"
        "from yolodash.models.loading import load_model\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n"
        "        load_model(path)\n"
        "    except ModelFileError:\n"
        "        print('refused')\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(bad), str(good_pickle)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "refused\nrefused\n"), done.stderr


@pytest.mark.parametrize("name", ["v6.0-nc3-legacy.pt", "v7.0-nc3-autoanchor.pt"])
def test_changed_bytes_give_a_network_or_a_sentence(name: str, asset: Asset, tmp_path: Path) -> None:
    data = asset(f"models/yolov5-formula/{name}").read_bytes()
    chance = random.Random(5)
    refusals = 0
    for _ in range(60):
        changed = bytearray(data)
        for _ in range(chance.choice((1, 3, 20))):
            changed[chance.randrange(100_000)] = chance.randrange(256)
        path = tmp_path / "changed.pt"
        path.write_bytes(changed)
        try:
            load_model(path)
        except ModelFileError:
            refusals += 1
    assert refusals > 30


def test_darknet_weights_without_their_cfg_are_told_what_is_missing(tmp_path: Path) -> None:
    weights = tmp_path / "my.weights"
    weights.write_bytes(b"\0\0\0\0\2\0\0\0" + b"\0" * 100)

    assert "my.cfg" in refusal(weights)
