"""The Darknet networks of the catalogue, described in a few lines each, and written as the cfg text that Darknet reads.

A section is a name and its options. A layer's number, as ``route`` and ``shortcut`` count them, is its place in the
list without ``[net]``; negative numbers count backwards from the layer that names them.

Source: the papers of v1 to v4, and the layer tables that the Darknet program prints.
"""

from __future__ import annotations

from collections.abc import Callable

Section = tuple[str, dict[str, object]]

YOLOV2_ANCHORS = "0.57273,0.677385, 1.87446,2.06253, 3.33843,5.47434, 7.88282,3.52778, 9.77052,9.16828"
YOLOV3_ANCHORS = "10,13, 16,30, 33,23, 30,61, 62,45, 59,119, 116,90, 156,198, 373,326"
TINY_ANCHORS = "10,14, 23,27, 37,58, 81,82, 135,169, 344,319"
YOLOV4_ANCHORS = "12,16, 19,36, 40,28, 36,75, 76,55, 72,146, 142,110, 192,243, 459,401"


def configuration(name: str) -> str:
    """The cfg text of one network of the catalogue.

    Raises:
        KeyError: there is no such network.
    """
    side, build = NETWORKS[name]
    net: Section = ("net", {"width": side, "height": side, "channels": 3})
    return "\n\n".join(_written(section) for section in [net, *build()]) + "\n"


def _written(section: Section) -> str:
    kind, options = section
    return "\n".join([f"[{kind}]", *(f"{key}={value}" for key, value in options.items())])


def convolution(filters: int, size: int, stride: int = 1, activation: str = "leaky") -> Section:
    """A convolution with batch normalisation; ``pad=1`` means half the kernel."""
    options = {"batch_normalize": 1, "filters": filters, "size": size, "stride": stride}
    return "convolutional", {**options, "pad": 1, "activation": activation}


def linear(filters: int) -> Section:
    """The 1×1 convolution in front of a head: a bias, no normalisation, no activation."""
    return "convolutional", {"filters": filters, "size": 1, "stride": 1, "pad": 1, "activation": "linear"}


def maxpool(size: int = 2, stride: int = 2) -> Section:
    """The largest value of every window."""
    return "maxpool", {"size": size, "stride": stride}


def route(*layers: int) -> Section:
    """The outputs of one or more layers, side by side in the channels."""
    return "route", {"layers": ",".join(map(str, layers))}


def upsample() -> Section:
    """Every value four times: twice as high, twice as wide."""
    return "upsample", {"stride": 2}


def alternate(narrow: int, wide: int, count: int) -> list[Section]:
    """1×1 and 3×3 convolutions in turn, ``count`` in all, beginning with the 1×1."""
    return [convolution(wide, 3) if i % 2 else convolution(narrow, 1) for i in range(count)]


def yolo(mask: str, anchors: str, scale_x_y: float = 1.0) -> Section:
    """One scale's head for COCO's 80 classes."""
    numbers = anchors.count(",") // 2 + 1
    options: dict[str, object] = {"mask": mask, "anchors": anchors, "classes": 80, "num": numbers}
    if scale_x_y != 1.0:
        options |= {"scale_x_y": scale_x_y, "nms_kind": "greedynms", "beta_nms": 0.6}
    return "yolo", options


def yolov1() -> list[Section]:
    """24 convolutions, 4 poolings, one locally connected and one connected layer; 3 boxes a cell."""
    return [
        convolution(64, 7, 2),
        maxpool(),
        convolution(192, 3),
        maxpool(),
        *alternate(128, 256, 2),
        *alternate(256, 512, 2),
        maxpool(),
        *alternate(256, 512, 8),
        *alternate(512, 1024, 2),
        maxpool(),
        *alternate(512, 1024, 4),
        convolution(1024, 3),
        convolution(1024, 3, 2),
        convolution(1024, 3),
        convolution(1024, 3),
        ("local", {"size": 3, "stride": 1, "pad": 1, "filters": 256, "activation": "leaky"}),
        ("dropout", {"probability": 0.5}),
        ("connected", {"output": 7 * 7 * (3 * 5 + 20), "activation": "linear"}),
        ("detection", {"classes": 20, "coords": 4, "side": 7, "num": 3, "softmax": 0, "sqrt": 1, "rescore": 1}),
    ]


def region() -> Section:
    """YOLOv2's head: anchors in cells, classes that share a softmax."""
    return "region", {"anchors": YOLOV2_ANCHORS, "classes": 80, "coords": 4, "num": 5, "softmax": 1}


def yolov2() -> list[Section]:
    """Darknet-19, and a way past it: the 26×26 map, folded to 13×13, joins the last one."""
    return [
        convolution(32, 3),
        maxpool(),
        convolution(64, 3),
        maxpool(),
        convolution(128, 3),
        *alternate(64, 128, 2),
        maxpool(),
        convolution(256, 3),
        *alternate(128, 256, 2),
        maxpool(),
        convolution(512, 3),
        *alternate(256, 512, 4),
        maxpool(),
        convolution(1024, 3),
        *alternate(512, 1024, 4),
        convolution(1024, 3),
        convolution(1024, 3),
        route(-9),
        convolution(64, 1),
        ("reorg", {"stride": 2}),
        route(-1, -4),
        convolution(1024, 3),
        linear(425),
        region(),
    ]


def tiny_backbone() -> list[Section]:
    """Six convolutions, each followed by a pooling; the last pooling keeps the size."""
    layers: list[Section] = []
    for filters in (16, 32, 64, 128, 256):
        layers += [convolution(filters, 3), maxpool()]
    return [*layers, convolution(512, 3), maxpool(2, 1)]


