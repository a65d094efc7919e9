"""Taking pictures, labels and video frames into the workspace: in another process, and an end loses nothing."""

from __future__ import annotations

import io
import json
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from yolodash.data.images import encode_png
from yolodash.data.opening import open_dataset
from yolodash.data.store.classes import read_classes
from yolodash.data.store.folders import create_dataset, list_stored
from yolodash.data.store.pictures import list_pictures
from yolodash.data.videos.writing import new_video
from yolodash.errors import OptionError, WorkspaceError, YoloDashError
from yolodash.runs import taking_in, taking_worker
from yolodash.runs.taking_in import Kind, Taking, begin_taking, put_away, spooled, stop_taking, sweep, taking, takings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YOLODASH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is done here, not in another process."""
    monkeypatch.setattr(taking_in, "start_detached", lambda _module, arguments, _log: taking_worker.main(arguments))


def png(seed: int) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (20, 30, 3), np.uint8)
    Pillow.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def take(name: str, files: dict[str, bytes], kind: Kind = "files", **more: object) -> Taking:
    with spooled((file, io.BytesIO(data)) for file, data in files.items()) as job:
        begin_taking(job, name, kind, by="somebody", **more)  # type: ignore[arg-type]
    found = taking(job)
    assert found is not None
    return found


def stems(name: str) -> list[str]:
    return [one.stem for one in list_pictures(next(one for one in list_stored() if one.name == name))]


def test_it_goes_on_in_another_process() -> None:
    with spooled([("a.png", io.BytesIO(png(0)))]) as job:
        begin_taking(job, "mine", "files", by="somebody")
    end = time.monotonic() + 60
    while (found := taking(job)) is not None and found.alive and time.monotonic() < end:
        time.sleep(0.05)

    assert found is not None
    assert (found.finished, found.added) == (True, 1)
    assert stems("mine") == ["a"]
    put_away(job)
    assert takings() == []


@pytest.mark.usefixtures("at_once")
def test_pictures_come_in_once_each_and_what_is_none_is_told() -> None:
    files = {"a.png": png(0), "b/a.png": png(1), "same.png": png(0), "bad.png": png(2)[:300], "notes.pdf": b"%PDF"}

    found = take("mine", files)

    assert stems("mine") == ["a", "a-2"]
    assert (found.added, found.doubles, found.refused) == (2, 1, 2)
    assert found.finished
    assert all(str(reason) for reason in found.reasons)
    again = take("mine", {"c.png": png(3)})
    assert (again.added, stems("mine")) == (1, ["a", "a-2", "c"])


@pytest.mark.usefixtures("at_once")
def test_a_folder_with_labels_is_opened_as_a_data_set() -> None:
    label = b"0 .5 .5 .2 .2\n"
    found = take("mine", {"set/images/a.png": png(0), "set/labels/a.txt": label, "set/classes.txt": b"cat\n"})

    (picture,) = list_pictures(list_stored()[0])
    assert (picture.stem, picture.boxes) == ("a", 1)
    assert [one.name for one in read_classes(list_stored()[0])] == ["cat"]
    assert found.finished


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def coco(name: str, file: str) -> bytes:
    truth = {
        "images": [{"id": 1, "file_name": file, "width": 30, "height": 20}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [1, 2, 3, 4]}],
        "categories": [{"id": 7, "name": name}],
    }
    return json.dumps(truth).encode()


@pytest.mark.usefixtures("at_once")
def test_a_zip_becomes_a_data_set_and_the_next_joins_its_classes_by_name() -> None:
    take("mine", {"one.zip": zipped({"train.json": coco("cat", "a.png"), "a.png": png(0)})})
    names = {"Cat": "b.png", "dog": "c.png"}
    for name, file in names.items():
        take("mine", {"next.zip": zipped({"train.json": coco(name, file), file: png(len(name) + ord(file[0]))})})

    opened = open_dataset("mine")
    found = {image.name: [opened.names[int(i)] for i in image.annotations.class_ids] for image in opened.images}
    assert found == {"images/a.png": ["cat"], "images/b.png": ["cat"], "images/c.png": ["dog"]}
    assert all(image.splits == ("train",) for image in opened.images)


@pytest.mark.usefixtures("at_once")
def test_labels_without_their_pictures_make_no_empty_data_set() -> None:
    found = take("mine", {"train.json": coco("cat", "a.png")})

    assert found.error is not None
    assert "None of the pictures" in str(found.error)
    assert list_stored() == ()


@pytest.mark.usefixtures("at_once")
def test_a_text_about_the_pictures_is_no_label_of_them() -> None:
    found = take("mine", {"a.png": png(0), "README.txt": b"mine"})

    assert (found.added, found.refused) == (1, 1)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("name", ["../out.png", "/etc/out.png"])
def test_an_archive_that_leads_outside_is_one_sentence_and_nothing_comes_in(name: str, home: Path) -> None:
    found = take("mine", {"slip.zip": zipped({name: png(0)})})

    assert found.error is not None
    assert "outside" in str(found.error)
    assert not found.finished
    assert list_stored() == ()
    assert not (home / "out.png").exists()


@pytest.mark.usefixtures("at_once")
def test_names_that_lead_outside_are_made_safe() -> None:
    take("mine", {"../../a.png": png(0), "C:\\b.png": png(1), "قطة, 🐈 " + "x" * 300 + ".png": png(2)})

    assert len(stems("mine")) == 3


@pytest.mark.usefixtures("at_once")
def test_a_path_on_the_server_is_taken_in(asset: Callable[[str], Path]) -> None:
    found = take("raccoons", {}, "path", source=str(asset("datasets/raccoon_voc")))

    assert found.finished
    assert found.added == len(stems("raccoons")) > 0


def film(path: Path, seconds: float, rate: int = 10) -> bytes:
    with new_video(path, rate=rate) as writer:
        for number in range(int(seconds * rate)):
            writer.write(np.full((48, 64, 3), 8 * number, np.uint8), number / rate)
    return path.read_bytes()


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("rate", "frames"), [(1.0, 3), (2.0, 6), (100.0, 30)])
def test_a_video_gives_frames_at_the_rate_that_was_asked(tmp_path: Path, rate: float, frames: int) -> None:
    found = take("frames", {"film.mp4": film(tmp_path / "film.mp4", 3)}, "video", per_second=rate)

    pictures = list_pictures(list_stored()[0])
    assert found.finished
    assert found.added + found.doubles == frames
    assert {one.origin for one in pictures} == {"film.mp4"}
    assert pictures[0].stem == "film-000000"


@pytest.mark.usefixtures("at_once")
def test_a_video_that_is_none_is_one_sentence() -> None:
    found = take("frames", {"film.mp4": b"no video"}, "video")

    assert found.error is not None
    assert list_stored() == ()


def test_what_makes_no_sense_is_refused_and_its_copies_go() -> None:
    with pytest.raises(OptionError):
        take("mine", {"a.png": png(0)}, per_second=0.0)
    with pytest.raises(WorkspaceError):
        take("../mine", {"a.png": png(0)})
    (create_dataset("there") / "classes.json").unlink()
    with pytest.raises(YoloDashError):
        take("there", {"a.png": png(0)})

    assert takings() == []
    assert not list((taking_in.home()).glob("*/files"))


def test_a_stop_keeps_what_came_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking_worker, "_SECONDS", 0.0)

    def stopped(_module: str, arguments: list[str], _log: Path) -> None:
        stop_taking(arguments[0])
        taking_worker.main(arguments)

    monkeypatch.setattr(taking_in, "start_detached", stopped)
    create_dataset("mine")

    found = take("mine", {"a.png": png(0), "b.png": png(1)})

    assert (found.stopped, found.finished, found.alive) == (True, False, False)


def test_copies_that_nobody_asks_for_are_swept() -> None:
    with spooled([("a.png", io.BytesIO(png(0)))]):
        pass
    sweep(older_than_seconds=3600)
    assert list(taking_in.home().glob("*/files"))
    sweep(older_than_seconds=-1)
    assert not list(taking_in.home().glob("*/files"))


@pytest.mark.usefixtures("at_once")
def test_every_bad_picture_is_told_and_the_good_ones_come_in(asset: Callable[[str], Path]) -> None:
    files = {path.name: path.read_bytes() for path in sorted(asset("images_bad").iterdir()) if path.suffix != ".tsv"}

    found = take("mine", files)

    assert found.finished
    assert found.added + found.doubles + found.refused == len(files)
    assert found.refused >= 20
    assert len(stems("mine")) == found.added


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("size", ["100k", "300k"], ids=["while copying", "while taking in"])
def test_a_full_disk_is_a_sentence_and_what_came_in_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(small)], capture_output=True
    ).returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        monkeypatch.setenv("YOLODASH_HOME", str(small))
        noise = np.random.default_rng(0).integers(0, 256, (8, 90, 90, 3), np.uint8)
        files = {f"{number}.png": encode_png(pixels) for number, pixels in enumerate(noise)}
        if size == "100k":
            with pytest.raises(WorkspaceError, match="No space left on device"):
                take("mine", files)
            assert takings() == []
        else:
            found = take("mine", files)
            assert "No space left on device" in str(found.error)
            assert 0 < found.added < len(files)
            assert len(open_dataset("mine").images) == found.added
            assert not list(small.rglob("*.part"))
    finally:
        subprocess.run(["umount", str(small)], check=True)
