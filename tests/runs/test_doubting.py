"""A model checks the labels of a data set in a process of its own, and what it saw outlasts changed labels."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from yolodash.data.images import read_image
from yolodash.data.store.classes import read_classes, rename_class
from yolodash.data.store.pictures import list_pictures
from yolodash.data.store.truth import read_truth, save_truth
from yolodash.evaluation.suspicion import Doubt, doubts, sights_of
from yolodash.inference.prediction import predict
from yolodash.models.catalogue import InstalledModel
from yolodash.models.catalogue.bundled import bundled
from yolodash.models.loading import load_model
from yolodash.runs import doubting, jobs
from yolodash.runs.doubting import LOOKS, Checked, Reader, begin_checking, check_folder
from yolodash.scenes.writing import SeriesOptions, write_scenes
from yolodash.structures import ImageSize
from yolodash.workspace import write_bytes


@pytest.fixture
def blocks(workspace: Path) -> Path:
    write_scenes(workspace / "datasets" / "blocks", SeriesOptions(3, ImageSize(120, 160)), workers=1)
    return workspace / "datasets" / "blocks"


@pytest.fixture
def model() -> InstalledModel:
    return bundled()[0]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process would do is done here."""
    monkeypatch.setattr(jobs, "start_detached", lambda _module, words, _log: jobs.work(words, doubting.check))


def read(dataset: Path, model: InstalledModel, reader: Reader | None = None) -> Checked:
    reader = reader or Reader(check_folder(dataset, model))
    return reader.read(dataset, list_pictures(dataset), read_classes(dataset))


def wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done() and time.monotonic() < end:
        time.sleep(0.05)
    assert done()


def test_a_process_of_its_own_finds_what_the_model_finds_here(blocks: Path, model: InstalledModel) -> None:
    first = list_pictures(blocks)[0]
    truth = read_truth(blocks, first.stem)
    save_truth(blocks, first.stem, replace(truth, boxes=truth.boxes[1:]), by="somebody")
    assert len(read(blocks, model).missing) == 3
    folder = check_folder(blocks, model)

    begin_checking(blocks, model)
    wait(lambda: (found := jobs.look(folder)) is not None and not found.at_work)

    job, found = jobs.look(folder), read(blocks, model)
    assert job is not None
    assert (job.state, job.error) == ("finished", None)
    assert job.progress is not None
    assert (job.progress.done, job.progress.total) == (3, 3)
    assert found.missing == ()
    sights = sights_of(predict(load_model(model.files.weights), read_image(first.path)))
    expected = doubts(first.stem, truth.boxes[1:], sights, {one.id: one.name for one in read_classes(blocks)})
    assert any(one.kind == "missing" for one in expected)
    assert shape(found.doubts[first.stem]) == shape(expected[:10])
    assert found.worst()[first.stem] == pytest.approx(expected[0].weight, abs=1e-3)


def shape(found: tuple[Doubt, ...] | list[Doubt]) -> list[tuple[str, str, str]]:
    return [(one.kind, one.id, one.name) for one in found]


@pytest.mark.usefixtures("at_once")
def test_labels_that_change_are_judged_anew_though_the_model_looks_no_more(blocks: Path, model: InstalledModel) -> None:
    begin_checking(blocks, model)
    reader = Reader(check_folder(blocks, model))
    before = read(blocks, model, reader).worst()
    stem = list_pictures(blocks)[1].stem
    truth = read_truth(blocks, stem)
    save_truth(blocks, stem, replace(truth, boxes=()), by="somebody")

    after = read(blocks, model, reader)

    assert after.missing == ()
    assert {one.kind for one in after.doubts[stem]} == {"missing"}
    assert after.worst() == {**before, stem: after.worst()[stem]}
    assert read(blocks, model).doubts == after.doubts  # with nothing kept in memory

    rename_class(blocks, 0, "something else", by="somebody")
    assert read(blocks, model, reader).doubts != after.doubts


@pytest.mark.usefixtures("at_once")
def test_only_new_pictures_are_looked_at_and_a_torn_line_counts_as_none(blocks: Path, model: InstalledModel) -> None:
    begin_checking(blocks, model)
    place = check_folder(blocks, model) / LOOKS
    whole = place.read_bytes()
    lines = whole.splitlines(keepends=True)
    place.write_bytes(b"".join(lines[:-1]) + lines[-1][: len(lines[-1]) // 2])
    assert len(read(blocks, model).missing) == 1

    begin_checking(blocks, model)

    job = jobs.look(check_folder(blocks, model))
    assert job is not None
    assert job.progress is not None
    assert job.progress.total == 1
    assert read(blocks, model).missing == ()
    picture = list_pictures(blocks)[0].path
    write_bytes(picture, picture.read_bytes() + b"\0")
    assert [one.stem for one in read(blocks, model).missing] == [picture.stem]


@pytest.mark.usefixtures("at_once")
def test_a_damaged_picture_and_a_model_that_is_gone_are_told(
    blocks: Path, model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bytes(list_pictures(blocks)[0].path, b"nothing")
    begin_checking(blocks, model)
    assert read(blocks, model).missing == ()

    gone = replace(model, name="gone")
    begin_checking(blocks, gone)
    job = jobs.look(check_folder(blocks, gone))
    assert job is not None
    assert job.state == "failed"
    assert job.error is not None
    assert "gone" in str(job.error)
