"""What one can take away: the numbers, the boxes, the charts in one file, and the command that makes them again."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from yolodash import __version__
from yolodash.evaluation.report import Report, report_record
from yolodash.ui.evaluation import boxes, charts, controls
from yolodash.ui.evaluation.controls import Shown
from yolodash.ui.evaluation.source import Evaluated
from yolodash.ui.evaluation.thresholds import Point
from yolodash.ui.i18n import _


def show(shown: Shown, found: Report, point: Point) -> None:
    """Files to the left, the command to the right; folded, since the picture comes first."""
    with st.expander(_("Take it with you: files, report, command"), icon=":material/download:"):
        evaluated = shown.evaluated
        files: list[tuple[str, str, str, Callable[[], str]]] = [
            (_("Numbers, JSON"), "json", "application/json", lambda: as_json(record(shown, found, point))),
            (_("Classes, CSV"), "classes.csv", "text/csv", lambda: classes_csv(found)),
            (_("Every box, CSV"), "boxes.csv", "text/csv", lambda: boxes_csv(shown, point)),
            (_("Detections, COCO"), "detections.json", "application/json", lambda: as_json(coco_results(evaluated))),
            (_("Truth, COCO"), "truth.json", "application/json", lambda: as_json(coco_truth(evaluated))),
            (_("Report with charts, HTML"), "html", "text/html", lambda: html_report(shown, found, point)),
        ]  # fmt: skip
        with st.container(horizontal=True):
            for label, suffix, mime, build in files:
                st.download_button(
                    label,
                    partial(_encoded, build),
                    f"evaluation.{suffix}",
                    mime,
                    key=f"evaluate_download_{suffix}",
                    on_click="ignore",
                    width="content",
                )
        command, script = st.tabs([_("Copy as command"), _("Copy as Python")])
        command.code(as_command(shown, point), language="bash", wrap_lines=True)
        script.code(as_python(shown, point), language="python", wrap_lines=True)


def _encoded(build: Callable[[], str]) -> bytes:
    return build().encode("utf-8", "backslashreplace")


def as_json(value: object) -> str:
    """A value as the text of a JSON file."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def record(shown: Shown, found: Report, point: Point) -> dict[str, Any]:
    """The JSON of the command ``evaluate``, and beside it what the page showed at its thresholds."""
    counts = shown.measured.ranking(point.match_iou_threshold, shown.label).counts(point.score_threshold)
    name = None if shown.label is None else shown.evaluated.labels.class_names[shown.label]
    shown_at = {
        "class": name,
        "match_iou_threshold": point.match_iou_threshold,
        "score_threshold": point.score_threshold,
        "true_positives": counts.true,
        "false_positives": counts.false,
        "missed": counts.missed,
        "precision": counts.precision,
        "recall": counts.recall,
        "f1": counts.f1,
    }
    about = {"version": __version__, "detections": shown.evaluated.name, "sample": shown.evaluated.sample}
    return {**report_record(found), "shown": shown_at, **about}


def classes_csv(found: Report) -> str:
    """One line a class."""
    from yolodash.inference.results import harmless  # loads torch, which the first paint does without

    rows = [[one.id, harmless(one.name), one.truths, _plain(one.map), _plain(one.map50)] for one in found.classes]
    return _csv(["class_id", "class", "truths", "map", "map50"], rows)


def boxes_csv(shown: Shown, point: Point) -> str:
    """One line a box at the thresholds of the page: what it is, where, its score, IoU and truth."""
    from yolodash.inference.results import harmless

    evaluated, iou = shown.evaluated, point.match_iou_threshold
    rows = []
    for box in boxes.at_threshold(shown.measured, iou, point.score_threshold, shown.label):
        table = evaluated.found if box.found >= 0 else evaluated.truths
        index = box.found if box.found >= 0 else box.truth
        score = float(evaluated.found.score[box.found]) if box.found >= 0 else ""
        name = evaluated.labels.class_names[int(table.label[index])]
        image = harmless(evaluated.labels.images[box.image])
        corner = [float(value) for value in table.xywh[index]]
        rows.append([box.kind, image, harmless(name), score, *corner, round(box.overlap, 6), box.truth + 1 or ""])
    return _csv(["kind", "image", "class", "score", "x", "y", "width", "height", "iou", "truth"], rows)


