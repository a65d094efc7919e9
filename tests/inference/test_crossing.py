"""Counting different objects, and those that go over a line; the browser counts the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scripts_in_node import call

from yolodash.inference.crossing import crossings, unique_objects

FRAMES = Path(__file__).parents[2] / "yolodash" / "ui" / "video" / "frames.js"
UP = (10.0, 100.0, 10.0, 0.0)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(0, 50), (20, 50)], (1, 0)),
        ([(20, 50), (0, 50)], (0, 1)),
        ([(0, 50), (20, 50), (0, 50), (20, 50)], (2, 1)),
        ([(0, 150), (20, 150)], (0, 0)),
        ([(0, 50), (9, 50)], (0, 0)),
        ([(0, 50)], (0, 0)),
        ([], (0, 0)),
    ],
)
def test_a_path_crosses_from_the_lines_left_to_its_right_and_back(
    points: list[tuple[float, float]], expected: tuple[int, int]
) -> None:
    assert crossings(points, UP) == expected


def test_the_browser_counts_as_python_does() -> None:
    random = np.random.default_rng(0)
    cases = [(random.uniform(0, 100, (12, 2)).round(1), random.uniform(0, 100, 4).round(1)) for _ in range(40)]
    cases.append((np.array([[0, 0], [5, 5], [5, 9]]), np.array([5, 0, 5, 10])))
    ours = [list(crossings([(x, y) for x, y in points.tolist()], tuple(line.tolist()))) for points, line in cases]
    theirs = call([FRAMES], "crossings", [(points.tolist(), line.tolist()) for points, line in cases])
    assert theirs == ours
    assert sum(map(sum, ours)) > 40


def test_what_flashes_up_once_is_no_object_and_track_0_is_none() -> None:
    seen = [(1, 2)] * 5 + [(2, 2)] * 3 + [(3, 2)] * 2 + [(4, 0)] * 9 + [(0, 1)] * 50
    assert unique_objects(seen) == {2: 2, 0: 1}
