"""The page Data sets: what it says, and what becomes of the disk when something is pressed."""

from __future__ import annotations

import io
import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages_app import opened, sound, words
from PIL import Image as Pillow
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

from yolodash.cli import main
from yolodash.data.opening import open_dataset
from yolodash.data.repairs import last_repair
from yolodash.data.store.folders import create_dataset, list_bin, list_stored, read_about
from yolodash.data.store.parts import read_splits
from yolodash.data.store.pictures import add_picture, list_pictures
from yolodash.data.store.truth import StoredBox, Truth, read_truth, save_truth
from yolodash.data.store.versions import list_versions, make_version
from yolodash.runs import doubting, jobs, making, taking_in, taking_out, taking_worker
from yolodash.scenes.writing import SeriesOptions, write_scenes
from yolodash.structures import ImageSize
from yolodash.ui.annotating import proposals
from yolodash.ui.datasets import bringing, filters, grid, listing, verdicts
from yolodash.ui.datasets.filters import Wanted
from yolodash.workspace import locked, write_bytes, write_json

SIZE = ImageSize(48, 64)
NAMES = ("cat", "قطة", "dog, big 🐕")


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YOLODASH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process would do is done here."""
    monkeypatch.setattr(taking_in, "start_detached", lambda _module, words, _log: taking_worker.main(words))
    work = {"yolodash.runs.doubting": doubting.check, "yolodash.runs.taking_out": taking_out.write}
    monkeypatch.setattr(jobs, "start_detached", lambda module, words, _log: jobs.work(words, work[module]))


def jpeg(seed: int, quality: int = 95) -> bytes:
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    buffer = io.BytesIO()
    Pillow.fromarray(coarse).resize((SIZE.width, SIZE.height), Pillow.Resampling.NEAREST).save(
        buffer, "JPEG", quality=quality
    )
    return buffer.getvalue()


def box(number: int, class_id: int, corners: tuple[float, float, float, float]) -> StoredBox:
    return StoredBox(f"b{number}", class_id, corners)


@pytest.fixture
def pets() -> Path:
    """30 pictures of three classes, one with a box drawn twice, one a near duplicate."""
    dataset = create_dataset("pets", classes=NAMES)
    for number in range(29):
        boxes = [box(0, number % 3, (5.0, 5.0, 30.0, 30.0))] if number % 5 else []
        if number == 1:
            boxes.append(box(1, 1, (5.0, 5.0, 30.0, 30.2)))
        truth = Truth(0, SIZE, "done" if boxes else "unlabelled", boxes=tuple(boxes))
        add_picture(dataset, f"p{number:02}.jpg", jpeg(number), by="somebody", truth=truth)
    add_picture(dataset, "p02-again.jpg", jpeg(2, 90), by="somebody")
    return dataset


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [one for one in app.button if one.label == label]
    return button.click().run()


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.file_uploader[0].set_value([(name, data, "application/octet-stream") for name, data in files]).run()
    return press(app, f"Take in {len(files)} file{'s' if len(files) > 1 else ''}")


def test_without_a_data_set_one_click_makes_one_of_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[list[str]] = []
    monkeypatch.setattr(making, "start_detached", lambda _module, words, _log: begun.append(words))
    app = opened("datasets")
    assert "pictures with a box around each object" in words(app)

    press(app, "Make one now: 60 rendered scenes")

    sound(app)
    assert begun == [["scenes"]]
    drawn = making.making("scenes")
    assert drawn is not None
    assert drawn.total == 60


@pytest.mark.usefixtures("at_once")
def test_uploads_make_a_data_set_and_what_is_none_is_told() -> None:
    app = opened("datasets")
    app.text_input(key="datasets_name").set_value("قطط, mine").run()

    upload(app, ("a.jpg", jpeg(0)), ("a.jpg", jpeg(1)), ("same.jpg", jpeg(0)), ("bad.jpg", jpeg(2)[:200]))

    assert [element.value for element in app.exception] == []
    (made,) = list_stored()
    assert made.name == "قطط, mine"
    assert [one.stem for one in list_pictures(made)] == ["a", "a-2"]
    said = " ".join(str(one.value) for one in app.warning)
    assert "2 pictures came into" in said
    assert "1 was there already" in said
    assert any("bad" in str(one.value) for one in app.markdown)
    press(app, "OK")
    assert taking_in.takings() == []


@pytest.mark.usefixtures("at_once")
def test_the_memory_of_uploads_is_freed_as_soon_as_they_lie_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    managers: list[MemoryUploadedFileManager] = []
    begin = MemoryUploadedFileManager.__init__

    def noted(self: MemoryUploadedFileManager, upload_endpoint: str) -> None:
        managers.append(self)
        begin(self, upload_endpoint)

    def kept() -> list[str]:
        return sorted(file.name for files in managers[-1].file_storage.values() for file in files.values())

    monkeypatch.setattr(MemoryUploadedFileManager, "__init__", noted)
    app = opened("datasets")
    pictures = [("a.jpg", jpeg(0), "image/jpeg"), ("b.jpg", jpeg(1), "image/jpeg")]
    app.file_uploader[0].set_value(pictures).run()
    assert kept() == ["a.jpg", "b.jpg"]

    press(app, "Take in 2 files")

    sound(app)
    assert kept() == []
    assert len(list_pictures(list_stored()[0])) == 2


def test_what_is_at_work_is_shown_after_a_reload_and_can_be_stopped(
    pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking_in, "start_detached", lambda _module, _words, _log: None)
    with taking_in.spooled([("a.jpg", io.BytesIO(jpeg(50)))]) as job:
        taking_in.begin_taking(job, "pets", "files", by="somebody")
    folder = pets.parent / ".taking" / job
    write_json(folder / "progress.json", {"done": 3, "total": 10})
    with locked(folder / ".lock"):
        app = opened("datasets", data="pets")
        sound(app)
        assert "It goes on when this page is closed" in words(app)
        press(app, "Stop")
        assert (folder / "stop").exists()

    app = opened("datasets", data="pets")
    assert any("It ended before it was done" in str(one.value) for one in app.warning)
    press(app, "OK")
    assert not folder.exists()


def test_a_name_that_leads_elsewhere_takes_nothing(workspace: Path) -> None:
    app = opened("datasets")
    app.text_input(key="datasets_name").set_value("../out").run()
    app.file_uploader[0].set_value([("a.jpg", jpeg(0), "image/jpeg")]).run()

    (button,) = [one for one in app.button if one.label == "Take in 1 file"]
    assert button.disabled
    assert list_stored() == ()


@pytest.mark.usefixtures("pets")
def test_the_address_says_which_pictures_are_shown() -> None:
    app = opened("datasets", data="pets", **{"class": "1", "order": "newest"})

    sound(app)
    assert app.selectbox(key="datasets_class").value == "1"
    assert "**8 pictures**" in words(app)
    app.selectbox(key="datasets_class").set_value(filters.NONE).run()
    assert "**7 pictures** · 0 boxes" in words(app)
    assert app.query_params["class"] == "none"


def test_filters_and_orders_are_what_they_say(pets: Path) -> None:
    found = listing.listing(pets)
    known = {one.stem: one for one in found.pictures}

    def stems(**wanted: str) -> list[str]:
        return [one.stem for one in filters.chosen(found, Wanted(**wanted), frozenset({"p02", "p02-again"}))]

    assert stems() == sorted(known)
    assert all(2 in known[stem].class_ids for stem in stems(class_id="2"))
    assert stems(problem="twin") == ["p02", "p02-again"]
    assert stems(state="unlabelled") == [stem for stem in sorted(known) if not known[stem].boxes]
    assert stems(part="train") == []
    assert len(stems(part="none")) == 30
    assert stems(order="most_boxes")[0] == "p01"


def shown(app: AppTest) -> list[dict[str, Any]]:
    """The gallery's pictures, as the browser gets them."""
    (sent,) = [json.loads(element.proto.json) for element in app.get("bidi_component") if element.proto.json]
    return list(sent["pictures"])


