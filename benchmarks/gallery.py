"""How quickly the page Data sets answers with many pictures: the whole page, and what it is made of.

    python -m benchmarks.gallery [--pictures 10000]

The pictures are rendered noise of 320 × 240 with a few boxes each. "page" runs app.py in this process, without a
browser; "first" has neither a list in memory nor small pictures on the disk, "again" has both, "next" shows other
pictures for the first time, "saved" comes after one box was changed.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY / "tests" / "pages"))
SIZE = (320, 240)
ADDED = 50


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=10_000)
    count = parser.parse_args().pictures
    with workspace():
        from yolodash.data.store.folders import create_dataset

        dataset = create_dataset("many", classes=[f"class {number}" for number in range(10)])
        fill(dataset, count)
        print(f"{count:,} pictures, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; milliseconds")
        for name, milliseconds in chain(parts(dataset), adding(dataset), pages(dataset)):
            print(f"{name:52} {milliseconds:9,.0f}", flush=True)


@contextmanager
def workspace() -> Iterator[None]:
    """An empty workspace that goes afterwards."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["YOLODASH_HOME"] = home
        yield


def fill(dataset: Path, count: int) -> None:
    """Write pictures and their boxes as the store would, without its flushes."""
    random = np.random.default_rng(0)
    for number in range(count):
        (dataset / "images" / f"picture-{number:05}.jpeg").write_bytes(rendered(random))
        boxes = [
            {"id": f"b{place}", "class_id": int(random.integers(10)), "box": [x, y, x + 60.0, y + 40.0], "flags": []}
            for place, (x, y) in enumerate(random.uniform(0, 180, (int(random.integers(8)), 2)).tolist())
        ]
        truth = {"revision": 1, "width": SIZE[0], "height": SIZE[1], "state": "done", "boxes": boxes, "extra": {}}
        (dataset / "annotations" / f"picture-{number:05}.json").write_text(json.dumps(truth))


def rendered(random: np.random.Generator) -> bytes:
    """A picture as a JPEG."""
    coarse = random.integers(0, 256, (12, 16, 3), np.uint8)
    buffer = io.BytesIO()
    Pillow.fromarray(coarse).resize(SIZE, Pillow.Resampling.BILINEAR).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def adding(dataset: Path) -> Iterator[tuple[str, float]]:
    """What a picture more costs."""
    from yolodash.data.store.pictures import add_picture, picture_path

    random = np.random.default_rng(1)
    new = [rendered(random) for _number in range(2 * ADDED + 1)]
    yield "add a picture, the first of a process", timed(lambda: add_picture(dataset, "new.jpg", new.pop(), by="b"))

    def add(splits: tuple[str, ...]) -> None:
        for _number in range(ADDED):
            add_picture(dataset, "new.jpg", new.pop(), by="b", splits=splits)

    yield "add a picture, each of the next", timed(lambda: add(())) / ADDED
    yield "add a picture to a part, each of the next", timed(lambda: add(("train",))) / ADDED
    yield "find a picture's file", timed(lambda: picture_path(dataset, "picture-00007"))


def parts(dataset: Path) -> Iterator[tuple[str, float]]:
    """What the page is made of."""
    from yolodash.data.duplicates import kept_signatures, known_signatures
    from yolodash.data.likeness import twins
    from yolodash.data.split import split_pictures
    from yolodash.data.store.pictures import list_pictures
    from yolodash.data.store.truth import read_truth, save_truth
    from yolodash.ui.datasets import filters, gallery, listing
    from yolodash.ui.datasets.filters import Wanted
    from yolodash.ui.datasets.listing import Listing

    yield "list of all pictures, first", timed(lambda: list_pictures(dataset))
    yield "list of all pictures, again", timed(lambda: list_pictures(dataset))
    found = listing.listing(dataset)
    yield "filter by class, most boxes first", timed(lambda: filters.chosen(found, Wanted("3", order="most_boxes")))

    def tiles(of: Listing, start: int) -> None:
        gallery.tiles_of(of, of.pictures[start : start + gallery.PER_PAGE])

    yield "24 pictures for the browser, first", timed(lambda: tiles(found, 240))
    yield "24 pictures for the browser, again", timed(lambda: tiles(found, 240))
    stem = found.pictures[0].stem
    truth = read_truth(dataset, stem)
    save_truth(dataset, stem, replace(truth, boxes=truth.boxes[:1]), by="benchmark")
    yield "list after one change", timed(lambda: listing.listing(dataset))
    paths = [one.path for one in found.pictures]
    yield "what stands for each picture, first (once)", timed(lambda: kept_signatures(dataset, paths))
    yield "what stands for each picture, again", timed(lambda: known_signatures(dataset, paths))
    signs = known_signatures(dataset, paths) or []
    yield "near duplicates among all pairs", timed(lambda: twins(signs))
    classes = {one.stem: one.class_ids for one in found.pictures}
    yield "split by class and seed", timed(lambda: split_pictures(classes))


def pages(dataset: Path) -> Iterator[tuple[str, float]]:
    """The whole page, run in this process."""
    from pages_app import opened

    from yolodash.data.store.truth import read_truth, save_truth

    opened("datasets", data="many", view="export")  # imports, and what every page has
    app = opened("datasets", data="many", view="all")
    app.segmented_control(key="datasets_view").set_value("pictures")
    yield "page, first", timed(app.run)
    yield "page, again", timed(app.run)
    app.selectbox(key="datasets_class").set_value("3")
    yield "page, next: another class", timed(app.run)
    app.selectbox(key="datasets_order").set_value("most_boxes")
    yield "page, next: another order", timed(app.run)
    truth = read_truth(dataset, "picture-00001")
    save_truth(dataset, "picture-00001", replace(truth, boxes=()), by="benchmark")
    yield "page, saved", timed(app.run)


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of a call."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
