"""The list of what a checkpoint may refer to, and what each becomes. Everything else is refused by name.

Nothing here imports what it names. A class of a network becomes a ``Record``; a rebuilt tensor a ``TensorRecord``;
containers become Python's own; the rest (paths, numpy numbers, options) become records that nobody looks into.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from yolodash.errors import N_, ModelFileError
from yolodash.models.yolov5.records import Global, Record, Storage, TensorRecord, damaged

Charge = Callable[[int], None]
"""Called with the amount of work before something is copied; raises when it is too much."""

LONGEST_NAME = 200
LARGEST_KEY = 1 << 60  # larger integers can be made to collide in a dict

STORAGES: Final = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}

INERT_PACKAGES: Final = (
    "models", "utils", "torch.nn", "torch.optim", "yolov5", "ultralytics", "torchvision", "timm", "yolov6", "yolox",
    "nets", "mmdet", "dill", "__main__",
)  # fmt: skip
"""Packages of whatever networks people save: their classes become records, and the checkpoint says what it is."""

INERT_NAMES: Final = frozenset(
    [f"pathlib.{name}" for name in ("Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath")]
    + [f"pathlib._local.{name}" for name in ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")]
    + [f"datetime.{name}" for name in ("date", "datetime", "time", "timedelta", "timezone")]
    + [f"torch.{name}" for name in ("device", "dtype", "Tensor", "Generator", "memory_format")]
    + [f"torch.{name}" for name in ("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8")]
    + [f"torch.{name}" for name in ("uint8", "bool", "contiguous_format", "channels_last")]
    + [f"numpy.{name}" for name in ("ndarray", "dtype", "float64", "float32", "float16", "int64", "int32", "bool_")]
    + [f"numpy.core.multiarray.{name}" for name in ("_reconstruct", "scalar")]
    + [f"builtins.{name}" for name in ("object", "int", "float", "str", "bool", "complex", "slice", "range")]
    + ["builtins.bytearray", "argparse.Namespace", "types.SimpleNamespace", "easydict.EasyDict", "addict.addict.Dict"]
    + ["torch._C._nn.gelu", "torch.serialization._get_layout", "collections.Counter"]
)
"""Single names that stand in real checkpoints and carry nothing that a detector needs."""

_RENAMED: Final = {"__builtin__": "builtins", "copy_reg": "copyreg", "numpy._core.multiarray": "numpy.core.multiarray"}


def resolve(module: str, name: str) -> Global:
    """The global of that name, if a checkpoint may refer to it.

    Raises:
        ModelFileError: it is not on the list.
    """
    if len(module) > LONGEST_NAME or len(name) > LONGEST_NAME:
        raise damaged()
    module = _RENAMED.get(module, module)
    qualified = f"{module}.{name}"
    if qualified in BUILDERS or qualified in INERT_NAMES or _is_storage(module, name) or _is_inert(module):
        return Global(module, name)
    raise ModelFileError(
        N_("The file asks for {name}, which no YOLOv5 checkpoint needs; nothing was run"),
        fix=N_("do not open this file in other programs unless you trust where it comes from"),
        name=qualified,
    )


def _is_storage(module: str, name: str) -> bool:
    return module in ("torch", "torch.cuda") and name in STORAGES


def _is_inert(module: str) -> bool:
    return any(module == package or module.startswith(package + ".") for package in INERT_PACKAGES)


def call(function: object, arguments: object, charge: Charge) -> object:
    """What the pickle's "call this with that" becomes.

    Raises:
        ModelFileError: the thing is not on the list, or the arguments are not what it takes.
    """
    if not isinstance(function, Global) or not isinstance(arguments, tuple):
        raise damaged()
    builder = BUILDERS.get(repr(function))
    return Record(function, arguments) if builder is None else builder(arguments, charge)


def key(value: object) -> object:
    """A value that can be a key or the member of a set: texts, numbers, and nothing that hashes slowly."""
    if isinstance(value, int) and abs(value) >= LARGEST_KEY:
        raise damaged()
    if not (value is None or isinstance(value, str | bytes | int | float | Global | Record)):
        raise damaged()
    return value


def _rebuild_tensor(arguments: tuple[object, ...], _charge: Charge) -> TensorRecord:
    storage, offset, shape, stride = arguments[:4]
    if not isinstance(storage, Storage) or not isinstance(offset, int):
        raise damaged()
    return TensorRecord(storage, offset, _whole_numbers(shape), _whole_numbers(stride))


def _whole_numbers(value: object) -> tuple[int, ...]:
    if not isinstance(value, tuple) or not all(type(number) is int for number in value):
        raise damaged()
    return value


def _first(arguments: tuple[object, ...], _charge: Charge) -> object:
    return arguments[0]


def _mapping(arguments: tuple[object, ...], charge: Charge) -> dict[object, object]:
    if not arguments:
        return {}
    pairs = arguments[0]
    items: Iterable[object] = pairs.items() if isinstance(pairs, dict) else _sequence(pairs)
    charge(len(pairs) if isinstance(pairs, dict | list | tuple) else 0)
    result: dict[object, object] = {}
    for pair in items:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise damaged()
        result[key(pair[0])] = pair[1]
    return result


def _default_mapping(arguments: tuple[object, ...], charge: Charge) -> dict[object, object]:
    return _mapping(arguments[1:], charge)


def _set(arguments: tuple[object, ...], charge: Charge) -> set[object]:
    members = _sequence(arguments[0]) if arguments else []
    charge(len(members))
    return {key(member) for member in members}


def _list(arguments: tuple[object, ...], charge: Charge) -> list[object]:
    members = _sequence(arguments[0]) if arguments else []
    charge(len(members))
    return list(members)


def _sequence(value: object) -> list[object] | tuple[object, ...]:
    if not isinstance(value, list | tuple):
        raise damaged()
    return value


def _encode(arguments: tuple[object, ...], charge: Charge) -> bytes:
    """Bytes as protocol 2 writes them: a text whose letters are the bytes."""
    text = arguments[0]
    if not isinstance(text, str) or arguments[1:] not in ((), ("latin1",), ("latin-1",)):
        raise damaged()
    charge(len(text) // 8)
    return text.encode("latin-1")


def _bytes(arguments: tuple[object, ...], _charge: Charge) -> bytes:
    """No bytes at all, which protocol 2 has no other way to write."""
    if arguments:
        raise damaged()
    return b""


def _reconstruct(arguments: tuple[object, ...], _charge: Charge) -> Record:
    """An object as protocols 0 and 1 make it, and as ``__newobj__`` does."""
    kind = arguments[0]
    if not isinstance(kind, Global):
        raise damaged()
    return Record(kind, arguments[1:])


BUILDERS: Final[dict[str, Callable[[tuple[object, ...], Charge], object]]] = {
    "torch._utils._rebuild_tensor": _rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor,
    "torch._utils._rebuild_parameter": _first,
    "torch._utils._rebuild_parameter_with_state": _first,
    "torch.Size": _first,
    "collections.OrderedDict": _mapping,
    "collections.defaultdict": _default_mapping,
    "builtins.dict": _mapping,
    "builtins.set": _set,
    "builtins.frozenset": _set,
    "builtins.list": _list,
    "builtins.tuple": lambda arguments, charge: tuple(_list(arguments, charge)),
    "builtins.bytes": _bytes,
    "_codecs.encode": _encode,
    "copyreg._reconstructor": _reconstruct,
    "copyreg.__newobj__": _reconstruct,
}
"""What is rebuilt as something useful, by its full name."""
