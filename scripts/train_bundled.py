"""Make the models that come with YoloDash, from nothing to their cards; two hours on two cores.

    python scripts/train_bundled.py                   # everything; what is done already is not done again
    python scripts/train_bundled.py --only results    # from trained weights: files, figures, cards, samples

It renders scenes with the package's own command, trains the detector with the ordinary ``train`` command and the
classifier of crops with ``training.classification``, measures both on scenes of a seed that neither has seen, and
writes weights, cards and the stored results of the pages into the package. Stopped at any moment, the same line goes
on where it was: the scenes are whole or not there, the detector's run resumes, and so does the classifier's.
Everything but the result lies in the workspace that ``YOLODASH_HOME`` names.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np  # noqa: E402

import yolodash  # noqa: E402
from scripts import evaluation_sample  # noqa: E402
from yolodash import workspace  # noqa: E402
from yolodash.data.images import encode_jpeg, read_image  # noqa: E402
from yolodash.data.samples import PICTURES, sample_path  # noqa: E402
from yolodash.inference.stored_results import StoredResult, write_result  # noqa: E402
from yolodash.models.catalogue.bundled import CLASSIFIER, DETECTOR, FOLDER, SAMPLE, Card, weights_of  # noqa: E402
from yolodash.models.catalogue.store import sha256_of  # noqa: E402
from yolodash.structures import Image, ImageSize  # noqa: E402
from yolodash.training.classification import Lesson  # noqa: E402

SCENES, SCENES_SEED = 5000, 11
HELD, HELD_SEED = 300, 1011
RUN = "bundled-detector"
FINISH = f"{RUN}-384"
STILL = f"{RUN}-still"


@dataclass(frozen=True)
class Stage:
    """One training of the detector: the run's name, the command's options, and its recipe."""

    name: str
    options: dict[str, Any]
    recipe: dict[str, float]


RECIPE = {
    "mosaic": 0.0,
    "scale": 0.25,
    "translate": 0.1,
    "hue": 0.01,
    "saturation": 0.3,
    "value": 0.3,
    "nominal_batch": 16,
    "warmup_epochs": 1.0,
}
NOT_MOVED = {"scale": 0.0, "translate": 0.0, "hue": 0.0, "saturation": 0.0, "value": 0.0}
COMMON = {"batch": 16, "schedule": "cosine", "seed": 0, "workers": 1}
STAGES = (
    Stage(RUN, {"cfg": "yolov5p", "epochs": 26, "size": 320, **COMMON}, RECIPE),
    Stage(
        FINISH,
        {"weights": RUN, "epochs": 2, "size": 384, "learning-rate": 0.002, **COMMON},
        {**RECIPE, "warmup_epochs": 0.0, "warmup_batches": 0},
    ),
    Stage(
        STILL,
        {"weights": FINISH, "epochs": 2, "size": 384, "learning-rate": 0.001, **COMMON},
        {**RECIPE, **NOT_MOVED, "warmup_epochs": 0.0, "warmup_batches": 0},
    ),
)
"""Learned at the pictures' own size; finished at the size that the detector is used at, which fits boxes closer, and at
last on pictures as they are. That size, and taking the last stage as it is, were chosen on the validation pictures:
its mAP50-95 there is .8531, and that of the mean of all stages' weights .8518."""
LESSON = Lesson()
LESSON_SCENES = 4000
PHOTOS = (
    "astronaut.png", "brick.png", "camera.png", "chelsea.png", "color.png", "coffee.png", "grass.png", "gravel.png",
    "hubble_deep_field.jpg", "ihc.png", "logo.png", "moon.png", "motorcycle_left.png", "page.png", "retina.jpg",
    "text.png",
)  # fmt: skip
HELD_PHOTOS = ("cell.png", "clock_motion.png", "coins.png", "horse.png", "rocket.jpg")
SAMPLE_SEED, SAMPLE_INDEX, SAMPLE_SIZE = 4, 55, ImageSize(480, 640)
LICENCE = "MIT"
STEPS = ("scenes", "detector", "classifier", "results")


