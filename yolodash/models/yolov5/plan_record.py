"""A YOLOv5 plan and its heads as JSON, and back: what a file of ours says about the network its weights belong to.

Every part is an object whose ``is`` names the dataclass of ``plan``; what comes back is checked field by field, since
the file may come from a stranger.
"""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from yolodash.models.yolov5 import plan as plans
from yolodash.models.yolov5.plan import MOST_CHANNELS, MOST_LAYERS, Plan
from yolodash.structures import Head

LONGEST_TEXT = 60
LARGEST_ANCHOR = 100_000.0
LARGEST_WINDOW = 1024
_PARTS: dict[str, type[Any]] = {
    part.__name__: part
    for part in (
        plans.Activation, plans.Normalisation, plans.Convolution, plans.Block, plans.Focus, plans.Bottleneck,
        plans.Chain, plans.CspBottleneck, plans.C3, plans.Pyramid, plans.Upsample, plans.Concatenation,
        plans.MaximumPooling, plans.ZeroPadding, plans.Heads, plans.Layer, plans.Plan, Head,
    )
}  # fmt: skip
_HINTS = {part: get_type_hints(part) for part in _PARTS.values()}


def to_record(value: Any) -> Any:
    """A part of a plan as what JSON can hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__, **{f.name: to_record(getattr(value, f.name)) for f in fields(value)}}
    return [to_record(part) for part in value] if isinstance(value, tuple) else value


def plan_from(record: Any) -> Plan:
    """The plan of a record.

    Raises:
        ValueError, TypeError, KeyError: the record is none.
        ModelFileError: its layers do not fit together.
    """
    plan = _read(Plan, record)
    if not isinstance(plan, Plan) or not 1 <= len(plan.layers) <= MOST_LAYERS:
        raise ValueError("no plan")
    plans.head_shapes(plan)
    return plan


def heads_from(records: Any) -> tuple[Head, ...]:
    """The heads of a list of records; errors as ``plan_from``."""
    if not isinstance(records, list) or not 1 <= len(records) <= MOST_LAYERS:
        raise ValueError("no heads")
    return tuple(_read(Head, record) for record in records)


def _read(kind: Any, value: Any) -> Any:
    """A value that must be of a kind: a dataclass, a tuple, a union of them, or a plain one."""
    if isinstance(kind, type) and is_dataclass(kind):
        return _read_part(kind, value)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read_one_of(get_args(kind), value)
    if origin is tuple:
        return _read_tuple(get_args(kind), value)
    if origin is Literal:
        return _checked(value, value in get_args(kind))
    if kind is float:
        return float(_checked(value, type(value) in (int, float) and abs(value) <= LARGEST_ANCHOR))
    if kind is int:
        return _checked(value, (type(value) is int and 0 <= value <= MOST_CHANNELS) or value == -1)
    if kind is str:
        return _checked(value, isinstance(value, str) and len(value) <= LONGEST_TEXT)
    return _checked(value, type(value) is kind)


def _read_part(kind: type[Any], value: Any) -> Any:
    _checked(value, isinstance(value, dict) and value.get("is") == kind.__name__)
    hints = _HINTS[kind]
    return _sound(kind(**{name: _read(hint, value[name]) for name, hint in hints.items() if name in value}))


def _sound(part: Any) -> Any:
    """A part whose windows and channels can be; torch would take some that cannot."""
    match part:
        case plans.Convolution():
            counts = (part.inputs, part.outputs, *part.kernel, part.stride, part.groups, part.dilation)
            _checked(part, min(counts) >= 1 and max(part.kernel) <= LARGEST_WINDOW)
        case plans.MaximumPooling():
            _checked(part, 1 <= part.window <= LARGEST_WINDOW and part.stride >= 1 and 2 * part.padding <= part.window)
        case plans.Pyramid():
            _checked(part, all(1 <= window <= LARGEST_WINDOW for window in part.windows))
    return part


def _read_one_of(kinds: tuple[Any, ...], value: Any) -> Any:
    if value is None and type(None) in kinds:
        return None
    named = _PARTS.get(str(value.get("is"))) if isinstance(value, dict) else None
    plain = [kind for kind in kinds if kind is not type(None) and not is_dataclass(kind)]
    if named in kinds:
        return _read(named, value)
    _checked(value, len(plain) == 1)
    return _read(plain[0], value)


def _read_tuple(kinds: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    _checked(value, isinstance(value, list) and len(value) <= MOST_LAYERS)
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_read(kinds[0], part) for part in value)
    return tuple(_read(kind, part) for kind, part in zip(kinds, value, strict=True))


def _checked(value: Any, good: bool) -> Any:
    if not good:
        raise ValueError("unexpected value in a record")
    return value
