"""What the inspector shows of a network: its layers, what they cost, and the picture of how they are joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from yolodash.models.catalogue.class_names import CLASS_NAMES
from yolodash.models.catalogue.darknet_configurations import configuration
from yolodash.models.catalogue.records import Entry
from yolodash.models.darknet.cfg import parse_cfg
from yolodash.models.darknet.plan import Plan as DarknetPlan
from yolodash.models.darknet.plan import plan_network
from yolodash.models.saved import SavedModel
from yolodash.models.yolov5.description import describe
from yolodash.models.yolov5.official import ANCHORS, STRIDES, official_plan
from yolodash.models.yolov5.plan import release
from yolodash.structures import Family, Head, ImageSize, LayerDescription

if TYPE_CHECKING:
    from yolodash.models.detector import Detector

Role = Literal["convolution", "pooling", "upsampling", "join", "skip", "head", "other"]

_ROLES: dict[str, Role] = {
    **dict.fromkeys(("convolutional", "conv", "c3", "bottleneck", "bottleneckcsp", "focus", "local"), "convolution"),
    **dict.fromkeys(("spp", "sppf", "maxpool", "avgpool", "local_avgpool"), "pooling"),
    "upsample": "upsampling",
    **dict.fromkeys(("route", "concat"), "join"),
    **dict.fromkeys(("shortcut", "sam", "scale_channels"), "skip"),
    **dict.fromkeys(("yolo", "region", "detection", "detect", "gaussian_yolo"), "head"),
}

MOST_SINGLE_NODES = 28
"""A picture of more layers than this draws whole stages as one node."""


@dataclass(frozen=True)
class Summary:
    """A loaded model, told in numbers.

    Attributes:
        family, release: generation, and the oldest official release with this architecture, or None.
        names: of the classes.
        parameters: learnable values, unfused.
        strides: network pixels a cell, one a head.
        anchors: ``[head][anchor][width, height]`` in network pixels.
        size: the input size that the model was made for.
        layers: with their shapes at ``size``.
    """

    family: Family
    release: str | None
    names: tuple[str, ...]
    parameters: int
    strides: tuple[int, ...]
    anchors: tuple[tuple[tuple[float, float], ...], ...]
    size: ImageSize
    layers: tuple[LayerDescription, ...]

    @property
    def gflops(self) -> float:
        """Thousand millions of operations for one picture of ``size``."""
        return gflops(self.layers)


def summarise(detector: Detector, size: ImageSize | None = None) -> Summary:
    """The inspector's data, for an input of ``size`` (the model's own by default). Does not run the network."""
    chosen = size or detector.size
    return Summary(
        family=detector.family,
        release=detector.release,
        names=detector.names,
        parameters=detector.parameter_count,
        strides=detector.strides,
        anchors=detector.anchors,
        size=chosen,
        layers=detector.describe(chosen),
    )


def summarise_entry(entry: Entry) -> Summary:
    """The same for a model of the catalogue, from its description alone: nothing is fetched, torch is not loaded."""
    names = CLASS_NAMES[entry.classes]
    if entry.is_darknet:
        plan = plan_network(parse_cfg(configuration(entry.name), f"{entry.name}.cfg"))
        return _summary_of(entry, names, plan.learnable_count, plan.heads, plan.size, plan.describe())
    size, layers = ImageSize(640, 640), official_plan(entry.name[-1], len(names), entry.release[1:])
    described = describe(layers, size)
    heads = tuple(Head("yolov5", anchors, stride, len(names)) for anchors, stride in zip(ANCHORS, STRIDES, strict=True))
    return _summary_of(entry, names, sum(layer.parameters for layer in described), heads, size, described)


def summarise_saved(saved: SavedModel) -> Summary:
    """The same for a YOLOv5 in a file of ours, from its header alone: torch is not loaded."""
    if isinstance(saved.plan, DarknetPlan):
        raise ValueError("a Darknet network is summarised as a loaded one")
    described = describe(saved.plan, saved.size)
    strides, anchors = tuple(head.stride for head in saved.heads), tuple(head.anchors for head in saved.heads)
    parameters = sum(layer.parameters for layer in described)
    return Summary("yolov5", release(saved.plan), saved.names, parameters, strides, anchors, saved.size, described)


def _summary_of(
    entry: Entry,
    names: tuple[str, ...],
    parameters: int,
    heads: tuple[Head, ...],
    size: ImageSize,
    layers: tuple[LayerDescription, ...],
) -> Summary:
    strides, anchors = tuple(head.stride for head in heads), tuple(head.anchors for head in heads)
    release = None if entry.is_darknet else entry.release
    return Summary(entry.family, release, names, parameters, strides, anchors, size, layers)


def gflops(layers: Sequence[LayerDescription]) -> float:
    """2 · multiply-adds / 10⁹: a multiplication and an addition count as two operations, as the releases count."""
    return 2 * sum(layer.multiply_adds for layer in layers) / 1e9


def receptive_stride(layer: LayerDescription, size: ImageSize) -> int:
    """How many pixels of the input one step on this layer's map spans."""
    return max(1, round(size.height / layer.shape[1])) if layer.shape[1] else size.height


def role(layer: LayerDescription) -> Role:
    """What a layer does in the picture."""
    known = _ROLES.get(layer.kind.lower(), "other")
    return "other" if known == "join" and len(layer.sources) == 1 else known