def relabel(dataset: Path, stem: str) -> None:
    """Say of every box of a picture that it is something else."""
    truth = read_truth(dataset, stem)
    boxes = tuple(replace(one, class_id=(one.class_id + 1) % 3) for one in truth.boxes)
    save_truth(dataset, stem, replace(truth, boxes=boxes), by="somebody")


@pytest.mark.usefixtures("at_once")
def test_the_gallery_begins_with_what_a_model_disagrees_with_once_it_has_looked(workspace: Path) -> None:
    dataset = workspace / "datasets" / "blocks"
    write_scenes(dataset, SeriesOptions(4, ImageSize(240, 320)), workers=1)
    wrong, late = (one.stem for one in list_pictures(dataset)[2:])
    (dataset / "annotations" / f"{late}.json").rename(dataset / f"{late}.json")
    relabel(dataset, wrong)

    app = opened("datasets", data="blocks", order="disagreement")
    sound(app)
    assert "has not checked these labels yet" in words(app)
    app.button(key="datasets_check").click().run()

    sound(app)
    assert "checked all 3 pictures" in words(app)
    assert shown(app)[0]["stem"] == wrong
    assert shown(app)[-1]["stem"] == late
    assert "doubt" in shown(app)[0]["about"]
    assert "doubt" not in shown(app)[-1]["about"]

    (dataset / f"{late}.json").rename(dataset / "annotations" / f"{late}.json")
    app.run()
    assert "checked 3 of 4 labelled pictures" in words(app)
    assert app.button(key="datasets_check").label == "Check 1 picture"


