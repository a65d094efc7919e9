"""The catalogues fit the sources, are complete, and say the same as the original where it matters."""

from __future__ import annotations

import importlib.util
import string
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from yolodash.ui import i18n

ROOT = Path(__file__).parents[2]
SAME_IN_BOTH = {
    "YoloDash",
    "Home",
    "Score",
    "Stride",
    "JSON",
    "CSV",
    "PNG",
    "JPEG",
    "YOLO",
    "COCO JSON",
    "YOLO txt",
    "{megabytes} MB",
    "{done} MB",
    "{gflops} GFLOPs",
    "GFLOPs",
    "mAP .50–.95",
    "IoU",
    "Precision",
    "Recall",
    "Input",
    "Layer",
    "Layer {first}",
    "{name}, score {score}",
    "{name} · score {score}",
    "precision %{y:.3f}, recall %{x:.3f}",
    "precision %{y:.3f}, recall %{x:.3f}<br>score ≥ %{customdata[0]:.3f}",
    "Loss",
    "seed",
    "1 seed",
    "**{second} − {first}: {metric} {difference}**",
    "batch",
    "schedule",
    "{count} s",
    "{count} min",
    "{count} h",
    "Batch",
    "Kernel",
    "Feature map",
    "Input i",
    "Kernel k",
    "Stride s",
    "Padding p",
    "Feature map:",
    "Link",
    "1 − IoU",
    "1 − CIoU",
    "v1, v3, v5",
    "box",
    "objectness",
    "zero",
    "a · True positive: IoU {iou} ≥ {threshold}",
    "b · False positive: IoU {iou} < {threshold}",
    "true positive",
    "false positive",
    "Detection {rank}: {what}",
    "small",
    "large",
    "Max pooling 2×2",
    "Video",
    "Machine learning",
    "Z = f · b / (d + d₀) = 994.978 · 0.193 / ({disparity} + 31.1) = {metres} m",
    "Zoom",
    "Shear",
    "Cutout",
    "Mixup",
    "{side}: {name}, {width} × {height}",
    "{percent} %",
    "OK",
    "MB",
    "Password",
    "{milliseconds} ms",
    "95 %",
    "Computer vision",
    "Image processing",
    "{number}: {description}, score {score}",
    "no",
    "Upsampling",
    "Pooling",
    "stride",
    "Framework",
    "Output",
    "{runs}, {size}",
    "ONNX ({size})",
    "precision",
    "recall",
    "Learning rate",
    "Run",
    "warm-up",
    "Log",
    "sweep",
    "video",
    "augmentation",
    "{size} GB",
    "{size} MB",
    "{hours} h {minutes} min",
    "{minutes} min {seconds} s",
    "{seconds} s",
    "pico",
    "nano",
    "extra large",
}


def _script() -> ModuleType:
    specification = importlib.util.spec_from_file_location("translations", ROOT / "scripts" / "translations.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


TRANSLATIONS = _script()
LANGUAGES = [code for code in i18n.LANGUAGES if code != "en"]


def _messages(language: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], bool]]:
    for message in TRANSLATIONS.read(TRANSLATIONS.catalogues()[language], language):
        if message.id:
            yield TRANSLATIONS.strings(message.id), TRANSLATIONS.strings(message.string), message.fuzzy


def _placeholders(text: str) -> set[str]:
    return {name for _literal, name, _format, _conversion in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_exactly_the_texts_of_the_sources(language: str) -> None:
    path = TRANSLATIONS.catalogues()[language]

    fresh = path.read_bytes() == TRANSLATIONS.updated(path, language, TRANSLATIONS.template())

    assert fresh, "run python scripts/translations.py"  # a bool: to show two such texts' differences takes hours


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_readable_one(language: str) -> None:
    path = TRANSLATIONS.catalogues()[language]

    fresh = path.with_suffix(".mo").read_bytes() == TRANSLATIONS.compiled(path, language)

    assert fresh, "run python scripts/translations.py"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_none_is_a_guess(language: str) -> None:
    unfinished = [ids[0] for ids, texts, fuzzy in _messages(language) if fuzzy or not all(texts)]

    assert unfinished == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_its_original(language: str) -> None:
    copied = [ids[0] for ids, texts, _fuzzy in _messages(language) if set(ids) & set(texts) - SAME_IN_BOTH]

    assert copied == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_placeholders_of_its_original(language: str) -> None:
    for ids, texts, _fuzzy in _messages(language):
        wanted = set().union(*map(_placeholders, ids))
        for text in filter(None, texts):
            assert _placeholders(text) <= wanted, ids[0]
        assert set().union(*map(_placeholders, texts)) == wanted or not all(texts), ids[0]


def test_outside_a_page_every_text_is_english() -> None:
    assert i18n.language() == "en"
    assert i18n._("Home") == "Home"
    assert i18n.ngettext("{count} picture", "{count} pictures", 2) == "{count} pictures"
