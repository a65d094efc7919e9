"""What tracks tell when they are over: how many different objects there were, and how many went over a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

Point = tuple[float, float]
Line = tuple[float, float, float, float]
"""x and y of its one end, then of the other, in pixels."""
LEAST_SEEN = 3
"""Frames in which an object must be seen to be counted: what flashes up once is seldom one."""


def unique_objects(seen: Iterable[tuple[int, int]], least: int = LEAST_SEEN) -> dict[int, int]:
    """How many different objects of each class there were.

    Args:
        seen: track and class of every box on frames that the network saw; track 0 is none.
        least: in how many frames a track must be seen.

    Returns:
        class → number of tracks, those with most first.
    """
    hits = Counter((track, class_id) for track, class_id in seen if track)
    return dict(Counter(class_id for (_, class_id), count in hits.items() if count >= least).most_common())


def crossings(points: Sequence[Point], line: Line) -> tuple[int, int]:
    """How often a path crosses a line from its left side, as seen from its first end, to its right; and back.

    A step from point to point crosses where its ends lie on different sides and the place where it meets the line lies
    between the line's ends. The picture's y points down.
    """
    ax, ay, bx, by = line
    forward = back = 0
    for (x0, y0), (x1, y1) in pairwise(points):
        before = (bx - ax) * (y0 - ay) - (by - ay) * (x0 - ax)
        after = (bx - ax) * (y1 - ay) - (by - ay) * (x1 - ax)
        if (before < 0) == (after < 0):
            continue
        share = before / (before - after)
        x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        along = (x - ax) * (bx - ax) + (y - ay) * (by - ay)
        if not 0 <= along <= (bx - ax) ** 2 + (by - ay) ** 2:
            continue
        forward, back = (forward + 1, back) if before < 0 else (forward, back + 1)
    return forward, back
