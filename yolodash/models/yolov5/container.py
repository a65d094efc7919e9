"""The two ways in which ``torch.save`` has written files, and how to read what is in them without running it.

Since PyTorch 1.6 a zip archive: ``NAME/data.pkl`` and a member ``NAME/data/KEY`` for every storage. Before, one
stream: a magic number, a protocol, facts on the machine, the object, the list of the storages' keys, and then each
storage's count and bytes.
"""

from __future__ import annotations

from typing import Final

from yolodash.errors import N_, ModelFileError
from yolodash.models.yolov5 import allowed, archive
from yolodash.models.yolov5.archive import Member
from yolodash.models.yolov5.opcodes import Limits, Machine
from yolodash.models.yolov5.records import Global, Source, Storage, cut_short, damaged

LARGEST_PICKLE = 32 << 20
MOST_STORAGES = 20_000
_MAGIC_NUMBER: Final = 0x1950A86A20F9469CFC6C
_LEGACY_PROTOCOL = 1001
_COUNT_BYTES = 8


def read_content(source: Source, limits: Limits | None = None) -> object:
    """What a checkpoint holds, inert; its tensors are read from ``source`` when asked for.

    Args:
        source: the open file; must stay open as long as tensors are to be read.
        limits: how much it may ask for.

    Raises:
        ModelFileError: it is neither form, damaged, or asks for what it must not.
    """
    head = source.read(0, min(source.size, 4))
    if head[:2] == b"PK":
        return _read_archive(source, limits)
    return _read_legacy(source, limits)


def _read_archive(source: Source, limits: Limits | None) -> object:
    members = archive.members(source)
    name = _pickle_name(members)
    folder = name.removesuffix("data.pkl")
    _refuse_other_archives(members, folder)
    order = members.get(folder + "byteorder")
    if order is not None and archive.read(source, order, 16).strip() != b"little":
        raise big_endian()
    storages: dict[str, Storage] = {}

    def persistent(value: object) -> Storage:
        storage = _storage(value, storages)
        member = members.get(f"{folder}data/{storage.key}")
        if member is None:
            raise cut_short()
        _check_size(storage, member)
        storage.place(source, archive.place(source, member))
        return storage

    return _run(Machine(archive.read(source, members[name], LARGEST_PICKLE), persistent=persistent, limits=limits))


def _pickle_name(members: dict[str, Member]) -> str:
    names = [name for name in members if name.count("/") == 1 and name.endswith("/data.pkl")]
    if len(names) != 1:
        raise ModelFileError(
            N_("This is a zip archive of {count} files, not a model file"),
            fix=N_("unpack it and choose the .pt or .weights file in it"),
            count=len(members),
        )
    return names[0]


def _refuse_other_archives(members: dict[str, Member], folder: str) -> None:
    if folder + "constants.pkl" in members or any(name.startswith(folder + "code/") for name in members):
        raise ModelFileError(
            N_("This is a TorchScript export: a program, whose layers cannot be read without running it"),
            fix=N_("choose the .pt checkpoint that it was exported from"),
        )


def _check_size(storage: Storage, member: Member) -> None:
    if storage.nbytes != member.size:
        raise ModelFileError(
            N_("The file promises {promised} bytes for storage {key} and holds {held}"),
            fix=N_("download or export it again; it is damaged or was tampered with"),
            promised=storage.nbytes,
            key=storage.key,
            held=member.size,
        )


def _storage(value: object, known: dict[str, Storage]) -> Storage:
    """The storage that a persistent id ``("storage", type, key, location, count)`` stands for."""
    if not isinstance(value, tuple) or len(value) < 5 or value[0] != "storage":
        raise damaged()
    kind, key, count = value[1], value[2], value[4]
    if not isinstance(kind, Global) or not isinstance(key, str) or type(count) is not int or count < 0:
        raise damaged()
    if len(value) > 5 and value[5] is not None:
        raise damaged()
    dtype = allowed.STORAGES.get(kind.name)
    if dtype is None or kind.module not in ("torch", "torch.cuda"):
        raise damaged()
    storage = known.setdefault(key, Storage(dtype, key, count))
    if (storage.dtype, storage.count) != (dtype, count) or len(known) > MOST_STORAGES:
        raise damaged()
    return storage


def _read_legacy(source: Source, limits: Limits | None) -> object:
    data = source.read(0, min(source.size, LARGEST_PICKLE))
    storages: dict[str, Storage] = {}

    def persistent(value: object) -> object:
        if isinstance(value, tuple) and len(value) == 4 and value[0] == "module":
            return value[1]  # the class; its source file and text, which follow it, are of no use
        return _storage(value, storages)

    position = _read_head(data)
    machine = Machine(data, position, persistent, limits)
    content = _run(machine)
    keys_machine = Machine(data, machine.position, limits=limits)
    _place_in_order(source, keys_machine.run(), storages, keys_machine.position)
    return content


def _read_head(data: bytes) -> int:
    """Check the three small pickles that come first; where the fourth, the content, begins."""
    expected = (_MAGIC_NUMBER, _LEGACY_PROTOCOL)
    position = 0
    for number in expected:
        machine = Machine(data, position)
        if machine.run() != number:
            raise not_a_checkpoint()
        position = machine.position
    machine = Machine(data, position)
    facts = machine.run()
    if not isinstance(facts, dict):
        raise damaged()
    if facts.get("little_endian") is not True:
        raise big_endian()
    return machine.position


def _place_in_order(source: Source, keys: object, storages: dict[str, Storage], position: int) -> None:
    """Find each storage in the stream behind the list of keys: its count in 8 bytes, then its numbers."""
    if not isinstance(keys, list) or len(keys) > MOST_STORAGES:
        raise damaged()
    for key in keys:
        storage = storages.get(key) if isinstance(key, str) else None
        count = int.from_bytes(source.read(position, _COUNT_BYTES), "little", signed=True)
        if storage is None or count != storage.count:
            raise damaged()
        storage.place(source, position + _COUNT_BYTES)
        position += _COUNT_BYTES + storage.nbytes
    if set(keys) != set(storages):
        raise damaged()


def _run(machine: Machine) -> object:
    """Run a checkpoint's machine; a name that is refused in a file of another family gets that family's sentence."""
    try:
        return machine.run()
    except ModelFileError as error:
        if any(module.partition(".")[0] == "ultralytics" for module in machine.modules):
            raise ultralytics_model() from error
        raise


def ultralytics_model() -> ModelFileError:
    """The error of a YOLOv8 or YOLOv5u checkpoint."""
    return ModelFileError(
        N_(
            "This is a model of the ultralytics package (YOLOv8 or later, or YOLOv5u): it has no anchors, no objectness"
        ),
        fix=N_("choose a YOLOv5 checkpoint of the yolov5 repository, such as yolov5s.pt of release v7.0"),
    )


def not_a_checkpoint() -> ModelFileError:
    """The error of a pickle that PyTorch did not write."""
    return ModelFileError(
        N_("This is a Python pickle, but not one that PyTorch saved; nothing in it was run"),
        fix=N_("choose the .pt file that YOLOv5's training wrote (best.pt or last.pt)"),
    )


def big_endian() -> ModelFileError:
    """The error of a file from a machine of the other byte order."""
    return ModelFileError(
        N_("The file was written on a big-endian machine"),
        fix=N_("save it again on an ordinary processor"),
    )
