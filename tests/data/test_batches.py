"""What a training step sees depends on seed, epoch and step, and on nothing else."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from yolodash.data.augment.recipe import UNCHANGED, Recipe
from yolodash.data.batches import Batch, Batches, Pictures
from yolodash.data.dataset import LabelledImage, Row, annotations_from
from yolodash.data.images import encode_png
from yolodash.errors import DatasetError, ImageError, OptionError
from yolodash.structures import ImageSize

CLASSES = {0: 0, 3: 1}
COUNT = 7


@pytest.fixture
def pictures(tmp_path: Path) -> list[LabelledImage]:
    """Seven noisy pictures of several shapes, each with its number of boxes, of the classes 0 and 3."""
    return [labelled(tmp_path, number) for number in range(COUNT)]


def labelled(folder: Path, number: int) -> LabelledImage:
    random = np.random.default_rng(number)
    size = ImageSize(40 + 8 * number, 70)
    path = folder / f"{number}.png"
    path.write_bytes(encode_png(random.integers(0, 256, (size.height, size.width, 3), np.uint8)))
    rows = [Row((0, 3)[box % 2], (5.0 + box, 6.0, 20.0, 25.0)) for box in range(number)]
    return LabelledImage(path.name, path, annotations_from(rows, size), ("train",))


def batches(pictures: list[LabelledImage], **options: object) -> Batches:
    settings: dict[str, object] = {"size": 64, "batch": 3, "recipe": Recipe(degrees=5), "seed": 11, **options}
    return Batches(pictures, CLASSES, **settings)  # type: ignore[arg-type]


def as_values(found: list[Batch]) -> list[tuple[object, ...]]:
    """Batches as plain values, to be compared to the bit."""
    return [
        (one.epoch, one.step, one.indices, one.images.numpy().tobytes(), one.targets.numpy().tobytes()) for one in found
    ]


RICH = Recipe(
    degrees=5, mosaic=0.5, quarter_turn=0.5, crop=0.4, brightness=0.2, exposure=1, contrast=0.3, grey=0.3, blur=3,
    noise=20, jpeg=80, cutout=0.3, mixup=0.4,
)  # fmt: skip
"""With everything that there is."""
both_recipes = pytest.mark.parametrize("recipe", [Recipe(degrees=5), RICH], ids=["usual", "rich"])


@both_recipes
def test_the_number_of_workers_changes_nothing(pictures: list[LabelledImage], recipe: Recipe) -> None:
    alone, together = (
        as_values(list(batches(pictures, workers=workers, recipe=recipe).epoch(2))) for workers in (0, 4)
    )

    assert alone == together


def test_going_on_in_the_middle_of_an_epoch_gives_the_rest_of_it(pictures: list[LabelledImage]) -> None:
    whole = as_values(list(batches(pictures).epoch(5)))

    for workers in (0, 2):
        assert as_values(list(batches(pictures, workers=workers).epoch(5, start=2))) == whole[2:]
    assert list(batches(pictures).epoch(5, start=3)) == []


@both_recipes
def test_what_is_kept_in_memory_changes_nothing(pictures: list[LabelledImage], recipe: Recipe) -> None:
    kept, read = batches(pictures, recipe=recipe), batches(pictures, memory=0, recipe=recipe)

    for epoch in (0, 1):
        assert as_values(list(kept.epoch(epoch))) == as_values(list(read.epoch(epoch)))


def test_an_epoch_has_every_picture_once_in_an_order_of_its_own(pictures: list[LabelledImage]) -> None:
    made = batches(pictures)
    orders = [[index for step in made.indices(epoch) for index in step] for epoch in range(4)]

    assert made.steps == 3
    assert [len(step) for step in made.indices(0)] == [3, 3, 1]
    assert all(sorted(order) == list(range(COUNT)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4
    assert [one.indices for one in made.epoch(1)] == made.indices(1)


def test_another_seed_or_epoch_gives_other_pictures(pictures: list[LabelledImage]) -> None:
    first = next(batches(pictures).epoch(0)).images
    others = (next(batches(pictures, seed=12).epoch(0)).images, next(batches(pictures).epoch(1)).images)

    assert all(not torch.equal(first, other) for other in others)


def test_the_processes_share_a_step_among_them(pictures: list[LabelledImage]) -> None:
    whole = batches(pictures, batch=4).indices(0)
    shares = [batches(pictures, batch=4, rank=rank, world=2).indices(0) for rank in (0, 1)]

    assert sorted(shares[0][0] + shares[1][0]) == sorted(whole[0])
    assert sorted(set(whole[1]) | {whole[0][0]}) == sorted(shares[0][1] + shares[1][1])  # 3 pictures filled up to 4
    assert {len(step) for share in shares for step in share} == {2}


def test_unchanged_pictures_are_the_letterboxed_ones_with_targets_as_shares(pictures: list[LabelledImage]) -> None:
    batch = next(batches(pictures[2:3], recipe=UNCHANGED, size=70, batch=1).epoch(0))  # 56 × 70: 7 rows of grey

    assert batch.images.shape == (1, 3, 70, 70)
    assert batch.images.is_contiguous(memory_format=torch.channels_last)
    assert (batch.images[:, :, :7] == 114).all()
    noise = np.random.default_rng(2).integers(0, 256, (56, 70, 3), np.uint8)
    np.testing.assert_array_equal(batch.images[0, :, 7:63].permute(1, 2, 0).numpy(), noise)
    wanted = [[0, 0, 15 / 70, (18.5 + 7) / 70, 20 / 70, 25 / 70], [0, 1, 16 / 70, (18.5 + 7) / 70, 20 / 70, 25 / 70]]
    torch.testing.assert_close(batch.targets, torch.tensor(wanted))


def test_targets_name_their_picture_in_the_batch_and_lie_in_it(pictures: list[LabelledImage]) -> None:
    boxes = 0
    for epoch in range(5):
        for batch in batches(pictures, recipe=Recipe()).epoch(epoch):
            place, class_, *_ = batch.targets.unbind(dim=1)
            low = batch.targets[:, 2:4] - batch.targets[:, 4:6] / 2
            high = batch.targets[:, 2:4] + batch.targets[:, 4:6] / 2
            assert set(place.tolist()) <= set(range(len(batch.indices)))
            assert set(class_.tolist()) <= {0, 1}
            assert low.min() >= -1e-6
            assert high.max() <= 1 + 1e-6
            assert batch.targets[:, 4:6].min() > 2 / 64
            boxes += len(batch.targets)
    assert boxes > 100


def test_boxes_of_crowds_of_difficult_objects_and_of_other_classes_are_left_out(tmp_path: Path) -> None:
    rows = [
        Row(0, (1, 1, 30, 30)),
        Row(3, (2, 2, 30, 30), crowd=True),
        Row(0, (3, 3, 30, 30), difficult=True),
        Row(9, (4, 4, 30, 30)),
    ]
    plain = labelled(tmp_path, 3)
    truth = annotations_from(rows, plain.annotations.image_size)
    pictures = Pictures([LabelledImage(plain.name, plain.path, truth, ("train",))], CLASSES, 70)

    assert pictures.read(0).boxes.tolist() == [[1, 1, 31, 31]]


def test_decoded_pictures_are_kept_up_to_the_bound_and_no_more(pictures: list[LabelledImage]) -> None:
    kept = Pictures(pictures, CLASSES, 64, memory=2 * 64 * 64 * 3)
    first = [kept.read(index) for index in range(COUNT)]
    again = [kept.read(index) is one for index, one in enumerate(first)]

    assert again[:2] == [True, True]
    assert sum(one.image.nbytes for one, same in zip(first, again, strict=True) if same) <= 2 * 64 * 64 * 3


@pytest.mark.parametrize("workers", [0, 2])
def test_a_picture_that_is_gone_stops_the_epoch_with_its_name(pictures: list[LabelledImage], workers: int) -> None:
    (missing := pictures[4].path or Path()).unlink()

    with pytest.raises(DatasetError, match="gone") as caught:
        list(batches(pictures, workers=workers).epoch(0))
    assert caught.value.where == missing.name


@pytest.mark.parametrize("workers", [0, 2])
def test_a_damaged_picture_stops_the_epoch_with_its_name(pictures: list[LabelledImage], workers: int) -> None:
    (damaged := pictures[4].path or Path()).write_bytes(b"no picture")

    with pytest.raises(ImageError) as caught:
        list(batches(pictures, workers=workers).epoch(0))
    assert caught.value.where == damaged.name


def test_no_worker_outlives_an_epoch_that_is_left(pictures: list[LabelledImage]) -> None:
    epoch = batches(pictures, workers=3, batch=1).epoch(0)
    next(epoch)
    epoch.close()  # type: ignore[attr-defined]

    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("batches")]


@pytest.mark.parametrize("option", [{"seed": -1}, {"workers": -1}, {"batch": 0}, {"size": 0}, {"batch": 1, "world": 2}])
def test_numbers_that_make_no_sense_are_refused(pictures: list[LabelledImage], option: dict[str, int]) -> None:
    with pytest.raises(OptionError, match="makes no sense"):
        batches(pictures, **option)


def test_a_split_without_pictures_is_refused() -> None:
    with pytest.raises(DatasetError, match="no pictures"):
        batches([])


def test_a_split_without_boxes_gives_empty_targets(pictures: list[LabelledImage]) -> None:
    for batch in batches([pictures[0]] * 2).epoch(0):
        assert batch.targets.shape == (0, 6)
