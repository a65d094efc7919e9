"""The page Data sets as a person uses it: pictures are uploaded, seen, ticked, opened and taken away."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from playwright.sync_api import FilePayload, Page, expect

from yolodash.data.opening import open_dataset
from yolodash.data.store.folders import list_stored
from yolodash.data.store.pictures import list_pictures

APP = Path(__file__).parents[2] / "app.py"
PATIENCE = 120_000
LEAVING = "Bad delta path index"
"""Streamlit's own error where a part that refreshes itself still reports while the page changes."""


def picture(seed: int) -> FilePayload:
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    buffer = io.BytesIO()
    Pillow.fromarray(coarse).resize((160, 120), Pillow.Resampling.NEAREST).save(buffer, "JPEG")
    return {"name": f"photo-{seed}.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def test_pictures_are_uploaded_seen_moved_taken_away_and_opened(
    start_app: Callable[..., str], open_page: Callable[..., Page], workspace: Path, tmp_path: Path
) -> None:
    address = start_app(APP)
    page = open_page(f"{address}/datasets", known=LEAVING)
    expect(page.get_by_role("button", name="Make one now")).to_be_visible(timeout=PATIENCE)
    page.locator("input[type=file]").first.set_input_files([picture(seed) for seed in range(20)])
    page.get_by_role("button", name="Take in 20 files").click(timeout=PATIENCE)

    expect(page.get_by_text("20 pictures came into")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".tile")).to_have_count(20)
    (dataset,) = list_stored()
    assert len(list_pictures(dataset)) == 20

    page.locator(".tile .open").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tile .open").nth(1)).to_be_focused()
    for place in (0, 2):
        page.locator(".tile .pick input").nth(place).check()
    expect(page.get_by_text("2 ticked")).to_be_visible()
    page.get_by_role("button", name="Move to val").click()
    expect(page.locator(".tile").nth(2)).to_contain_text("val")
    expect(page.get_by_text("2 ticked")).to_be_hidden()
    assert [one.stem for one in list_pictures(dataset) if one.splits] == ["photo-0", "photo-10"]

    page.get_by_role("radio", name="Export").click()
    page.get_by_role("button", name="Make the zip").click(timeout=PATIENCE)
    with page.expect_download(timeout=PATIENCE) as download:
        page.get_by_role("button", name="Download pictures-yolo.zip").click(timeout=PATIENCE)
    download.value.save_as(tmp_path / "taken.zip")
    with zipfile.ZipFile(tmp_path / "taken.zip") as archive:
        assert archive.testzip() is None
    assert len(open_dataset(tmp_path / "taken.zip").split("val")) == 2

    page.get_by_role("radio", name="Pictures", exact=True).click()
    page.locator(".tile .open").nth(2).click()
    page.wait_for_url(f"**/annotate?*picture={list_pictures(dataset)[2].stem}*", timeout=PATIENCE)
