"""Pickles that try to run code, to eat memory or to lie: each ends in a sentence, and nothing happens."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from yolodash.errors import ModelFileError
from yolodash.models.yolov5 import archive
from yolodash.models.yolov5.allowed import call, resolve
from yolodash.models.yolov5.container import read_content
from yolodash.models.yolov5.opcodes import Limits, Machine
from yolodash.models.yolov5.records import Record, Source, TensorRecord

Asset = Callable[[str], Path]
ROOT = Path(__file__).parent.parent.parent
HALF = b"ctorch\nHalfStorage\n"
REBUILD = b"ctorch._utils\n_rebuild_tensor_v2\n"
EMPTY_MAPPING = b"ccollections\nOrderedDict\n)R"


class Calls:
    """What a hostile object looks like: pickled, it is an order to call something."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.order = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.order


def source_of(data: bytes) -> Source:
    return Source.of(io.BufferedReader(io.BytesIO(data)))  # type: ignore[arg-type]


def zipped(pickled: bytes, *members: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as written:
        written.writestr("archive/data.pkl", pickled)
        for name, data in members:
            written.writestr(name, data)
    return buffer.getvalue()


def legacy(pickled: bytes, rest: bytes = b"") -> bytes:
    facts = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    head = (0x1950A86A20F9469CFC6C, 1001, facts)
    return b"".join(pickle.dumps(part, 2) for part in head) + pickled + rest


def directory(count: int, offset: int) -> bytes:
    """An archive of nothing whose end promises a directory of 46 bytes."""
    return b"PK\x03\x04" + b"\0" * 60 + b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, count, count, 46, offset, 0)


def number(value: int) -> bytes:
    return b"\x8a\x08" + value.to_bytes(8, "little", signed=True)


def short_text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def tensor(count: int, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], key: str = "0") -> bytes:
    """The operations that rebuild a tensor."""
    storage = b"((" + short_text("storage") + HALF + short_text(key) + short_text("cpu") + number(count) + b"tQ"
    sides = b"(" + b"".join(map(number, shape)) + b"t"
    steps = b"(" + b"".join(map(number, stride)) + b"t"
    return REBUILD + storage + number(offset) + sides + steps + b"\x89" + EMPTY_MAPPING + b"tR"


def read_tensor(data: bytes, *arguments: Any) -> TensorRecord:
    content = read_content(source_of(zipped(b"\x80\x02" + tensor(*arguments) + b".", ("archive/data/0", data))))
    assert isinstance(content, TensorRecord)
    return content


def refused(data: bytes) -> str:
    with pytest.raises(ModelFileError) as caught:
        read_content(source_of(data))
    return str(caught.value)


ORDERS = {
    "os.system": lambda mark: Calls(os.system, f"touch {mark}"),
    "eval": lambda mark: Calls(eval, f"open({str(mark)!r}, 'w')"),
    "exec": lambda mark: Calls(exec, f"open({str(mark)!r}, 'w')"),
    "open": lambda mark: Calls(open, str(mark), "w"),
    "torch.load": lambda mark: Calls(torch.load, str(mark)),
    "torch.save": lambda mark: Calls(torch.save, {}, str(mark)),
    "numpy.load": lambda mark: Calls(np.load, str(mark), None, True),
    "import": lambda mark: Calls(__import__, "antigravity"),
    "inside a list": lambda mark: [1, {"a": (Calls(os.mkdir, str(mark)),)}],
}


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("container", [zipped, legacy])
def test_an_order_to_call_something_is_refused_and_not_obeyed(
    name: str, protocol: int, container: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    sentence = refused(container(pickle.dumps({"model": ORDERS[name](mark)}, protocol)))

    assert "nothing was run" in sentence
    assert not mark.exists()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("builtins", "getattr"),
        ("builtins", "eval"),
        ("__builtin__", "exec"),
        ("os", "system"),
        ("posix", "system"),
        ("subprocess", "Popen"),
        ("torch", "load"),
        ("torch.hub", "load"),
        ("torch.serialization", "load"),
        ("torch._utils", "_import_dotted_name"),
        ("torch.jit", "load"),
        ("numpy", "load"),
        ("numpy.core.multiarray", "frombuffer"),
        ("operator", "attrgetter"),
        ("functools", "partial"),
        ("importlib", "import_module"),
        ("pathlib", "os.system"),
        ("torchvisionx", "models"),
        ("modelsx.common", "Conv"),
        ("torch.nnx", "Conv"),
        ("", ""),
    ],
)
def test_a_name_that_is_not_on_the_list_is_refused(module: str, name: str) -> None:
    with pytest.raises(ModelFileError, match="nothing was run"):
        resolve(module, name)


