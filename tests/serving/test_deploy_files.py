"""What the files for deployment and their documents say agrees with the program."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "yolodash").rglob("*.py"))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_app_and_proxies_take_files_of_one_size() -> None:
    megabytes = tomllib.loads(read(".streamlit/config.toml"))["server"]["maxUploadSize"]
    assert f"client_max_body_size {megabytes}m;" in read("deploy/nginx.conf")
    assert f"max_size {megabytes}MB" in read("deploy/Caddyfile")


def test_strangers_see_no_details_and_foreign_names_get_no_websocket() -> None:
    config = tomllib.loads(read(".streamlit/config.toml"))
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["allowedHosts"] == ["localhost", "127.0.0.1"]
    assert config["server"]["enableXsrfProtection"] is True
    assert config["client"]["showErrorDetails"] == "none"


def test_the_image_holds_every_folder_that_the_app_reads() -> None:
    copied = set(re.findall(r"^COPY (\S+)", read("deploy/Dockerfile"), re.MULTILINE))
    assert {"requirements.txt", "app.py", ".streamlit/config.toml", "locale", "pages", "yolodash"} <= copied
    assert all((ROOT / name).exists() for name in copied)


def test_no_container_is_root_or_writes_outside_its_volumes() -> None:
    assert re.search(r"^USER 10001", read("deploy/Dockerfile"), re.MULTILINE)
    for service in yaml.safe_load(read("deploy/compose.yaml"))["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", ["deploy/compose.yaml", "deploy/yolodash.service", "docs/deploy.md"])
def test_every_setting_that_is_named_is_read_somewhere(name: str) -> None:
    own = {"YOLODASH_HOST", "YOLODASH_UPSTREAM", "YOLODASH_MEMORY"}  # of compose.yaml itself
    named = set(re.findall(r"\bYOLODASH_[A-Z_]+\b", read(name))) - own
    assert named
    assert not {setting for setting in named if f'"{setting}"' not in SOURCES}


@pytest.mark.parametrize("name", ["docs/threat-model.md", "docs/deploy.md"])
def test_every_file_that_a_document_points_to_is_there(name: str) -> None:
    paths = set(re.findall(r"\b(?:tests|benchmarks|deploy|docs)/[\w/.-]+\.\w+", read(name)))
    assert paths
    assert not [path for path in paths if not (ROOT / path).is_file()]
