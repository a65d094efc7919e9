"""The bounded cache of open pictures and their candidates."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from yolodash.models.catalogue import InstalledModel, ModelFiles
from yolodash.ui.caching import Bounded, identity


def test_what_was_used_last_stays() -> None:
    cache: Bounded[str] = Bounded(20)
    cache.put("a", "A", 10)
    cache.put("b", "B", 10)
    cache.get("a")
    cache.put("c", "C", 10)

    assert (cache.get("a"), cache.get("b"), cache.get("c")) == ("A", None, "C")


def test_the_newest_stays_even_if_it_is_over_the_bound() -> None:
    cache: Bounded[str] = Bounded(20)
    cache.put("a", "A", 10)
    cache.put("b", "B", 100)

    assert (cache.get("a"), cache.get("b")) == (None, "B")


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 15)), max_size=40))
def test_the_bound_holds_whatever_comes(puts: list[tuple[int, int]]) -> None:
    cache: Bounded[int] = Bounded(20)
    for key, size in puts:
        cache.put(key, size, size)
        kept = [value for other in range(6) if (value := cache.get(other)) is not None]
        assert sum(kept) <= 20
        assert cache.get(key) == size


def test_a_model_whose_file_changed_is_another_model(tmp_path: Path) -> None:
    weights = tmp_path / "a.pt"
    weights.write_bytes(b"one")
    model = InstalledModel("a", "uploaded", ModelFiles(weights), 3, verified=False)
    before = identity(model)
    weights.write_bytes(b"other")

    assert identity(model) != before
    weights.unlink()
    assert identity(model) != before
