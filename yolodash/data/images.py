"""Pictures from outside, decoded safely: any bytes end in an upright RGB array or in one sentence.

What a file is, its bytes decide, never its name. The size that its header declares is checked before a pixel is
decoded. Rules that someone has to choose, chosen here:

- Orientation (EXIF, or XMP in its place) is applied, once.
- Transparent pictures are laid on white, as a page shows them.
- Of an animation the first frame is taken, of several pages the first.
- Colour profiles are ignored, as OpenCV and YOLO's own tools do; CMYK is converted by the plain formula.
- 16-bit grey is scaled from its full range, 0 … 65,535. Floats and 32-bit integers are taken as 0 … 1 or 0 … 255
  where all values lie in there, and are else stretched from their smallest to their largest.
- A cut or damaged picture is refused: half a picture would give wrong detections without a word.
"""

from __future__ import annotations

import os
import stat
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, FileIO, RawIOBase
from pathlib import Path
from typing import IO, NoReturn, cast

import numpy as np
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL import Image as Pillow

from yolodash.data.limits import (
    LARGEST_FILE,
    LONGEST_SIDE,
    MEGAPIXELS,
    PatientReader,
    TooCostlyError,
    check_scans,
    check_tags,
)
from yolodash.data.signatures import HEAD_BYTES, PictureKind, foreign_kind, picture_kind
from yolodash.errors import N_, ImageError
from yolodash.structures import Image, ImageSize

_PLUGINS: dict[PictureKind, type[ImageFile.ImageFile]] = {
    PictureKind.JPEG: JpegImagePlugin.JpegImageFile,
    PictureKind.PNG: PngImagePlugin.PngImageFile,
    PictureKind.WEBP: WebPImagePlugin.WebPImageFile,
    PictureKind.GIF: GifImagePlugin.GifImageFile,
    PictureKind.BMP: BmpImagePlugin.BmpImageFile,
    PictureKind.TIFF: TiffImagePlugin.TiffImageFile,
    PictureKind.AVIF: AvifImagePlugin.AvifImageFile,
}
_STRIP_PIXELS = 2**20
_FULL_16_BIT = (0.0, 65_535.0)

# Everything that Pillow raises on a broken file, over all of its plugins.
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError, ArithmeticError,
    RuntimeError, struct.error, zlib.error, Pillow.DecompressionBombError, TooCostlyError,
)  # fmt: skip


def read_image(source: Path | bytes, *, name: str = "") -> Image:
    """Decode a picture.

    Args:
        source: a file, or a whole file's bytes.
        name: what to call it in an error; a path's own name if empty.

    Returns:
        ``(H, W, 3)`` uint8 RGB, upright.

    Raises:
        ImageError: it is no picture, is damaged, or is too large; the sentence says which, and what to do.
    """
    where = _where(source, name)
    with _opened(source, where) as (kind, image):
        try:
            if kind is PictureKind.JPEG:
                check_scans(cast("IO[bytes]", image.fp), image.width * image.height)
            image.load()
            return _upright_rgb(image, _orientation(kind, image))
        except MemoryError as error:
            raise ImageError(
                N_("There is not enough memory to decode this picture"), where=where, fix=N_("make it smaller first")
            ) from error
        except _BROKEN as error:
            _refuse_broken(kind, where, error)


def image_size(source: Path | bytes, *, name: str = "") -> ImageSize:
    """The size that ``read_image`` would give, from the header alone.

    Raises:
        ImageError: as ``read_image``, as far as the header shows it.
    """
    where = _where(source, name)
    with _opened(source, where) as (kind, image):
        try:
            if kind is PictureKind.PNG and _has_metadata_after_pixels(cast("IO[bytes]", image.fp)):
                image.load()
            width, height = image.size
            turned = _orientation(kind, image) >= 5
        except _BROKEN as error:
            _refuse_broken(kind, where, error)
    return ImageSize(width, height) if turned else ImageSize(height, width)


def encode_jpeg(image: Image, quality: int = 90) -> bytes:
    """A picture as the bytes of a JPEG file."""
    buffer = BytesIO()
    Pillow.fromarray(image).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def encode_png(image: Image) -> bytes:
    """A picture as the bytes of a PNG file, without loss."""
    buffer = BytesIO()
    Pillow.fromarray(image).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def thumbnail(image: Image, longest: int) -> Image:
    """A picture whose longer side has at most ``longest`` pixels; never enlarged."""
    height, width = image.shape[:2]
    factor = min(1.0, longest / max(height, width))
    if factor == 1.0:
        return image
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.array(Pillow.fromarray(image).resize(size, Pillow.Resampling.BOX, reducing_gap=2.0))


