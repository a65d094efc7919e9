"""Small Markdown tables; no network is imported for them."""

from __future__ import annotations

from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]], sides: Sequence[str] = ()) -> str:
    """A small Markdown table.

    Args:
        sides: of each column, as Markdown has them; at first words to the left, numbers to the right.
    """
    usual = [":---" if column and not column.startswith("$") else "---:" for column in header]
    lines = [header, sides or usual, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
