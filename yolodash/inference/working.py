"""The working of one box, line by line with its numbers, as one would do it on paper.

Every line is worked out in double precision from the numbers that it shows, so that whoever follows it with a pocket
calculator ends at the box that is drawn. The formulas are those of ``models.heads``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from yolodash.structures import Candidates, ClassTree, Head


@dataclass(frozen=True)
class Step:
    """One line of the working: ``symbol = formula = filled = value``.

    Attributes:
        symbol: what is worked out, such as ``b_x``.
        formula: in symbols, such as ``(σ(t_x) + c_x) · stride``.
        filled: the same with its numbers, such as ``(σ(0.2) + 6) · 32``.
        value: the result.
    """

    symbol: str
    formula: str
    filled: str
    value: float


def steps(candidates: Candidates, index: int, class_id: int) -> tuple[Step, ...]:
    """The working of one candidate's pair: box in network pixels, box in the picture, objectness, class, score.

    Args:
        candidates: of one picture.
        index: of the candidate.
        class_id: of the pair.

    Returns:
        in this order: b_x, b_y, b_w, b_h; x1, y1, x2, y2; p_o; the lines of p_c; score.
    """
    head = candidates.heads[int(candidates.scale[index])]
    raw = [float(number) for number in candidates.raw[index]]
    cell = (int(candidates.column[index]), int(candidates.row[index]))
    box = [_centre(head, axis, raw[i], cell[i]) for i, axis in enumerate("xy")]
    anchor = head.anchors[int(candidates.anchor[index])]
    network = (candidates.network_size.width, candidates.network_size.height)
    box += [_side(head, axis, raw[2 + i], anchor[i], network[i]) for i, axis in enumerate("wh")]
    corners = list(_corners(candidates, [step.value for step in box]))
    objectness = _objectness(head, raw[4])
    classes = list(_class_probability(head, raw[5:], class_id))
    return (*box, *corners, objectness, *classes, _score(head, objectness.value, classes[-1].value))


def shown(number: float) -> str:
    """A number with nine significant digits, enough for any float32, without needless zeros."""
    if number != 0 and math.isfinite(number) and not 1e-4 <= abs(number) < 1e9:
        return f"{number:.8e}".replace("-", "−")
    return f"{number:.9g}".replace("-", "−")


def sigmoid(number: float) -> float:
    """σ(t) = 1 / (1 + e^−t), for any size of t."""
    return 1 / (1 + math.exp(-number)) if number >= 0 else math.exp(number) / (1 + math.exp(number))


def exponential(number: float) -> float:
    """e^t, infinite where it is larger than any float."""
    return math.exp(number) if number < 700 else math.inf


def _centre(head: Head, axis: str, t: float, cell: int) -> Step:
    """b_x or b_y, in network pixels."""
    s, stride, symbol = head.scale_x_y, head.stride, f"b_{axis}"
    match head.kind:
        case "detection":
            return Step(
                symbol, f"(t_{axis} + c_{axis}) · stride", f"({shown(t)} + {cell}) · {stride}", (t + cell) * stride
            )
        case "yolov5":
            return Step(
                symbol,
                f"(2 · σ(t_{axis}) − 0.5 + c_{axis}) · stride",
                f"(2 · σ({shown(t)}) − 0.5 + {cell}) · {stride}",
                (2 * sigmoid(t) - 0.5 + cell) * stride,
            )
        case "yolo" if head.new_coords or s != 1:
            name, number = (f"t_{axis}", shown(t)) if head.new_coords else (f"σ(t_{axis})", f"σ({shown(t)})")
            return Step(
                symbol,
                f"(s · {name} − (s − 1) / 2 + c_{axis}) · stride",
                f"({shown(s)} · {number} − ({shown(s)} − 1) / 2 + {cell}) · {stride}",
                (s * (t if head.new_coords else sigmoid(t)) - (s - 1) / 2 + cell) * stride,
            )
        case _:
            return Step(
                symbol,
                f"(σ(t_{axis}) + c_{axis}) · stride",
                f"(σ({shown(t)}) + {cell}) · {stride}",
                (sigmoid(t) + cell) * stride,
            )


def _side(head: Head, axis: str, t: float, anchor: float, network: int) -> Step:
    """b_w or b_h, in network pixels."""
    symbol, prior = f"b_{axis}", shown(anchor)
    match head.kind:
        case "detection" if head.square_root:
            return Step(symbol, f"t_{axis}² · {axis.upper()}", f"({shown(t)})² · {network}", t * t * network)
        case "detection":
            return Step(symbol, f"t_{axis} · {axis.upper()}", f"{shown(t)} · {network}", t * network)
        case "yolov5":
            value = anchor * (2 * sigmoid(t)) ** 2
            return Step(symbol, f"p_{axis} · (2 · σ(t_{axis}))²", f"{prior} · (2 · σ({shown(t)}))²", value)
        case "yolo" if head.new_coords:
            return Step(symbol, f"p_{axis} · (2 · t_{axis})²", f"{prior} · (2 · {shown(t)})²", anchor * (2 * t) ** 2)
        case _:
            value = anchor * exponential(t)
            return Step(symbol, f"p_{axis} · exp(t_{axis})", f"{prior} · exp({shown(t)})", value)


def _corners(candidates: Candidates, box: list[float]) -> Iterator[Step]:
    """x1, y1, x2, y2 in pixels of the picture, from b_x, b_y, b_w, b_h in network pixels."""
    transform = candidates.transform
    scales, offsets = (transform.scale_x, transform.scale_y), (transform.offset_x, transform.offset_y)
    for end, sign in (("1", "−"), ("2", "+")):
        for i, (axis, side) in enumerate((("x", "w"), ("y", "h"))):
            half = box[2 + i] / 2 if sign == "+" else -box[2 + i] / 2
            corner = f"{shown(box[i])} {sign} {_bracketed(box[2 + i])} / 2"
            yield Step(
                axis + end,
                f"(b_{axis} {sign} b_{side} / 2 − offset_{axis}) / scale_{axis}",
                f"({corner} − {_bracketed(offsets[i])}) / {shown(scales[i])}",
                (box[i] + half - offsets[i]) / scales[i],
            )


def _objectness(head: Head, t: float) -> Step:
    """p_o."""
    if head.kind == "detection" or head.new_coords:
        return Step("p_o", "t_o", shown(t), t)
    return Step("p_o", "σ(t_o)", f"σ({shown(t)})", sigmoid(t))


def _class_probability(head: Head, raw: list[float], class_id: int) -> Iterator[Step]:
    """The lines that end in p_c."""
    t = raw[class_id]
    if head.tree is not None:
        yield from _down_the_tree(head.tree, raw, class_id)
    elif head.kind == "region" and head.softmax:
        yield _softmax("p_c", "c", raw, list(range(len(raw))), class_id)
    elif head.kind in ("detection", "region") or head.new_coords:
        yield Step("p_c", "t_c", shown(t), t)
    else:
        yield Step("p_c", "σ(t_c)", f"σ({shown(t)})", sigmoid(t))


def _softmax(symbol: str, name: str, raw: list[float], members: list[int], member: int) -> Step:
    """The share of one class among some; the largest number m is taken from all, which changes nothing."""
    largest = max(raw[k] for k in members)
    total = sum(math.exp(raw[k] - largest) for k in members)
    return Step(
        symbol,
        f"exp(t_{name} − m) / Σ_k exp(t_k − m)",
        f"exp({shown(raw[member])} − {_bracketed(largest)}) / {shown(total)}",
        math.exp(raw[member] - largest) / total,
    )


def _bracketed(number: float) -> str:
    return f"({shown(number)})" if number < 0 else shown(number)


def _down_the_tree(tree: ClassTree, raw: list[float], class_id: int) -> Iterator[Step]:
    """YOLO9000: a softmax among the siblings at every level, multiplied from the root down, then the deepest rule."""
    path = lineage(tree, class_id)
    conditional = [_softmax(f"p_{node}|parent", str(node), raw, siblings(tree, node), node) for node in path]
    yield from conditional
    product = math.prod(step.value for step in conditional)
    factors = " · ".join(shown(step.value) for step in conditional)
    yield Step("P_c", " · ".join(step.symbol for step in conditional), factors, product)
    deepest = deepest_class(tree, raw)
    found = "−" if deepest is None else str(deepest)
    yield Step(
        "p_c",
        f"P_c · [c = max {{k : P_k > {shown(tree.threshold)}}}]",
        f"{shown(product)} · [{class_id} = {found}]",
        product if deepest == class_id else 0.0,
    )


def lineage(tree: ClassTree, class_id: int) -> list[int]:
    """A class and its ancestors, the root first."""
    path = [class_id]
    while tree.parents[path[0]] >= 0:
        path.insert(0, tree.parents[path[0]])
    return path


def siblings(tree: ClassTree, class_id: int) -> list[int]:
    """The classes of the group that a class stands in, itself included."""
    first = 0
    for size in tree.group_sizes:
        if class_id < first + size:
            return list(range(first, first + size))
        first += size
    raise ValueError(f"class {class_id} stands in no group")


def deepest_class(tree: ClassTree, raw: list[float]) -> int | None:
    """The highest-numbered class whose product down the tree is over the threshold."""
    numbers = np.asarray(raw, dtype=np.float64)
    conditional = np.empty_like(numbers)
    first = 0
    for size in tree.group_sizes:
        group = np.exp(numbers[first : first + size] - numbers[first : first + size].max())
        conditional[first : first + size] = group / group.sum()
        first += size
    product: list[float] = []
    for node, parent in enumerate(tree.parents):
        product.append(float(conditional[node]) * (product[parent] if parent >= 0 else 1.0))
    above = [node for node, value in enumerate(product) if value > tree.threshold]
    return above[-1] if above else None


def _score(head: Head, objectness: float, probability: float) -> Step:
    """The score of the pair; in a tree the class alone, objectness only opens the gate."""
    if head.tree is not None:
        return Step("score", "p_c", shown(probability), probability)
    return Step("score", "p_o · p_c", f"{shown(objectness)} · {shown(probability)}", objectness * probability)
