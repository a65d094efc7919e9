"""Data sets of the workspace: pictures, classes, parts, versions, bins, and what comes from other forms."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from stored import box, picture, save, small_dataset

from yolodash import bins
from yolodash.data.opening import open_dataset
from yolodash.data.store import folders, versions
from yolodash.data.store.classes import (
    add_class,
    boxes_of_class,
    delete_class,
    merge_classes,
    read_classes,
    recolour_class,
    rename_class,
)
from yolodash.data.store.folders import create_dataset, delete_dataset, find_stored, list_stored, rename_dataset
from yolodash.data.store.history import history
from yolodash.data.store.importing import import_dataset
from yolodash.data.store.journal import changing, events
from yolodash.data.store.parts import read_splits, write_splits
from yolodash.data.store.pictures import add_picture, delete_pictures, list_pictures, restore_pictures
from yolodash.data.store.truth import read_truth, truth_path
from yolodash.data.store.versions import is_intact, list_versions, make_version
from yolodash.data.writing import write_dataset
from yolodash.errors import DatasetError, ImageError, OptionError, WorkspaceError
from yolodash.scenes.writing import SeriesOptions, write_scenes
from yolodash.structures import ImageSize


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_new_data_set_opens_and_is_listed(workspace: Path) -> None:
    dataset = small_dataset()

    assert list_stored() == (dataset,) == (find_stored("parts"),)
    assert open_dataset("parts").names == {0: "screw", 1: "nut"}
    assert [one.stem for one in list_pictures(dataset)] == ["p0", "p1", "p2"]
    assert [one.size for one in list_pictures(dataset)] == [ImageSize(60, 80)] * 3


def test_pictures_stay_as_they_came_and_the_same_bytes_come_in_once(workspace: Path) -> None:
    dataset = small_dataset()
    data = picture(7)
    first, again = add_picture(dataset, "new.jpg", data, by="ada"), add_picture(dataset, "other.png", data, by="ada")

    assert (first.stem, first.duplicate_of) == ("new", None)
    assert (again.stem, again.duplicate_of) == ("new", "new")
    assert (dataset / "images" / "new.png").read_bytes() == data  # the ending is the content's


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("p0.png", "p0-2"),
        ("P0.jpeg", "P0-2"),
        ("../../etc/passwd", "passwd"),
        ("a/b\\c.png", "c"),
        ("😀 é.png", "😀 é"),
    ],
)
def test_names_are_safe_and_unique_in_whatever_case(workspace: Path, name: str, stem: str) -> None:
    assert add_picture(small_dataset(), name, picture(9), by="ada").stem == stem


def test_a_name_of_a_thousand_letters_is_cut(workspace: Path) -> None:
    stem = add_picture(small_dataset(), "é" * 1000 + ".png", picture(9), by="ada").stem

    assert 0 < len(stem.encode()) <= 100


@pytest.mark.parametrize("data", [b"", b"no picture", picture(1)[:200]])
def test_what_is_no_picture_is_refused_and_leaves_nothing(workspace: Path, data: bytes) -> None:
    dataset = small_dataset()
    before = digests(dataset)

    with pytest.raises(ImageError):
        add_picture(dataset, "x.png", data, by="ada")

    assert digests(dataset) == before


def test_a_list_shows_what_changed_on_disk(workspace: Path) -> None:
    dataset = small_dataset()
    list_pictures(dataset)
    save(dataset, "p1", box("a", class_id=1))
    write_splits(dataset, {"train": ["p0"], "val": ["p1"]}, by="ada")
    truth_path(dataset, "p2").write_text("{")

    first, second, third = list_pictures(dataset)
    assert (first.splits, second.splits, third.splits) == (("train",), ("val",), ())
    assert (second.boxes, second.class_ids, second.state) == (1, (1,), "in_work")
    assert not third.readable
    assert third.size == ImageSize(60, 80)


def test_deleted_pictures_come_back_with_their_boxes_and_parts(workspace: Path) -> None:
    dataset = small_dataset()
    saved = save(dataset, "p1", box("a"))
    write_splits(dataset, {"train": ["p0", "p1"]}, by="ada")
    entry = delete_pictures(dataset, ["p1", "p2"], by="bob")

    assert [one.stem for one in list_pictures(dataset)] == ["p0"]
    assert read_splits(dataset) == {"p0": ("train",)}
    assert [one.path for one in bins.list_bin(dataset)] == [entry.path]

    assert restore_pictures(dataset, entry, by="bob") == ("p1", "p2")
    assert read_truth(dataset, "p1") == saved
    assert read_splits(dataset) == {"p0": ("train",), "p1": ("train",)}
    assert not bins.list_bin(dataset)


def test_a_picture_whose_name_was_taken_stays_in_the_bin(workspace: Path) -> None:
    dataset = small_dataset()
    entry = delete_pictures(dataset, ["p1"], by="bob")
    add_picture(dataset, "p1.png", picture(50), by="ada")

    assert restore_pictures(dataset, entry, by="bob") == ()
    assert len(bins.list_bin(dataset)) == 1


def test_class_ids_never_move(workspace: Path) -> None:
    dataset = small_dataset()
    save(dataset, "p0", box("a", class_id=0), box("b", class_id=1), box("c", class_id=1))
    assert add_class(dataset, "washer", by="ada").id == 2
    rename_class(dataset, 1, "hex nut", by="ada")
    recolour_class(dataset, 1, "#123456", by="ada")
    assert boxes_of_class(dataset, 1) == 2

    assert delete_class(dataset, 1, by="ada") == 2

    assert [(one.id, one.name, one.deleted) for one in read_classes(dataset)] == [
        (0, "screw", False), (1, "hex nut", True), (2, "washer", False),
    ]  # fmt: skip
    assert [one.id for one in read_truth(dataset, "p0").boxes] == ["a"]
    assert len(history(dataset, "p0")[-2].boxes) == 3  # and can be taken back
    assert add_class(dataset, "hex nut", by="ada").id == 3


def test_merged_classes_keep_their_boxes(workspace: Path) -> None:
    dataset = small_dataset()
    save(dataset, "p0", box("a", class_id=0), box("b", class_id=1))

    assert merge_classes(dataset, 0, 1, by="bob") == 1
    assert [(one.class_id, one.by) for one in read_truth(dataset, "p0").boxes] == [(1, "bob"), (1, "ada")]
    with pytest.raises(OptionError, match="with itself"):
        merge_classes(dataset, 1, 1, by="bob")
    with pytest.raises(OptionError, match="no class 0"):
        merge_classes(dataset, 1, 0, by="bob")


@pytest.mark.parametrize("name", ["عربي", "😀", "a, b; c", "x" * 200, 'it\'s "quoted"', "#0"])
def test_classes_may_be_called_anything_on_one_line(workspace: Path, name: str) -> None:
    dataset = small_dataset()
    assert add_class(dataset, name, by="ada").name == name
    assert open_dataset("parts").names[2] == name


@pytest.mark.parametrize("name", ["", " \n\t", "x" * 201, "SCREW", "screw\n"])
def test_a_class_without_a_name_of_its_own_is_refused(workspace: Path, name: str) -> None:
    with pytest.raises(OptionError, match="class"):
        add_class(small_dataset(), name, by="ada")


@pytest.mark.parametrize("content", ["", "{}", "[1]", '[{"id": "x", "name": 1}]'])
def test_damaged_classes_are_a_sentence(workspace: Path, content: str) -> None:
    dataset = small_dataset()
    (dataset / "classes.json").write_text(content)
    if content == "{}":
        assert read_classes(dataset) == ()
        return
    with pytest.raises(DatasetError, match="classes of this data set cannot be read"):
        read_classes(dataset)


def test_a_version_never_changes_and_trains_as_it_stands(workspace: Path) -> None:
    dataset = small_dataset()
    save(dataset, "p0", box("a", (8.0, 6.0, 24.0, 36.0), 1))
    write_splits(dataset, {"train": ["p0", "p1"], "val": ["p2"]}, by="ada")
    version = make_version(dataset, "v1", by="ada", note="first", recipe={"split": {"seed": 1}})
    frozen = digests(version.folder)

    save(dataset, "p0", box("b"))
    delete_pictures(dataset, ["p1"], by="bob")
    delete_class(dataset, 1, by="bob")

    assert digests(version.folder) == frozen
    assert is_intact(version)
    assert (version.images, version.boxes, version.recipe["split"]) == (3, 1, {"seed": 1})
    assert list_versions(dataset) == (version,)
    own, yolo = open_dataset(str(version.folder)), open_dataset(version.folder / "data.yaml")
    for opened in (own, yolo):
        assert [len(opened.split(part)) for part in ("train", "val")] == [2, 1]
        [image] = [one for one in opened.images if Path(one.name).stem == "p0"]
        np.testing.assert_allclose(image.annotations.boxes, [[8.0, 6.0, 24.0, 36.0]], rtol=0, atol=1e-9)
        assert opened.names == {0: "screw", 1: "nut"}


def test_a_version_that_was_changed_by_hand_is_told(workspace: Path) -> None:
    dataset = small_dataset()
    version = make_version(dataset, "v1", by="ada")
    path = version.folder / "annotations" / "p0.json"
    path.write_text(path.read_text().replace('"unlabelled"', '"done"'))

    assert not is_intact(version)


def test_a_deleted_version_comes_back(workspace: Path) -> None:
    dataset = small_dataset()
    version = make_version(dataset, "v1", by="ada")
    entry = versions.delete_version(dataset, "v1", by="ada")

    assert list_versions(dataset) == ()
    with pytest.raises(DatasetError, match="no such version"):
        versions.find_version(dataset, "v1")
    assert versions.restore_version(dataset, entry, by="ada") == version
    with pytest.raises(WorkspaceError, match="version of this name"):
        make_version(dataset, "v1", by="ada")


def test_a_data_set_is_renamed_deleted_and_restored(workspace: Path) -> None:
    dataset = rename_dataset(small_dataset(), "bolts")
    folders.write_note(dataset, "from line 3")
    entry = delete_dataset(dataset)
    assert list_stored() == ()
    create_dataset("bolts")
    with pytest.raises(WorkspaceError, match="data set of this name"):
        folders.restore(entry)
    delete_dataset(find_stored("bolts"))

    assert folders.restore(entry) == dataset
    assert folders.read_about(dataset)["note"] == "from line 3"
    assert [one["event"] for one in events(dataset)][-2:] == ["renamed", "deleted"]


@pytest.mark.parametrize("name", ["../x", "", ".x", "a/b", "x" * 300])
def test_a_data_set_cannot_be_called_so_that_it_lies_elsewhere(workspace: Path, name: str) -> None:
    with pytest.raises(WorkspaceError, match="cannot be a name"):
        create_dataset(name)


@pytest.mark.parametrize("form", ["yolo", "coco", "voc"])
def test_what_is_exported_comes_back_equal(workspace: Path, tmp_path: Path, form: str) -> None:
    write_scenes(tmp_path / "scenes", SeriesOptions(5, ImageSize(120, 160), 3), workers=1)
    first = open_dataset(tmp_path / "scenes")
    write_dataset(first, tmp_path / "written", form)
    imported = import_dataset(open_dataset(tmp_path / "written"), "back", by="ada")
    back = open_dataset("back")

    assert imported.images == 5
    assert set(back.names.values()) == set(first.names.values())  # VOC knows no ids
    assert not [problem for problem in back.problems if problem.severity == "error"]
    for one in first.images:
        [same] = [image for image in back.images if Path(image.name).stem == Path(one.name).stem]
        assert same.splits == one.splits
        assert same.path is not None
        assert one.path is not None
        assert same.path.read_bytes() == one.path.read_bytes()
        np.testing.assert_allclose(same.annotations.boxes, one.annotations.boxes, rtol=0, atol=1e-6)
        assert [back.names[i] for i in same.annotations.class_ids] == [
            first.names[i] for i in one.annotations.class_ids
        ]


def test_what_came_from_a_renderer_can_be_annotated_further(workspace: Path) -> None:
    dataset = workspace / "datasets" / "scenes"
    write_scenes(dataset, SeriesOptions(2, ImageSize(120, 160), 3), workers=1)
    found = read_truth(dataset, "000000")
    saved = save(dataset, "000000", *found.boxes, box("mine"))

    assert history(dataset, "000000") == [found, saved]
    assert list_stored() == (dataset,)
    assert next(one.boxes for one in list_pictures(dataset)) == len(saved.boxes)


def test_a_broken_link_among_the_pictures_is_passed_over(workspace: Path) -> None:
    dataset = small_dataset()
    (dataset / "images" / "out.png").symlink_to("/etc/passwd")

    assert [one.stem for one in list_pictures(dataset)] == ["p0", "p1", "p2"]


VERSION = """
import sys, time
from pathlib import Path
from yolodash.data.store.versions import new_version_folder
with new_version_folder(Path(sys.argv[1]), "v1", by="ada") as folder:
    (folder / "images").mkdir()
    print("begun", flush=True)
    time.sleep(600)
"""


def test_what_a_kill_left_is_swept_and_what_is_being_written_is_not(workspace: Path) -> None:
    dataset = small_dataset()
    begun = dataset / "images" / ".0123456789abcdef.part"
    begun.write_bytes(picture(60)[:99])
    (dataset / "annotations" / ".notes.part").touch()  # somebody else's
    whole = digests(dataset)
    del whole[f"images/{begun.name}"]
    with subprocess.Popen([sys.executable, "-c", VERSION, str(dataset)], stdout=subprocess.PIPE) as killed:
        try:
            assert killed.stdout is not None
            assert killed.stdout.readline() == b"begun\n"
            with changing(dataset):
                assert folders.sweep_leftovers() == 0
            assert len(list((dataset / "versions").iterdir())) == 1
        finally:
            killed.kill()

    assert folders.sweep_leftovers() == 2
    assert digests(dataset) == whole
    assert not list((dataset / "versions").iterdir())
    assert make_version(dataset, "v1", by="ada").images == 3