def _where(source: Path | bytes, name: str) -> str:
    return name or (source.name if isinstance(source, Path) else "")


@contextmanager
def _opened(source: Path | bytes, where: str) -> Iterator[tuple[PictureKind, ImageFile.ImageFile]]:
    """The kind and header of a picture whose size is in bounds; no pixel is decoded yet."""
    _silence_pillow()
    with _stream(source, where) as file:
        head = file.read(HEAD_BYTES)
        kind = picture_kind(head)
        if kind is None:
            foreign = foreign_kind(head)
            raise ImageError(foreign.what, where=where, fix=foreign.fix)
        file.seek(0)
        try:
            if kind is PictureKind.TIFF:
                check_tags(file)
            image = _PLUGINS[kind](file, b"")
        except Pillow.DecompressionBombError as error:
            raise _too_large(where) from error
        except (*_BROKEN, MemoryError) as error:
            _refuse_broken(kind, where, error)
        _check_size(image.size, where)
        yield kind, image


@contextmanager
def _stream(source: Path | bytes, where: str) -> Iterator[IO[bytes]]:
    """A source as an open file of bounded size."""
    if isinstance(source, bytes):
        _check_bytes(len(source), where)
        yield PatientReader(cast("RawIOBase", BytesIO(source)))
        return
    try:
        # Without O_NONBLOCK, opening a named pipe would wait for ever.
        descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise ImageError(
            N_("The file cannot be opened: {reason}"),
            where=where,
            fix=N_("check that it is there and that you may read it"),
            reason=getattr(error, "strerror", None) or str(error),
        ) from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise ImageError(N_("This is not a file"), where=where, fix=N_("choose a picture file"))
    with PatientReader(FileIO(descriptor)) as file:
        _check_bytes(status.st_size, where)
        yield file


def _check_bytes(count: int, where: str) -> None:
    if count > LARGEST_FILE:
        raise ImageError(
            N_("The file has {megabytes} MB; at most {limit} MB are read"),
            where=where,
            fix=N_("save it smaller or compressed"),
            megabytes=count // 2**20,
            limit=LARGEST_FILE // 2**20,
        )


def _check_size(size: tuple[int, int], where: str) -> None:
    """Refuse a header that declares more pixels than are decoded."""
    width, height = size
    if width * height > MEGAPIXELS * 10**6 or max(size) > LONGEST_SIDE:
        raise ImageError(
            N_("The picture says that it has {width} × {height} pixels; at most {limit} megapixels are decoded"),
            where=where,
            fix=N_("make it smaller first; if it should be a small picture, the file is damaged"),
            width=width,
            height=height,
            limit=MEGAPIXELS,
        )


def _too_large(where: str) -> ImageError:
    return ImageError(
        N_("The picture says that it is far larger than {limit} megapixels, the most that is decoded"),
        where=where,
        fix=N_("make it smaller first; if it should be a small picture, the file is damaged"),
        limit=MEGAPIXELS,
    )


def _refuse_broken(kind: PictureKind, where: str, error: BaseException) -> NoReturn:
    if isinstance(error, TooCostlyError):
        raise ImageError(
            N_("This {kind} picture is built so that reading it would take very long"),
            where=where,
            fix=N_("open it in a picture program and save it anew"),
            kind=kind.name,
        ) from error
    raise ImageError(
        N_("This {kind} picture is cut off or damaged and cannot be read to its end"),
        where=where,
        fix=N_("copy or download it again, or open it in a picture program and save it anew"),
        kind=kind.name,
    ) from error


def _silence_pillow() -> None:
    """Keep Pillow's remarks on odd files off the screen and out of ``-W error``.

    Saving and restoring the filters around each picture would race between threads, so one filter stays; where
    somebody has reset the filters it is put back.
    """
    pattern = r"PIL\."
    if not any(
        action == "ignore" and getattr(module, "pattern", None) == pattern
        for action, _, _, module, _ in warnings.filters[:3]
    ):
        warnings.filterwarnings("ignore", module=pattern)


