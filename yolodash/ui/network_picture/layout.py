"""Where each node of a network's picture stands: a row a resolution, from fine to coarse; time runs to the right.

So the backbone goes down the stairs, the neck up and down again, a skip connection stays in its row, and the heads
stand at the right edge, each in the row of its grid.
"""

from __future__ import annotations

from dataclasses import dataclass

from yolodash.models.summary import Graph, Node


@dataclass(frozen=True)
class Place:
    """A cell of the picture, counted from the upper left."""

    column: int
    row: int


@dataclass(frozen=True)
class Layout:
    """A place for every node, and the sizes ``(height, width)`` of the maps in each row."""

    places: tuple[Place, ...]
    rows: tuple[tuple[int, int], ...]
    columns: int


def layout(graph: Graph) -> Layout:
    """Place every node after what it reads, in the row of its resolution, never two in one cell."""
    sizes = sorted({node.shape[1:] for node in graph.nodes}, reverse=True)
    row_of = {size: row for row, size in enumerate(sizes)}
    filled = [-1] * len(sizes)  # the last column taken in each row
    places: list[Place] = []
    for index, node in enumerate(graph.nodes):
        row = row_of[node.shape[1:]]
        column = 0 if node.role == "head" else _column(graph, places, index, row, filled[row])
        filled[row] = max(filled[row], column)
        places.append(Place(column, row))
    last = max((place.column for place in places), default=0)
    ended = [_at_the_edge(node, place, last + 1) for node, place in zip(graph.nodes, places, strict=True)]
    return Layout(tuple(ended), tuple(sizes), max(place.column for place in ended) + 1)


def _column(graph: Graph, places: list[Place], index: int, row: int, filled: int) -> int:
    """One further than a source in the same row; straight below or above one in another row, where that is free."""
    wanted = 0
    for edge in graph.edges:
        if edge.target == index and edge.source >= 0:
            source = places[edge.source]
            wanted = max(wanted, source.column + (source.row == row))
    return max(wanted, filled + 1)


def _at_the_edge(node: Node, place: Place, column: int) -> Place:
    return Place(column, place.row) if node.role == "head" else place
