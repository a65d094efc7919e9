"""Pages run one after another; none holds up the others for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from yolodash.serving.gate import Gate


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.002)


def test_one_at_a_time_in_the_order_of_their_coming() -> None:
    gate, inside, order = Gate(lease=60.0), [0], []
    most = [0]

    def come(number: int) -> None:
        with gate.passed():
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            order.append(number)
            time.sleep(0.005)
            inside[0] -= 1

    threads = [threading.Thread(target=come, args=(number,)) for number in range(6)]
    with gate.passed():
        for number, thread in enumerate(threads):
            thread.start()
            until(lambda number=number: len(gate._line) == number + 1)  # type: ignore[misc]
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3, 4, 5]
    assert most == [1]


def test_who_stays_too_long_no_longer_counts() -> None:
    gate, others = Gate(lease=0.02), []

    def come() -> None:
        with gate.passed() as waited:
            others.append(waited)

    with gate.passed() as waited:
        assert waited < 1
        thread = threading.Thread(target=come)
        thread.start()
        thread.join(10)
        assert len(others) == 1  # and we are still inside
        assert others[0] > 0.005
    assert gate._holder is None  # leaving late takes nobody's place


def test_others_come_in_while_one_waits_for_something_else_and_then_it_is_next() -> None:
    gate, seen = Gate(lease=60.0), []
    let_go = threading.Event()

    def come(name: str) -> None:
        with gate.passed():
            seen.append(name)
            if name == "first":
                let_go.wait(10)

    def let_go_when_two_wait() -> None:
        until(lambda: len(gate._line) == 2)
        let_go.set()

    first, second = (threading.Thread(target=come, args=(name,)) for name in ("first", "second"))
    with gate.passed():
        with gate.outside():
            first.start()
            until(lambda: seen == ["first"])
            second.start()
            until(lambda: len(gate._line) == 1)
            threading.Thread(target=let_go_when_two_wait).start()
        seen.append("back")
    second.join(10)
    assert seen == ["first", "back", "second"]


def test_outside_is_nothing_to_who_never_came_in() -> None:
    gate = Gate(lease=60.0)
    with gate.outside():
        assert gate._holder is None
    assert gate._holder is None


def test_an_error_inside_frees_the_place() -> None:
    gate = Gate(lease=60.0)
    with pytest.raises(ValueError, match="broken"), gate.passed():
        raise ValueError("broken")
    with gate.passed() as waited:
        assert waited < 1.0
