"""What the catalogue knows, how a name becomes files, and how models are kept in the workspace."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from yolodash.errors import DownloadError, InputError, ModelFileError, WorkspaceError
from yolodash.models import catalogue
from yolodash.models.catalogue import location
from yolodash.models.catalogue.class_names import COCO, VOC
from yolodash.models.catalogue.darknet_configurations import NETWORKS, configuration
from yolodash.models.catalogue.records import Address, PackageMember
from yolodash.models.catalogue.store import known_sha256
from yolodash.models.darknet.plan import read_plan

OFFICIAL = {name: f"models/darknet_cfg/{'AlexeyAB' if 'v4' in name else 'pjreddie'}/{name}.cfg" for name in NETWORKS}


@pytest.fixture
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sources that are asked and give nothing."""
    asked: list[str] = []

    def refuse(source: object, entry: catalogue.Entry, *_: object) -> None:
        asked.append(entry.name)
        raise DownloadError("The server could not be reached", fix="try again")

    monkeypatch.setattr(location, "_fetch_from", refuse)
    return asked


def put(path: Path, content: bytes = b"weights") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_the_catalogue_holds_the_models_of_the_lecture() -> None:
    names = {entry.name for entry in catalogue.entries()}
    assert names == {*(f"yolov5{letter}" for letter in "nsmlx"), *NETWORKS}


def test_every_entry_is_complete_and_consistent() -> None:
    for entry in catalogue.entries():
        assert all(re.fullmatch(r"[0-9a-f]{64}", value) for value in entry.sha256)
        assert entry.licence.endswith(".")
        assert entry.figures.release
        assert 0 < entry.figures.accuracy < 100
        assert all(s.url.startswith("https://") for s in entry.sources if isinstance(s, Address))
        assert isinstance(entry.sources[0], Address)
        assert entry.is_darknet == (entry.name in NETWORKS)


def test_sizes_and_hashes_are_those_of_the_official_files(asset: Callable[[str], Path]) -> None:
    text = asset("models/official_files.md").read_text(encoding="utf-8")
    for entry in catalogue.entries():
        rows = [row for row in text.splitlines() if re.match(rf"\|( v7\.0 \|)? {re.escape(entry.file)}[ |]", row)]
        listed = " ".join(rows)
        assert all(value in listed for value in entry.sha256), entry.name
        assert all(f"{size:,}" in listed for size in entry.bytes), entry.name


@pytest.mark.parametrize("name", NETWORKS)
def test_our_description_plans_the_same_layers_as_the_official_cfg(
    name: str, asset: Callable[[str], Path], tmp_path: Path
) -> None:
    ours = tmp_path / f"{name}.cfg"
    ours.write_text(configuration(name))
    mine, official = read_plan(ours), read_plan(asset(OFFICIAL[name]))
    assert mine.describe() == official.describe()
    assert mine.heads == official.heads
    assert mine.size == official.size
    assert mine.value_count == official.value_count


