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


def chooser() -> None:
    import streamlit as st

    from yolodash.ui import state

    names = {1: "one", 2: "two", 3: "three"}
    if st.toggle("fewer", key="fewer"):
        del names[3]
    st.text(state.choose("How many", names, "count", name="n", usual=2))
    st.text(dict(st.query_params))


def chosen(app: AppTest) -> list[str]:
    assert not app.exception
    return [text.value for text in app.text]


@pytest.mark.parametrize(("text", "value"), [(None, "2"), ("3", "3"), ("2", "2"), ("4", "2"), ("", "2"), ("one", "2")])
def test_a_choice_comes_from_the_address_where_it_is_one(text: str | None, value: str) -> None:
    app = AppTest.from_function(chooser)
    if text is not None:
        app.query_params["n"] = text
    app.run()

    assert chosen(app) == [value, "{}" if value == "2" else str({"n": value})]


def test_a_choice_goes_into_the_address_and_what_is_no_choice_any_more_is_left_for_the_usual_one() -> None:
    app = AppTest.from_function(chooser).run()
    app.button_group(key="count").set_value(3).run()
    assert chosen(app) == ["3", "{'n': '3'}"]

    app.toggle(key="fewer").set_value(True).run()
    assert chosen(app) == ["2", "{}"]
    app.toggle(key="fewer").set_value(False).run()
    assert chosen(app) == ["2", "{}"]
