"""Uploads stay with their session, whole, bounded, and under names that no user chose."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from yolodash.data import uploads
from yolodash.data.images import encode_jpeg, encode_png, read_image
from yolodash.data.signatures import PictureKind
from yolodash.data.uploads import (
    delete_upload,
    is_token,
    list_uploads,
    new_token,
    read_upload,
    save_upload,
    session_folder,
    sweep_sessions,
    upload_path,
)
from yolodash.errors import ImageError, InputError

pytestmark = pytest.mark.usefixtures("workspace")


def picture(shade: int) -> bytes:
    return encode_png(np.full((4, 4, 3), shade, np.uint8))


def test_an_upload_is_found_again_and_comes_back_as_it_was() -> None:
    token = new_token()
    first = save_upload(token, "first.png", picture(1))
    second = save_upload(token, "second.jpg", encode_jpeg(np.zeros((4, 4, 3), np.uint8)))
    assert list_uploads(token) == [first, second]
    assert [upload.kind for upload in (first, second)] == [PictureKind.PNG, PictureKind.JPEG]
    assert read_upload(token, first.id) == picture(1)
    assert read_image(upload_path(token, first.id)).shape == (4, 4, 3)


def test_the_same_bytes_are_one_upload_under_the_newer_name() -> None:
    token = new_token()
    save_upload(token, "old.png", picture(1))
    save_upload(token, "new.png", picture(1))
    assert [upload.name for upload in list_uploads(token)] == ["new.png"]


def test_a_session_sees_only_its_own() -> None:
    mine, other = new_token(), new_token()
    upload = save_upload(mine, "mine.png", picture(1))
    assert list_uploads(other) == []
    with pytest.raises(ImageError, match="belongs to another browser"):
        read_upload(other, upload.id)
    delete_upload(other, upload.id)
    assert read_upload(mine, upload.id) == picture(1)


def test_the_disk_shows_neither_the_token_nor_the_name(workspace: Path) -> None:
    token = new_token()
    save_upload(token, "../../etc/holiday\n.png", picture(1))
    paths = [str(path.relative_to(workspace)) for path in workspace.rglob("*")]
    assert not [path for path in paths if token in path or "holiday" in path]
    digest = hashlib.sha256(picture(1)).hexdigest()
    owner = hashlib.sha256(token.encode()).hexdigest()
    assert f"sessions/{owner}/uploads/{digest}.png" in paths
    assert list_uploads(token)[0].name == "../../etc/holiday\n.png"


@pytest.mark.parametrize("name", ["", "a" * 10_000, "浣熊 🦝", os.fsdecode(b"\xff.png"), '"}', "\0"])
def test_any_name_is_kept_as_it_was(name: str) -> None:
    token = new_token()
    save_upload(token, name, picture(1))
    assert list_uploads(token)[0].name == name


def test_what_is_no_picture_is_refused_at_once(workspace: Path) -> None:
    token = new_token()
    with pytest.raises(ImageError, match="web page"):
        save_upload(token, "photo.jpg", b"<!doctype html>")
    assert list_uploads(token) == []


def test_a_deleted_upload_is_gone_and_may_be_deleted_twice() -> None:
    token = new_token()
    upload = save_upload(token, "a.png", picture(1))
    delete_upload(token, upload.id)
    delete_upload(token, upload.id)
    assert list_uploads(token) == []
    assert [path.name for path in (session_folder(token) / "uploads").iterdir()] == [".lock"]
    with pytest.raises(ImageError, match="upload the picture again"):
        read_upload(token, upload.id)


@pytest.mark.parametrize(
    "bad", ["", "../x", "*", "a" * 63, "A" * 64, "a" * 64 + "\n", "a" * 64, "[a-f]" * 13, "\0" * 64]
)
def test_an_id_from_outside_reaches_nothing(bad: str) -> None:
    token = new_token()
    kept = save_upload(token, "a.png", picture(1))
    with pytest.raises(ImageError):
        read_upload(token, bad)
    delete_upload(token, bad)
    assert list_uploads(token) == [kept]


@pytest.mark.parametrize("bad", ["", "..", "a" * 31, "g" * 32, "A" * 32, "a" * 32 + "\n", "../" + "a" * 29])
def test_a_token_from_outside_must_have_its_form(bad: str, workspace: Path) -> None:
    assert not is_token(bad)
    with pytest.raises(InputError, match="reload the page"):
        session_folder(bad)
    assert not workspace.exists()


def test_tokens_are_new_each_time() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(map(is_token, tokens))
    assert not is_token(None)
    assert not is_token(b"a" * 32)


def test_a_session_holds_so_many_pictures_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_UPLOADS", 2)
    token = new_token()
    for shade in (1, 2):
        save_upload(token, "a.png", picture(shade))
    with pytest.raises(ImageError, match=r"2 pictures are kept.* — delete pictures"):
        save_upload(token, "c.png", picture(3))
    save_upload(token, "again.png", picture(2))
    delete_upload(token, list_uploads(token)[0].id)
    save_upload(token, "c.png", picture(3))


def test_a_session_holds_so_many_bytes_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 2 * len(picture(1)))
    token = new_token()
    for shade in (1, 2):
        save_upload(token, "a.png", picture(shade))
    with pytest.raises(ImageError, match="would take more than"):
        save_upload(token, "c.png", picture(3))


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST_FILE", 10)
    with pytest.raises(ImageError, match="save it smaller"):
        save_upload(new_token(), "a.png", picture(1))


def test_the_bound_holds_when_many_arrive_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_UPLOADS", 5)
    token, refused = new_token(), []

    def upload(shade: int) -> None:
        try:
            save_upload(token, f"{shade}.png", picture(shade))
        except ImageError as error:
            refused.append(error)

    threads = [threading.Thread(target=upload, args=(shade,)) for shade in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list_uploads(token)) == 5
    assert len(refused) == 7


def test_half_an_upload_is_left_out() -> None:
    token = new_token()
    whole = save_upload(token, "whole.png", picture(1))
    half = save_upload(token, "half.png", picture(2))
    upload_path(token, half.id).unlink()
    folder = session_folder(token) / "uploads"
    (folder / f"{'0' * 64}.json").write_text("{")
    (folder / f"{'1' * 64}.json").write_text(json.dumps({"kind": "exe", "name": 1, "size": None, "added": []}))
    (folder / f"{'2' * 64}.json").write_text("[]")
    assert list_uploads(token) == [whole]


def test_sessions_that_nobody_uses_are_swept_and_others_stay(workspace: Path) -> None:
    old, new = new_token(), new_token()
    for token in (old, new):
        save_upload(token, "a.png", picture(1))
    long_ago = time.time() - 90_000
    for token in (old, new):
        for path in (session_folder(token), *session_folder(token).rglob("*")):
            os.utime(path, (long_ago, long_ago))
    list_uploads(new)
    assert sweep_sessions(timedelta(days=1)) == 1
    assert len(list((workspace / "sessions").iterdir())) == 1
    assert len(list_uploads(new)) == 1
    assert list_uploads(old) == []


def test_sweeping_follows_no_links(workspace: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep").touch()
    (workspace / "sessions").mkdir(parents=True)
    (workspace / "sessions" / "link").symlink_to(outside)
    sweep_sessions(timedelta(0))
    assert (outside / "keep").exists()