def test_ticks_of_an_earlier_round_or_of_no_form_tick_nothing() -> None:
    assert grid.ticked({"selected": {"round": 3, "stems": ["a"]}}, 3) == ("a",)
    for told in ({"selected": {"round": 2, "stems": ["a"]}}, {"selected": [1]}, {"selected": None}, None, 7):
        assert grid.ticked(told, 3) == ()


def test_thumbnails_are_kept_and_a_damaged_picture_has_none(pets: Path) -> None:
    pictures = listing.listing(pets).pictures[:3]
    first = listing.thumbnails(pets, pictures)
    kept = sorted((pets.parent / ".cache" / "pets").rglob("*.jpg"))
    write_bytes(pictures[0].path, jpeg(0)[:200])

    assert all(first)
    assert len(kept) == 3
    assert listing.thumbnails(pets, listing.listing(pets).pictures[:1]) == [None]


def test_health_tells_of_doubts_mends_by_a_click_and_takes_it_back(pets: Path) -> None:
    app = opened("datasets", data="pets", view="health")
    sound(app)
    assert "There are no pictures to train with" in words(app)
    assert "1 picture shows what another shows" in words(app)

    press(app, "Remove these boxes")
    sound(app)
    assert len(read_truth(pets, "p01").boxes) == 1
    assert last_repair(pets) is not None

    press(app, "Take the last repair back: boxes drawn twice")
    assert len(read_truth(pets, "p01").boxes) == 2

    press(app, "Put them into the bin")
    sound(app)
    assert len(list_pictures(pets)) == 29
    app.segmented_control(key="datasets_view").set_value("pictures").run()
    press(app, "Take back")
    assert len(list_pictures(pets)) == 30


def test_verdicts_on_what_models_proposed_are_summed_over_all_pictures(pets: Path) -> None:
    def judge(stem: str, model: str, *verdicts: str) -> None:
        truth = read_truth(pets, stem)
        entry = {"class_id": 0, "box": [1, 2, 3, 4], "score": 0.5, "model": model}
        told = [{**entry, "id": f"{model}{place}", "verdict": verdict} for place, verdict in enumerate(verdicts)]
        extra = {**truth.extra, "proposed": [*proposals.entries(truth.extra), *told]}
        save_truth(pets, stem, replace(truth, extra=extra), by="somebody")

    assert verdicts.counted(pets, list_pictures(pets)) == {}
    judge("p00", "one", "accepted", "accepted", "refused", "open")
    judge("p01", "one", "changed")
    judge("p01", "two", "open")

    app = opened("datasets", data="pets", view="health")

    sound(app)
    assert "**one**: 2 accepted, 1 changed, 1 refused, 1 open · 50% right as proposed" in words(app)
    assert "**two**: 0 accepted, 0 changed, 0 refused, 1 open\n" in words(app)
    judge("p02", "two", "accepted")
    assert "**two**: 1 accepted, 0 changed, 0 refused, 1 open · 100% right as proposed" in words(app.run())


def test_parts_are_shown_before_they_are_saved_and_twins_stay_together(pets: Path) -> None:
    app = opened("datasets", data="pets", view="split")
    sound(app)
    assert read_splits(pets) == {}
    assert "Then: **train** 24 · **val** 3 · **test** 3" in words(app)

    press(app, "Save these parts")
    first = read_splits(pets)
    assert first["p02"] == first["p02-again"]
    app.number_input(key="datasets_seed").set_value(9).run()
    press(app, "Save these parts")
    assert read_splits(pets) != first
    (back,) = [one for one in app.button if one.label.startswith("Take back the parts")]
    back.click().run()
    sound(app)
    assert read_splits(pets) == first


