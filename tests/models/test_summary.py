"""The inspector's numbers against published ones, and its picture against what the networks are known to be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from yolodash.models import catalogue
from yolodash.models.summary import Graph, Summary, gflops, graph, receptive_stride, role, summarise, summarise_entry
from yolodash.structures import ImageSize, LayerDescription


def summary_of(name: str) -> Summary:
    entry = catalogue.find_entry(name)
    assert entry is not None
    return summarise_entry(entry)


@pytest.mark.parametrize(
    ("letter", "parameters", "published"),
    [
        ("n", 1_872_157, 4.47),
        ("s", 7_235_389, 16.44),
        ("m", 21_190_557, 48.88),
        ("l", 46_563_709, 109.00),
        ("x", 86_749_405, 205.45),
    ],
)
def test_yolov5_has_the_published_parameters_and_operations(letter: str, parameters: int, published: float) -> None:
    summary = summary_of(f"yolov5{letter}")
    assert summary.parameters == parameters
    assert summary.gflops == pytest.approx(published, abs=0.2)


@pytest.mark.parametrize("name", ["yolov2", "yolov2-tiny", "yolov3-tiny", "yolov4-tiny"])
def test_darknet_models_have_the_published_operations(name: str) -> None:
    entry = catalogue.find_entry(name)
    assert entry is not None
    assert summary_of(name).gflops == pytest.approx(entry.figures.gflops, abs=0.05)


def test_yolov3_at_608_needs_the_operations_that_darknet_prints() -> None:
    assert summary_of("yolov3").gflops == pytest.approx(140.69, abs=0.01)


@pytest.mark.parametrize("name", [entry.name for entry in catalogue.entries()])
def test_the_layers_account_for_every_parameter(name: str) -> None:
    summary = summary_of(name)
    assert sum(layer.parameters for layer in summary.layers) == summary.parameters


def test_a_description_is_what_the_real_file_holds(asset: Callable[[str], Path]) -> None:
    from yolodash.models.loading import load_model

    folder = asset("models/yolov3-tiny")
    loaded = summarise(load_model(folder / "yolov3-tiny.weights", cfg=folder / "yolov3-tiny.cfg"))
    described = summary_of("yolov3-tiny")
    assert loaded.layers == described.layers
    assert (loaded.parameters, loaded.strides, loaded.anchors) == (
        described.parameters,
        described.strides,
        described.anchors,
    )


def test_the_official_checkpoint_is_what_the_description_says(asset: Callable[[str], Path]) -> None:
    from yolodash.models.loading import load_model

    loaded = summarise(load_model(asset("models/yolov5n-official-v7.0/yolov5n.pt")))
    described = summary_of("yolov5n")
    assert loaded.layers == described.layers
    assert (loaded.parameters, loaded.strides, loaded.anchors) == (
        described.parameters,
        described.strides,
        described.anchors,
    )


def test_half_the_size_needs_a_quarter_of_the_operations(asset: Callable[[str], Path]) -> None:
    from yolodash.models.loading import load_model

    model = load_model(asset("models/yolov5n-official-v7.0/yolov5n.pt"))
    whole, half = summarise(model), summarise(model, ImageSize(320, 320))
    assert whole.gflops == pytest.approx(4 * half.gflops)
    assert half.layers[0].shape[1:] == (160, 160)


def test_a_published_model_is_described_without_torch() -> None:
    code = (
        "import sys; from yolodash.models import catalogue; from yolodash.models.summary import graph, summarise_entry;"
        "[graph(summarise_entry(e).layers) for e in catalogue.entries()]; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def joined(picture: Graph) -> dict[str, set[str]]:
    """What each join reads by a skip connection: the layers at which those begin."""
    found: dict[str, set[str]] = {}
    for edge in picture.edges:
        if edge.skip:
            source, target = picture.nodes[edge.source], picture.nodes[edge.target]
            found.setdefault(str(target.first), set()).add(str(source.last))
    return found


@pytest.mark.parametrize(
    ("name", "heads"),
    [("yolov5s", 3), ("yolov5x", 3), ("yolov4", 3), ("yolov3", 3), ("yolov3-tiny", 2), ("yolov2", 1), ("yolov1", 1)],
)
def test_the_picture_has_every_head_at_its_own_resolution(name: str, heads: int) -> None:
    summary = summary_of(name)
    found = [node for node in graph(summary.layers).nodes if node.role == "head"]
    assert len(found) == heads
    if name != "yolov1":  # its head reads a flat vector
        assert {summary.size.height // node.shape[1] for node in found} == set(summary.strides)


def test_yolov5_skips_from_the_backbone_to_the_neck_and_within_the_neck() -> None:
    assert joined(graph(summary_of("yolov5s").layers)) == {"12": {"6"}, "16": {"4"}, "19": {"14"}, "22": {"10"}}


def test_yolov3_skips_from_its_two_finer_stages_to_the_upsampled_maps() -> None:
    picture = graph(summary_of("yolov3").layers)
    assert joined(picture) == {"86": {"61"}, "98": {"36"}}
    assert sum(node.role == "upsampling" for node in picture.nodes) == 2
    assert sum(node.skips for node in picture.nodes) == 23


@pytest.mark.parametrize("name", [entry.name for entry in catalogue.entries()])
def test_a_picture_is_small_whole_and_leads_from_the_photo_to_every_head(name: str) -> None:
    summary = summary_of(name)
    picture = graph(summary.layers)
    assert len(picture.nodes) <= 30
    assert sum(node.parameters for node in picture.nodes) == pytest.approx(summary.parameters, abs=3)
    reached = {-1}
    for edge in sorted(picture.edges, key=lambda edge: edge.target):
        assert edge.source < edge.target
        reached |= {edge.target} if edge.source in reached else set()
    assert reached == {-1, *range(len(picture.nodes))}


def layer(index: int, kind: str, sources: tuple[int, ...], side: int = 8) -> LayerDescription:
    return LayerDescription(index, kind, sources, (4, side, side), 10, 1000)


def test_a_stage_ends_where_somebody_else_reads() -> None:
    chain = [layer(index, "convolutional", (index - 1,)) for index in range(40)]
    chain += [layer(40, "upsample", (39,), side=16), layer(41, "convolutional", (9,))]
    nodes = graph(chain).nodes
    assert [(node.first, node.last) for node in nodes] == [(0, 9), (10, 39), (40, 40), (41, 41)]
    assert (nodes[1].kind, nodes[1].count, nodes[1].parameters) == ("convolutional", 30, 300)


def test_operations_count_a_multiplication_and_an_addition() -> None:
    assert gflops([layer(0, "convolutional", (-1,)), layer(1, "convolutional", (0,))]) == pytest.approx(4e-6)


def test_a_stride_counts_input_pixels_even_of_a_vector() -> None:
    size = ImageSize(64, 64)
    assert receptive_stride(layer(0, "convolutional", (-1,), side=8), size) == 8
    assert receptive_stride(layer(0, "connected", (-1,), side=1), size) == 64
    assert receptive_stride(layer(0, "upsample", (-1,), side=128), size) == 1


def test_an_unknown_kind_of_layer_is_still_drawn() -> None:
    strange = layer(0, "<script>", (-1,))
    assert role(strange) == "other"
    assert graph([strange]).nodes[0].kind == "<script>"