def _orientation(kind: PictureKind, image: ImageFile.ImageFile) -> int:
    """EXIF orientation, 1 … 8, that is still to be applied; 1 where it is missing or nonsense.

    Pillow's TIFF reader applies it itself. ``Pillow.Image.getexif`` is called unbound because the PNG reader's own
    would decode all pixels to look behind them.
    """
    if kind is PictureKind.TIFF:
        return 1
    try:
        value = Pillow.Image.getexif(image).get(ExifTags.Base.Orientation, 1)
    except _BROKEN:
        return 1  # the picture is good even where the note about it is not
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _has_metadata_after_pixels(file: IO[bytes]) -> bool:
    """Whether a PNG keeps text or EXIF behind its pixels, where reading the header does not find it."""
    here = file.tell()
    file.seek(8)
    pixels_seen = found = False
    while not found and len(start := file.read(8)) == 8:
        kind = start[4:]
        pixels_seen |= kind == b"IDAT"
        found = pixels_seen and kind in (b"eXIf", b"iTXt", b"tEXt", b"zTXt")
        file.seek(int.from_bytes(start[:4], "big") + 4, os.SEEK_CUR)
    file.seek(here)
    return found


def _upright_rgb(image: ImageFile.ImageFile, orientation: int) -> Image:
    """Decoded pixels as upright RGB, converted strip by strip so that only one full copy exists beside Pillow's."""
    width, height = image.size
    upright = np.empty((width, height, 3) if orientation >= 5 else (height, width, 3), np.uint8)
    stored = _as_stored(upright, orientation)
    value_range = _value_range(image)
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        strip = image if rows >= height else image.crop((0, top, width, bottom))
        stored[top:bottom] = _rgb(strip, value_range)
    return upright


def _as_stored(upright: Image, orientation: int) -> Image:
    """A view of an upright picture in the order in which a file of that EXIF orientation stores it."""
    if orientation in (2, 3):
        upright = upright[:, ::-1]
    if orientation in (3, 4):
        upright = upright[::-1]
    if orientation in (6, 7):
        upright = upright[:, ::-1]
    if orientation in (7, 8):
        upright = upright[::-1]
    return upright.transpose(1, 0, 2) if orientation >= 5 else upright


def _value_range(image: Pillow.Image) -> tuple[float, float] | None:
    """What becomes black and white in pictures deeper than 8 bits; None for the others."""
    if image.mode.startswith("I;16"):
        return _FULL_16_BIT
    if image.mode not in ("I", "F"):
        return None
    values = np.asarray(image)
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    for limit in (1.0, 255.0):
        if low >= 0 and high <= limit:
            return 0.0, limit
    return low, high


def _rgb(strip: Pillow.Image, value_range: tuple[float, float] | None) -> Image:
    """``(h, w, 3)`` uint8 RGB of one strip in any of Pillow's modes."""
    if value_range is not None:
        return _grey(np.asarray(strip), *value_range)
    if strip.mode == "LAB":
        return _array(_lab_to_rgb(strip))
    if strip.has_transparency_data:
        layer = strip.convert("RGBA")
        paper = Pillow.new("RGB", layer.size, "white")
        paper.paste(layer.convert("RGB"), mask=layer.getchannel("A"))
        return _array(paper)
    return _array(strip if strip.mode == "RGB" else strip.convert("RGB"))


def _array(strip: Pillow.Image) -> Image:
    return cast("Image", np.asarray(strip))


def _grey(values: NDArray[np.generic], low: float, high: float) -> Image:
    """``(h, w)`` numbers of ``low … high`` as ``(h, w, 3)`` grey."""
    if values.dtype.itemsize == 2:
        shades = _shades(np.arange(2**16), low, high)[values]
    else:
        shades = _shades(values, low, high)
    return cast("Image", np.repeat(shades[:, :, None], 3, axis=2))


def _shades(values: NDArray[np.generic], low: float, high: float) -> NDArray[np.uint8]:
    """Numbers of ``low … high`` as 0 … 255; what is not finite becomes black, or white above everything."""
    numbers = np.nan_to_num(values.astype(np.float64), nan=low, posinf=high, neginf=low)
    fraction = (numbers - low) / (high - low) if high > low else np.zeros_like(numbers)
    return np.rint(fraction * 255).astype(np.uint8)


def _lab_to_rgb(strip: Pillow.Image) -> Pillow.Image:
    """CIE L*a*b* to sRGB, by the colour library that Pillow carries."""
    transform = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    return cast("Pillow.Image", ImageCms.applyTransform(strip, transform))
