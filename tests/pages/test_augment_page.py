"""The page Augment, through app.py: what it shows at first, what its fields do, and what comes of the button."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from pages_app import ROOT, opened, sound, words
from streamlit.testing.v1 import AppTest

from yolodash.cli import main
from yolodash.data.images import encode_jpeg
from yolodash.data.opening import open_dataset
from yolodash.data.store.folders import create_dataset
from yolodash.data.store.versions import list_versions
from yolodash.runs.state import read_state
from yolodash.scenes.writing import SeriesOptions, write_scenes
from yolodash.structures import ImageSize


def page(**address: str) -> AppTest:
    return opened("augment", **address)


def labels(app: AppTest) -> list[str]:
    return [slider.label for slider in app.slider]


def picked(app: AppTest, group: str) -> list[str]:
    return list(app.session_state[f"augment_chosen_{group}"])


@pytest.fixture
def blocks(workspace: Path) -> Path:
    write_scenes(workspace / "datasets" / "blocks", SeriesOptions(5, ImageSize(48, 64)), workers=1)
    return workspace / "datasets" / "blocks"


def test_the_first_paint_shows_scenes_changed_and_what_it_would_take(workspace: Path) -> None:
    app = page()

    sound(app)
    assert "of 45 boxes stay" in words(app)
    assert "60 training pictures become 120 pictures in all, 60 of them new" in words(app)
    assert "Rotation **± 8°**" in labels(app)
    assert not (workspace / "runs").exists() or not list((workspace / "runs").iterdir())


def test_the_first_paint_loads_no_torch(workspace: Path) -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=120).run()\n"
        "app.switch_page('pages/augment.py').run()\n"
        "assert not app.exception and not app.error; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_address_brings_the_same_recipe_back_and_nonsense_is_passed_over(workspace: Path) -> None:
    app = page(
        degrees="30", blur="0", mosaic="0.5", crop="nan", noise="9e9", picture="6", seed="-4", cut="clip", scale="x"
    )

    sound(app)
    assert "Rotation **± 30°**" in labels(app)
    assert "Mosaic **50%**" in labels(app)
    assert not [label for label in labels(app) if label.startswith(("Blur", "Crop", "Noise"))]
    assert "Scale **± 20%**" in labels(app)
    assert app.number_input(key="augment_picture").value == 7
    assert app.number_input(key="augment_seed").value == 0
    assert app.session_state["augment_way"] == "clip"


def test_a_chosen_transform_gets_its_slider_and_a_recipe_sets_all(workspace: Path) -> None:
    app = page()
    app.session_state["augment_chosen_camera"] = ["cutout"]
    app.run()
    sound(app)
    assert "Cutout **30%**" in labels(app)
    assert not [label for label in labels(app) if label.startswith("Blur")]

    app.button(key="augment_recipe_default").click().run()
    sound(app)
    assert picked(app, "several") == ["mosaic"]
    assert "Mosaic **100%**" in labels(app)

    app.button(key="augment_recipe_none").click().run()
    sound(app)
    assert [picked(app, group) for group in ("place", "light", "camera", "several")] == [[], [], [], []]
    assert "45 of 45 boxes stay" in words(app)


def test_the_share_that_must_be_seen_decides_which_boxes_stay(workspace: Path) -> None:
    app = page(translate="0.6")
    counts = []
    for share in (0.3, 1.0):
        app.slider(key="augment_least_visible").set_value(share).run()
        sound(app)
        told = next(line for line in words(app).splitlines() if "boxes stay" in line)
        counts.append(int(told.split()[0]))
    assert counts[0] > counts[1]
    assert app.query_params["least_visible"] == "1"
    app.button_group(key="augment_way").set_value("keep").run()
    sound(app)
    assert app.query_params["cut"] == "keep"
    assert "least_visible" not in app.query_params


def test_the_xray_shows_any_transform_though_it_does_not_act(workspace: Path) -> None:
    app = page()
    for name in ("perspective", "exposure", "mosaic", "mixup"):
        app.selectbox(key="augment_xray").set_value(name).run()
        sound(app)
        assert len(app.get("latex")) + ("The four meet" in words(app)) == 2
        lost = words(app).count("Boxes lost on this data set")
        assert (lost == 2) != ("It loses no box" in words(app))


def test_a_rotation_is_shown_as_the_matrix_that_moves_the_boxes(workspace: Path) -> None:
    app = page(degrees="90")
    app.selectbox(key="augment_xray").set_value("degrees").run()
    matrix = app.get("latex")[1].proto.body.split("pmatrix}")[1].split("\\end{")[0]
    (a, b, _), (c, d, _), last = ([float(value) for value in row.split("&")] for row in matrix.split("\\\\"))

    assert last == [0, 0, 1]
    assert (a, b) == pytest.approx((d, -c), abs=1e-3)
    assert a * d - b * c == pytest.approx(1, abs=1e-3)


def test_a_version_is_made_of_a_data_set_of_the_workspace(blocks: Path) -> None:
    app = page(data="blocks")
    sound(app)
    assert "4 training pictures become 9 pictures" in " ".join(words(app).split())
    app.number_input(key="augment_copies").set_value(3).run()
    app.text_input(key="augment_name").set_value("large").run()
    app.button(key="augment_generate").click().run()
    sound(app)
    run = blocks.parent.parent / "runs" / "augment large"
    end = time.monotonic() + 60
    while read_state(run).state in ("queued", "running") and time.monotonic() < end:
        time.sleep(0.1)
    app.run()

    sound(app)
    assert "**large** is made: 17 pictures, 12 of them new" in app.success[0].value
    (version,) = list_versions(blocks)
    assert (version.name, version.images) == ("large", 17)
    assert len(open_dataset(version.folder).split("train")) == 16
    app.button(key="augment_back").click().run()
    sound(app)
    assert app.text_input(key="augment_name").value == "augmented"


def test_the_command_that_is_shown_makes_the_same_pictures(blocks: Path, tmp_path: Path) -> None:
    app = page(data="blocks", noise="5", seed="3", cut="keep")
    line = app.code[0].value.split()
    assert line[:5] == ["python", "-m", "yolodash", "dataset", "augment"]
    assert main([*line[3:-1], str(tmp_path / "large"), "--json", str(tmp_path / "told.json")]) == 0
    told = json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))

    assert (told["seed"], told["copies"], told["cut"], told["recipe"]["noise"]) == (3, 1, "keep", 5)
    script = app.code[1].value.replace("'augmented'", f"{str(tmp_path / 'again')!r}")
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True)
    one, again = (sorted((tmp_path / name / "images").iterdir()) for name in ("large", "again"))
    assert [path.name for path in one] == [path.name for path in again]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in again]


def test_a_data_set_without_pictures_is_not_what_the_page_begins_with(workspace: Path) -> None:
    create_dataset("a bare one", classes=["thing"])
    app = page()

    sound(app)
    assert app.selectbox(key="augment_data").value == ":sample"


def test_a_name_that_is_taken_or_no_name_keeps_the_button_shut(blocks: Path) -> None:
    (blocks / "versions" / "large").mkdir(parents=True)
    app = page(data="blocks")
    for name in ("large", "../out", "a/b"):
        app.text_input(key="augment_name").set_value(name).run()
        sound(app)
        assert app.button(key="augment_generate").disabled


def test_a_data_set_that_cannot_be_opened_is_a_sentence(workspace: Path) -> None:
    app = page(data="/etc/passwd")

    assert app.exception == []
    assert len(app.error) == 1


def test_odd_pictures_are_shown(workspace: Path) -> None:
    folder = workspace / "datasets" / "odd"
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
    places = [(0.05 + i % 100 / 120, 0.05 + i // 100 / 120) for i in range(10_000)]
    for stem, image, lines in (
        ("bare", noise, []),
        ("dot", noise[:1, :1], ["0 0.5 0.5 1 1"]),
        ("many", noise, [f"0 {x:.6f} {y:.6f} 0.05 0.05" for x, y in places]),
    ):
        (folder / "images" / f"{stem}.jpg").write_bytes(encode_jpeg(image))
        (folder / "labels" / f"{stem}.txt").write_text("\n".join(lines))
    (folder / "data.yaml").write_text("path: .\ntrain: images\nval: images\nnames: ['<b>:smile: 😀']\n")
    app = page(data="odd", picture="2", mosaic="0.3", mixup="0.3", crop="0.5")
    sound(app)
    for picture in (1, 2):
        app.number_input(key="augment_picture").set_value(picture).run()
        sound(app)
    assert "boxes stay" in words(app)