def test_a_version_is_frozen_deleted_and_taken_back(pets: Path) -> None:
    app = opened("datasets", data="pets", view="versions")
    app.text_input(key="datasets_version_note").set_value("before the split").run()
    press(app, "Freeze a version")

    sound(app)
    (made,) = list_versions(pets)
    assert (made.name, made.images, made.recipe["note"]) == ("v1", 30, "before the split")
    press(app, "Delete")
    assert list_versions(pets) == ()
    press(app, "Take back")
    sound(app)
    assert [one.name for one in list_versions(pets)] == ["v1"]


def test_a_version_that_a_run_names_is_deleted_only_by_a_second_click(pets: Path, workspace: Path) -> None:
    version = make_version(pets, "v1", by="somebody")
    run = workspace / "runs" / "first try"
    run.mkdir(parents=True)
    write_json(
        run / "run.json", {"format": 1, "kind": "train", "name": run.name, "data": {"path": str(version.folder)}}
    )

    app = opened("datasets", data="pets", view="versions")
    assert "Named by the runs: first try" in words(app)
    press(app, "Delete")
    assert [one.name for one in list_versions(pets)] == ["v1"]
    press(app, "Delete although runs name it")
    assert list_versions(pets) == ()


def test_a_version_is_trained_on_by_a_click(pets: Path) -> None:
    version = make_version(pets, "v1", by="somebody")

    app = press(opened("datasets", data="pets", view="versions"), "Train on it")

    assert [element.value for element in app.exception] == []
    assert app.selectbox(key="train_data").value == str(version.folder)


def test_a_picture_of_the_camera_is_added(pets: Path) -> None:
    bringing.keep_shot("pets", jpeg(99))
    bringing.keep_shot("new", jpeg(99))

    assert len(list_pictures(pets)) == 31
    assert [one.name for one in list_stored()] == ["new", "pets"]


def test_the_command_divides_as_the_page_does(pets: Path) -> None:
    app = opened("datasets", data="pets", view="split")
    press(app, "Save these parts")
    by_page = read_splits(pets)
    (line,) = [one.value for one in app.code]

    assert main(shlex.split(line)[3:]) == 0
    assert read_splits(pets) == by_page


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("form", ["yolo", "coco", "voc"])
def test_an_export_opens_again_with_all_that_its_form_can_say(pets: Path, tmp_path: Path, form: str) -> None:
    app = opened("datasets", data="pets", view="export")
    app.segmented_control(key="datasets_export_form").set_value(form).run()
    press(app, "Make the zip")

    sound(app)
    (made,) = (pets.parent / ".cache" / "pets" / "exports").glob("*.zip")
    opened_again = open_dataset(made)
    assert len(opened_again.images) == 30
    names = {opened_again.names[int(i)] for image in opened_again.images for i in image.annotations.class_ids}
    assert names == set(NAMES)
    assert "Download" in app.get("download_button")[0].label  # type: ignore[attr-defined]
    assert "went to train" in words(app)


def test_an_export_under_way_can_be_stopped_from_any_tab(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "start_detached", lambda _module, _words, _log: None)
    press(opened("datasets", data="pets", view="export"), "Make the zip")

    other = opened("datasets", data="pets", view="export")
    assert "Opening the data set" in "".join(str(one.proto.text) for one in other.get("progress"))
    assert not [one for one in other.button if one.label == "Make the zip"]
    other.button(key="datasets_export_stop").click().run()

    sound(other)
    assert "nothing of it was left" in other.info[0].value
    assert [one for one in other.run().button if one.label == "Make the zip"]
    assert not other.info


def test_names_notes_the_bin_and_the_way_back(pets: Path) -> None:
    app = opened("datasets", data="pets", view="all")
    app.text_input(key="datasets_note_pets").set_value("for the exercise").run()
    assert read_about(pets)["note"] == "for the exercise"
    app.text_input(key="datasets_rename_pets").set_value("animals").run()
    sound(app)
    assert [one.name for one in list_stored()] == ["animals"]

    press(app, "Delete")
    assert list_stored() == ()
    assert [one.name for one in list_bin()] == ["animals"]
    press(app, "Take back")
    sound(app)
    assert [one.name for one in list_stored()] == ["animals"]


def test_a_data_set_whose_classes_are_damaged_is_one_sentence(pets: Path) -> None:
    (pets / "classes.json").write_text("{")

    app = opened("datasets", data="pets")

    assert [element.value for element in app.exception] == []
    assert any("classes of this data set cannot be read" in str(one.value) for one in app.error)
