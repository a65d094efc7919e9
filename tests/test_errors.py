"""Every error is one line that says what is wrong, where, and what to do."""

from __future__ import annotations

import ast
import pickle
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolodash import errors
from yolodash.errors import ImageError, InputError, YoloDashError, one_line

ROOT = Path(__file__).parent.parent
KINDS = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, YoloDashError)}


def test_an_error_reads_what_where_and_what_to_do() -> None:
    error = ImageError("It has {count} pixels", where="a.png", fix="shrink it to {limit}", count=3, limit=2)
    assert str(error) == "It has 3 pixels — a.png — shrink it to 2"
    assert isinstance(error, InputError)


def test_an_error_without_a_place_has_two_parts() -> None:
    assert str(ImageError("It is empty", fix="copy it again")) == "It is empty — copy it again"


def test_numbers_keep_their_format() -> None:
    assert str(ImageError("{share:.1f} %", fix="wait", share=1 / 3)) == "0.3 % — wait"


@given(st.text(), st.text())
def test_an_error_stays_one_line_whatever_it_quotes(name: str, where: str) -> None:
    error = InputError("No '{name}' and no {path}", where=where, fix="rename {name}", name=name, path=Path("/\n", "x"))
    assert str(error).isprintable()


@given(st.text())
def test_a_quoted_text_is_printable_and_bounded(text: str) -> None:
    assert one_line(text).isprintable()
    assert len(one_line(text, 20)) <= 20


def test_a_quoted_text_may_hold_braces() -> None:
    assert str(InputError("No '{name}'", fix="rename it", name="{0.__class__}")) == "No '{0.__class__}' — rename it"


def test_an_error_travels_between_processes() -> None:
    error = ImageError("It has {count} pixels", where="a.png", fix="shrink it", count=3)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is ImageError
    assert str(again) == str(error)
    assert again.values == error.values


def raised() -> Iterator[tuple[str, ast.Call]]:
    """Every place in the package that makes one of our errors."""
    for path in sorted((ROOT / "yolodash").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def marked_text(node: ast.expr | None) -> str | None:
    """The text inside ``N_("…")``, or None for anything else."""
    is_marked = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_"
    if not is_marked or not isinstance(node.args[0], ast.Constant):
        return None
    return str(node.args[0].value)


@pytest.mark.parametrize(("place", "call"), [pytest.param(place, call, id=place) for place, call in raised()])
def test_every_error_marks_its_texts_and_gives_what_they_quote(place: str, call: ast.Call) -> None:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if not call.args or isinstance(call.args[0], ast.Starred) or None in keywords:
        return
    assert "fix" in keywords
    for text_node in (call.args[0], keywords["fix"]):
        assert not isinstance(text_node, ast.Constant | ast.JoinedStr), "the text must stand in N_() to be translated"
        text = marked_text(text_node)
        quoted = {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(text or "") if name}
        assert quoted <= set(keywords), f"no value for {quoted - set(keywords)}"
        assert not (text or "").endswith(".")
