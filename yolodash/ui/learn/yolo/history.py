"""Step: history. Five generations on a timeline, the people, the frameworks, and why the way split."""

from __future__ import annotations

from typing import Any

import streamlit as st

from yolodash.ui import tables
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage
from yolodash.ui.learn.subject import Subject
from yolodash.ui.learn.yolo import SCRIPTS

IDS = ("v1", "v2", "v3", "stop", "v4", "v5")


def show(_about: Subject) -> None:
    """The timeline, a card of what is clicked, and the table that compares the generations."""
    fields = {"event": stage.Field("v1", stage.choice(*IDS))}
    st.subheader(_("Five generations, two families"), anchor=False)
    stage.play("history", "history", fields, {"events": events()}, _texts(), scripts=SCRIPTS)
    st.markdown(table())
    st.caption(
        _(
            "Accuracy as published; the tests differ, so compare within one test only. v1's figures are quoted from "
            "its paper."
        )
    )
    _below()


def events() -> list[dict[str, Any]]:
    """What happened, in order; the date in years and their fractions."""
    return [
        _event("v1", 2015.45, "darknet", "v1", "YOLO · You Only Look Once", _v1()),
        _event("v2", 2016.97, "darknet", "v2", "YOLOv2 · YOLO9000: Better, Faster, Stronger", _v2()),
        _event("v3", 2018.26, "darknet", "v3", "YOLOv3 · An Incremental Improvement", _v3()),
        _event("stop", 2019.62, "darknet", _("Redmon stops"), _("February 2020 · Redmon stops"), _stop()),
        _event("v4", 2020.45, "darknet", "v4", "YOLOv4 · Optimal Speed and Accuracy of Object Detection", _v4()),
        _event("v5", 2020.5, "pytorch", "v5", "YOLOv5", _v5()),
    ]


def _event(name: str, date: float, lane: str, short: str, title: str, facts: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "id": name,
        "date": date,
        "lane": lane,
        "short": short,
        "title": title,
        "facts": [list(one) for one in facts],
    }


def _v1() -> list[tuple[str, str]]:
    return [
        (_("When"), _("Paper June 2015; People's Choice Award of CVPR 2016")),
        (_("Who"), _("Joseph Redmon, University of Washington, with Divvala, Girshick and Farhadi")),
        (_("Framework"), _("Darknet: Redmon's own, in C and CUDA, for CPU and GPU")),
        (_("New"), _("One network looks once and gives all boxes and classes: detection in real time")),
    ]


def _v2() -> list[tuple[str, str]]:
    return [
        (_("When"), _("December 2016; CVPR 2017")),
        (_("Who"), _("Joseph Redmon and Ali Farhadi")),
        (_("Framework"), "Darknet"),
        (_("New"), _("Anchors, batch normalisation, only convolutions; YOLO9000 knows 9,000 classes in a tree")),
    ]


def _v3() -> list[tuple[str, str]]:
    return [
        (_("When"), _("April 2018, a technical report")),
        (_("Who"), _("Joseph Redmon and Ali Farhadi")),
        (_("Framework"), _("Darknet. Soon rewritten in PyTorch by others: Glenn Jocher's version becomes widely used")),
        (
            _("New"),
            _("75 convolutions with skip connections, three scales, a logistic for each class instead of softmax"),
        ),
    ]


def _stop() -> list[tuple[str, str]]:
    return [
        (_("What"), _("Redmon says that he has stopped his research in computer vision")),
        (_("Why"), _("The military uses and the worries about privacy became impossible for him to ignore")),
        (_("Then"), _("Alexey Bochkovskiy's fork of Darknet, long maintained, becomes the one that people use")),
    ]


def _v4() -> list[tuple[str, str]]:
    return [
        (_("When"), _("April 2020")),
        (_("Who"), _("Alexey Bochkovskiy, with Chien-Yao Wang and Hong-Yuan Mark Liao")),
        (_("Framework"), _("Darknet, Bochkovskiy's fork: this line goes on from Redmon's code")),
        (_("New"), _("CSPDarknet53, SPP, PAN, Mish, mosaic: the best of what was known, tried one by one")),
    ]


def _v5() -> list[tuple[str, str]]:
    return [
        (_("When"), _("Public on 27 May 2020, announced in June: weeks after v4")),
        (_("Who"), _("Glenn Jocher, Ultralytics")),
        (_("Framework"), _("PyTorch from the start: the other line, from his PyTorch version of v3")),
        (
            _("Why it split"),
            _("No paper, another team, and the next number taken at once: a heated debate about the name"),
        ),
    ]


def table() -> str:
    """The generations side by side, as Markdown."""
    rows = [
        [_("Framework"), "Darknet", "Darknet", "Darknet", "Darknet", "**PyTorch**"],
        [_("Input"), "448", "416", "416 (cfg 608)", "512 / 608", "640"],
        [_("Output"), _("7·7 cells, 2 boxes (cfg: 3)"), "13·13·5 = 845", "10,647 (416)", _("as v3"), "25,200 (640)"],
        [
            _("Layers"),
            _("24 conv., 4 pooling, 2 connected"),
            _("23 conv., 5 pooling"),
            _("75 conv., 23 skips, no pooling"),
            "CSPDarknet53, SPP, PAN, Mish",
            "C3, SPPF, PAN, SiLU",
        ],
        [
            _("Published"),
            "63.4 mAP VOC07, 45 FPS",
            "76.8 mAP VOC07, 67 FPS",
            "57.9 AP50 COCO, 51 ms Titan X",
            "43.5 AP COCO, 65 FPS V100",
            "37.4 AP COCO (s, v7.0), 0.9 ms V100",
        ],
    ]
    return tables.table(["", "v1", "v2", "v3", "v4", "v5"], rows, ["---"] * 6)


def _texts() -> dict[str, str]:
    return {"timeline": _("Timeline of the generations"), "darknet": "Darknet", "pytorch": "PyTorch"}


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "yolo_history",
            _("Which generation was the first that never existed in Darknet?"),
            {"v3": "YOLOv3", "v4": "YOLOv4", "v5": "YOLOv5"},
            "v5",
            _("v1 to v4 are Darknet's. v5 was written in PyTorch from the start, and no paper came with it."),
        )
    with said:
        lesson.remark(
            _(
                "The lecture dates YOLO to 2016, the year of the conference; the paper is of June 2015. And YOLOv5 was "
                "public from 27 May 2020, before its announcement on 9 June."
            )
        )
        from yolodash.models.catalogue import entries

        lesson.show_code(entries)