@dataclass(frozen=True)
class Node:
    """One box of the picture: a layer, or a stage of several with one way in and one way out.

    Attributes:
        first, last: indices of its layers.
        role: of the layer, or of most of a stage's layers.
        kind: what the network's file calls the layer, or most of the stage's layers.
        count: how many of that kind there are.
        detail: the rest, for whoever points at it.
        shape: channels, height and width of what comes out.
        parameters: learnable values.
        skips: how many shortcuts lie inside.
    """

    first: int
    last: int
    role: Role
    kind: str
    count: int
    detail: str
    shape: tuple[int, int, int]
    parameters: int
    skips: int = 0


@dataclass(frozen=True)
class Edge:
    """From one node (its place in the list; −1 is the picture) to another.

    ``skip``: a second way out of a map, which meets the first one again in a join further on.
    """

    source: int
    target: int
    skip: bool = False


@dataclass(frozen=True)
class Graph:
    """The picture's nodes, in the order of the layers, and what joins them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph(layers: Sequence[LayerDescription]) -> Graph:
    """The picture of a network: how its layers are joined.

    A head that reads several maps becomes one node a map, so that the three scales are seen.
    """
    together = len(layers) > MOST_SINGLE_NODES
    spans = list(_stages(layers)) if together else [(i, i) for i in range(len(layers))]
    nodes: list[Node] = []
    pairs: list[tuple[int, int]] = []
    node_of: dict[int, int] = {-1: -1}
    for first, last in spans:
        inside = layers[first : last + 1]
        outer = sorted({source for layer in inside for source in layer.sources if source < first})
        if len(inside) == 1 and _is_a_jump(inside[0], layers):
            node_of[first] = node_of[outer[0]]
            continue
        if role(inside[0]) == "head" and len(outer) > 1:
            for source in outer:
                nodes.append(_head_node(inside[0], layers[source], len(outer)))
                pairs.append((node_of[source], len(nodes) - 1))
        else:
            nodes.append(_node(inside))
            pairs += [(node_of[source], len(nodes) - 1) for source in outer]
        node_of |= dict.fromkeys(range(first, last + 1), len(nodes) - 1)
    return Graph(tuple(nodes), tuple(Edge(*pair, skip=_skips(pair, nodes, pairs)) for pair in pairs))


def _skips(pair: tuple[int, int], nodes: Sequence[Node], pairs: Sequence[tuple[int, int]]) -> bool:
    """Whether a line keeps its map's resolution, is not the map's first way out, and ends in a join."""
    source, target = pair
    if source < 0 or nodes[source].shape[1:] != nodes[target].shape[1:] or target == _readers(source, pairs)[0]:
        return False
    while nodes[target].role not in {"join", "head", "upsampling"} and _readers(target, pairs):
        target = _readers(target, pairs)[0]
    return nodes[target].role == "join"


def _readers(node: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    return sorted(target for source, target in pairs if source == node)


def _is_a_jump(layer: LayerDescription, layers: Sequence[LayerDescription]) -> bool:
    """A ``route`` to one layer, all of it: a line in the picture, not a box."""
    source = layer.sources[0]
    jump = layer.kind == "route" and len(layer.sources) == 1
    return jump and source >= 0 and layers[source].shape == layer.shape


def _head_node(head: LayerDescription, source: LayerDescription, heads: int) -> Node:
    return Node(head.index, head.index, "head", head.kind, 1, head.detail, source.shape, round(head.parameters / heads))


def _node(layers: Sequence[LayerDescription]) -> Node:
    """One layer, or a stage told by what it is made of."""
    kinds = Counter(layer.kind for layer in layers if role(layer) not in {"join", "skip"} and layer.kind != "route")
    skips = sum(role(layer) == "skip" for layer in layers)
    main = kinds.most_common(1)[0][0] if kinds else layers[-1].kind
    chief = next(layer for layer in layers if layer.kind == main)
    detail = chief.detail
    if len(layers) > 1:
        detail = ", ".join(f"{count} × {kind}" for kind, count in Counter(layer.kind for layer in layers).items())
    return Node(
        first=layers[0].index,
        last=layers[-1].index,
        role=role(chief),
        kind=main,
        count=max(1, kinds[main]),
        detail=detail,
        shape=layers[-1].shape,
        parameters=sum(layer.parameters for layer in layers),
        skips=skips,
    )


def _stages(layers: Sequence[LayerDescription]) -> Iterator[tuple[int, int]]:
    """First and last layer of each stage: the longest runs of one resolution that are left only at their end."""
    last_reader = _last_readers(layers)
    start = 0
    while start < len(layers):
        end = start
        reach = last_reader[start]
        for index in range(start + 1, len(layers)):
            if not _continues(layers, start, index):
                break
            if reach <= index:  # nobody outside reads anything before this layer
                end = index
            reach = max(reach, last_reader[index])
        yield start, end
        start = end + 1


def _last_readers(layers: Sequence[LayerDescription]) -> list[int]:
    """For every layer the last one that reads it (itself, where none does)."""
    readers = list(range(len(layers)))
    for layer in layers:
        for source in layer.sources:
            if source >= 0:
                readers[source] = max(readers[source], layer.index)
    return readers


def _continues(layers: Sequence[LayerDescription], start: int, index: int) -> bool:
    """Whether a stage that begins at ``start`` may hold this layer too."""
    alone = {"head", "upsampling"}
    first, layer = layers[start], layers[index]
    joined = role(first) == "join"
    same = layer.shape[1:] == first.shape[1:]
    return same and not joined and role(first) not in alone and role(layer) not in alone and min(layer.sources) >= start