@pytest.mark.parametrize("name", ["models.common.Conv", "torch.nn.modules.conv.Conv2d", "ultralytics.nn.tasks.Model"])
def test_calling_a_class_of_a_network_makes_a_record_and_imports_nothing(name: str) -> None:
    module, _, bare = name.rpartition(".")
    result = call(resolve(module, bare), (1, 2), lambda amount: None)

    assert isinstance(result, Record)
    assert repr(result.kind) == name
    assert result.arguments == (1, 2)
    assert result.attribute("weight") is None


HOSTILE = {
    "deep nesting": zipped(b"\x80\x02" + b"(" * 200_000 + b"t" * 200_000 + b"."),
    "deep tuples": zipped(b"\x80\x02)" + b"\x85" * 2_000_000 + b"."),
    "huge list": zipped(b"\x80\x02]" + b"(" + b"K\x01" * 3_000_000 + b"e."),
    "copies of a long list": zipped(
        b"\x80\x02](" + b"K\x01" * 1000 + b"eq\x00" + b"c__builtin__\nset\nh\x00\x85R0" * 5000 + b"."
    ),
    "copies of a long text": zipped(
        b"\x80\x02X" + struct.pack("<I", 1 << 20) + b"a" * (1 << 20) + b"q\x00"
        + b"c_codecs\nencode\nh\x00\x85R0" * 5000 + b"."
    ),
    "text that lies of its length": zipped(b"\x80\x02\x8d" + struct.pack("<Q", 1 << 60) + b"a."),
    "short text that lies of its length": zipped(b"\x80\x02X" + struct.pack("<I", 1 << 20) + b"a."),
    "bytes that lie of their length": zipped(b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60) + b"a."),
    "number of a billion bytes": zipped(b"\x80\x02\x8b" + struct.pack("<I", 1 << 30) + b"a."),
    "pop of nothing": zipped(b"\x80\x020."),
    "end with nothing": zipped(b"\x80\x02."),
    "no end": zipped(b"\x80\x02}"),
    "empty pickle": zipped(b""),
    "memory that was never filled": zipped(b"\x80\x02h\x05."),
    "unknown operation": zipped(b"\x80\x02i__builtin__\neval\n."),
    "extension": zipped(b"\x80\x02\x82\x01."),
    "a call of a number": zipped(b"\x80\x02K\x01)R."),
    "a key that is a list": zipped(b"\x80\x02}]K\x01s."),
    "a key that is a deep tuple": zipped(b"\x80\x02}(" + b"(" + b")" + b"\x85" * 500_000 + b"K\x01u."),
    "a member of a set that is a list": zipped(b"\x80\x04\x8f(]\x90."),
    "a key that collides": zipped(b"\x80\x02}\x8a\x09" + (1 << 64).to_bytes(9, "little") + b"K\x01s."),
    "a state twice": zipped(b"\x80\x02cmodels.common\nConv\n)\x81}b}b."),
    "a name without end": zipped(b"\x80\x02c" + b"a" * 1_000_000 + b"."),
    "a name made of long texts": zipped(
        b"\x80\x04X" + struct.pack("<I", 1 << 20) + b"a" * (1 << 20) + b"q\x00" + b"h\x00\x93."
    ),
    "no storage of that name": zipped(b"\x80\x02" + tensor(4, 0, (4,), (1,)) + b"."),
    "1 TB storage": zipped(b"\x80\x02" + tensor(1 << 40, 0, (1 << 40,), (1,)) + b".", ("archive/data/0", b"1234")),
    "1 TB storage, legacy": legacy(
        b"\x80\x02" + tensor(1 << 40, 0, (1 << 40,), (1,)) + b".",
        pickle.dumps(["0"], 2) + struct.pack("<q", 1 << 40) + b"1234",
    ),
    "1 TB from one number": zipped(
        b"\x80\x02" + tensor(1, 0, (1 << 20, 1 << 20), (0, 0)) + b".", ("archive/data/0", b"12")
    ),
    "tensor beyond its storage": zipped(b"\x80\x02" + tensor(2, 1, (2,), (1,)) + b".", ("archive/data/0", b"1234")),
    "tensor before its storage": zipped(b"\x80\x02" + tensor(2, -1, (2,), (1,)) + b".", ("archive/data/0", b"1234")),
    "negative side": zipped(b"\x80\x02" + tensor(2, 0, (-1,), (1,)) + b".", ("archive/data/0", b"1234")),
    "negative stride": zipped(b"\x80\x02" + tensor(2, 1, (2,), (-1,)) + b".", ("archive/data/0", b"1234")),
    "other numbers of sides and steps": zipped(
        b"\x80\x02" + tensor(2, 0, (2,), (1, 1)) + b".", ("archive/data/0", b"1234")
    ),
    "storage shorter than promised": zipped(b"\x80\x02" + tensor(2, 0, (2,), (1,)) + b".", ("archive/data/0", b"123")),
    "legacy without storages": legacy(b"\x80\x02" + tensor(2, 0, (2,), (1,)) + b".", pickle.dumps(["0"], 2)),
    "legacy whose list lacks a storage": legacy(b"\x80\x02" + tensor(2, 0, (2,), (1,)) + b".", pickle.dumps([], 2)),
    "legacy whose list names an unknown storage": legacy(b"\x80\x02}.", pickle.dumps(["7"], 2) + b"\0" * 20),
    "legacy whose count lies": legacy(
        b"\x80\x02" + tensor(2, 0, (2,), (1,)) + b".", pickle.dumps(["0"], 2) + struct.pack("<q", -5) + b"1234"
    ),
    "legacy head alone": legacy(b""),
    "an ordinary pickle": pickle.dumps({"model": 1}, 2),
    "zip bomb": zipped(b"\0" * (100 << 20), compression=zipfile.ZIP_DEFLATED),
    "compressed": zipped(b"\x80\x02}.", compression=zipfile.ZIP_DEFLATED),
    "plain zip": zipped(b"").replace(b"data.pkl", b"data.txt"),
    "two pickles": zipped(b"\x80\x02}.", ("other/data.pkl", b"\x80\x02}.")),
    "only the end of a zip": b"PK\x05\x06" + b"\0" * 18,
    "a directory that lies outside": directory(1, 1 << 30),
    "a directory that is none": directory(1, 4),
    "sixty thousand members": directory(60_000, 4),
    "big-endian zip": zipped(b"\x80\x02}.", ("archive/byteorder", b"big")),
    "a program": zipped(b"\x80\x02}.", ("archive/constants.pkl", b""), ("archive/code/a.py", b"")),
    "cut": zipped(pickle.dumps(list(range(1000)), 2))[:-300],
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_a_sentence(name: str) -> None:
    sentence = refused(HOSTILE[name])

    assert sentence.count(" — ") >= 1
    assert "\n" not in sentence


