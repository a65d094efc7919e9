"""A small stack machine that reads a pickle and runs nothing.

A pickle is a program: push this, remember that, call this with that. Python's own reader does what it says; this one
knows only the operations that checkpoints use, calls only what ``allowed`` builds itself, and keeps to ``Limits``.
Work and memory grow at most with the file's length: nothing is copied without being charged for.

Source: the operations' meaning, Python's documentation of ``pickletools``.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from yolodash.errors import N_, ModelFileError
from yolodash.models.yolov5 import allowed
from yolodash.models.yolov5.records import Global, Record, TensorRecord, cut_short, damaged


@dataclass(frozen=True)
class Limits:
    """How much a pickle may ask for; the largest official one with optimizer and EMA asks for a third of it.

    Attributes:
        work: operations, and copied items.
        depth: containers that are open at once.
        text: bytes of one text.
        number: bytes of one whole number.
    """

    work: int = 750_000
    depth: int = 1_000
    text: int = 8 << 20
    number: int = 32


class Machine:
    """Reads one pickle; ``position`` is left behind its end, where a legacy checkpoint has the next one.

    Args:
        data: the bytes that hold it.
        position: where it begins.
        persistent: what a persistent id stands for (PyTorch writes tensors' storages as such).
        limits: how much it may ask for.
    """

    def __init__(
        self,
        data: bytes,
        position: int = 0,
        persistent: Callable[[object], object] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.data = data
        self.position = position
        self.persistent = persistent
        self.limits = limits or Limits()
        self.stack: list[object] = []
        self.marked: list[list[object]] = []
        self.memo: dict[int, object] = {}
        self.modules: set[str] = set()
        self.work = 0

    def run(self) -> object:
        """The object that the pickle describes.

        Raises:
            ModelFileError: it is damaged, asks for too much, or for something that is not allowed.
        """
        try:
            self._run_operations()
            return self.stack.pop()
        except ModelFileError:
            raise
        except KeyError as error:
            raise damaged() from error
        except (IndexError, ValueError, TypeError, struct.error, OverflowError) as error:
            raise damaged() from error

    def charge(self, amount: int) -> None:
        """Account for work before it is done."""
        self.work += amount
        if self.work > self.limits.work:
            raise ModelFileError(
                N_("The file describes more than {limit} objects; no YOLOv5 checkpoint does"),
                fix=N_("use a checkpoint as YOLOv5's training writes it"),
                limit=self.limits.work,
            )

    def _run_operations(self) -> None:
        """One operation after another until the one that ends the pickle; the loop that all the time goes into."""
        data, end, most = self.data, len(self.data), self.limits.work
        while self.position < end:
            operation = OPERATIONS[data[self.position]]
            self.position += 1
            if operation is _stop:
                return
            self.work += 1
            if self.work > most:
                self.charge(0)
            operation(self)
        raise cut_short()

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        if count > len(self.data) - self.position:
            raise cut_short()
        self.position += count
        return self.data[self.position - count : self.position]

    def unsigned(self, width: int) -> int:
        """The next ``width`` bytes as a whole number."""
        return int.from_bytes(self.take(width), "little")

    def line(self) -> str:
        """The next line, without its end."""
        end = self.data.find(b"\n", self.position, self.position + allowed.LONGEST_NAME + 1)
        if end < 0:
            raise damaged()
        text = self.data[self.position : end].decode("utf-8")
        self.position = end + 1
        return text

    def text(self, width: int) -> str:
        """A text that its length, ``width`` bytes wide, stands before."""
        return self.raw(width).decode("utf-8", "surrogatepass")

    def raw(self, width: int) -> bytes:
        """Bytes that their length, ``width`` bytes wide, stands before."""
        length = self.unsigned(width)
        if length > self.limits.text:
            raise ModelFileError(
                N_("The file holds one text of {length} bytes; no YOLOv5 checkpoint does"),
                fix=N_("use a checkpoint as YOLOv5's training writes it"),
                length=length,
            )
        return self.take(length)

    def whole_number(self, width: int) -> int:
        """A signed number that its length stands before."""
        length = self.unsigned(width)
        if length > self.limits.number:
            raise damaged()
        return int.from_bytes(self.take(length), "little", signed=True)

    def mark(self) -> None:
        """Open a container."""
        if len(self.marked) >= self.limits.depth:
            raise ModelFileError(
                N_("The file nests more than {limit} levels deep; no YOLOv5 checkpoint does"),
                fix=N_("use a checkpoint as YOLOv5's training writes it"),
                limit=self.limits.depth,
            )
        self.marked.append(self.stack)
        self.stack = []

    def to_mark(self) -> list[object]:
        """Close the container: everything that was pushed since the mark."""
        items, self.stack = self.stack, self.marked.pop()
        return items

    def find(self, module: str, name: str) -> Global:
        """A global, if it is allowed; what it belonged to is remembered for the sentence if one is not."""
        self.modules.add(module)
        return allowed.resolve(module, name)


Operation = Callable[[Machine], None]


def _stop(machine: Machine) -> None:
    raise AssertionError("the loop ends before this")


def _constant(value: object) -> Operation:
    return lambda machine: machine.stack.append(value)


def _read(reader: Callable[[Machine], object]) -> Operation:
    def push(machine: Machine) -> None:
        value = reader(machine)  # first, as it may change which stack is the current one
        machine.stack.append(value)

    return push


def _skip(width: int) -> Operation:
    def skip(machine: Machine) -> None:
        machine.take(width)

    return skip


def _small_number(machine: Machine) -> None:
    machine.stack.append(machine.take(1)[0])


def _float(machine: Machine) -> float:
    number: float = struct.unpack(">d", machine.take(8))[0]
    return number


def _last(count: int) -> Operation:
    def tuple_of_last(machine: Machine) -> None:
        if len(machine.stack) < count:
            raise damaged()
        machine.stack[-count:] = [tuple(machine.stack[-count:])]

    return tuple_of_last


def _put(width: int) -> Operation:
    def put(machine: Machine) -> None:
        machine.memo[machine.unsigned(width)] = machine.stack[-1]

    return put


def _memoize(machine: Machine) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _get(width: int) -> Operation:
    return lambda machine: machine.stack.append(machine.memo[machine.unsigned(width)])


def _pop(machine: Machine) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.to_mark()


def _pop_mark(machine: Machine) -> None:
    machine.to_mark()


def _set_items(machine: Machine, items: list[object]) -> None:
    target = machine.stack[-1]
    if len(items) % 2:
        raise damaged()
    if isinstance(target, dict):
        for name, value in zip(items[::2], items[1::2], strict=True):
            target[allowed.key(name)] = value
    elif not isinstance(target, Record):  # a record of a kind of dict: nobody looks into it
        raise damaged()


def _set_item(machine: Machine) -> None:
    value, name = machine.stack.pop(), machine.stack.pop()
    _set_items(machine, [name, value])


def _append(machine: Machine, items: list[object]) -> None:
    target = machine.stack[-1]
    if isinstance(target, list):
        target.extend(items)
    elif not isinstance(target, Record):  # a record of a kind of list
        raise damaged()


def _append_one(machine: Machine) -> None:
    value = machine.stack.pop()
    _append(machine, [value])


def _add_items(machine: Machine) -> None:
    items, target = machine.to_mark(), machine.stack[-1]
    if not isinstance(target, set):
        raise damaged()
    target.update(allowed.key(item) for item in items)


def _dict_of(machine: Machine) -> dict[object, object]:
    items = machine.to_mark()
    if len(items) % 2:
        raise damaged()
    return {allowed.key(name): value for name, value in zip(items[::2], items[1::2], strict=True)}


def _global(machine: Machine) -> Global:
    module, name = machine.line(), machine.line()
    return machine.find(module, name)


def _stack_global(machine: Machine) -> Global:
    name, module = machine.stack.pop(), machine.stack.pop()
    if not isinstance(module, str) or not isinstance(name, str):
        raise damaged()
    return machine.find(module, name)


def _call(machine: Machine) -> object:
    arguments, function = machine.stack.pop(), machine.stack.pop()
    return allowed.call(function, arguments, machine.charge)


def _call_with_keywords(machine: Machine) -> object:
    machine.stack.pop()
    return _call(machine)


def _build(machine: Machine) -> None:
    state, target = machine.stack.pop(), machine.stack[-1]
    if isinstance(target, Record):
        if target.state is not None:
            raise damaged()
        target.state = state
    elif not isinstance(target, dict | set | list | TensorRecord):  # their extra attributes are of no use
        raise damaged()


def _persistent(machine: Machine) -> object:
    name = machine.stack.pop()
    if machine.persistent is None:
        raise damaged()
    return machine.persistent(name)


OPERATIONS: Final[dict[int, Operation]] = {
    ord("."): _stop,
    0x80: _skip(1),  # PROTO
    0x95: _skip(8),  # FRAME
    ord("("): Machine.mark,
    ord("0"): _pop,
    ord("1"): _pop_mark,
    ord("2"): lambda machine: machine.stack.append(machine.stack[-1]),  # DUP
    ord("N"): _constant(None),
    0x88: _constant(True),
    0x89: _constant(False),
    ord("J"): _read(lambda machine: int.from_bytes(machine.take(4), "little", signed=True)),
    ord("K"): _small_number,
    ord("M"): _read(lambda machine: machine.unsigned(2)),
    0x8A: _read(lambda machine: machine.whole_number(1)),
    0x8B: _read(lambda machine: machine.whole_number(4)),
    ord("G"): _read(_float),
    ord("X"): _read(lambda machine: machine.text(4)),
    0x8C: _read(lambda machine: machine.text(1)),
    0x8D: _read(lambda machine: machine.text(8)),
    ord("C"): _read(lambda machine: machine.raw(1)),
    ord("B"): _read(lambda machine: machine.raw(4)),
    0x8E: _read(lambda machine: machine.raw(8)),
    ord(")"): _constant(()),
    0x85: _last(1),
    0x86: _last(2),
    0x87: _last(3),
    ord("t"): _read(lambda machine: tuple(machine.to_mark())),
    ord("]"): _read(lambda machine: []),
    ord("l"): _read(lambda machine: machine.to_mark()),
    ord("a"): _append_one,
    ord("e"): lambda machine: _append(machine, machine.to_mark()),
    ord("}"): _read(lambda machine: {}),
    ord("d"): _read(_dict_of),
    ord("s"): _set_item,
    ord("u"): lambda machine: _set_items(machine, machine.to_mark()),
    0x8F: _read(lambda machine: set()),
    0x90: _add_items,
    0x91: _read(lambda machine: {allowed.key(item) for item in machine.to_mark()}),
    ord("q"): _put(1),
    ord("r"): _put(4),
    0x94: _memoize,
    ord("h"): _get(1),
    ord("j"): _get(4),
    ord("c"): _read(_global),
    0x93: _read(_stack_global),
    ord("R"): _read(_call),
    0x81: _read(_call),  # NEWOBJ
    0x92: _read(_call_with_keywords),  # NEWOBJ_EX
    ord("b"): _build,
    ord("Q"): _read(_persistent),
}
"""The operations of protocols 2 to 5 that checkpoints use, by their byte."""
