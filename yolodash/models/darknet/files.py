"""A Darknet model's files, read and held against each other. Without torch, so that a refusal is quick."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from yolodash.models.darknet.cfg import read_cfg
from yolodash.models.darknet.names import class_names
from yolodash.models.darknet.plan import Plan, plan_network, require_detector
from yolodash.models.darknet.tree import read_tree
from yolodash.models.darknet.weights import check_weights, read_values
from yolodash.structures import Floats, Head


@dataclass(frozen=True)
class DarknetFiles:
    """What cfg, weights, names and tree say together.

    Attributes:
        plan: the layers.
        heads: the outputs, with YOLO9000's tree where there is one.
        names: of the classes.
        values: of every layer, by the names of ``specification.values_of``; views of the mapped file.
    """

    plan: Plan
    heads: tuple[Head, ...]
    names: tuple[str, ...]
    values: tuple[dict[str, Floats], ...]


def read_files(weights: Path, cfg: Path, names: Path | None = None) -> DarknetFiles:
    """Read and check everything that a network is built from.

    Args:
        weights: the ``.weights`` file.
        cfg: the ``.cfg`` that belongs to it.
        names: a text with one class a line; without it, see ``names.class_names``.

    Raises:
        ModelFileError: when one of them cannot be read, or they do not belong together.
    """
    plan = plan_network(read_cfg(cfg))
    require_detector(plan)
    check_weights(weights, plan)
    heads = heads_of(plan, cfg.parent)
    classes = class_names(names, weights, cfg, heads[0].classes)
    return DarknetFiles(plan, heads, classes, tuple(read_values(weights, plan)))


def heads_of(plan: Plan, folder: Path) -> tuple[Head, ...]:
    """The heads, with YOLO9000's tree read from beside the cfg."""
    return tuple(
        replace(output.head, tree=read_tree(output.tree, folder, output.head.classes)) if output.tree else output.head
        for output in plan.outputs
    )
