"""Darknet cfg files: what is read, what is computed from it on paper, and what is refused."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yolodash.errors import ModelFileError
from yolodash.models.darknet.cfg import parse_cfg, read_cfg
from yolodash.models.darknet.plan import Plan, family_of, plan_network, read_plan, require_detector
from yolodash.models.darknet.specification import MaxPool

Asset = Callable[[str], Path]

NET = "[net]\nwidth=64\nheight=64\nchannels=3\n"
CONVOLUTION = "[convolutional]\nfilters=8\nsize=3\nstride=2\npad=1\nactivation=leaky\n"
HEAD = "[convolutional]\nfilters=7\nsize=1\nactivation=linear\n"
YOLO = "[yolo]\nmask=1\nanchors=1,2, 3,4\nnum=2\nclasses=2\n"


def plan_of(text: str) -> Plan:
    return plan_network(parse_cfg(text, "some.cfg"))


def refusal(text: str) -> ModelFileError:
    """What a cfg is refused with."""
    with pytest.raises(ModelFileError) as caught:
        require_detector(plan_of(text))
    return caught.value


def test_comments_spaces_and_line_ends_of_every_system_change_nothing() -> None:
    odd = (
        "\ufeff# a comment\r\n[ net ]\r\nwidth = 6 4 ; pixels\r\n\theight=64\r\n\r\nchannels=3\r[conv]\r\n"
        "filters=8 # eight\nsize=3\nstride=2\npad=1\nactivation = leaky\n"
    )
    assert plan_of(odd.lstrip("\ufeff")).layers[0].shape == plan_of(NET + CONVOLUTION).layers[0].shape == (8, 32, 32)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_cfg_is_read_in_the_encodings_that_editors_write(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "some.cfg"
    path.write_text(NET + "# größe\n" + CONVOLUTION, encoding=encoding)
    assert read_plan(path).layers[0].shape == (8, 32, 32)


def test_the_first_of_two_options_counts_as_in_darknet() -> None:
    assert plan_of(NET + CONVOLUTION + "filters=99\n").layers[0].shape[0] == 8


def test_shapes_follow_the_layers() -> None:
    plan = plan_of(
        NET + CONVOLUTION  # 0: 8×32×32
        + "[maxpool]\nsize=2\nstride=2\n"  # 1: 8×16×16
        + "[maxpool]\nsize=2\nstride=1\n"  # 2: 8×16×16
        + "[upsample]\nstride=2\n"  # 3: 8×32×32
        + "[route]\nlayers=-1,0\n"  # 4: 16×32×32
        + "[route]\nlayers=4\ngroups=2\ngroup_id=1\n"  # 5: 8×32×32
        + "[shortcut]\nfrom=-6\nactivation=linear\n"  # 6: 8×32×32
        + "[reorg]\nstride=2\n"  # 7: 32×16×16
        + "[avgpool]\n"  # 8: 32×1×1
        + "[scale_channels]\nfrom=7\n"  # 9: 32×16×16
        + "[connected]\noutput=5\nactivation=linear\n"  # 10: 5×1×1
    )  # fmt: skip
    assert [layer.shape for layer in plan.layers] == [
        (8, 32, 32), (8, 16, 16), (8, 16, 16), (8, 32, 32), (16, 32, 32), (8, 32, 32), (8, 32, 32), (32, 16, 16),
        (32, 1, 1), (32, 16, 16), (5, 1, 1),
    ]  # fmt: skip
    assert plan.layers[6].sources == (5, 0)


def test_values_are_counted_layer_by_layer() -> None:
    plan = plan_of(NET + CONVOLUTION + "batch_normalize=1\n" + HEAD + YOLO)
    # 8 filters of 3·3·3 and four numbers a filter; then 7 filters of 8 and a bias each
    assert plan.value_count == 8 * 27 + 4 * 8 + 7 * 8 + 7
    assert plan.learnable_count == plan.value_count - 2 * 8
    assert [layer.parameters for layer in plan.describe()] == [8 * 27 + 16, 63, 0]
    assert [layer.multiply_adds for layer in plan.describe()] == [8 * 27 * 32 * 32, 56 * 32 * 32, 0]


def test_the_head_takes_the_masked_anchors_and_its_stride_from_the_grid() -> None:
    (head,) = plan_of(NET + CONVOLUTION + HEAD + YOLO).heads
    assert (head.kind, head.anchors, head.stride, head.classes) == ("yolo", ((3.0, 4.0),), 2, 2)


def test_a_pool_with_stride_one_pads_at_the_right_and_bottom_alone() -> None:
    pool = plan_of(NET + "[maxpool]\nsize=2\nstride=1\n").layers[0].specification
    assert pool == MaxPool(size=2, stride=(1, 1), padding=1)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("pjreddie/yolov1", 789_312_988),
        ("pjreddie/yolov1-tiny", 108_399_816),
        ("pjreddie/yolov2", 203_934_260),
        ("pjreddie/yolov2-voc", 202_704_260),
        ("pjreddie/yolov2-tiny", 44_948_596),
        ("pjreddie/yolov2-tiny-voc", 63_471_556),
        ("pjreddie/yolo9000", 195_230_020),
        ("pjreddie/yolov3", 248_007_048),
        ("pjreddie/yolov3-tiny", 35_434_956),
        ("pjreddie/yolov3-spp", 252_209_544),
        ("AlexeyAB/yolov4", 257_717_640),
        ("AlexeyAB/yolov4-tiny", 24_251_276),
        ("AlexeyAB/yolov4-tiny-3l", 25_336_200),
        ("AlexeyAB/yolov4-csp", 211_944_840),
        ("AlexeyAB/yolov4x-mish", 399_388_168),
        ("AlexeyAB/enet-coco", 19_233_100),
    ],
)
def test_the_size_of_every_official_file_follows_from_its_cfg_to_the_byte(name: str, size: int, asset: Asset) -> None:
    plan = read_plan(asset(f"models/darknet_cfg/{name}.cfg"))
    header = 20 if plan.heads[0].kind == "yolo" else 16
    assert header + 4 * plan.value_count == size


FAMILIES = {
    "yolov1": "yolov1", "yolov1-tiny": "yolov1", "yolov2": "yolov2", "yolo9000": "yolov2", "tiny-yolo-voc": "yolov2",
    "yolov3": "yolov3", "yolov3-spp": "yolov3", "yolov3-openimages": "yolov3", "yolov4": "yolov4",
    "yolov4-tiny": "yolov4", "yolov4-csp": "yolov4", "yolov4x-mish": "yolov4",
}  # fmt: skip


def test_every_published_cfg_is_planned_and_told_by_its_generation(asset: Asset) -> None:
    paths = sorted(asset("models/darknet_cfg").rglob("*.cfg"))
    assert len(paths) == 36
    found = {path.stem: family_of(plan) for path in paths if (plan := read_plan(path)).heads}
    assert {name: found[name] for name in FAMILIES} == FAMILIES


@pytest.mark.parametrize("name", ["darknet19", "darknet53", "tiny"])
def test_a_classifier_is_refused_as_one(name: str, asset: Asset) -> None:
    with pytest.raises(ModelFileError, match="classifier or a backbone"):
        require_detector(read_plan(asset(f"models/darknet_cfg/pjreddie/{name}.cfg")))


def test_gaussian_boxes_are_counted_but_refused(asset: Asset) -> None:
    plan = read_plan(asset("models/darknet_cfg/AlexeyAB/Gaussian_yolov3_BDD.cfg"))
    assert plan.value_count > 60_000_000
    with pytest.raises(ModelFileError, match="Gaussian_yolo"):
        require_detector(plan)


def test_checking_a_cfg_does_not_import_torch(asset: Asset) -> None:
    program = (
        "import sys; from pathlib import Path; from yolodash.models.darknet.plan import read_plan;"
        "import yolodash.models.darknet.weights, yolodash.models.darknet.names, yolodash.models.darknet.tree;"
        "read_plan(Path(sys.argv[1])); sys.exit('torch' in sys.modules)"
    )
    path = asset("models/darknet_cfg/AlexeyAB/yolov4.cfg")
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode == 0


BROKEN = {
    "a billion filters": (CONVOLUTION.replace("=8", "=1000000000"), 6, r"filters.*'1000000000'"),
    "a number of a thousand digits": (CONVOLUTION.replace("=8", "=" + "9" * 1000), 6, r"not a whole number"),
    "a word for a number": (CONVOLUTION.replace("=8", "=many"), 6, r"'many'"),
    "half a filter": (CONVOLUTION.replace("=8", "=8.5"), 6, r"'8.5'"),
    "no filters": (CONVOLUTION.replace("filters=8\n", ""), 5, r"\[convolutional\] has no option filters"),
    "a stride of zero": (CONVOLUTION.replace("stride=2", "stride=0"), 8, r"stride"),
    "a negative stride": (CONVOLUTION.replace("stride=2", "stride=-2"), 8, r"stride"),
    "a pool of stride zero": ("[maxpool]\nsize=2\nstride=0\n", 7, r"stride"),
    "an upsampling of stride zero": ("[upsample]\nstride=0\n", 6, r"stride"),
    "groups that do not divide": (CONVOLUTION + "groups=2\n", 11, r"3 channels in and 8 out"),
    "a kernel larger than the picture": (
        "[convolutional]\nfilters=1\nsize=65\nactivation=linear\n",
        None,
        "nothing is left",
    ),
    "an unknown activation": (CONVOLUTION.replace("leaky", "sneaky"), 10, r"'sneaky'.*known are: linear, leaky"),
    "an unknown section": ("[teleport]\n", 5, r"\[teleport\]"),
    "a section of another kind of network": ("[lstm]\noutput=3\n", 5, r"\[lstm\]"),
    "a route to itself": (CONVOLUTION + "[route]\nlayers=1\n", 12, r"layer 1 takes its input from layer 1"),
    "a route forward": (CONVOLUTION + "[route]\nlayers=9\n", 12, r"layer 1 .* layer 9"),
    "a route before the picture": (CONVOLUTION + "[route]\nlayers=-2\n", 12, r"layer 1 .* layer -1"),
    "a route to nothing": (CONVOLUTION + "[route]\nlayers=\n", 12, r"names no layer"),
    "a route without layers": (CONVOLUTION + "[route]\n", None, "has no option layers"),
    "a shortcut forward": (CONVOLUTION + "[shortcut]\nfrom=3\n", 12, r"layer 3"),
    "a route of two sizes": (
        2 * CONVOLUTION + "[route]\nlayers=0,1\n",
        None,
        "different height and width: 0: 32×32, 1: 16×16",
    ),
    "a gate of the wrong shape": (2 * CONVOLUTION + "[scale_channels]\nfrom=0\n", None, "one value for each"),
    "a reorganisation that does not divide": (CONVOLUTION + "[reorg]\nstride=3\n", None, "does not divide"),
    "more classes than filters": (
        CONVOLUTION + HEAD + YOLO.replace("classes=2", "classes=80"),
        None,
        "needs 85 .* gives 7",
    ),
    "anchors that are no numbers": (CONVOLUTION + HEAD + YOLO.replace("3,4", "nan,inf"), None, "'nan'"),
    "anchors of no size": (CONVOLUTION + HEAD + YOLO.replace("3,4", "0,-4"), None, "'0'"),
    "too few anchors": (
        CONVOLUTION + HEAD + YOLO.replace("num=2", "num=3"),
        None,
        "3 anchors need 6 numbers.* lists 4",
    ),
    "a mask beyond the anchors": (CONVOLUTION + HEAD + YOLO.replace("mask=1", "mask=2"), None, "mask"),
    "features taken from an output": (CONVOLUTION + HEAD + YOLO + CONVOLUTION, None, "from the output layer 2"),
    "an option that changes the result": (
        CONVOLUTION + "antialiasing=1\n",
        None,
        "antialiasing=1, which YoloDash cannot",
    ),
    "outputs of two kinds": (
        CONVOLUTION + HEAD + YOLO + "[route]\nlayers=1\n[region]\nanchors=1,1\nclasses=2\n",
        None,
        "do not belong together",
    ),
    "no layers at all": ("", None, "classifier or a backbone"),
    "upsampling without end": ("[upsample]\nstride=64\n" * 5, 7, r"too large to run"),
    "feature maps without end": (
        CONVOLUTION.replace("=8", "=60000") + "[maxpool]\n" * 40 + f"[route]\nlayers={','.join(map(str, range(40)))}\n",
        None,
        "too large|more than",
    ),
    "weights without end": (
        CONVOLUTION.replace("=8", "=20000") + CONVOLUTION.replace("=8", "=20000"),
        None,
        "500,000,000",
    ),
    "a list without end": (CONVOLUTION + "[route]\nlayers=" + "0," * 5000 + "\n", 12, r"more than"),
    "options without end": (CONVOLUTION + "".join(f"x{i}=1\n" for i in range(500)), None, "more than 200 options"),
    "100,000 sections": ("[dropout]\n" * 100_000, None, "more than 2000 sections"),
    "a line without meaning": ("filters 8\n", 5, r"'filters8' is neither"),
    "a section that is not closed": ("[convolutional\n", 5, r"'\[convolutional' is no section"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_cfg_is_refused_with_its_line(case: str) -> None:
    text, line, message = BROKEN[case]
    error = refusal(NET + text)
    assert re.search(message, str(error))
    assert line is None or error.where == f"some.cfg:{line}"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("width=64", "width=1000000000", 2, r"'1000000000'"),
        ("width=64", "width=-64", 2, r""),
        ("width=64", "width=nan", 2, r""),
        ("width=64\n", "", 1, r"\[net\] has no option width"),
        ("channels=3", "channels=1", 4, r"channels"),
        ("width=64", "width=65", None, "does not divide"),
        ("[net]", "[notnet]", None, "does not begin with a section"),
        ("[net]", "", 2, "neither a section"),
    ],
)
def test_a_broken_input_size_is_refused(old: str, new: str, line: int | None, message: str) -> None:
    error = refusal(NET.replace(old, new) + CONVOLUTION + HEAD + YOLO)
    assert re.search(message, str(error))
    assert line is None or error.where == f"some.cfg:{line}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "does not begin with a section"),
        (bytes(range(256)) * 10, "is no text"),
        (b"\0" * 1000, "is no text"),
        (b"PK\x03\x04 and more", "neither a section"),
        (b"#" * 2_000_000, "longer than 1,000,000 bytes"),
        (b"\xff" * 500, "neither a section"),
        (b"[net]\n" + b"x" * 900_000, "neither a section"),
    ],
)
def test_what_is_no_cfg_is_refused_in_a_short_sentence(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "some.cfg"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=message) as caught:
        read_plan(path)
    assert len(str(caught.value)) < 600
    assert str(caught.value).isprintable()


def test_a_missing_cfg_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.cfg", tmp_path):
        with pytest.raises(ModelFileError, match="cannot be read"):
            read_cfg(path)


def outcome_of(text: str) -> Plan | ModelFileError:
    """A plan or a refusal; anything else that is raised is a bug."""
    try:
        return plan_of(text)
    except ModelFileError as error:
        return error


@settings(max_examples=200)
@given(st.text(alphabet="[]=,#;\n\r\t -0123456789.netconvolutionalroutelayersfiltersize\0é", max_size=300))
def test_whatever_the_text_there_is_a_plan_or_a_sentence(text: str) -> None:
    outcome = outcome_of(NET + text)
    assert isinstance(outcome, Plan) or str(outcome).isprintable()


SECTIONS = [
    "convolutional", "local", "connected", "maxpool", "avgpool", "upsample", "route", "shortcut", "scale_channels",
    "reorg", "softmax", "yolo", "region", "detection", "Gaussian_yolo",
]  # fmt: skip
OPTIONS = [
    "filters", "size", "stride", "stride_x", "pad", "padding", "dilation", "groups", "group_id", "layers", "from",
    "side", "num", "classes", "anchors", "mask", "output", "coords", "scale",
]  # fmt: skip
VALUES = st.one_of(st.integers(-5, 9).map(str), st.sampled_from(["", "1,2", "-1,0", "1e400", "nan", "٣", "0x10"]))


@settings(max_examples=300)
@given(section=st.sampled_from(SECTIONS), options=st.dictionaries(st.sampled_from(OPTIONS), VALUES))
def test_whatever_the_options_there_is_a_sound_plan_or_a_sentence_with_a_line(
    section: str, options: dict[str, str]
) -> None:
    text = f"[{section}]\n" + "".join(f"{name}={value}\n" for name, value in options.items())
    outcome = outcome_of(NET + CONVOLUTION + text)
    if isinstance(outcome, Plan):
        assert min(outcome.layers[-1].shape) >= 1
        assert outcome.value_count >= plan_of(NET + CONVOLUTION).value_count
    else:
        assert re.fullmatch(r"some\.cfg:\d+", outcome.where)