def yolov2_tiny() -> list[Section]:
    """Nine convolutions and v2's head."""
    return [*tiny_backbone(), convolution(1024, 3), convolution(512, 3), linear(425), region()]


def yolov3_tiny() -> list[Section]:
    """Two scales on the tiny backbone."""
    return [
        *tiny_backbone(),
        convolution(1024, 3),
        convolution(256, 1),
        convolution(512, 3),
        linear(255),
        yolo("3,4,5", TINY_ANCHORS),
        route(-4),
        convolution(128, 1),
        upsample(),
        route(-1, 8),
        convolution(256, 3),
        linear(255),
        yolo("0,1,2", TINY_ANCHORS),
    ]


def residual(narrow: int, wide: int, activation: str = "leaky") -> list[Section]:
    """A 1×1 and a 3×3 convolution with a shortcut past both."""
    shortcut: Section = ("shortcut", {"from": -3, "activation": "linear"})
    return [convolution(narrow, 1, activation=activation), convolution(wide, 3, activation=activation), shortcut]


def yolov3() -> list[Section]:
    """Darknet-53 and three scales, coarse to fine."""
    layers = [convolution(32, 3)]
    for filters, blocks in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)):
        layers += [
            convolution(filters, 3, 2),
            *(layer for _ in range(blocks) for layer in residual(filters // 2, filters)),
        ]
    for narrow, mask, joined in ((512, "6,7,8", 61), (256, "3,4,5", 36), (128, "0,1,2", None)):
        layers += [*alternate(narrow, 2 * narrow, 6), linear(255), yolo(mask, YOLOV3_ANCHORS)]
        if joined is not None:
            layers += [route(-4), convolution(narrow // 2, 1), upsample(), route(-1, joined)]
    return layers


def partial_stage(filters: int, blocks: int) -> list[Section]:
    """A stage of CSPDarknet53: half of the channels go through the residual blocks, half past them."""
    first = filters == 64  # the first stage keeps all its channels in both halves
    half = filters if first else filters // 2
    inner = filters // 2 if first else half
    return [
        convolution(filters, 3, 2, "mish"),
        convolution(half, 1, activation="mish"),
        route(-2),
        convolution(half, 1, activation="mish"),
        *(layer for _ in range(blocks) for layer in residual(inner, half, "mish")),
        convolution(half, 1, activation="mish"),
        route(-1, -(3 * blocks + 4)),
        convolution(filters, 1, activation="mish"),
    ]


def pyramid_pooling() -> list[Section]:
    """SPP: the map beside its 5×5, 9×9 and 13×13 maxima."""
    return [maxpool(5, 1), route(-2), maxpool(9, 1), route(-4), maxpool(13, 1), route(-1, -3, -5, -6)]


def yolov4() -> list[Section]:
    """CSPDarknet53, SPP, a path up and a path down (PAN), three scales, fine to coarse."""
    layers = [convolution(32, 3, activation="mish")]
    for filters, blocks in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)):
        layers += partial_stage(filters, blocks)
    layers += [*alternate(512, 1024, 3), *pyramid_pooling(), *alternate(512, 1024, 3)]
    for narrow, lateral in ((256, 85), (128, 54)):
        layers += [convolution(narrow, 1), upsample(), route(lateral), convolution(narrow, 1), route(-1, -3)]
        layers += alternate(narrow, 2 * narrow, 5)
    layers += [convolution(256, 3), linear(255), yolo("0,1,2", YOLOV4_ANCHORS, 1.2)]
    for narrow, back, mask, scale in ((256, -16, "3,4,5", 1.1), (512, -37, "6,7,8", 1.05)):
        layers += [route(-4), convolution(narrow, 3, 2), route(-1, back)]
        layers += [*alternate(narrow, 2 * narrow, 6), linear(255), yolo(mask, YOLOV4_ANCHORS, scale)]
    return layers


def tiny_partial_stage(filters: int) -> list[Section]:
    """A stage of v4-tiny: the second half of the channels goes through two convolutions and joins the rest."""
    second_half: Section = ("route", {"layers": -1, "groups": 2, "group_id": 1})
    return [
        convolution(filters, 3),
        second_half,
        convolution(filters // 2, 3),
        convolution(filters // 2, 3),
        route(-1, -2),
        convolution(filters, 1),
        route(-6, -1),
        maxpool(),
    ]


def yolov4_tiny() -> list[Section]:
    """Three partial stages and two scales."""
    return [
        convolution(32, 3, 2),
        convolution(64, 3, 2),
        *(layer for filters in (64, 128, 256) for layer in tiny_partial_stage(filters)),
        convolution(512, 3),
        convolution(256, 1),
        convolution(512, 3),
        linear(255),
        yolo("3,4,5", TINY_ANCHORS, 1.05),
        route(-4),
        convolution(128, 1),
        upsample(),
        route(-1, 23),
        convolution(256, 3),
        linear(255),
        yolo("1,2,3", TINY_ANCHORS, 1.05),
    ]


NETWORKS: dict[str, tuple[int, Callable[[], list[Section]]]] = {
    "yolov1": (448, yolov1),
    "yolov2": (608, yolov2),
    "yolov2-tiny": (416, yolov2_tiny),
    "yolov3": (608, yolov3),
    "yolov3-tiny": (416, yolov3_tiny),
    "yolov4": (608, yolov4),
    "yolov4-tiny": (416, yolov4_tiny),
}
"""The side of the input and the layers, by name."""
