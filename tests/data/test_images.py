"""Pictures of every kind become the same upright RGB array."""

from __future__ import annotations

import struct
import subprocess
import sys
import threading
import warnings
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image as Pillow
from PIL import ImageFile

from yolodash.data.images import encode_jpeg, encode_png, image_size, read_image, thumbnail
from yolodash.structures import Image, ImageSize

# A picture whose four corners differ, taller than wide, so that no two orientations look alike.
MARKED = np.zeros((24, 16, 3), np.uint8)
MARKED[:8, :8] = 255, 0, 0
MARKED[:8, 8:] = 0, 255, 0
MARKED[16:, :8] = 0, 0, 255
MARKED[16:, 8:] = 255, 255, 255

# How a camera would store an upright picture under each orientation: EXIF 2.3, the table of tag 0x0112.
STORED: dict[int, Callable[[Image], Image]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: np.transpose(a, (1, 0, 2)),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: np.transpose(a[::-1, ::-1], (1, 0, 2)),
    8: lambda a: np.rot90(a, -1),
}
FORMATS = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "PNG": {},
    "WEBP": {"lossless": True},
    "TIFF": {},
    "AVIF": {"quality": 95},
}


def encoded(image: Pillow.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *after: bytes) -> bytes:
    """A PNG file from its raw rows (each begins with its filter byte), with chunks behind the pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + b"".join(after) + chunk(b"IEND", b"")


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", FORMATS)
def test_every_orientation_becomes_upright(kind: str, orientation: int) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(STORED[orientation](MARKED))
    data = encoded(Pillow.fromarray(stored), kind, exif=exif, **FORMATS[kind])
    image = read_image(data)
    assert image.shape == MARKED.shape
    assert image.flags.c_contiguous
    assert np.abs(image.astype(int) - MARKED).mean() < 8
    assert image_size(data) == ImageSize(24, 16)


def test_an_orientation_that_is_nonsense_is_ignored() -> None:
    for value in (0, 9, 65535):
        exif = Pillow.Exif()
        exif[0x0112] = value
        assert_array_equal(read_image(encoded(Pillow.fromarray(MARKED), "PNG", exif=exif)), MARKED)


def test_broken_exif_does_not_spoil_a_good_picture() -> None:
    data = encoded(Pillow.fromarray(MARKED), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\xff" * 40)
    assert_array_equal(read_image(data), MARKED)


def test_an_orientation_behind_the_pixels_of_a_png_counts() -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    data = png(2, 1, 8, 0, b"\0\x00\xff", chunk(b"eXIf", exif.tobytes()[6:]))
    assert_array_equal(read_image(data)[:, :, 0], [[0], [255]])
    assert image_size(data) == ImageSize(2, 1)


def test_sixteen_bit_grey_is_scaled_from_its_whole_range() -> None:
    values = [0, 128, 129, 257, 32_768, 65_278, 65_535]
    rows = b"\0" + struct.pack(">7H", *values)
    assert_array_equal(read_image(png(7, 1, 16, 0, rows))[0, :, 1], [0, 0, 1, 1, 128, 254, 255])
    tiff = encoded(Pillow.fromarray(np.array([values], np.uint16)), "TIFF")
    assert_array_equal(read_image(tiff)[0, :, 1], [0, 0, 1, 1, 128, 254, 255])


def test_sixteen_bit_colour_keeps_its_colours() -> None:
    rows = b"\0" + struct.pack(">6H", 65_535, 0, 32_768, 0, 65_535, 257)
    assert_array_equal(read_image(png(2, 1, 16, 2, rows)), [[[255, 0, 128], [0, 255, 1]]])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 127.6, 255.0], [0, 128, 255]),
        ([-50.0, 0.0, 150.0], [0, 64, 255]),
        ([np.nan, np.inf, 1.0], [0, 255, 255]),
        ([np.nan, np.nan, np.nan], [0, 0, 0]),
        ([7e3, 7e3, 7e3], [0, 0, 0]),
        ([-3e38, 0.0, 3e38], [0, 128, 255]),
    ],
)
def test_floats_are_scaled_by_their_own_range(values: list[float], expected: list[int]) -> None:
    data = encoded(Pillow.fromarray(np.array([values], np.float32)), "TIFF")
    assert_array_equal(read_image(data)[0, :, 0], expected)


def test_wide_integers_are_scaled_by_their_own_range() -> None:
    data = encoded(Pillow.fromarray(np.array([[-(2**31), 0, 2**31 - 1]], np.int32)), "TIFF")
    assert_array_equal(read_image(data)[0, :, 2], [0, 128, 255])


def test_transparent_parts_are_white() -> None:
    pixels = np.array([[[200, 0, 0, 255], [200, 0, 0, 0], [200, 0, 0, 128]]], np.uint8)
    for kind in ("PNG", "WEBP", "TIFF"):
        options = {"lossless": True} if kind == "WEBP" else {}
        image = read_image(encoded(Pillow.fromarray(pixels), kind, **options))
        assert_array_equal(image, [[[200, 0, 0], [255, 255, 255], [227, 127, 127]]])


def test_palette_grey_and_single_colour_transparency_are_white_too() -> None:
    palette = Pillow.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.putpixel((1, 0), 1)
    assert_array_equal(read_image(encoded(palette, "PNG", transparency=1)), [[[10, 20, 30], [255, 255, 255]]])
    assert_array_equal(read_image(encoded(palette, "GIF", transparency=1)), [[[10, 20, 30], [255, 255, 255]]])
    grey = Pillow.fromarray(np.array([[[9, 255], [9, 0]]], np.uint8))
    assert_array_equal(read_image(encoded(grey, "PNG")), [[[9, 9, 9], [255, 255, 255]]])
    colour = Pillow.fromarray(np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8))
    assert_array_equal(read_image(encoded(colour, "PNG", transparency=(4, 5, 6))), [[[1, 2, 3], [255, 255, 255]]])


def test_one_bit_pictures_are_black_and_white() -> None:
    image = Pillow.fromarray(np.array([[True, False]]))
    for kind in ("PNG", "TIFF", "BMP"):
        assert_array_equal(read_image(encoded(image, kind)), [[[255] * 3, [0] * 3]])


def test_printing_colours_are_converted() -> None:
    ink = Pillow.new("CMYK", (8, 8), (0, 255, 255, 0))
    for kind in ("JPEG", "TIFF"):
        assert np.abs(read_image(encoded(ink, kind)).astype(int) - (255, 0, 0)).max() <= 3


def test_lab_colours_are_converted() -> None:
    red = bytes((138, 81, 70))  # sRGB red is L 54.3 (of 100, in 255 steps), a 80.8, b 69.9 under the light D50
    lab = Pillow.frombytes("LAB", (4, 4), red * 16)
    assert np.abs(read_image(encoded(lab, "TIFF")).astype(int) - (255, 0, 0)).max() <= 6


def test_of_animations_and_pages_the_first_is_taken() -> None:
    red, blue = Pillow.new("RGB", (6, 5), "red"), Pillow.new("RGB", (6, 5), "blue")
    for kind in ("GIF", "PNG", "WEBP", "TIFF", "AVIF"):
        image = read_image(encoded(red, kind, save_all=True, append_images=[blue]))
        assert image.shape == (5, 6, 3)
        assert np.abs(image.astype(int) - (255, 0, 0)).max() <= 3


def test_the_name_does_not_matter(tmp_path: Path) -> None:
    for name in ("photo.txt", "photo", "two\nlines.gif", "..jpg", "%41 & #1;$(x).tif"):
        (tmp_path / name).write_bytes(encode_png(MARKED))
        assert_array_equal(read_image(tmp_path / name), MARKED)


def test_one_pixel_is_a_picture() -> None:
    assert_array_equal(read_image(png(1, 1, 8, 0, b"\0\x07")), [[[7, 7, 7]]])


def test_pictures_longer_than_one_strip_are_whole() -> None:
    image = np.random.default_rng(3).integers(0, 256, (1500, 1700, 3), np.uint8)
    exif = Pillow.Exif()
    exif[0x0112] = 7
    stored = np.ascontiguousarray(STORED[7](image))
    data = encoded(Pillow.fromarray(stored), "PNG", exif=exif, compress_level=0)
    assert_array_equal(read_image(data), image)


def test_lossless_encoding_comes_back() -> None:
    assert_array_equal(read_image(encode_png(MARKED)), MARKED)


def test_jpeg_encoding_comes_back_nearly() -> None:
    smooth = np.linspace(0, 255, 32 * 32 * 3).reshape(32, 32, 3).astype(np.uint8)
    assert np.abs(read_image(encode_jpeg(smooth)).astype(int) - smooth).mean() < 4
    assert len(encode_jpeg(smooth, quality=20)) < len(encode_jpeg(smooth, quality=95))


@pytest.mark.parametrize(
    ("shape", "longest", "expected"),
    [((100, 50, 3), 20, (20, 10, 3)), ((5, 7, 3), 20, (5, 7, 3)), ((1, 10_000, 3), 100, (1, 100, 3))],
)
def test_a_thumbnail_fits_and_is_never_enlarged(
    shape: tuple[int, ...], longest: int, expected: tuple[int, ...]
) -> None:
    small = thumbnail(np.full(shape, 77, np.uint8), longest)
    assert small.shape == expected
    assert (small == 77).all()


def test_reading_changes_nothing_for_others_and_warns_nobody() -> None:
    before = ImageFile.LOAD_TRUNCATED_IMAGES, Pillow.MAX_IMAGE_PIXELS
    odd = Pillow.new("P", (4, 4))
    data = encoded(odd, "PNG", transparency=b"\0\x80")  # Pillow warns when it meets this
    caught: list[BaseException] = []

    def read() -> None:
        try:
            read_image(data)
        except BaseException as error:
            caught.append(error)

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert before == (ImageFile.LOAD_TRUNCATED_IMAGES, Pillow.MAX_IMAGE_PIXELS)
    assert not caught
    assert not seen


def test_photos_have_the_pixels_that_opencv_gives(asset: Callable[[str], Path]) -> None:
    import cv2

    for path in sorted(asset("images").glob("*.jpg")):
        difference = np.abs(read_image(path).astype(int) - cv2.imread(str(path))[:, :, ::-1])
        assert difference.max() <= 1, path.name


def test_the_largest_allowed_picture_takes_bounded_memory(tmp_path: Path) -> None:
    picture = tmp_path / "large.png"
    Pillow.new("RGB", (10_000, 6_400), "teal").save(picture, compress_level=1)
    code = (
        "import resource, sys; from pathlib import Path; "
        "resource.setrlimit(resource.RLIMIT_AS, (3 * 2**29, 3 * 2**29))\n"
        "from yolodash.data.images import read_image; image = read_image(Path(sys.argv[1]))\n"
        "print(image.shape, image[0, 0], image[-1, -1])"
    )
    environment = {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code, str(picture)], capture_output=True, text=True, check=False, env=environment
    )
    assert done.stdout == "(6400, 10000, 3) [  0 128 128] [  0 128 128]\n", done.stderr
