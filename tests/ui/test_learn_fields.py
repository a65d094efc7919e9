"""What the address of a learning page may hold."""

from __future__ import annotations

import pytest

from yolodash.ui.learn.convolution import fields
from yolodash.ui.learn.convolution.cases import CASES, FILTERS


@pytest.mark.parametrize("name", CASES)
def test_every_case_survives_the_address(name: str) -> None:
    for rows in (CASES[name].matrix, CASES[name].kernel):
        text = fields.written(rows)
        assert fields.matrix()(text) == text
        assert fields.read(text) == rows


@pytest.mark.parametrize("text", FILTERS.values())
def test_every_filter_of_three_channels_survives_the_address(text: str) -> None:
    assert fields.filters(text) == text


@pytest.mark.parametrize("text", ["", "1,2;3", "1.5", "256", "-256", "1,;2,3", ";".join(["1"] * 10), "1|2", "²"])
def test_what_is_no_small_matrix_of_whole_numbers_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, it is passed over
        fields.matrix()(text)


def test_a_kernel_to_draw_is_square_and_has_a_middle() -> None:
    parse = fields.matrix(7, square=True, odd=True)
    assert parse("1") == "1"
    for text in ("1,2,3", "1,2;3,4"):
        with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, it is passed over
            parse(text)


@pytest.mark.parametrize("text", ["1", "1,5", "0,1", "1,2,3", "a,b"])
def test_a_stride_is_a_pair_within_its_bounds(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, it is passed over
        fields.pair(1, 4)(text)
