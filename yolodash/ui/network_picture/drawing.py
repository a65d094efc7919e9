"""A network's picture as plain numbers and texts, which the browser turns into an SVG in the page's own colours."""

from __future__ import annotations

from typing import Any

from yolodash.models.summary import Edge, Graph, Node
from yolodash.ui.i18n import _
from yolodash.ui.network_picture.layout import Layout, Place, layout

WIDTH = 960
MARGIN = 84
ROW = 64
TOP = 6
NODE_HEIGHT = 30
WIDEST_NODE = 72

SHORT = {
    "convolutional": "Conv",
    "maxpool": "Max",
    "avgpool": "Mean",
    "upsample": "Up",
    "Upsample": "Up",
    "route": "Join",
    "Concat": "Join",
    "shortcut": "Add",
    "BottleneckCSP": "CSP",
    "connected": "Full",
    "yolo": "Head",
    "region": "Head",
    "detection": "Head",
    "Detect": "Head",
}
"""What fits into a node; other kinds are cut to the first letters."""


def drawing(graph: Graph, frozen: int = 0) -> dict[str, Any]:
    """Everything that the browser draws: rows with their sizes, lines, and boxes with a title each."""
    placed = layout(graph)
    step = (WIDTH - MARGIN - 8) / placed.columns
    width = min(WIDEST_NODE, step - 8)
    centres = [(MARGIN + (place.column + 0.5) * step, TOP + place.row * ROW + ROW / 2) for place in placed.places]
    return {
        "width": WIDTH,
        "height": TOP + len(placed.rows) * ROW,
        "margin": MARGIN,
        "rows": [_row(placed, number) for number in range(len(placed.rows))],
        "edges": [_edge(edge, placed, centres, width) for edge in graph.edges if edge.source >= 0],
        "nodes": [_node(node, x, y, width, frozen) for node, (x, y) in zip(graph.nodes, centres, strict=True)],
        "description": _("The network as a picture; the table of layers below says the same in numbers."),
    }


def _row(placed: Layout, number: int) -> dict[str, Any]:
    height, width = placed.rows[number]
    return {"y": TOP + number * ROW + ROW / 2, "label": f"{width}×{height}"}


def _node(node: Node, x: float, y: float, width: float, frozen: int) -> dict[str, Any]:
    label = SHORT.get(node.kind, node.kind[:5])
    return {
        "x": round(x - width / 2, 1),
        "y": y - NODE_HEIGHT / 2,
        "width": round(width, 1),
        "height": NODE_HEIGHT,
        "role": node.role,
        "label": f"{node.count}×{label}" if node.count > 1 else label,
        "below": str(node.shape[0]) if node.role != "head" else "",
        "skips": node.skips,
        "frozen": node.first < frozen,
        "title": title(node) + ("\n" + _("frozen: its weights stay as they are") if node.first < frozen else ""),
    }


def title(node: Node) -> str:
    """What a node is, for whoever points at it."""
    where = _("Layer {first}") if node.first == node.last else _("Layers {first}–{last}")
    lines = [where.format(first=node.first, last=node.last) + f": {node.kind if node.count == 1 else ''}".rstrip(": ")]
    if node.detail:
        lines.append(node.detail)
    channels, height, width = node.shape
    lines.append(_("{channels} channels, {width}×{height}").format(channels=channels, width=width, height=height))
    lines.append(_("{parameters} parameters").format(parameters=f"{node.parameters:,}"))
    return "\n".join(lines)


def _edge(edge: Edge, placed: Layout, centres: list[tuple[float, float]], width: float) -> dict[str, Any]:
    source, target = placed.places[edge.source], placed.places[edge.target]
    path = _path(source, target, centres[edge.source], centres[edge.target], width, _between(placed, source, target))
    return {"path": path, "skip": edge.skip}


def _between(placed: Layout, source: Place, target: Place) -> bool:
    """Whether a straight line in one row would run through another node."""
    return any(
        place.row == source.row == target.row and source.column < place.column < target.column
        for place in placed.places
    )


def _path(
    source: Place, target: Place, start: tuple[float, float], end: tuple[float, float], width: float, over: bool
) -> str:
    """A straight line, an arc over what lies between, or a step from one row to another."""
    (x0, y0), (x1, y1) = start, end
    half_width, half_height = width / 2, NODE_HEIGHT / 2
    if source.row == target.row and not over:
        return f"M{x0 + half_width:.1f} {y0}H{x1 - half_width:.1f}"
    if source.row == target.row:
        top = y0 - half_height
        lift = top - min(22.0, 10.0 + 2.0 * (target.column - source.column))
        x0 += width / 4  # beside the line that may leave the middle upwards
        return f"M{x0:.1f} {top}C{x0:.1f} {lift} {x1:.1f} {lift} {x1:.1f} {y1 - half_height}"
    down = 1 if y1 > y0 else -1
    if source.column == target.column:
        return f"M{x0:.1f} {y0 + down * half_height}V{y1 - down * half_height}"
    middle = x1 - half_width - 8
    return f"M{x0 + half_width:.1f} {y0}C{middle:.1f} {y0} {x1:.1f} {y0} {x1:.1f} {y1 - down * half_height}"
