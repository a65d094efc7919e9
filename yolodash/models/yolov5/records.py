"""What an inert reader makes of a checkpoint: names of things instead of the things, tensors that are not read yet."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from yolodash.errors import N_, ModelFileError

ELEMENT_BYTES: Final = {
    "float64": 8,
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
    "bool": 1,
}
"""The element types that a tensor of a detector can have, with their bytes in the file."""

MOST_DIMENSIONS = 8


class Global:
    """A name that a pickle refers to: a module and what is called so in it. Never looked up in Python."""

    __slots__ = ("module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name

    def __repr__(self) -> str:
        return f"{self.module}.{self.name}"


class Record:
    """An object as a pickle describes it: of which class, made with what, in which state. It can do nothing.

    Attributes:
        kind: the class.
        arguments: what it was made with.
        state: what it holds, mostly a dict of its attributes; None until the pickle says so.
    """

    __slots__ = ("arguments", "kind", "state")

    def __init__(self, kind: Global, arguments: tuple[object, ...] = ()) -> None:
        self.kind = kind
        self.arguments = arguments
        self.state: object = None

    def attribute(self, name: str) -> object:
        """One of its attributes, or None."""
        return self.state.get(name) if isinstance(self.state, dict) else None

    def __repr__(self) -> str:
        return f"<{self.kind}>"


class Source:
    """The bytes of a file, read piece by piece and only within its size."""

    def __init__(self, file: io.BufferedReader, size: int) -> None:
        self._file = file
        self.size = size

    @classmethod
    def of(cls, file: io.BufferedReader) -> Source:
        """The source of an open file."""
        return cls(file, file.seek(0, io.SEEK_END))

    def read(self, offset: int, count: int) -> bytes:
        """``count`` bytes from ``offset``.

        Raises:
            ModelFileError: the file ends before.
        """
        if offset < 0 or count < 0 or offset + count > self.size:
            raise cut_short()
        self._file.seek(offset)
        data = self._file.read(count)
        if len(data) != count:
            raise cut_short()
        return data


class Storage:
    """A run of numbers in the file; ``place`` fills in where, once that is known to lie within the file.

    Attributes:
        dtype: a key of ``ELEMENT_BYTES``.
        key: its name in the file.
        count: how many numbers.
    """

    __slots__ = ("_offset", "_source", "count", "dtype", "key")

    def __init__(self, dtype: str, key: str, count: int) -> None:
        self.dtype = dtype
        self.key = key
        self.count = count
        self._source: Source | None = None
        self._offset = 0

    @property
    def nbytes(self) -> int:
        """Bytes in the file."""
        return self.count * ELEMENT_BYTES[self.dtype]

    def place(self, source: Source, offset: int) -> None:
        """Say where the numbers lie.

        Raises:
            ModelFileError: the file does not hold so many.
        """
        if offset + self.nbytes > source.size:
            raise cut_short()
        self._source, self._offset = source, offset

    def read(self, first: int, count: int) -> bytes:
        """The bytes of ``count`` numbers from number ``first``."""
        if self._source is None or first + count > self.count:
            raise cut_short()
        width = ELEMENT_BYTES[self.dtype]
        return self._source.read(self._offset + first * width, count * width)


class TensorRecord:
    """A tensor that has not been read yet: a view into a storage.

    Raises:
        ModelFileError: the view reaches out of its storage, or shows more numbers than that holds.
    """

    __slots__ = ("offset", "shape", "storage", "stride")

    def __init__(self, storage: Storage, offset: int, shape: tuple[int, ...], stride: tuple[int, ...]) -> None:
        self.storage = storage
        self.offset = offset
        self.shape = shape
        self.stride = stride
        numbers = (offset, *shape, *stride)
        if len(shape) != len(stride) or len(shape) > MOST_DIMENSIONS or any(number < 0 for number in numbers):
            raise damaged()
        if self.count > storage.count or (self.count and offset + self._span > storage.count):
            raise ModelFileError(
                N_("A tensor of {wanted} numbers does not fit into the {held} that the file holds for it"),
                fix=N_("fetch or export the file again; it is damaged or was tampered with"),
                wanted=max(self.count, offset + self._span),
                held=storage.count,
            )

    @property
    def count(self) -> int:
        """How many numbers."""
        return math.prod(self.shape)

    @property
    def _span(self) -> int:
        """How many numbers lie between its first and its last, both included."""
        return 1 + sum((side - 1) * step for side, step in zip(self.shape, self.stride, strict=True))

    def read(self) -> NDArray[Any]:
        """The numbers; float64, float32 and integers in their own type, half and bfloat16 as float32."""
        if not self.count:
            return np.zeros(self.shape, np.float32)
        data = self.storage.read(self.offset, self._span)
        flat = decode(data, self.storage.dtype)
        steps = [step * flat.itemsize for step in self.stride]
        return np.ascontiguousarray(np.lib.stride_tricks.as_strided(flat, self.shape, steps, writeable=False)).reshape(
            self.shape
        )


def decode(data: bytes, dtype: str) -> NDArray[Any]:
    """Bytes of a file, little endian, as numbers; half and bfloat16 (a float32 without its lower half) as float32."""
    if dtype == "bfloat16":
        return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    numbers = np.frombuffer(data, np.dtype(dtype).newbyteorder("<"))
    return numbers.astype(np.float32) if dtype == "float16" else numbers


def open_source(path: Path) -> io.BufferedReader:
    """Open a model file for reading.

    Raises:
        ModelFileError: there is none, or it cannot be read.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise ModelFileError(
            N_("The model file cannot be opened: {reason}"),
            where=path.name,
            fix=N_("check the path and that you may read the file"),
            reason=error.strerror or type(error).__name__,
        ) from error


def cut_short() -> ModelFileError:
    """The error of a file that ends too early."""
    return ModelFileError(
        N_("The file ends before its content does: it was cut short"),
        fix=N_("download or copy it again, and compare its size with the original"),
    )


def damaged() -> ModelFileError:
    """The error of a file whose content contradicts itself."""
    return ModelFileError(
        N_("The file is damaged: its content contradicts itself"),
        fix=N_("download or export it again"),
    )