@pytest.mark.parametrize("name", NETWORKS)
def test_the_published_size_is_what_the_description_asks_for(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.cfg"
    path.write_text(configuration(name))
    entry = catalogue.find_entry(name)
    assert entry is not None
    assert {size - 4 * read_plan(path).value_count for size in entry.bytes} <= {16, 20}


def test_the_class_names_are_those_of_the_official_lists(asset: Callable[[str], Path]) -> None:
    assert list(COCO) == asset("models/darknet_cfg/names/coco.names").read_text().split("\n")[:80]
    assert list(VOC) == asset("models/darknet_cfg/names/voc.names").read_text().split("\n")[:20]


def test_the_first_model_can_come_from_a_package_index() -> None:
    first = catalogue.entries()[0]
    assert first.name == "yolov3-tiny"
    assert any(isinstance(source, PackageMember) for source in first.sources)


def test_the_catalogue_loads_neither_torch_nor_a_network_library() -> None:
    code = "import sys, yolodash.models.catalogue as c; c.installed(); print({'torch', 'requests'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("text", ["yolov5s", "yolov5s.pt", "YOLOv5s", " yolov5s "])
def test_a_catalogue_model_is_meant_by_its_name_or_its_file(text: str) -> None:
    found = catalogue.find_entry(text)
    assert found is not None
    assert (found.name, found.release) == ("yolov5s", "v7.0")


def test_an_existing_file_comes_first(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    put(workspace / "models" / "yolov5s.pt")
    mine = put(tmp_path / "yolov5s.pt", b"mine")
    assert catalogue.locate("yolov5s.pt").weights.resolve() == mine
    assert catalogue.locate(str(mine)).weights == mine


def test_darknet_files_beside_the_weights_are_found(tmp_path: Path) -> None:
    weights = put(tmp_path / "net.weights")
    put(tmp_path / "other.cfg"), put(tmp_path / "net.cfg"), put(tmp_path / "coco.names")
    files = catalogue.locate(str(weights))
    assert files.cfg == tmp_path / "net.cfg"
    assert files.names == tmp_path / "coco.names"


def test_an_official_darknet_file_without_its_cfg_gets_our_own(workspace: Path, tmp_path: Path) -> None:
    weights = put(tmp_path / "yolov4-tiny.weights", b"")
    with weights.open("r+b") as file:
        file.truncate(24_251_276)
    files = catalogue.locate(str(weights))
    assert files.weights == weights
    assert files.cfg is not None
    assert files.cfg.read_text() == configuration("yolov4-tiny")
    assert files.names is not None
    assert files.names.read_text().splitlines() == list(COCO)


@pytest.mark.parametrize("text", ["night", "runs/night"])
def test_a_run_is_meant_by_its_name_and_gives_its_best_weights(workspace: Path, text: str) -> None:
    put(workspace / "runs" / "night" / "run.json", b"{}")
    best = put(workspace / "runs" / "night" / "best.safetensors")
    assert catalogue.locate(text).weights == best


def test_a_run_without_weights_yet_says_so(workspace: Path) -> None:
    put(workspace / "runs" / "night" / "run.json", b"{}")
    with pytest.raises(ModelFileError, match="no best weights"):
        catalogue.locate("night")


def test_a_run_comes_before_the_catalogue(workspace: Path) -> None:
    put(workspace / "runs" / "yolov5s" / "run.json", b"{}")
    best = put(workspace / "runs" / "yolov5s" / "best.safetensors")
    assert catalogue.locate("yolov5s").weights == best


@pytest.mark.parametrize("text", ["nothing", "../no/such/file", "runs/../../x", "", "a\0b", "n" * 5000, "~nobody/x"])
def test_what_is_nothing_is_a_sentence_with_the_choices(workspace: Path, text: str) -> None:
    with pytest.raises(ModelFileError) as caught:
        catalogue.locate(text)
    assert "yolov3-tiny" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_when_no_source_answers_the_sentence_names_file_address_and_folder(
    workspace: Path, nobody_answers: list[str]
) -> None:
    with pytest.raises(DownloadError) as caught:
        catalogue.locate("yolov5s")
    said = str(caught.value)
    assert "yolov5s.pt" in said
    assert "https://github.com/ultralytics/yolov5/releases/download/v7.0/yolov5s.pt" in said
    assert str(workspace / "models") in said


@pytest.mark.parametrize("place", ["yolov3.weights", "yolov3/yolov3.weights"])
def test_a_file_put_there_by_hand_is_recognised_by_the_same_line(
    workspace: Path, nobody_answers: list[str], place: str
) -> None:
    with pytest.raises(DownloadError):
        catalogue.locate("yolov3")
    asked = len(nobody_answers)
    weights = put(workspace / "models" / place)
    files = catalogue.locate("yolov3")
    assert files.weights == weights
    assert files.cfg is not None
    assert files.names is not None
    assert len(nobody_answers) == asked
    [model] = catalogue.installed()
    assert (model.name, model.origin, model.verified) == ("yolov3", "catalogue", False)
    assert model.files == files


def test_a_darknet_file_put_there_by_hand_is_listed_with_our_cfg_and_names(workspace: Path) -> None:
    put(workspace / "models" / "yolov3.weights")
    [model] = catalogue.installed()
    assert model.files.cfg is not None
    assert model.files.cfg.read_text() == configuration("yolov3")
    assert model.files.names is not None
    assert model.files == catalogue.locate("yolov3")


def test_a_cfg_of_the_users_own_is_kept(workspace: Path) -> None:
    put(workspace / "models" / "yolov3" / "yolov3.weights")
    mine = put(workspace / "models" / "yolov3" / "yolov3.cfg", b"[net]\n")
    assert catalogue.locate("yolov3").cfg == mine
    assert mine.read_bytes() == b"[net]\n"


def test_the_official_file_is_verified_once_and_again_after_a_change(
    workspace: Path, asset: Callable[[str], Path]
) -> None:
    official = asset("models/yolov3-tiny/yolov3-tiny.weights").read_bytes()
    weights = put(workspace / "models" / "yolov3-tiny.weights", official)
    catalogue.get("yolov3-tiny")
    assert catalogue.installed()[0].verified
    weights.write_bytes(official[:-1])
    assert known_sha256("yolov3-tiny", weights) is None
    assert not catalogue.installed()[0].verified
    catalogue.get("yolov3-tiny")
    assert not catalogue.installed()[0].verified


def test_an_unknown_catalogue_name_lists_the_known_ones(workspace: Path) -> None:
    with pytest.raises(ModelFileError, match="yolov5n"):
        catalogue.get("yolov8n")


def test_an_empty_workspace_has_no_models_and_is_not_created_by_asking(workspace: Path) -> None:
    assert catalogue.installed() == []
    assert not workspace.exists()


def test_an_upload_is_kept_whole_with_its_companions(workspace: Path) -> None:
    model = catalogue.add_upload("my net.weights", io.BytesIO(b"weights"), cfg=b"[net]", names=b"a\nb\n")
    assert catalogue.installed() == [model]
    assert (model.name, model.origin, model.bytes, model.verified) == ("my net", "uploaded", 7, False)
    assert model.files.weights.read_bytes() == b"weights"
    assert model.files.cfg is not None
    assert model.files.cfg.read_bytes() == b"[net]"
    assert model.files.names is not None
    assert model.files.names.read_bytes() == b"a\nb\n"
    assert catalogue.locate("my net") == model.files


def test_two_uploads_of_one_name_both_stay(workspace: Path) -> None:
    first, second = catalogue.add_upload("best.pt", b"1"), catalogue.add_upload("best.pt", b"2")
    assert (first.name, second.name) == ("best", "best 2")
    assert first.files.weights.read_bytes() == b"1"


def test_the_same_files_twice_are_one_model(workspace: Path) -> None:
    first = catalogue.add_upload("net.weights", b"1", cfg=b"[net]")
    assert catalogue.add_upload("net.weights", b"1", cfg=b"[net]") == first
    assert catalogue.add_upload("net.weights", b"1", cfg=b"[net]\n#").name == "net 2"
    assert len(catalogue.installed()) == 2


@pytest.mark.parametrize("name", ["yolov5s.pt", "scenes.pt", "runs.pt"])
def test_an_upload_never_takes_the_name_of_something_else(workspace: Path, name: str) -> None:
    model = catalogue.add_upload(name, b"mine")
    assert model.name == f"{Path(name).stem} 2"
    assert model.origin == "uploaded"
    assert catalogue.locate(model.name).weights.read_bytes() == b"mine"


@pytest.mark.parametrize(
    "name",
    ["../../evil.pt", "/etc/passwd", "a\nb.pt", ".hidden.pt", "model.json", "con.pt", "", "ü" * 300 + ".pt", "x."],
)
def test_hostile_names_stay_inside_the_folder(workspace: Path, name: str) -> None:
    model = catalogue.add_upload(name, b"weights")
    assert model.files.weights.resolve().parent.parent == (workspace / "models").resolve()
    assert model.files.weights.read_bytes() == b"weights"
    assert catalogue.find_installed(model.name) == model


def test_a_file_that_fails_its_check_leaves_nothing(workspace: Path) -> None:
    def refuse(files: catalogue.ModelFiles) -> None:
        assert files.weights.read_bytes() == b"no model"
        raise ModelFileError("This is no model", fix="choose another")

    with pytest.raises(ModelFileError):
        catalogue.add_upload("best.pt", b"no model", check=refuse)
    with pytest.raises(InputError, match="empty"):
        catalogue.add_upload("best.pt", b"")
    assert list((workspace / "models").iterdir()) == []


def test_a_rename_keeps_the_files_and_frees_the_old_name(workspace: Path) -> None:
    catalogue.add_upload("best.pt", b"weights")
    model = catalogue.rename("best", "cups, 2nd")
    assert [m.name for m in catalogue.installed()] == ["cups, 2nd"]
    assert model.files.weights.read_bytes() == b"weights"


@pytest.mark.parametrize("new", ["../x", "", ".hidden", "other", "yolov5s", "scenes", "a/b", "a" * 200])
def test_a_name_that_is_taken_or_no_name_is_refused(workspace: Path, new: str) -> None:
    catalogue.add_upload("best.pt", b"weights")
    catalogue.add_upload("other.pt", b"other")
    with pytest.raises(WorkspaceError):
        catalogue.rename("best", new)
    assert [model.name for model in catalogue.installed()] == ["best", "other"]


def test_a_file_put_straight_into_the_folder_is_a_model_that_can_be_renamed_and_deleted(workspace: Path) -> None:
    put(workspace / "models" / "best.pt")
    assert [(m.name, m.origin) for m in catalogue.installed()] == [("best", "uploaded")]
    catalogue.rename("best", "cups")
    assert [model.name for model in catalogue.installed()] == ["cups"]
    catalogue.delete("cups")
    assert catalogue.installed() == []


def test_a_catalogue_model_keeps_its_name_but_can_be_deleted(workspace: Path) -> None:
    put(workspace / "models" / "yolov5s.pt")
    with pytest.raises(InputError, match="keeps its name"):
        catalogue.rename("yolov5s", "mine")
    catalogue.delete("yolov5s")
    assert catalogue.installed() == []


def test_a_deleted_model_lies_in_the_bin(workspace: Path) -> None:
    for content in (b"1", b"2"):
        catalogue.add_upload("best.pt", content)
        catalogue.delete("best")
    kept = sorted(path.read_bytes() for path in (workspace / "models" / ".bin").glob("* best/best.pt"))
    assert kept == [b"1", b"2"]


def test_deleting_what_is_gone_is_a_sentence(workspace: Path) -> None:
    with pytest.raises(InputError, match="no such model"):
        catalogue.delete("../..")
    with pytest.raises(InputError, match="no such model"):
        catalogue.rename("gone", "here")


@pytest.mark.parametrize(
    "record", [b"", b"[]", b"{", b'{"weights": "../../../etc/passwd"}', b"\xff", b'{"weights": 3}']
)
def test_a_spoilt_record_does_not_hide_the_model_or_lead_elsewhere(workspace: Path, record: bytes) -> None:
    weights = put(workspace / "models" / "best" / "best.pt")
    put(workspace / "models" / "best" / "model.json", record)
    [model] = catalogue.installed()
    assert model.files.weights == weights