def _csv(head: list[str], rows: list[list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def _plain(value: float) -> float | str:
    return "" if value < 0 else value


def coco_results(evaluated: Evaluated) -> list[dict[str, Any]]:
    """The detections as COCO writes results; pictures are numbered from 1, as in ``coco_truth``."""
    found, ids = evaluated.found, evaluated.labels.class_ids
    rows = zip(found.image.tolist(), found.label.tolist(), found.xywh.tolist(), found.score.tolist(), strict=True)
    return [
        {"image_id": image + 1, "category_id": ids[label], "bbox": box, "score": score}
        for image, label, box, score in rows
    ]


def coco_truth(evaluated: Evaluated) -> dict[str, Any]:
    """The truth as COCO writes it."""
    truths, labels = evaluated.truths, evaluated.labels
    images = [
        {"id": i + 1, "file_name": name, "height": size[0], "width": size[1]}
        for i, (name, size) in enumerate(zip(labels.images, evaluated.sizes.tolist(), strict=True))
    ]
    annotations = [
        {
            "id": i + 1,
            "image_id": int(truths.image[i]) + 1,
            "category_id": labels.class_ids[int(truths.label[i])],
            "bbox": truths.xywh[i].tolist(),
            "area": float(truths.area[i]),
            "iscrowd": int(truths.crowd[i]),
        }
        for i in range(len(truths.label))
    ]
    categories = [{"id": i, "name": name} for i, name in zip(labels.class_ids, labels.class_names, strict=True)]
    return {"images": images, "annotations": annotations, "categories": categories}


def html_report(shown: Shown, found: Report, point: Point) -> str:
    """The numbers and every chart in one file that needs no network; the charts can still be pointed at."""
    measured, label = shown.measured, shown.label
    iou, score = point.match_iou_threshold, point.score_threshold
    figures = [
        (_("Precision–recall"), charts.precision_recall(measured, iou, label)),
        (_("Scores"), charts.against_score(measured, iou, score, label)),
        (_("Confusion"), charts.confusion_matrix(measured, iou, score)),
        (_("Classes"), charts.class_bars(measured, iou, score)),
        (_("IoU"), charts.against_iou(measured, iou, score, label)),
        (_("Calibration"), charts.calibration(measured, iou, label)),
        (_("What went wrong"), charts.what_went_wrong(measured)),
    ]
    parts = []
    for place, (title, figure) in enumerate(figures):
        figure.update_layout(template="plotly_white")
        chart = figure.to_html(full_html=False, include_plotlyjs=place == 0, config=charts.CONFIG)
        parts.append(f"<h2>{html.escape(title)}</h2>\n{chart}")
    name = html.escape(controls.names().get(shown.source, shown.evaluated.name))
    numbers = html.escape(as_json(record(shown, found, point)))
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{name}</title>'
        "<style>body{font:16px system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#14201e}"
        "pre{background:#f1f5f4;padding:1rem;overflow:auto}</style></head><body>"
        f"<h1>{html.escape(_('Evaluate'))} · {name}</h1>\n" + "\n".join(parts) + f"<pre>{numbers}</pre></body></html>\n"
    )


def as_command(shown: Shown, point: Point) -> str:
    """The line for a terminal; for files, with the names under which they are downloaded above."""
    run = shown.evaluated.command
    options = list(run) if run else ["--truth evaluation.truth.json", "--detections evaluation.detections.json"]
    options.append(f"--convention {shown.convention}")
    if shown.convention in ("voc", "voc07"):
        options.append(f"--match-iou {point.match_iou_threshold:.6g}")
    options.append(f"--score-at {point.score_threshold:.6g}")
    return " \\\n  ".join(["python -m yolodash evaluate", *options, "--json -"])


def as_python(shown: Shown, point: Point) -> str:
    """The same as a script."""
    return f"""\
from pathlib import Path

from yolodash.evaluation.files import read_files
from yolodash.evaluation.report import report

files = read_files(Path("evaluation.truth.json"), Path("evaluation.detections.json"))
numbers = report(
    files.truths,
    files.found,
    files.labels,
    convention={shown.convention!r},
    match_iou_threshold={point.match_iou_threshold!r},
    score_threshold={point.score_threshold!r},
)
print(numbers.map, numbers.map50, numbers.working_point)
"""