def test_all_hostile_files_are_refused_within_half_a_gibibyte(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.pt" for number in range(len(HOSTILE))]
    for path, data in zip(paths, HOSTILE.values(), strict=True):
        path.write_bytes(data)
    code = (
        "import resource, sys\n"
        "from yolodash.errors import ModelFileError\n"
        "from yolodash.models.loading import load_model\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + (512 << 20),) * 2)\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n"
        "        load_model(path)\n"
        "    except ModelFileError:\n"
        "        print('refused')\n"
    )
    command = [sys.executable, "-c", code, *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.count("refused")) == (0, len(HOSTILE)), done.stderr


def test_tuples_within_tuples_can_be_as_deep_as_the_limit_on_work() -> None:
    machine = Machine(b"\x80\x02)" + b"\x85" * 500_000 + b".")

    assert isinstance(machine.run(), tuple)
    assert machine.work == 500_002


def test_what_refers_to_itself_is_read_without_end_and_without_harm() -> None:
    content = Machine(b"\x80\x02]q\x00h\x00a.").run()

    assert isinstance(content, list)
    assert content[0] is content


def test_a_bomb_of_references_stays_as_small_as_its_file() -> None:
    lists = b"".join(b"](" + b"h%c" % (i - 1) * 10 + b"eq%c" % i for i in range(1, 100))

    machine = Machine(b"\x80\x02]q\x00" + lists + b".")

    assert isinstance(machine.run(), list)
    assert machine.work < 2000


def test_two_members_of_one_name_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(b"\x80\x02}.", ("archive/data/0", b"1"), ("archive/data/0", b"2"))

    assert "archive/data/0" in refused(data)


def test_a_member_whose_checksum_is_wrong_is_refused() -> None:
    data = zipped(b"\x80\x02X\x05\x00\x00\x00hello.")

    assert "damaged" in refused(data.replace(b"hello", b"hallo"))


def test_a_member_whose_own_header_has_another_name_is_refused() -> None:
    data = zipped(b"\x80\x02}.")

    assert "damaged" in refused(data.replace(b"archive/data.pkl", b"archive/evil.pkl", 1))


def test_nothing_is_written_for_a_member_that_points_out_of_the_archive(tmp_path: Path) -> None:
    data = zipped(b"\x80\x02}.", ("../../evil", b"x"), ("/evil", b"x"))

    assert read_content(source_of(data)) == {}
    assert list(tmp_path.iterdir()) == []


def test_the_limits_are_kept_exactly() -> None:
    data = b"\x80\x02" + b"N0" * 10 + b"N."

    assert Machine(data, limits=Limits(work=22)).run() is None
    with pytest.raises(ModelFileError, match="21 objects"):
        Machine(data, limits=Limits(work=21)).run()


simple = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**59), 2**59) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(0, 9), inner),
    max_leaves=20,
)


