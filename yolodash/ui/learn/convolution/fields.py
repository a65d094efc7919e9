"""The values of the page as they stand in the address: matrices of small whole numbers, pairs, places, names."""

from __future__ import annotations

from collections.abc import Callable

from yolodash.kernels import KERNELS, Rows

Parse = Callable[[str], str]

LARGEST = 255
MOST_CELLS = 9


def written(rows: Rows) -> str:
    """A matrix as text: ``0,1;1,0``."""
    return ";".join(",".join(map(str, row)) for row in rows)


def read(text: str) -> Rows:
    """A matrix from its text, of any size.

    Raises:
        ValueError: it is none.
    """
    rows = tuple(tuple(int(number) for number in row.split(",")) for row in text.split(";"))
    if len({len(row) for row in rows}) != 1:
        raise ValueError(text)
    return rows


def matrix(most: int = MOST_CELLS, *, square: bool = False, odd: bool = False) -> Parse:
    """A parser of matrices with at most so many rows and columns."""

    def parse(text: str) -> str:
        rows = read(text)
        height, width = len(rows), len(rows[0])
        if max(height, width) > most or (square and height != width) or (odd and not height % 2):
            raise ValueError(text)
        if any(abs(number) > LARGEST for row in rows for number in row):
            raise ValueError(text)
        return written(rows)

    return parse


def pair(low: int, high: int) -> Parse:
    """A parser of ``vertical,horizontal``."""

    def parse(text: str) -> str:
        first, second = (int(part) for part in text.split(","))
        if not (low <= first <= high and low <= second <= high):
            raise ValueError(text)
        return f"{first},{second}"

    return parse


def filters(text: str) -> str:
    """Three 3×3 matrices, for red, green and blue."""
    each = [read(part) for part in text.split("|")]
    if len(each) != 3 or any((len(rows), len(rows[0])) != (3, 3) for rows in each):
        raise ValueError(text)
    return "|".join(matrix(3)(written(rows)) for rows in each)


def switch(text: str) -> str:
    """On or off."""
    if text not in ("0", "1"):
        raise ValueError(text)
    return text


def kernel_name(text: str) -> str:
    """One of the named kernels."""
    if text not in KERNELS:
        raise ValueError(text)
    return text
