"""How a decoding process tells its parent things: a letter, the length of a JSON head, the head, and its bytes."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import IO, Any, cast

FACTS, FRAME, NOTE = b"H", b"F", b"N"
_LENGTHS = struct.Struct("<cIQ")
LONGEST_HEAD = 1 << 16
LARGEST_BODY = 1 << 30


def send(stream: IO[bytes], kind: bytes, head: Mapping[str, Any], body: bytes | memoryview = b"") -> None:
    """Write one message, its head as JSON."""
    text = json.dumps(head).encode()
    stream.write(_LENGTHS.pack(kind, len(text), len(body)))
    stream.write(text)
    stream.write(body)


def receive(stream: IO[bytes]) -> tuple[bytes, dict[str, Any], bytes] | None:
    """Read one message: kind, head and body; None at the end, or where the rest is missing.

    What comes from a process that reads strangers' files is not believed: lengths beyond any honest one end it too.
    """
    start = _exactly(stream, _LENGTHS.size)
    if start is None:
        return None
    kind, head_length, body_length = _LENGTHS.unpack(start)
    if head_length > LONGEST_HEAD or body_length > LARGEST_BODY:
        return None
    head, body = _exactly(stream, head_length), _exactly(stream, body_length)
    if head is None or body is None:
        return None
    return kind, cast("dict[str, Any]", json.loads(head)), body


def _exactly(stream: IO[bytes], count: int) -> bytes | None:
    data = stream.read(count)
    return data if len(data) == count else None
