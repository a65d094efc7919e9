"""A picture comes in under a name of its own, its bytes once, and what it costs does not grow with the data set."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from stored import box, picture, save, small_dataset

from yolodash.data.opening import open_dataset
from yolodash.data.store import adding, files
from yolodash.data.store.adding import add_dataset
from yolodash.data.store.folders import create_dataset
from yolodash.data.store.parts import read_splits, write_splits
from yolodash.data.store.pictures import add_picture, delete_pictures, free_stem, list_pictures
from yolodash.data.store.truth import new_box_id, picture_path, read_truth, truth_path
from yolodash.errors import DatasetError


def bitmap(seed: int) -> bytes:
    """A picture whose file is as long as those of all others."""
    buffer = BytesIO()
    Pillow.fromarray(np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)).save(buffer, "BMP")
    return buffer.getvalue()


def contents(dataset: Path) -> dict[str, bytes]:
    """Every file among the pictures."""
    return {path.name: path.read_bytes() for path in (dataset / "images").iterdir()}


steps = st.lists(
    st.tuples(st.sampled_from(["add", "add", "delete", "put", "remove"]), st.integers(0, 4),
              st.integers(0, 1)), max_size=12,
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(steps=[("put", 0, 1), ("add", 0, 0), ("put", 0, 1), ("put", 1, 1), ("add", 1, 0)])  # an inode comes again
@given(steps=steps)
def test_bytes_come_in_once_and_nothing_is_overwritten(workspace: Path, steps: list[tuple[str, int, int]]) -> None:
    dataset = create_dataset(f"parts-{new_box_id()}")
    for what, seed, name in steps:
        before, place = contents(dataset), dataset / "images" / f"hand{name}.bmp"
        if what == "add":
            added = add_picture(dataset, f"Hand{name}.bmp", bitmap(seed), by="ada")
            same = {Path(one).stem for one, data in before.items() if data == bitmap(seed)}
            assert (added.stem in same) if same else (added.duplicate_of is None)
            after = contents(dataset)
            assert after == (before if same else {**before, f"{added.stem}.bmp": bitmap(seed)})
            assert same or added.stem.casefold() not in {Path(one).stem.casefold() for one in before}
            assert picture_path(dataset, added.stem).read_bytes() == bitmap(seed)
        elif what == "delete" and before:
            delete_pictures(dataset, [list_pictures(dataset)[0].stem], by="ada")
        elif what == "put":
            (dataset / "images" / f".{seed}.part").write_bytes(bitmap(seed))
            (dataset / "images" / f".{seed}.part").rename(place)  # as a program that writes whole files
        elif what == "remove":
            place.unlink(missing_ok=True)
        if what in ("put", "remove"):
            time.sleep(0.012)  # more than one tick of a file system's clock: these are in no journal


def test_of_many_pictures_of_one_name_each_gets_the_next_number(workspace: Path) -> None:
    dataset = create_dataset("many")
    stems = [add_picture(dataset, "image.bmp", bitmap(seed), by="ada").stem for seed in range(12)]

    assert stems == ["image", *(f"image-{number}" for number in range(2, 13))]


@given(taken=st.sets(st.integers(1, 60)))
def test_a_number_is_free_and_few_are_tried(taken: set[int]) -> None:
    asked: list[str] = []
    names = {"a" if number == 1 else f"a-{number}" for number in taken}

    def is_taken(stem: str) -> bool:
        asked.append(stem)
        return stem in names

    assert free_stem("a.png", is_taken) not in names
    assert len(asked) <= 12


def test_the_folder_is_listed_once_for_many_pictures(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = small_dataset(pictures=1)
    add_picture(dataset, "p.bmp", bitmap(100), by="ada")
    listed: list[str] = []
    scandir = os.scandir

    def noted(folder: str | Path) -> object:
        listed.append(str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", noted)
    for seed in range(10):
        stem = add_picture(dataset, "p.bmp", bitmap(seed), by="ada", splits=("train",)).stem
        assert picture_path(dataset, stem).exists()
    assert listed == []
    save(dataset, "p0", box("a"))  # anybody's change: the folder is looked at again
    add_picture(dataset, "p.bmp", bitmap(11), by="ada")
    assert listed == [str(dataset / "images")]


def test_files_of_one_size_are_read_once(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = create_dataset("many")
    read: list[str] = []
    digest = files._digest
    monkeypatch.setattr(files, "_digest", lambda path: read.append(path.name) or digest(path))
    for seed in range(10):
        add_picture(dataset, f"{seed}.bmp", bitmap(seed), by="ada")

    assert read == [f"{seed}.bmp" for seed in range(9)]
    assert add_picture(dataset, "again.bmp", bitmap(4), by="ada").duplicate_of == "4"


def test_what_another_server_added_is_known(workspace: Path) -> None:
    dataset = small_dataset()
    code = "import sys; from stored import *; add_picture(Path(sys.argv[1]), 'new.png', picture(40), by='bob')"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    subprocess.run([sys.executable, "-c", code, str(dataset)], env=environment, check=True)

    assert add_picture(dataset, "mine.png", picture(40), by="ada").duplicate_of == "new"
    assert add_picture(dataset, "New.png", picture(41), by="ada").stem == "New-2"


def test_what_nobody_noticed_is_not_overwritten(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = small_dataset()
    monkeypatch.setattr(files.Shelf, "_list", lambda _shelf: None)  # as within one tick of a coarse clock
    (dataset / "images" / "new.png").write_bytes(picture(40))
    truth_path(dataset, "left").write_text('{"width": 80, "height": 60, "boxes": []}')

    assert add_picture(dataset, "new.png", picture(41), by="ada").stem == "new-2"
    assert (dataset / "images" / "new.png").read_bytes() == picture(40)
    assert add_picture(dataset, "left.png", picture(42), by="ada").stem == "left-2"
    assert read_truth(dataset, "left").revision == 1


def test_a_link_or_a_folder_among_the_pictures_is_none(workspace: Path) -> None:
    dataset = small_dataset()
    (dataset / "images" / "link.png").symlink_to("/etc/passwd")
    (dataset / "images" / "folder.png").mkdir()

    for stem in ("link", "folder"):
        with pytest.raises(DatasetError, match="no such picture"):
            picture_path(dataset, stem)
        assert add_picture(dataset, f"{stem}.png", picture(len(stem)), by="ada").stem == f"{stem}-2"


def exported(parts: dict[str, list[str]]) -> Path:
    """A version of a data set with five pictures."""
    dataset = small_dataset("source", 5)
    write_splits(dataset, parts, by="ada")
    return dataset


PARTS = {"train": ["p0", "p1", "p2"], "val": ["p2", "p3"]}
STEMS = {"p0": ("train",), "p1": ("train",), "p2": ("train", "val"), "p3": ("val",)}


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_pictures_come_in_with_their_parts(workspace: Path, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(adding, "PARTS_AT_ONCE", at_once)
    source = open_dataset(str(exported(PARTS)))
    target = create_dataset("target")
    add_dataset(target, source, by="bob")

    assert read_splits(target) == STEMS


def test_what_came_in_before_a_stop_has_its_parts(workspace: Path) -> None:
    source = open_dataset(str(exported(PARTS)))
    target = create_dataset("target")

    def progress(done: int, _total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_dataset(target, source, by="bob", progress=progress)
    assert read_splits(target) == {stem: STEMS[stem] for stem in ("p0", "p1", "p2")}


def test_who_adds_the_same_again_after_a_kill_gets_the_parts_that_were_lost(workspace: Path) -> None:
    source = open_dataset(str(exported(PARTS)))
    target = create_dataset("target")
    add_dataset(target, source, by="bob")
    write_splits(target, {"test": ["p1"]}, by="ada")  # chosen by hand; the others as after a kill

    came = add_dataset(target, source, by="bob")
    assert (came.images, came.doubles) == (0, 5)
    assert read_splits(target) == {**STEMS, "p1": ("test",)}
