"""The address repeats what is shown; what does not fit in it is passed over."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from yolodash.ui import state


def page() -> None:
    import streamlit as st

    from yolodash.ui import state

    st.text(state.from_address("score", state.between(0, 1), 0.25))
    state.mirror({"score": None, "sample": "cat"})
    st.text(dict(st.query_params))


@pytest.mark.parametrize(
    ("text", "value"), [("0.5", "0.5"), ("2", "0.25"), ("nan", "0.25"), ("x", "0.25"), ("", "0.25"), ("1e-400", "0.0")]
)
def test_a_number_of_the_address_counts_within_its_bounds(text: str, value: str) -> None:
    app = AppTest.from_function(page)
    app.query_params["score"] = text
    app.run()

    assert app.text[0].value == value


def test_what_is_mirrored_leaves_the_rest_of_the_address_alone() -> None:
    app = AppTest.from_function(page)
    app.query_params["lang"] = "it"
    app.query_params["score"] = "0.5"
    app.run()

    assert app.text[1].value == "{'lang': 'it', 'sample': 'cat'}"


def test_only_known_values_are_taken() -> None:
    parse = state.one_of((320, 416), int)

    assert parse("416") == 416
    with pytest.raises(ValueError, match="417"):
        parse("417")