def main() -> None:
    """Every step, or one."""
    options = arguments()
    for step in STEPS if options.only is None else (options.only,):
        start = time.perf_counter()
        {"scenes": scenes, "detector": detector, "classifier": classifier, "results": results}[step](options)
        print(f"{step}: {time.perf_counter() - start:.0f} s")


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=STEPS, help="one step; without it all of them")
    folder = workspace.home() / "datasets"
    parser.add_argument("--scenes", type=Path, default=folder / "bundled-scenes", help="where the scenes lie")
    parser.add_argument("--held", type=Path, default=folder / "bundled-held", help="where those to measure on lie")
    return parser.parse_args()


def command(*words: object) -> None:
    """``python -m yolodash …``; a failure ends the script."""
    subprocess.run([sys.executable, "-m", "yolodash", *map(str, words)], check=True, cwd=ROOT)


def scenes_command(folder: str, images: int, seed: int) -> list[str]:
    """The command that renders a series."""
    return ["scenes", folder, "--images", str(images), "--seed", str(seed)]


def scenes(options: argparse.Namespace) -> None:
    """Render both series, unless they are there."""
    for folder, images, seed in ((options.scenes, SCENES, SCENES_SEED), (options.held, HELD, HELD_SEED)):
        if not folder.exists():
            command(*scenes_command(str(folder), images, seed))
        said = json.loads((folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()[0])
        if (said["images"], said["seed"]) != (images, seed):
            raise SystemExit(f"{folder} holds {said['images']} scenes of seed {said['seed']}, not {images} of {seed}")


def detector_command(stage: Stage, data: str, recipe: str) -> list[str]:
    """The ordinary command that trains the detector."""
    words = ["train", "--data", data, "--augment", recipe, "--name", stage.name]
    return words + [part for key, value in stage.options.items() for part in (f"--{key}", str(value))]


def detector(options: argparse.Namespace) -> None:
    """Train the detector, or go on with its runs."""
    for stage in STAGES:
        state = workspace.home() / "runs" / stage.name / "state.json"
        if not state.is_file():
            recipe = workspace.make_folder(workspace.home()) / f"{stage.name}.yaml"
            recipe.write_text("".join(f"{key}: {value}\n" for key, value in stage.recipe.items()), encoding="utf-8")
            command(*detector_command(stage, str(options.scenes / "data.yaml"), str(recipe)))
        elif json.loads(state.read_text(encoding="utf-8"))["state"] != "finished":
            command("train", "--resume", stage.name)


def photos(names: tuple[str, ...]) -> list[Image]:
    """Photos of scikit-image, which show no block."""
    package = find_spec("skimage")
    if package is None or package.origin is None:
        raise SystemExit("scikit-image is not installed: run pip install -r requirements.txt")
    return [read_image(Path(package.origin).parent / "data" / name) for name in names]


def classifier(options: argparse.Namespace) -> None:
    """Train the classifier, or go on after its last whole epoch; the processor time of all sittings is kept."""
    from yolodash.models.classifier import save_classifier
    from yolodash.training.classification import teach
    from yolodash.training.crop_examples import read_scenes

    state = workspace.make_folder(workspace.home() / "runs") / "bundled-attributes.safetensors"
    clock = state.with_suffix(".seconds")
    start, before = time.process_time(), float(clock.read_text()) if clock.is_file() and state.is_file() else 0.0

    def report(epoch: int, loss: float) -> None:
        clock.write_text(f"{before + time.process_time() - start:.1f}\n")
        print(f"classifier: epoch {epoch}/{LESSON.epochs}, loss {loss:.4f}", flush=True)

    series = read_scenes(options.scenes)[:LESSON_SCENES]
    model = teach(series, photos(PHOTOS), LESSON, state=state, report=report)
    FOLDER.mkdir(exist_ok=True)
    save_classifier(weights_of(CLASSIFIER), model)


def results(options: argparse.Namespace) -> None:
    """From trained weights to everything that is committed."""
    scenes(options)
    take_detector()
    draw_sample()
    store_result()
    write_card(detector_card(options))
    write_card(classifier_card(options))
    evaluation_sample.detect()
    for path in sorted(FOLDER.iterdir()):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")


def take_detector() -> None:
    """The last stage's best weights as the bundled file, without the run's own state and paths."""
    from yolodash.models.loading import load_model
    from yolodash.models.saved import description_of, save_weights

    for stage in STAGES:
        check_run(stage)
    model = load_model(workspace.home() / "runs" / STAGES[-1].name / "best.safetensors")
    FOLDER.mkdir(exist_ok=True)
    save_weights(weights_of(DETECTOR), model, description_of(model))


def check_run(stage: Stage) -> None:
    """Refuse a run that was made with other numbers than this script's."""
    asked = json.loads((workspace.home() / "runs" / stage.name / "run.json").read_text(encoding="utf-8"))["options"]
    told = {**asked, **asked["augment"], **asked["hyperparameters"]}
    wanted = {key.replace("-", "_"): value for key, value in {**stage.options, **stage.recipe}.items()}
    own = {key: value for key, value in wanted.items() if key != "weights"}  # which the run has as a whole path
    other = {key: told[key] for key, value in own.items() if told[key] != value}
    if other:
        raise SystemExit(f"the run {stage.name} was made with other numbers than this script's: {other}")


def draw_sample() -> None:
    """The scene that Home and Detect open with: of the held seed of the page Evaluate, twice as fine."""
    from yolodash.scenes.rendering import render
    from yolodash.scenes.sampling import sample_scene

    PICTURES.mkdir(exist_ok=True)
    drawn = render(replace(sample_scene(SAMPLE_SEED, SAMPLE_INDEX), size=SAMPLE_SIZE))
    (PICTURES / "scene.jpg").write_bytes(encode_jpeg(drawn.image, 92))


def store_result() -> None:
    """What the detector says of the sample, for the pages to show before torch is loaded."""
    from yolodash.inference.prediction import predict_timed
    from yolodash.inference.selection import judge
    from yolodash.models.loading import load_model
    from yolodash.structures import Thresholds

    model, image = load_model(weights_of(DETECTOR)), read_image(sample_path(SAMPLE))
    runs = [predict_timed(model, image, engine="torch", precision="float32") for _ in range(10)]
    candidates, milliseconds = min(runs, key=lambda run: run[1].forward)  # the first ones get memory and make ready
    detections = judge(candidates, Thresholds()).detections
    result = StoredResult(candidates, detections, milliseconds, model.parameter_count)
    write_result(FOLDER / f"{SAMPLE}.safetensors", result, sha256_of(weights_of(DETECTOR)))
    print(f"sample: {len(detections.scores)} detections of {len(candidates.boxes)} candidates")


def detector_card(options: argparse.Namespace) -> Card:
    """Measure the detector with the ordinary command."""
    from yolodash.models.loading import load_model

    report = options.held.parent / "bundled-detector-held.json"
    words = ["evaluate", "--weights", DETECTOR, "--data", str(options.held / "data.yaml"), "--split", "all"]
    command(*words, "--convention", "coco", "--json", report)
    found = json.loads(report.read_text(encoding="utf-8"))
    figures = {key: round(found[key], 4) for key in ("map", "map50", "map75", "map_small", "map_medium", "map_large")}
    model = load_model(weights_of(DETECTOR))
    lines = [
        json.loads(line)
        for stage in STAGES
        for line in (workspace.home() / "runs" / stage.name / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    trained = {
        "command": " && ".join(
            said(detector_command(stage, "scenes/data.yaml", f"{stage.name}.yaml")) for stage in STAGES
        ),
        "recipe": {stage.name: stage.recipe for stage in STAGES},
        "seed": COMMON["seed"],
        "epochs": len(lines),
        "seconds": round(sum(line["seconds"] for line in lines)),
    }
    measured = said(["evaluate", "--weights", DETECTOR, "--data", "held/data.yaml", "--split", "all"])
    return card(DETECTOR, model.parameter_count, trained, measured, {**figures, "milliseconds": forward(model)})


def forward(model: Any) -> float:
    """Median milliseconds of the network alone on the sample, in the engine that is the reference."""
    from yolodash.inference.prediction import predict_timed

    image = read_image(sample_path(SAMPLE))
    times = [predict_timed(model, image, engine="torch", precision="float32")[1].forward for _ in range(30)]
    return round(median(times[5:]), 2)


def classifier_card(options: argparse.Namespace) -> Card:
    """Measure the classifier in true boxes, in the detector's boxes, on background and on photos."""
    from yolodash.models.classifier import load_classifier
    from yolodash.training.classification import accuracy, accuracy_on_detections
    from yolodash.training.crop_examples import read_scenes

    model, held = load_classifier(weights_of(CLASSIFIER)), read_scenes(options.held)
    measure = accuracy(model, held, photos(HELD_PHOTOS))
    clock = workspace.home() / "runs" / "bundled-attributes.seconds"
    figures = {**measure.right, "background": measure.background, "photos": measure.photos}
    found = accuracy_on_detections(model, held, found_boxes)
    figures |= {f"{question}_in_detections": value for question, value in found.items()}
    trained = {
        "command": "python scripts/train_bundled.py --only classifier",
        "lesson": asdict(LESSON),
        "photos": list(PHOTOS),
        "seed": LESSON.seed,
        "epochs": LESSON.epochs,
        "seconds": round(float(clock.read_text())) if clock.is_file() else 0,
    }
    return card(
        CLASSIFIER,
        model.parameter_count,
        trained,
        "python scripts/train_bundled.py --only results",
        {name: round(value, 4) for name, value in figures.items()},
    )


def found_boxes(image: Image) -> np.ndarray:
    """The boxes that the bundled detector finds at its usual thresholds."""
    from yolodash.inference.cache import loaded
    from yolodash.inference.prediction import predict
    from yolodash.inference.selection import select

    candidates = predict(loaded(weights_of(DETECTOR)), image, engine="torch", precision="float32")
    return select(candidates, score_threshold=0.25, nms_iou_threshold=0.45).boxes


def card(name: str, parameters: int, trained: dict[str, Any], measured: str, figures: dict[str, float]) -> Card:
    """A card with what is the same on both."""
    from yolodash.inference.devices import describe

    device = describe("cpu")
    weights = weights_of(name)
    images = SCENES if name == DETECTOR else LESSON_SCENES
    return Card(
        name=name,
        parameters=parameters,
        bytes=weights.stat().st_size,
        sha256=sha256_of(weights),
        data={
            "images": images,
            "seed": SCENES_SEED,
            "size": [240, 320],
            "command": said(scenes_command("scenes", SCENES, SCENES_SEED)),
        },
        training={**trained, "processor": f"{device.description}, {os.cpu_count()} cores"},
        evaluation={"images": HELD, "seed": HELD_SEED, "command": measured},
        figures=figures,
        code={"version": yolodash.__version__, "commit": commit()},
        licence=LICENCE,
        created=datetime.now(UTC).date().isoformat(),
    )


def said(words: list[str]) -> str:
    """A command as one types it."""
    return " ".join(["python -m yolodash", *words])


def commit() -> str:
    """The commit that the code stands at."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=False)
    return done.stdout.strip()


def write_card(made: Card) -> None:
    """The card beside its weights, and on the screen."""
    (FOLDER / f"{made.name}.json").write_text(json.dumps(asdict(made), indent=1) + "\n", encoding="utf-8")
    print(f"{made.name}: " + ", ".join(f"{name} {value:g}" for name, value in made.figures.items()))


if __name__ == "__main__":
    main()
