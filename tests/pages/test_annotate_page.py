"""The page Annotate through app.py: from nothing to a picture on the canvas, classes, comments, versions, the model."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pages_app import ROOT, opened, sound, words
from PIL import Image as Pillow
from streamlit.testing.v1 import AppTest

from yolodash.data.samples import sample_path
from yolodash.data.store.classes import living, read_classes
from yolodash.data.store.folders import create_dataset, find_stored
from yolodash.data.store.pictures import add_picture, list_pictures
from yolodash.data.store.truth import StoredBox, Truth, read_truth, save_truth
from yolodash.evaluation import suspicion
from yolodash.evaluation.suspicion import Sight
from yolodash.runs import doubting, jobs
from yolodash.ui.annotating import looking, proposals


@pytest.fixture
def dataset(workspace: Path) -> Path:
    folder = create_dataset("mine", classes=["cube", "sphere", "cylinder"])
    for name in ("a", "b"):
        picture = io.BytesIO()
        Pillow.new("RGB", (200, 100), (90, 90, len(name) + ord(name))).save(picture, "PNG")
        add_picture(folder, f"{name}.png", picture.getvalue(), by="ann")
    return folder


def button(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()


def boxed(dataset: Path, *boxes: StoredBox, stem: str = "a") -> Truth:
    return save_truth(dataset, stem, replace(read_truth(dataset, stem), boxes=boxes), by="ann")


def test_with_no_data_set_one_click_makes_one_of_samples_and_opens_it(workspace: Path) -> None:
    app = opened("annotate")
    sound(app)
    button(app, "annotate_start")
    sound(app)
    folder = find_stored("first-boxes")
    assert len(list_pictures(folder)) == 6
    assert "0 of 6 done" in "".join(str(one.proto.text) for one in app.get("progress"))
    assert app.query_params["data"] == "first-boxes"


def test_the_address_opens_a_picture_and_what_does_not_fit_is_passed_over(dataset: Path) -> None:
    app = opened("annotate", data="mine", picture="b", mode="review")
    sound(app)
    assert "**b**" in words(app)
    assert app.query_params["mode"] == "review"
    strange = opened("annotate", data="../../etc", picture="nothing", mode="x")
    sound(strange)
    assert "**a**" in words(strange)


def test_classes_are_added_renamed_merged_and_deleted_with_the_boxes_said_first(dataset: Path) -> None:
    boxed(dataset, StoredBox("one", 0, (1, 2, 30, 40)), StoredBox("two", 1, (5, 5, 50, 50)))
    app = opened("annotate", data="mine", picture="a")
    app.text_input(key="annotate_name_mine_0_cube").set_value("قطة, 🚗").run()
    assert [one.name for one in read_classes(dataset)] == ["قطة, 🚗", "sphere", "cylinder"]
    app.selectbox(key="annotate_merge_0").set_value(1).run()
    assert "1 box of قطة, 🚗 become sphere" in words(app).replace("\\", "")
    button(app, "annotate_merge_class")
    sound(app)
    assert {one.class_id for one in read_truth(dataset, "a").boxes} == {1}
    app.toggle(key="annotate_delete_1").set_value(True).run()
    assert "2 boxes of sphere are deleted with it" in words(app)
    button(app, "annotate_delete_class")
    assert read_truth(dataset, "a").boxes == ()
    assert [one.id for one in living(read_classes(dataset))] == [2]  # ids never move


@pytest.mark.parametrize("name", ["", "x" * 300, "cube"])
def test_a_name_that_no_class_can_have_is_a_sentence(name: str, dataset: Path) -> None:
    app = opened("annotate", data="mine")
    next(one for one in app.text_input if one.label == "New class").set_value(name)
    next(one for one in app.button if one.label == "Add").click().run()
    assert len(app.error) == 1
    assert len(read_classes(dataset)) == 3


def test_state_assignee_and_comments_are_kept_with_who_said_them(dataset: Path) -> None:
    app = opened("annotate", data="mine", picture="a")
    app.selectbox(key="annotate_state_mine_a_unlabelled").set_value("done").run()
    next(one for one in app.text_input if one.label == "Given to").set_value("Eve").run()
    next(one for one in app.text_input if one.label == "Comment").set_value("Is this **one**?")
    next(one for one in app.button if one.label == "Add comment").click().run()
    sound(app)
    truth = read_truth(dataset, "a")
    assert (truth.state, truth.assignee) == ("done", "Eve")
    assert truth.extra["comments"][0]["text"] == "Is this **one**?"
    assert "Is this \\*\\*one\\*\\*?" in words(app)


def test_an_earlier_version_comes_back_as_a_new_one(dataset: Path) -> None:
    first = boxed(dataset, StoredBox("one", 0, (1, 2, 30, 40)))
    second = boxed(dataset)
    app = opened("annotate", data="mine", picture="a")
    button(app, f"annotate_back_a_{first.revision}")
    sound(app)
    after = read_truth(dataset, "a")
    assert (after.boxes, after.revision) == (first.boxes, second.revision + 1)


def test_filters_and_what_is_left_when_nothing_passes_them(dataset: Path) -> None:
    app = opened("annotate", data="mine")
    app.selectbox(key="annotate_filter").set_value("review").run()
    assert "No picture is left of these" in app.success[0].value
    boxed(dataset, StoredBox("one", 1, (1, 2, 30, 40)), stem="b")
    app.selectbox(key="annotate_filter").set_value("class").run()
    app.selectbox(key="annotate_class").set_value(1).run()
    assert "of 1 · **b**" in words(app)


def test_a_broken_annotation_and_an_empty_data_set_are_sentences(dataset: Path) -> None:
    (dataset / "annotations" / "a.json").write_text("{", encoding="utf-8")
    app = opened("annotate", data="mine", picture="a")
    assert "no annotation that can be read" in app.error[0].value
    create_dataset("nothing")
    empty = opened("annotate", data="nothing")
    sound(empty)
    assert "no pictures yet" in empty.info[0].value


def test_the_bundled_model_proposes_boxes_on_a_scene_and_doubts_a_wrong_label(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "start_detached", lambda _module, words, _log: jobs.work(words, doubting.check))
    add_picture(dataset, "scene.jpg", sample_path("scene").read_bytes(), by="ann")
    app = opened("annotate", data="mine", picture="scene")
    button(app, "annotate_propose")
    sound(app)
    truth = read_truth(dataset, "scene")
    offered = proposals.open_ones(truth)
    assert len(offered) >= 4
    assert truth.boxes == ()
    assert "open" in words(app)
    wrong = tuple(StoredBox(one["id"], (one["class_id"] + 1) % 3, tuple(one["box"])) for one in offered[:1])
    boxed(dataset, *wrong, stem="scene")
    app.run()
    button(app, "annotate_check")
    sound(app)
    assert "1. **scene**" in words(app)
    app.selectbox(key="annotate_order").set_value("uncertain").run()
    button(app, "annotate_look")
    sound(app)
    assert "of 3 · **scene**" in words(app)  # on the grey ones it sees nothing


def test_the_first_paint_loads_no_torch(dataset: Path) -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest; app = AppTest.from_file('app.py', default_timeout=60);"
        "app.run(); app.switch_page('pages/annotate.py'); app.run(); print('torch' in sys.modules, len(app.error))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "0"]


NAMES = {0: "traffic light", 1: "cat"}


def doubt(boxes: list[StoredBox], sights: list[Sight]) -> list[tuple[str, str]]:
    return [(one.kind, one.id) for one in suspicion.doubts("a", boxes, sights, NAMES)]


def test_each_kind_of_doubt_is_told_and_agreement_is_none() -> None:
    box = StoredBox("one", 0, (0, 0, 100, 100))
    assert doubt([box], [Sight("Traffic_Light", (0, 0, 100, 95), 0.9)]) == []
    assert doubt([box], [Sight("traffic light", (0, 0, 100, 60), 0.9)]) == [("loose", "one")]
    assert doubt([box], [Sight("cat", (0, 0, 100, 95), 0.9)]) == [("other", "one")]
    assert doubt([box], []) == [("unseen", "one")]
    assert doubt([], [Sight("cat", (0, 0, 10, 10), 0.9), Sight("cat", (50, 50, 60, 60), 0.1)]) == [("missing", "")]


def test_a_model_is_most_unsure_of_scores_of_one_half() -> None:
    values = [looking.uncertainty([Sight("cat", (0, 0, 1, 1), score)]) for score in (0.05, 0.5, 0.9)]
    assert values == pytest.approx([0.19, 1.0, 0.36])
    assert looking.uncertainty([]) == 0
