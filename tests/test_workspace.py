"""Files are whole or not there, whatever happens; names from outside never lead anywhere."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolodash import workspace
from yolodash.errors import WorkspaceError

WRITER = """
import sys
from pathlib import Path
from yolodash import workspace
path, journal = Path(sys.argv[1]), Path(sys.argv[2])
for number in range(10**9):
    workspace.write_bytes(path, (b"%d," % number) * 200_000)
    workspace.append_line(journal, '{"number": %d, "filling": "%s"}' % (number, "x" * 50_000))
"""


def test_a_writer_killed_at_any_moment_leaves_an_old_or_a_new_file_and_whole_lines(tmp_path: Path) -> None:
    path, journal = tmp_path / "value.bin", tmp_path / "journal.jsonl"
    for turn in range(12):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(journal)])
        waited_until = time.monotonic() + 30
        before = path.stat().st_mtime_ns if path.exists() else None
        while time.monotonic() < waited_until and (not path.exists() or path.stat().st_mtime_ns == before):
            time.sleep(0.001)
        time.sleep(0.0007 * turn)
        process.send_signal(signal.SIGKILL)
        process.wait()
        numbers = set(path.read_bytes().split(b",")[:-1])
        assert len(numbers) == 1
        assert path.read_bytes().count(b",") == 200_000
    lines = [line for line in workspace.read_lines(journal) if line.endswith("}")]
    assert all(len(json.loads(line)["filling"]) == 50_000 for line in lines)
    assert len(lines) >= len(workspace.read_lines(journal)) - 12


def test_a_line_after_a_torso_is_whole(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    workspace.append_line(journal, '{"epoch": 0}')
    with open(journal, "ab") as file:
        file.write(b'{"epoch": 1, "lo')
    assert workspace.read_lines(journal) == ['{"epoch": 0}']
    workspace.append_line(journal, '{"epoch": 2}')
    assert workspace.read_lines(journal) == ['{"epoch": 0}', '{"epoch": 1, "lo', '{"epoch": 2}']


def test_lines_of_many_writers_never_mix(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"

    def write(letter: str) -> None:
        for _ in range(20):
            workspace.append_line(journal, letter * 20_000)

    writers = [threading.Thread(target=write, args=(letter,)) for letter in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = workspace.read_lines(journal)
    assert len(lines) == 80
    assert all(line == line[0] * 20_000 for line in lines)


def test_a_line_break_inside_a_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line break"):
        workspace.append_line(tmp_path / "journal.jsonl", "one\ntwo")


def test_a_journal_that_does_not_exist_has_no_lines(tmp_path: Path) -> None:
    assert workspace.read_lines(tmp_path / "journal.jsonl") == []


@pytest.fixture
def files_of_at_most_100_kilobytes() -> object:
    """The nearest thing to a full disk that needs no rights: the system refuses to let any file grow further."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("files_of_at_most_100_kilobytes")
def test_what_does_not_fit_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "value.bin"
    workspace.write_bytes(path, b"old")
    with pytest.raises(WorkspaceError, match="make room"):
        workspace.write_bytes(path, b"n" * 200_000)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("files_of_at_most_100_kilobytes")