@given(value=simple, protocol=st.sampled_from([2, 3, 4, 5]))
def test_plain_values_come_out_as_they_went_in(value: object, protocol: int) -> None:
    assert Machine(pickle.dumps(value, protocol)).run() == value


@pytest.mark.parametrize("value", [{1, 2}, frozenset("ab"), bytearray])
def test_sets_come_out_as_sets_and_classes_as_names(value: object) -> None:
    for protocol in (2, 4):
        result = Machine(pickle.dumps(value, protocol)).run()
        assert repr(result) == "builtins.bytearray" if isinstance(value, type) else result == value


@given(data=st.binary(max_size=200), start=st.sampled_from([b"", b"\x80\x02", b"\x80\x02}q\x00(", b"\x80\x04]"]))
def test_any_bytes_give_a_value_or_a_sentence(data: bytes, start: bytes) -> None:
    with contextlib.suppress(ModelFileError):
        Machine(start + data).run()


DTYPES = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16]
DTYPES += [torch.int8, torch.uint8, torch.bool]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("container", ["zip", "legacy"])
def test_tensors_of_every_type_come_out_as_torch_wrote_them(dtype: torch.dtype, container: str, tmp_path: Path) -> None:
    written = (torch.randn(3, 4, 2) * 9).to(dtype)
    views = {"all": written, "turned": written.permute(2, 0, 1), "part": written[1:, ::2], "one": written[2, 3, 1]}
    views["none"] = written[:0]
    path = tmp_path / "tensors.pt"
    torch.save(views, path, _use_new_zipfile_serialization=container == "zip")

    with path.open("rb") as file:
        content = read_content(Source.of(file))
        assert isinstance(content, dict)
        for name, view in views.items():
            record = content[name]
            assert isinstance(record, TensorRecord)
            assert record.shape == tuple(view.shape)
            assert np.array_equal(record.read(), view.to(torch.float64).numpy())


def test_a_view_that_shows_numbers_twice_is_refused_even_within_its_storage() -> None:
    assert read_tensor(b"12345678", 4, 0, (2, 2), (1, 2)).read().shape == (2, 2)
    with pytest.raises(ModelFileError, match="6 numbers"):
        read_tensor(b"12345678", 4, 0, (2, 3), (1, 1))


def test_every_cut_of_a_real_archive_is_refused(asset: Asset) -> None:
    data = asset("models/yolov5-formula/v7.0-nc3-autoanchor.pt").read_bytes()
    for length in range(2, len(data) - 1, len(data) // 40):
        assert refused(data[:length])


def test_every_cut_of_a_real_stream_is_refused(asset: Asset) -> None:
    data = asset("models/yolov5-formula/v6.0-nc3-legacy.pt").read_bytes()
    for length in [*range(1, 150), *range(150, len(data) - 1, len(data) // 20)]:
        assert refused(data[:length])


def test_the_members_of_a_real_archive_are_those_that_python_finds(asset: Asset) -> None:
    path = asset("models/yolov5n-official-v7.0/yolov5n.pt")
    with path.open("rb") as file, zipfile.ZipFile(path) as expected:
        source = Source.of(file)
        found = archive.members(source)
        assert list(found) == expected.namelist()
        for name, member in list(found.items())[:20]:
            assert archive.read(source, member, 1 << 24) == expected.read(name)
