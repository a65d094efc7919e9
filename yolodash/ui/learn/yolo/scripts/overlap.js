// Two boxes, their areas and what they share.

class Overlap extends Lesson {
  build() {
    const { texts } = this;
    this.svg = this.picture();
    this.hatches();
    this.areas = ["truth", "prediction"].map((name) => svg(this.svg, "rect", { class: `hatched`, fill: `url(#hatch-${name})` }));
    this.common = svg(this.svg, "rect", { class: "common" });
    this.box(this.svg, "truth", { letter: texts.truth, kind: "truth", label: texts.move_truth });
    this.box(this.svg, "prediction", { letter: texts.prediction, kind: "prediction", label: texts.move_prediction });
    this.lines = [1, 2, 3].map(() => this.line());
    this.result = this.line("formula result");
    this.slider("match", { label: texts.threshold, min: 0.05, max: 0.95, step: 0.05 });
    this.choice("same", { label: texts.classes, options: { yes: texts.same, no: texts.other } });
    this.verdict = this.line("verdict");
    set(this.verdict, { role: "status", "aria-live": "polite" });
  }

  hatches() {
    const defs = svg(this.svg, "defs"), size = this.data.network.width / 40;
    for (const [name, colour, slope] of [["truth", "#ffd84d", 1], ["prediction", "#5ff0a8", -1]]) {
      const pattern = svg(defs, "pattern", {
        id: `hatch-${name}`, width: size, height: size, patternUnits: "userSpaceOnUse",
        patternTransform: `rotate(${45 * slope})`,
      });
      svg(pattern, "rect", { width: size, height: size, fill: "rgba(0,0,0,.18)" });
      svg(pattern, "rect", { width: size / 5, height: size, fill: colour, "fill-opacity": 0.9 });
    }
  }

  draw() {
    const { texts } = this, truth = this.numbers("truth"), prediction = this.numbers("prediction");
    const { width, height, intersection, union, iou } = overlapOf(truth, prediction);
    for (const [node, box] of [[this.areas[0], truth], [this.areas[1], prediction]]) {
      set(node, { x: box[0], y: box[1], width: box[2] - box[0], height: box[3] - box[1] });
    }
    const corner = [Math.max(truth[0], prediction[0]), Math.max(truth[1], prediction[1])];
    set(this.common, { x: corner[0], y: corner[1], width, height, visibility: intersection ? "visible" : "hidden" });
    math(this.lines[0], `|A ∩ B| = ${width} · ${height} = ${say(intersection, 0)}`);
    math(this.lines[1], `|A| = ${say(boxArea(truth), 0)},  |B| = ${say(boxArea(prediction), 0)}`);
    math(this.lines[2], `|A ∪ B| = |A| + |B| − |A ∩ B| = ${say(union, 0)}`);
    math(this.result, `IoU = ${say(intersection, 0)} / ${say(union, 0)} = ${iou.toFixed(3)}`);
    this.judge(iou);
  }

  judge(iou) {
    const { texts } = this, threshold = this.number("match"), same = this.state.same === "yes";
    const yes = same && iou >= threshold;
    const text = yes ? texts.yes : same ? texts.no : texts.wrong;
    write(this.verdict, fill(text, { iou: iou.toFixed(3), threshold: threshold.toFixed(2) }));
    this.verdict.classList.toggle("no", !yes);
    this.verdict.dataset.verdict = yes ? "TP" : "FP";
  }
}

export default function (component) { return showLesson(Overlap, component); }