def test_a_line_that_does_not_fit_is_taken_back(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    workspace.append_line(journal, "a" * 60_000)
    with pytest.raises(WorkspaceError):
        workspace.append_line(journal, "b" * 60_000)
    assert journal.read_bytes() == b"a" * 60_000 + b"\n"


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        workspace.write_bytes(small / "value.bin", b"old")
        with pytest.raises(WorkspaceError, match="No space left on device"):
            workspace.write_bytes(small / "value.bin", b"n" * 200_000)
        assert [path.name for path in small.iterdir()] == ["value.bin"]
        assert (small / "value.bin").read_bytes() == b"old"
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_an_error_of_the_block_is_not_blamed_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "download.bin"

    def download() -> None:
        with workspace.writing(path) as file:
            file.write(b"half")
            raise ConnectionResetError(errno.ECONNRESET, "cut")

    with pytest.raises(ConnectionResetError):
        download()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    for attempt in (
        lambda: workspace.write_bytes(file / "value.bin", b""),
        lambda: workspace.append_line(file / "journal.jsonl", ""),
        lambda: workspace.make_folder(file / "folder"),
        lambda: workspace.locked(file / "lock").__enter__(),
        lambda: workspace.write_bytes(tmp_path / ("n" * 300), b""),
    ):
        with pytest.raises(WorkspaceError, match="Could not write to disk"):
            attempt()


def test_json_keeps_every_text_even_half_characters(tmp_path: Path) -> None:
    value = {"name": "浣熊 🦝\n", "of a file that is no UTF-8": os.fsdecode(b"\xff\xfe.jpg")}
    workspace.write_json(tmp_path / "value.json", value)
    assert json.loads((tmp_path / "value.json").read_bytes()) == value


def test_a_lock_is_free_again_when_its_process_dies(tmp_path: Path) -> None:
    lock = tmp_path / "worker.lock"
    code = (
        "import sys, time; from pathlib import Path; from yolodash import workspace\n"
        "with workspace.locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(lock)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with workspace.locked(lock, wait=False) as mine:
            assert not mine
        process.kill()
    with workspace.locked(lock, wait=False) as mine:
        assert mine


def test_only_the_known_folders_are_made(workspace: Path) -> None:
    from yolodash import workspace as module

    assert module.folder("models") == workspace.resolve() / "models"
    with pytest.raises(ValueError, match="elsewhere"):
        module.folder("elsewhere")


hostile_names = st.one_of(
    st.text(),
    st.text(alphabet="./\\ \n\0:con~\u202e\ud800é浣", max_size=300),
    st.sampled_from(
        ["", ".", "..", "../..", "/etc/passwd", "C:\\x", "con", "NUL.txt", ".git", "a" * 999, "x." + "y" * 999]
    ),
)


@given(hostile_names)
def test_a_safe_name_is_one_plain_component_and_stays_as_it_is(name: str) -> None:
    safe = workspace.safe_name(name)
    assert safe
    assert Path("folder", safe).parent == Path("folder")
    assert safe == workspace.safe_name(safe)
    assert not safe.startswith(".")
    assert safe.isprintable()
    assert not set(safe) & set('<>:"/\\|?*')
    assert len(safe.encode()) <= workspace.LONGEST_NAME


def test_a_good_name_is_kept() -> None:
    assert workspace.safe_name("Übung 3 – 浣熊.jpg") == "Übung 3 – 浣熊.jpg"
    assert workspace.safe_name("/home/me/model.v2.pt") == "model.v2.pt"


def test_a_name_cut_short_keeps_its_extension() -> None:
    assert workspace.safe_name("é" * 100 + ".jpg") == "é" * 58 + ".jpg"


@given(hostile_names)
def test_a_path_from_a_name_lies_directly_inside_or_is_refused(name: str) -> None:
    parent = Path("/nowhere/parent")
    if name == workspace.safe_name(name):
        assert workspace.inside(parent, name).parent == parent
    else:
        with pytest.raises(WorkspaceError, match=r"^'[^\n]*' cannot be a name in the workspace[^\n]*$"):
            workspace.inside(parent, name)


def test_a_link_out_of_the_workspace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "link").symlink_to("/etc")
    with pytest.raises(WorkspaceError, match="cannot be a name"):
        workspace.inside(tmp_path / "models", "link")


def test_a_written_file_has_the_rights_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        workspace.write_bytes(tmp_path / "shared.json", b"{}")
    finally:
        os.umask(before)

    assert (tmp_path / "shared.json").stat().st_mode & 0o777 == 0o640


FILLER = """
import sys, time
from pathlib import Path
from yolodash import workspace
with workspace.new_folder(Path(sys.argv[1])) as folder:
    (folder / "half.txt").write_text("half")
    print("begun", flush=True)
    sys.stdin.readline()
"""


def test_a_folder_that_is_being_filled_is_not_swept_and_one_of_a_killed_process_is(tmp_path: Path) -> None:
    place = tmp_path / "new"
    command = [sys.executable, "-c", FILLER, str(place)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as writer, subprocess.Popen(command, **pipes) as killed:
        for process in (writer, killed):
            assert process.stdout is not None
            assert process.stdout.readline() == b"begun\n"
        assert len(list(tmp_path.iterdir())) == 2
        assert workspace.sweep_work_folders(tmp_path) == 0
        killed.kill()
        killed.wait()

        assert workspace.sweep_work_folders(tmp_path) == 1
        writer.communicate(b"go on\n")
    assert (place / "half.txt").read_text() == "half"
    assert list(tmp_path.iterdir()) == [place]


def test_a_folder_that_is_swept_while_it_is_made_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quicker = []
    make = tempfile.TemporaryDirectory

    def unlucky(*arguments: str, **options: bool) -> object:
        made = make(*arguments, **options)
        if not quicker:
            quicker.append(open(Path(made.name) / ".lock", "ab"))  # noqa: SIM115 - as a sweeper that was quicker
            fcntl.flock(quicker[0], fcntl.LOCK_EX)
        return made

    monkeypatch.setattr(tempfile, "TemporaryDirectory", unlucky)
    with workspace.new_folder(tmp_path / "new") as folder:
        (folder / "a").touch()
    quicker[0].close()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a"]


def test_what_was_left_without_a_lock_is_swept_when_it_is_old(tmp_path: Path) -> None:
    (tmp_path / ".young.x.part").mkdir()
    (tmp_path / ".old.x.part").mkdir()
    (tmp_path / ".file.part").touch()
    os.utime(tmp_path / ".old.x.part", (0, 0))

    assert workspace.sweep_work_folders(tmp_path) == 1
    assert {path.name for path in tmp_path.iterdir()} == {".young.x.part", ".file.part"}
