"""What the page shows as a command and as Python: the same picture, model and thresholds, for scripts and clusters."""

from __future__ import annotations

import shlex

from yolodash.models.catalogue import InstalledModel
from yolodash.structures import Thresholds
from yolodash.ui.caching import NetworkInput
from yolodash.ui.pictures import Photo

_SAMPLE = 'from yolodash.data.samples import sample_path; print(sample_path("{key}"))'


def command(model: InstalledModel, photo: Photo, network_input: NetworkInput, thresholds: Thresholds) -> str:
    """The line for a terminal."""
    options = [f"--weights {shlex.quote(model.name)}"]
    options += [f"--score {thresholds.score_threshold:.6g}", f"--nms-iou {thresholds.nms_iou_threshold:.6g}"]
    if thresholds.max_detections != Thresholds().max_detections:
        options.append(f"--max-detections {thresholds.max_detections}")
    if thresholds.class_agnostic:
        options.append("--class-agnostic")
    if thresholds.classes is not None:
        options.append(f"--classes {','.join(map(str, thresholds.classes))}")
    if thresholds.labels is not None:
        options.append(f"--labels {thresholds.labels}")
    if network_input.size is not None:
        options.append(f"--size {network_input.size}")
    if network_input.resize is not None:
        options.append(f"--resize {network_input.resize}")
    return " \\\n  ".join([f"python -m yolodash detect {_source(photo)}", *options, "--json -"])


def _source(photo: Photo) -> str:
    if photo.source == "sample":
        return f'"$(python -c {shlex.quote(_SAMPLE.format(key=photo.id))})"'
    name = photo.file_name
    return shlex.quote(f"./{name}" if name.startswith("-") else name)


def python(model: InstalledModel, photo: Photo, network_input: NetworkInput, thresholds: Thresholds) -> str:
    """The same as a script."""
    if photo.source == "sample":
        read_import, read = "from yolodash.data.samples import load_sample", f"load_sample({photo.id!r})"
    else:
        read_import = "from pathlib import Path\n\nfrom yolodash.data.images import read_image"
        read = f"read_image(Path({photo.file_name!r}))"
    inputs = "".join(
        f", {name}={value!r}"
        for name, value in (("size", network_input.size), ("resize", network_input.resize))
        if value
    )
    return f"""\
{read_import}

import yolodash
from yolodash.models.catalogue import locate

files = locate({model.name!r})
model = yolodash.load_model(files.weights, cfg=files.cfg, names=files.names)
image = {read}
candidates = yolodash.predict(model, image{inputs})  # the network runs here, once
detections = yolodash.select(
    candidates,
{_selection(thresholds)}
)
for box, score, class_id in zip(detections.boxes, detections.scores, detections.class_ids):
    print(model.names[class_id], round(float(score), 3), box.round(1))
"""


def _selection(thresholds: Thresholds) -> str:
    usual = Thresholds()
    always = ("score_threshold", "nms_iou_threshold")
    names = (*always, "max_detections", "class_agnostic", "classes", "labels")
    wanted = [name for name in names if name in always or getattr(thresholds, name) != getattr(usual, name)]
    return "\n".join(f"    {name}={getattr(thresholds, name)!r}," for name in wanted)
