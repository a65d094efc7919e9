"""The page Models, through app.py: the first step, the catalogue, own models, and a look inside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pages_app import opened, sound, words
from streamlit.testing.v1 import AppTest

from yolodash.errors import N_, DownloadError
from yolodash.models import catalogue

OFFICIAL = "models/yolov5n-official-v7.0/yolov5n.pt"
CUSTOM = "models/yolov5n-six-crops/best.pt"
TINY = "models/yolov3-tiny/yolov3-tiny"


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.file_uploader[0].set_value([(name, data, "application/octet-stream") for name, data in files]).run()
    return app.button(key="keep_model").click().run()


def test_without_a_model_the_first_step_is_one_button_and_a_network_is_already_seen(
    workspace: Path, no_bundled_models: None
) -> None:
    app = opened("models")

    sound(app)
    assert app.button(key="get_first").label == "Get YOLOv3-tiny (35 MB)"
    assert figures(app)["Parameters"] == "8,852,366"
    assert len(app.dataframe[0].value) == 24
    assert not workspace.exists() or not (workspace / "models").exists()


def test_with_a_model_the_first_step_is_gone(
    workspace: Path, no_bundled_models: None, asset: Callable[[str], Path]
) -> None:
    catalogue.add_upload("crops.pt", asset(CUSTOM).read_bytes())
    app = opened("models")

    sound(app)
    assert "get_first" not in {button.key for button in app.button}
    assert app.selectbox(key="inspect").value == "crops"
    assert figures(app)["Classes"] == "6"


def test_the_catalogue_shows_every_model_with_figures_and_the_release_that_they_belong_to(workspace: Path) -> None:
    app = opened("models", section="catalogue")

    sound(app)
    said = words(app).replace("\\", "")
    for entry in catalogue.entries():
        assert f"**{entry.title}**" in said
        assert app.button(key=f"get_{entry.name}").label == "Get"
    assert "release v7.0" in said
    assert "published 2018" in said
    assert "AGPL-3.0" in said


def test_a_model_put_there_by_hand_is_shown_as_not_verified(workspace: Path) -> None:
    (workspace / "models").mkdir(parents=True)
    (workspace / "models" / "yolov2-tiny.weights").write_bytes(b"by hand")
    app = opened("models", section="catalogue")

    sound(app)
    assert "not verified" in words(app)
    assert "get_yolov2-tiny" not in {button.key for button in app.button}


def test_when_nobody_answers_the_page_says_which_file_to_put_where(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, progress: object) -> None:
        raise DownloadError(
            N_("The server could not be reached"),
            where="https://example.org/yolov5s.pt",
            fix=N_("put {file} into {folder}"),
            file="yolov5s.pt",
            folder=str(workspace),
        )

    monkeypatch.setattr(catalogue, "get", refuse)
    app = opened("models", section="catalogue")
    app.button(key="get_yolov5s").click().run()

    assert [len(app.exception), len(app.error)] == [0, 1]
    said = app.error[0].value.replace("\\", "").replace("\u2060", "")
    assert "https://example.org/yolov5s.pt" in said
    assert str(workspace) in said


def test_a_fetched_model_is_there_after_the_click(
    workspace: Path, no_bundled_models: None, asset: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def arrive(name: str, progress: Callable[[int, int | None], None]) -> None:
        progress(1, 2)
        target = workspace / "models" / "yolov3-tiny.weights"
        target.parent.mkdir(parents=True)
        target.write_bytes(asset(TINY + ".weights").read_bytes())

    monkeypatch.setattr(catalogue, "get", arrive)
    app = opened("models")
    app.button(key="get_first").click().run()

    sound(app)
    assert [model.name for model in catalogue.installed()] == ["yolov3-tiny"]
    assert "get_first" not in {button.key for button in app.button}


@pytest.mark.parametrize(
    ("name", "parameters", "gflops"), [("yolov5s", "7,235,389", "16.4"), ("yolov3", "61,949,149", "140.7")]
)
def test_the_address_opens_a_look_inside_a_published_model(
    workspace: Path, name: str, parameters: str, gflops: str
) -> None:
    app = opened("models", inspect=name)

    sound(app)
    assert figures(app)["Parameters"] == parameters
    assert figures(app)["GFLOPs"] == gflops


def test_the_lecture_stands_beside_the_files_of_today_each_with_its_release(workspace: Path) -> None:
    app = opened("models", inspect="yolov5s")

    [table] = [element.value for element in app.markdown if "lecture: mAP" in element.value]
    assert "| YOLOv5s | 14 MB | 2.0 ms (v5.0) | **37.2** (v6.0) | 15 MB | 0.9 ms | **37.4** |" in table
    assert "| YOLOv5x | 168 MB | 6.1 ms (v5.0) | **50.4** (v5.0) | 174 MB | 4.8 ms | **50.7** |" in table


def test_an_address_that_names_no_model_opens_the_page_all_the_same(workspace: Path) -> None:
    app = opened("models", inspect="../../etc/passwd", section="<script>")

    sound(app)
    assert figures(app)


def test_a_checkpoint_is_kept_and_looked_into(workspace: Path, asset: Callable[[str], Path]) -> None:
    app = opened("models", section="own")
    upload(app, ("my crops.pt", asset(CUSTOM).read_bytes()))

    sound(app)
    assert [model.name for model in catalogue.installed()] == ["my crops"]
    assert app.selectbox(key="inspect").value == "my crops"
    assert figures(app)["Input"] == "320×320"


def test_darknet_files_are_kept_together(workspace: Path, asset: Callable[[str], Path]) -> None:
    app = opened("models", section="own")
    parts = {"net.weights": f"{TINY}.weights", "tiny.cfg": f"{TINY}.cfg", "coco.names": "models/yolov3-tiny/coco.names"}
    files = {name: asset(path).read_bytes() for name, path in parts.items()}
    upload(app, *files.items())

    sound(app)
    [model] = catalogue.installed()
    assert model.files.cfg is not None
    assert model.files.names is not None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pt", b"hello" * 100),
        ("b.pt", b"<!doctype html><title>404</title>"),
        ("c.weights", b"\0" * 100),
        ("d.cfg", b"[net]\n"),
    ],
)
def test_what_is_no_model_is_a_sentence_and_nothing_is_kept(workspace: Path, name: str, content: bytes) -> None:
    app = opened("models", section="own")
    upload(app, (name, content))

    assert len(app.exception) == 0
    assert len(app.error) == 1
    assert catalogue.installed() == []


def test_an_own_model_is_renamed_and_deleted_after_a_question(workspace: Path, asset: Callable[[str], Path]) -> None:
    catalogue.add_upload("crops.pt", asset(CUSTOM).read_bytes())
    app = opened("models", inspect="crops")
    app.text_input(key="rename_crops").set_value("fields").run()
    app.button(key="do_rename_crops").click().run()

    sound(app)
    assert app.selectbox(key="inspect").value == "fields"

    app.button(key="do_delete_fields").click().run()
    sound(app)
    assert catalogue.installed() == []
    assert app.selectbox(key="inspect").value == "scenes"


def test_a_name_that_is_taken_is_a_sentence(workspace: Path, asset: Callable[[str], Path]) -> None:
    catalogue.add_upload("crops.pt", asset(CUSTOM).read_bytes())
    app = opened("models", inspect="crops")
    app.text_input(key="rename_crops").set_value("yolov5s").run()
    app.button(key="do_rename_crops").click().run()

    assert len(app.error) == 1
    assert [model.name for model in catalogue.installed()] == ["crops"]


def test_a_hostile_name_is_shown_as_it_is(workspace: Path, asset: Callable[[str], Path]) -> None:
    model = catalogue.add_upload("**bold** $x$ :smile: [a](b).pt", asset(CUSTOM).read_bytes())
    app = opened("models", inspect=model.name)

    sound(app)
    assert app.selectbox(key="inspect").value == model.name
    [question] = [element.value for element in app.markdown if "to the bin" in element.value]
    assert "\\_\\_bold\\_\\_ \\$x\\$" in question
    assert "\\[a\\]" in question


def test_a_model_that_broke_on_disk_is_a_sentence(workspace: Path) -> None:
    catalogue.add_upload("broken.pt", b"not a model at all")
    app = opened("models", inspect="broken")

    assert len(app.exception) == 0
    assert len(app.error) == 1
    assert app.selectbox(key="inspect").value == "broken"
    assert app.button(key="do_delete_broken")
