"""What learning pages share: steps that the address remembers, a question that is checked, code that really runs."""

from __future__ import annotations

import inspect

from streamlit.testing.v1 import AppTest

from yolodash.data.samples import get_sample


def page() -> None:
    import streamlit as st

    from yolodash.data.samples import get_sample
    from yolodash.ui.learn import lesson

    titles = {"first": "One", "second": "Two", "third": "Three"}
    step = lesson.choose_step(titles, forget=("kernel",))
    st.text(step)
    lesson.formula(r"\frac{1}{2}", "a half")
    lesson.show_code(get_sample)
    lesson.question("halves", "How much is a half?", {"a": "0.5", "b": "2"}, "a", "It is one divided by two.")
    st.text(lesson.answered())
    lesson.onward(titles, step)
    st.text(dict(st.query_params))


def opened(**address: str) -> AppTest:
    app = AppTest.from_function(page)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def test_a_page_begins_with_its_first_step_or_with_the_one_of_the_address() -> None:
    assert opened().text[0].value == "first"
    assert opened(step="third").text[0].value == "third"
    assert opened(step="fourth").text[0].value == "first"


def test_the_buttons_at_the_end_lead_on_and_back_and_the_address_follows() -> None:
    app = opened()
    assert [button.key for button in app.button] == ["step_to_second"]

    app.button(key="step_to_second").click().run()
    assert app.text[0].value == "second"
    assert "'step': 'second'" in app.text[2].value
    assert [button.key for button in app.button] == ["step_to_first", "step_to_third"]

    app.button(key="step_to_first").click().run()
    assert app.text[0].value == "first"
    assert "step" not in app.text[2].value


def test_another_step_does_not_begin_with_what_belongs_to_this_one() -> None:
    app = opened(kernel="1,2", sample="cat")
    assert "kernel" in app.text[2].value

    app.button(key="step_to_second").click().run()
    assert app.text[2].value == "{'sample': 'cat', 'step': 'second'}"


def test_an_answer_is_judged_explained_and_remembered() -> None:
    app = opened()
    assert app.text[1].value == "{}"

    app.radio[0].set_value("b").run()
    assert "divided by two" in app.warning[0].value
    assert app.text[1].value == "{'halves': False}"

    app.radio[0].set_value("a").run()
    assert "divided by two" in app.success[0].value
    assert not app.warning
    assert app.text[1].value == "{'halves': True}"


def test_in_teachers_mode_answers_wait_until_they_are_shown() -> None:
    app = opened(teacher="1")
    app.radio[0].set_value("b").run()
    assert not app.warning
    assert not app.success

    app.toggle[0].set_value(True).run()
    assert app.success[0].value.startswith("**0.5**")


def test_the_code_that_is_shown_is_the_functions_own() -> None:
    app = opened()

    assert inspect.getsource(get_sample).strip() in [code.value for code in app.code]
    assert "`yolodash.data.samples.get_sample`" in [caption.value for caption in app.caption]
