"""What goes wrong becomes a sentence, and texts from outside stay texts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest

from yolodash.errors import N_, ImageError
from yolodash.ui import messages

HOSTILE = [
    "<script>alert(1)</script>",
    "[click](http://evil.example)",
    "![picture](http://evil.example/x.png)",
    "**bold** _slanted_ ~~gone~~ `code`",
    "# heading",
    "1. list",
    "- list",
    "+ list",
    "> quote",
    "| a | b |\n|---|---|",
    "$x^2$",
    "&lt;b&gt;",
    "line\nbreak\r\n\ttab",
    "back\\slash",
    "=== underline",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_from_outside_shows_as_it_is(text: str) -> None:
    rendered = MarkdownIt("gfm-like", {"linkify": False}).render(messages.plain(text))

    assert re.fullmatch(r"<p>[^<]*</p>\n", rendered)


@pytest.mark.parametrize("text", [":smile:", ":material/delete:", ":red[no]", ":red-background[no]"])
def test_a_colon_of_a_name_never_begins_one_of_streamlits_own_signs(text: str) -> None:
    assert not re.search(r":[a-z]", messages.plain(text))


def test_an_error_says_what_where_and_what_to_do() -> None:
    error = ImageError(N_("'{name}' is no picture"), where="a_b.png", fix=N_("choose another than {name}"), name="*x*")

    assert messages.sentence(error) == (r"**'\*x\*' is no picture** (a\_b\.png). Choose another than \*x\*.")


def test_what_nobody_foresaw_is_logged_and_shown_without_its_details(caplog: pytest.LogCaptureFixture) -> None:
    def page() -> None:
        import streamlit as st

        from yolodash.ui import messages

        with messages.shown():
            raise RuntimeError("/home/someone/secret")
        st.write("the page goes on")

    app = AppTest.from_function(page).run()

    assert len(app.error) == 1
    assert "secret" not in app.error[0].value
    assert [element.value for element in app.markdown] == ["the page goes on"]
    assert "/home/someone/secret" in caplog.text
    assert not app.exception


def test_only_this_module_turns_errors_into_words() -> None:
    root = Path(__file__).parents[2]
    elsewhere = [
        path.name
        for path in [*(root / "yolodash" / "ui").rglob("*.py"), *(root / "pages").glob("*.py"), root / "app.py"]
        if path.name != "messages.py"
        and re.search(r"except Exception|st\.error\(|st\.exception\(", path.read_text("utf-8"))
    ]

    assert elsewhere == []
