"""Files that are broken, hostile or no pictures: each ends in a picture or in one sentence, in little memory."""

from __future__ import annotations

import csv
import os
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from yolodash.data import images, limits
from yolodash.data.images import image_size, read_image
from yolodash.errors import ImageError
from yolodash.structures import ImageSize

FOLDER = Path(os.environ.get("YOLODASH_ASSETS", "")) / "images_bad"
MANIFEST = FOLDER / "MANIFEST.tsv"


def manifest() -> list[tuple[str, str]]:
    """File and note of every line, or one line that stands for all where the assets are missing."""
    if not MANIFEST.is_file():
        return [("MANIFEST.tsv", "")]
    with MANIFEST.open(encoding="utf-8", newline="") as file:
        return [(row["file"], row["note"]) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


DAMAGED = "cut off or damaged"
TOO_LARGE = "says that it (has|is)"
REFUSED = {
    "65536-uint32-limit.png": TOO_LARGE,
    "badbitcount.bmp": DAMAGED,
    "badwidth.bmp": TOO_LARGE,
    "broken.png": DAMAGED,
    "broken_data_stream.png": DAMAGED,
    "corrupt-header.jpg": DAMAGED,
    "crash-86214e58da443d2b80820cff9677a38a33dcbbca.tif": DAMAGED,
    "declares_50000x50000.png": "50000 × 50000",
    "decompression_bomb.gif": TOO_LARGE,
    "html_renamed.jpg": "a web page",
    "no-pitm.avif": DAMAGED,
    "png_decompression_dos.png": DAMAGED,
    "reallybig.bmp": "3000000 × 2000000",
    "shortfile.bmp": DAMAGED,
    "svg_renamed.png": "an SVG drawing",
    "syntax_num_frames_zero.png": DAMAGED,
    "text_renamed.jpg": "a text file",
    "trunc_1pct.jpg": DAMAGED,
    "trunc_25pct.jpg": DAMAGED,
    "trunc_50pct.jpg": DAMAGED,
    "trunc_90pct.jpg": DAMAGED,
    "trunc_99pct.jpg": DAMAGED,
    "truncated.jpg": DAMAGED,
    "truncated.png": DAMAGED,
    "truncated_end_chunk.png": DAMAGED,
    "truncated_image.png": DAMAGED,
    "truncated_jpeg.jpg": DAMAGED,
    "unknown_compression_method.png": DAMAGED,
    "zPug_3.heic": "a HEIC picture",
    "zero_byte.jpg": "is empty",
    "zero_width.gif": DAMAGED,
}


@pytest.mark.parametrize(("name", "note"), [pytest.param(*row, id=f"{row[0][:40]}-{row[1]}") for row in manifest()])
def test_every_file_is_a_picture_or_a_sentence(name: str, note: str, asset: Callable[[str], Path]) -> None:
    path = asset(f"images_bad/{name}")
    if name in REFUSED:
        with pytest.raises(ImageError, match=REFUSED[name]) as caught:
            read_image(path)
        assert "\n" not in str(caught.value)
        return
    image = read_image(path)
    assert image.dtype == np.uint8
    assert image.ndim == 3
    assert image.shape[2] == 3
    assert image_size(path) == ImageSize(*image.shape[:2])
    assert (read_image(path.read_bytes()) == image).all()


def test_the_eight_landscapes_show_the_same_scene(asset: Callable[[str], Path]) -> None:
    scenes = [read_image(asset(f"images_bad/Landscape_{orientation}.jpg")) for orientation in range(1, 9)]
    assert {scene.shape for scene in scenes} == {(450, 600, 3)}
    blurred = [np.asarray(Pillow.fromarray(scene).resize((30, 20)), float).ravel() for scene in scenes[1:]]
    assert np.corrcoef(blurred).min() > 0.99


def test_all_files_together_take_little_memory(asset: Callable[[str], Path]) -> None:
    code = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))
from yolodash.data.images import read_image
from yolodash.errors import ImageError
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        read_image(path)
    except ImageError as error:
        assert "memory" not in str(error), error
