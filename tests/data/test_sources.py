"""Files as given, folders walked and sorted, what is no picture counted."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from yolodash.data.images import encode_png
from yolodash.data.sources import FoundImages, find_images

PICTURE = encode_png(np.zeros((2, 2, 3), np.uint8))


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PICTURE)
    return path


def test_files_stay_in_their_order_even_when_they_are_missing_or_no_pictures(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    given = (picture(tmp_path / "b.png"), tmp_path / "missing.jpg", text, picture(tmp_path / "a.png"))
    assert find_images(given) == FoundImages(given, 0)


def test_a_folder_is_walked_and_sorted_by_name(tmp_path: Path) -> None:
    expected = tuple(picture(tmp_path / name) for name in ("a.png", "b/a.png", "b/c/x", "b.png", "c.jpg"))
    assert find_images([tmp_path]) == FoundImages(tuple(sorted(expected, key=lambda path: path.parts)), 0)


def test_what_is_no_picture_is_counted_whatever_its_name(tmp_path: Path) -> None:
    good = picture(tmp_path / "picture.txt")
    (tmp_path / "page.jpg").write_text("<html>")
    (tmp_path / "empty.png").touch()
    (tmp_path / "labels.csv").write_text("1,2")
    os.mkfifo(tmp_path / "pipe.png")
    assert find_images([tmp_path]) == FoundImages((good,), 4)


def test_files_and_folders_mix_in_place(tmp_path: Path) -> None:
    first, inner, last = picture(tmp_path / "z.png"), picture(tmp_path / "folder/m.png"), picture(tmp_path / "a.png")
    assert find_images([first, tmp_path / "folder", last]).images == (first, inner, last)


def test_links_inside_a_folder_are_not_followed(tmp_path: Path) -> None:
    secret = picture(tmp_path / "outside/secret.png").parent
    inside = picture(tmp_path / "inside/own.png")
    (inside.parent / "away").symlink_to(secret)
    (inside.parent / "away.png").symlink_to(secret / "secret.png")
    (inside.parent / "round").symlink_to(inside.parent)
    (inside.parent / "broken.png").symlink_to("nowhere")
    assert find_images([inside.parent]) == FoundImages((inside,), 4)


def test_a_link_that_was_given_itself_is_followed(tmp_path: Path) -> None:
    picture(tmp_path / "folder/a.png")
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    assert find_images([tmp_path / "link"]).images == (tmp_path / "link" / "a.png",)


def test_odd_names_are_only_names(tmp_path: Path) -> None:
    names = ["two\nlines.png", "-rf", "%2e%2e", "$(touch x).png", "浣熊 🦝.png", os.fsdecode(b"\xff\xfe.png")]
    expected = sorted(picture(tmp_path / "folder" / name) for name in names)
    found = find_images([tmp_path / "folder" / ".." / "folder"])
    assert sorted(path.resolve() for path in found.images) == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder"]


def test_an_impossible_path_stays_in_place() -> None:
    given = (Path("x\0y"), Path("n" * 5000))
    assert find_images(given) == FoundImages(given)


def test_an_empty_folder_has_no_pictures(tmp_path: Path) -> None:
    assert find_images([tmp_path]) == FoundImages((), 0)


def test_deep_folders_are_walked_without_recursion(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(300):
        deep = deep / "d"
    expected = picture(deep / "a.png")
    assert find_images([tmp_path]).images == (expected,)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_stays_in_place(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    assert find_images([closed]).images == (closed,)


def test_many_files_are_found(tmp_path: Path) -> None:
    for number in range(3000):
        (tmp_path / f"{number:05}.png").write_bytes(PICTURE if number % 3 else b"")
    found = find_images([tmp_path])
    assert (len(found.images), found.skipped) == (2000, 1000)
    assert found.images[0].name == "00001.png"
    assert found.images[-1].name == "02999.png"
