"""Weights, names and tree files: what is read, and what is refused with which counts."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from yolodash.errors import ModelFileError
from yolodash.models.darknet.cfg import parse_cfg
from yolodash.models.darknet.names import class_names
from yolodash.models.darknet.plan import Plan, plan_network, read_plan
from yolodash.models.darknet.tree import read_tree
from yolodash.models.darknet.weights import check_weights, parse_header, read_values

Asset = Callable[[str], Path]

CFG = """[net]
width=32
height=32
[convolutional]
batch_normalize=1
filters=2
size=1
activation=leaky
[convolutional]
filters=7
size=1
activation=linear
[yolo]
anchors=4,4
num=1
classes=2
"""
LONG_HEADER = struct.pack("<iiiQ", 0, 2, 5, 32_013_312)
SHORT_HEADER = struct.pack("<iiiI", 0, 1, 0, 32_013_312)


@pytest.fixture
def plan() -> Plan:
    """A network with 2·(4 + 3) + 7·(1 + 2) = 35 values."""
    return plan_network(parse_cfg(CFG, "small.cfg"))


def write(path: Path, values: int | np.ndarray, header: bytes = LONG_HEADER) -> Path:
    content = np.arange(values) if isinstance(values, int) else values
    path.write_bytes(header + content.astype("<f4").tobytes())
    return path


@pytest.mark.parametrize(("header", "length"), [(LONG_HEADER, 20), (SHORT_HEADER, 16)])
def test_the_version_decides_the_width_of_the_header(header: bytes, length: int) -> None:
    found = parse_header(header)
    assert (found.length, found.seen) == (length, 32_013_312)


@pytest.mark.parametrize("header", [LONG_HEADER, SHORT_HEADER], ids=["20 bytes", "16 bytes"])
def test_values_lie_in_the_order_of_the_layers(header: bytes, plan: Plan, tmp_path: Path) -> None:
    normalised, head, output = read_values(write(tmp_path / "some.weights", 35, header), plan)
    assert {name: block.ravel().tolist() for name, block in normalised.items()} == {
        "biases": [0, 1], "scales": [2, 3], "means": [4, 5], "variances": [6, 7], "weights": [8, 9, 10, 11, 12, 13],
    }  # fmt: skip
    assert normalised["weights"].shape == (2, 3, 1, 1)
    assert head["biases"].tolist() == list(range(14, 21))
    assert head["weights"][6].ravel().tolist() == [33, 34]
    assert output == {}


def test_early_files_hold_connected_weights_input_by_input(tmp_path: Path) -> None:
    text = "[net]\nwidth=8\nheight=8\n[avgpool]\n[connected]\noutput=2\nactivation=linear\n"
    plan = plan_network(parse_cfg(text))
    header = struct.pack("<iiiI", 1001, 0, 0, 0)
    _, connected = read_values(write(tmp_path / "some.weights", 8, header), plan)
    assert connected["weights"].tolist() == [[2, 4, 6], [3, 5, 7]]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (34, "too short for small.cfg: it has 156 bytes, the cfg asks for 160"),
        (36, "too long for small.cfg: it has 164 bytes, the cfg asks for 160"),
        (0, "too short for small.cfg: it has 20 bytes, the cfg asks for 160"),
    ],
)
def test_another_length_is_refused_with_both_counts(values: int, message: str, plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=message):
        check_weights(write(tmp_path / "some.weights", values), plan)


def test_a_file_shorter_than_any_header_is_refused(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="it has 6 bytes"):
        check_weights(write(tmp_path / "some.weights", 0, b"\0" * 6), plan)


def test_a_file_that_was_cut_off_is_refused_with_both_counts(asset: Asset) -> None:
    folder = "models/traps-not-yolov5-detection"
    plan = read_plan(asset(f"{folder}/yolov4-tiny.cfg"))
    with pytest.raises(ModelFileError, match="363,334 bytes, the cfg asks for 24,251,276"):
        check_weights(asset(f"{folder}/truncated__yolov4-tiny.weights"), plan)


@pytest.mark.parametrize(
    ("name", "message"),
    [("lfs-pointer__yolov5s.pt", "Git LFS pointer"), ("html-page__yolov5s.pt", "web page"),
     ("plain-state-dict__backbone.pth", "zip archive")],
)  # fmt: skip
def test_files_of_other_kinds_are_called_what_they_are(name: str, message: str, plan: Plan, asset: Asset) -> None:
    with pytest.raises(ModelFileError, match=message):
        check_weights(asset(f"models/traps-not-yolov5-detection/{name}"), plan)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), (CFG.encode(), "the two are swapped"), (b"\x80\x02}q\0.", "pickle")],
    ids=["empty", "cfg", "pickle"],
)
def test_other_contents_are_called_what_they_are(content: bytes, message: str, plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "some.weights"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=message):
        check_weights(path, plan)


def test_a_missing_weights_file_and_a_folder_are_refused(plan: Plan, tmp_path: Path) -> None:
    for path in (tmp_path / "none.weights", tmp_path):
        with pytest.raises(ModelFileError, match="cannot be read"):
            check_weights(path, plan)


@pytest.mark.parametrize(("index", "value", "message"), [
    (0, np.nan, "biases of layer 0"), (34, np.inf, "weights of layer 1"), (6, -1.0, "variances of layer 0"),
])  # fmt: skip
def test_values_that_no_training_leaves_are_refused(
    index: int, value: float, message: str, plan: Plan, tmp_path: Path
) -> None:
    values = np.ones(35)
    values[index] = value
    with pytest.raises(ModelFileError, match=message):
        read_values(write(tmp_path / "some.weights", values), plan)


def test_a_bad_model_is_refused_before_torch_is_imported(asset: Asset) -> None:
    program = (
        "import sys, yolodash\n"
        "try: yolodash.load_model(sys.argv[1], cfg=sys.argv[2])\n"
        "except yolodash.errors.ModelFileError as error: print(error, 'torch' in sys.modules)"
    )
    folder = asset("models/traps-not-yolov5-detection")
    arguments = [str(folder / "truncated__yolov4-tiny.weights"), str(folder / "yolov4-tiny.cfg")]
    result = subprocess.run([sys.executable, "-c", program, *arguments], check=True, capture_output=True, text=True)
    assert "too short" in result.stdout
    assert result.stdout.endswith("False\n")


class TestNames:
    def test_a_given_file_comes_first(self, tmp_path: Path) -> None:
        (tmp_path / "given.txt").write_text("\ufeffcat\r\ndog \r\n\r\n", encoding="utf-8")
        (tmp_path / "some.names").write_text("x\ny\n")
        assert self.names(tmp_path, given=tmp_path / "given.txt") == ("cat", "dog")

    @pytest.mark.parametrize("stem", ["some", "config"])
    def test_then_the_file_with_the_name_of_weights_or_cfg(self, stem: str, tmp_path: Path) -> None:
        (tmp_path / f"{stem}.names").write_text("cat\ndog\n")
        (tmp_path / "coco.names").write_text("x\ny\n")
        assert self.names(tmp_path) == ("cat", "dog")

    def test_then_the_only_one_that_fits(self, tmp_path: Path) -> None:
        (tmp_path / "coco.names").write_text("x\n" * 80)
        (tmp_path / "pets.names").write_text("cat\ndog")
        assert self.names(tmp_path) == ("cat", "dog")

    def test_two_that_fit_decide_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "pets.names").write_text("cat\ndog\n")
        (tmp_path / "cars.names").write_text("van\nbus\n")
        assert self.names(tmp_path) == ("class 0", "class 1")

    def test_without_any_the_classes_are_numbered(self, tmp_path: Path) -> None:
        assert self.names(tmp_path) == ("class 0", "class 1")

    @pytest.mark.parametrize("given", [True, False])
    def test_a_wrong_number_of_names_is_refused_with_both_counts(self, given: bool, tmp_path: Path) -> None:
        path = tmp_path / "some.names"
        path.write_text("cat\n")
        with pytest.raises(ModelFileError, match="has 1 names, the network has 2 classes"):
            self.names(tmp_path, given=path if given else None)

    def test_a_given_file_must_be_there_and_be_a_text(self, tmp_path: Path) -> None:
        with pytest.raises(ModelFileError, match="cannot be read"):
            self.names(tmp_path, given=tmp_path / "none.names")
        (tmp_path / "binary.names").write_bytes(b"\0\1\2")
        with pytest.raises(ModelFileError, match="no list of names"):
            self.names(tmp_path, given=tmp_path / "binary.names")

    @staticmethod
    def names(folder: Path, given: Path | None = None) -> tuple[str, ...]:
        return class_names(given, folder / "some.weights", folder / "config.cfg", classes=2)


class TestTree:
    def test_the_path_of_the_cfg_is_not_followed_but_its_name_looked_for_beside_it(self, tmp_path: Path) -> None:
        (tmp_path / "small.tree").write_text("animal -1\nthing -1\ndog 0\ncat 0\n")
        for written in ("data/small.tree", "/etc/../small.tree", r"C:\data\small.tree"):
            tree = read_tree(written, tmp_path, classes=4)
            assert (tree.parents, tree.group_sizes) == ((-1, -1, 0, 0), (2, 2))

    @pytest.mark.parametrize("written", ["data/9k.tree", "../..", "/", ".", ".."])
    def test_a_missing_one_is_named(self, written: str, tmp_path: Path) -> None:
        with pytest.raises(ModelFileError, match="beside the cfg"):
            read_tree(written, tmp_path, classes=4)

    def test_a_link_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "real.txt").write_text("animal -1\n")
        (tmp_path / "small.tree").symlink_to(tmp_path / "real.txt")
        with pytest.raises(ModelFileError, match="no link"):
            read_tree("small.tree", tmp_path, classes=1)

    @pytest.mark.parametrize(
        ("text", "message"),
        [("a -1\nb 1\n", "small.tree:2"), ("a 0\n", "small.tree:1"), ("a -1\nb two\n", "small.tree:2"),
         ("a -1\nb\n", "small.tree:2"), ("a -2\n", "small.tree:1"), ("a -1\n", "the tree has 1 classes, .* asks for 2"),
         ("a --1\nb -1\n", "small.tree:1"), ("", "the tree has 0 classes")],
        ids=["own parent", "root below itself", "no number", "no parent", "below -1", "too few", "two signs", "empty"],
    )  # fmt: skip
    def test_what_is_no_tree_is_refused(self, text: str, message: str, tmp_path: Path) -> None:
        (tmp_path / "small.tree").write_text(text)
        with pytest.raises(ModelFileError, match=message):
            read_tree("small.tree", tmp_path, classes=2)

    def test_the_published_tree_has_9418_classes(self, asset: Asset) -> None:
        tree = read_tree("data/9k.tree", asset("models/darknet_cfg/names"), classes=9418)
        assert sum(tree.group_sizes) == len(tree.parents) == 9418