print("all read")
"""
    environment = {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(asset("images_bad"))],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("all read\n", "")


def png_bomb() -> bytes:
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(10**6))), (b"IEND", b"")]
    parts = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def bmp_bomb() -> bytes:
    return (
        b"BM"
        + struct.pack("<IHHIIiiHHIIiiII", 1000, 0, 0, 54, 40, 50_000, 50_000, 1, 24, 0, 0, 0, 0, 0, 0)
        + bytes(900)
    )


def tiff_bomb() -> bytes:
    tags = {256: 50_000, 257: 50_000, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 50_000, 279: 2**32 - 1}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)


def webp_bomb() -> bytes:
    canvas = bytes((2, 0, 0, 0)) + (50_000 - 1).to_bytes(3, "little") * 2
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + canvas + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif_bomb() -> bytes:
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", 50_000, 50_000, 0, 0, 0)
        + b","
        + struct.pack("<HHHHB", 0, 0, 50_000, 50_000, 0)
        + b"\x02\x01\0\0;"
    )


def jpeg_bomb() -> bytes:
    buffer = BytesIO()
    Pillow.new("L", (8, 8)).save(buffer, "JPEG")
    data = bytearray(buffer.getvalue())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 50_000, 50_000)
    return bytes(data)


@pytest.mark.parametrize("bomb", [png_bomb, bmp_bomb, tiff_bomb, webp_bomb, gif_bomb, jpeg_bomb])
def test_a_picture_that_declares_too_many_pixels_is_refused_before_they_are_decoded(
    bomb: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("pixels were decoded"))
    for read in (read_image, image_size):
        with pytest.raises(ImageError, match=TOO_LARGE):
            read(bomb())


def jpeg_of_a_thousand_scans() -> bytes:
    buffer = BytesIO()
    Pillow.new("L", (2000, 2000), 128).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    last_scan = data[data.rindex(b"\xff\xc4") : -2]
    return data[:-2] + last_scan * 1000 + data[-2:]


def tiff_of_a_million_strips() -> bytes:
    tags = {
        256: (1, 64),
        257: (1, 64),
        258: (1, 8),
        259: (1, 1),
        262: (1, 1),
        273: (10**6, 200),
        278: (1, 1),
        279: (10**6, 200),
    }
    entries = b"".join(struct.pack("<HHII", tag, 4, count, value) for tag, (count, value) in tags.items())
    return (b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries).ljust(200, b"\0") + struct.pack("<I", 200) * 10**6


def jpeg_of_a_million_remarks() -> bytes:
    good = images.encode_jpeg(np.zeros((8, 8, 3), np.uint8))
    return good[:2] + b"\xff\xfe\0\x03a" * 10**6 + good[2:]


def gif_of_a_million_remarks() -> bytes:
    buffer = BytesIO()
    Pillow.new("P", (8, 8)).save(buffer, "GIF")
    good = buffer.getvalue()
    picture = good.index(b",")
    return good[:picture] + b"!\xfe\1a\0" * 10**6 + good[picture:]


def png_of_a_million_chunks() -> bytes:
    good = images.encode_png(np.zeros((8, 8, 3), np.uint8))
    remark = b"tEXta\0b"
    return good[:33] + (struct.pack(">I", 3) + remark + struct.pack(">I", zlib.crc32(remark))) * 10**6 + good[33:]


def bmp_of_a_million_runs() -> bytes:
    rows = (b"\x01\x07" * 1000 + b"\0\0") * 1000 + b"\0\1"
    start = 54 + 1024
    header = struct.pack(
        "<IHHIIiiHHIIiiII", start + len(rows), 0, 0, start, 40, 1000, 1000, 1, 8, 1, len(rows), 0, 0, 256, 0
    )
    return b"BM" + header + bytes(1024) + rows


@pytest.mark.parametrize(
    "costly",
    [
        jpeg_of_a_thousand_scans,
        tiff_of_a_million_strips,
        jpeg_of_a_million_remarks,
        gif_of_a_million_remarks,
        png_of_a_million_chunks,
        bmp_of_a_million_runs,
    ],
)
def test_a_small_file_that_asks_for_much_work_is_refused(costly: Callable[[], bytes]) -> None:
    with pytest.raises(ImageError, match="would take very long"):
        read_image(costly())


@pytest.mark.parametrize("shape", [(1, 70_000), (70_000, 1)])
def test_a_side_too_long_is_refused(shape: tuple[int, int]) -> None:
    buffer = BytesIO()
    Pillow.new("L", shape).save(buffer, "PNG")
    with pytest.raises(ImageError, match="says that it has"):
        read_image(buffer.getvalue())


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty"),
        (b"\0" * 5000, "not a picture in a format"),
        (random.Random(1).randbytes(64).replace(b"\xff", b"\0"), "not a picture in a format|text file"),
        (b"hello", "a text file"),
        ("Schöne Grüße 浣熊".encode()[:-1], "a text file"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", "a web page"),
        (b"\n <HTML ><body>404", "a web page"),
        (b'<?xml version="1.0"?>\n<!-- x --><svg xmlns="">', "an SVG drawing"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"8BPS\0\x01", "a Photoshop document"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "a Git LFS pointer"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "a video"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC picture"),
        (b"\x1aE\xdf\xa3webm", "a video"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000"),
        (b"\xff\xd8\xff", DAMAGED),
        (b"\x89PNG\r\n\x1a\n", DAMAGED),
        (b"RIFF\0\0\0\0WEBPVP8 ", DAMAGED),
        (b"GIF89a", DAMAGED),
        (b"II*\0", DAMAGED),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", DAMAGED),
    ],
)
def test_what_is_no_picture_is_called_by_its_name(data: bytes, what: str) -> None:
    for read in (read_image, image_size):
        with pytest.raises(ImageError, match=what):
            read(data, name="photo.jpg")


def test_a_name_cannot_break_the_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a\nb\x1b[31m.jpg"
    path.write_bytes(b"")
    with pytest.raises(ImageError) as caught:
        read_image(path)
    assert str(caught.value) == r"The file is empty — a\nb\x1b[31m.jpg — copy or download it again"


def test_what_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing.jpg", tmp_path, tmp_path / "pipe", tmp_path / "x\0y", tmp_path / ("n" * 300)):
        with pytest.raises(ImageError, match=r"cannot be opened|not a file"):
            read_image(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.bmp"
    with path.open("wb") as file:
        file.write(b"BM")
        file.truncate(limits.LARGEST_FILE + 1)  # sparse: takes no room
    with pytest.raises(ImageError, match="at most 256 MB"):
        read_image(path)


def test_the_next_picture_is_read_after_a_bad_one() -> None:
    good = images.encode_png(np.full((2, 3, 3), 9, np.uint8))
    for bad in (png_bomb(), b"", b"\xff\xd8\xff", webp_bomb()):
        with pytest.raises(ImageError):
            read_image(bad)
        assert read_image(good).shape == (2, 3, 3)


def small_files() -> list[bytes]:
    picture = Pillow.fromarray(np.random.default_rng(1).integers(0, 256, (12, 10, 3), np.uint8))
    files = []
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"):
        buffer = BytesIO()
        picture.save(buffer, kind)
        files.append(buffer.getvalue())
    return files


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(small_files()), st.data())
def test_damage_anywhere_ends_in_a_picture_or_a_sentence(data: bytes, draw: st.DataObject) -> None:
    damaged = bytearray(data[: draw.draw(st.integers(1, len(data)))])
    for position, value in draw.draw(
        st.lists(st.tuples(st.integers(0, len(damaged) - 1), st.integers(0, 255)), max_size=6)
    ):
        damaged[position] = value
    try:
        image = read_image(bytes(damaged))
    except ImageError:
        return
    assert image.dtype == np.uint8
    assert image.shape[2] == 3
