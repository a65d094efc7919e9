// The lecture's three cases, named by geometry/overlap.intersection_over_union and the threshold.

function caseOf(iou, threshold, there) { return !there ? "c" : iou >= threshold ? "a" : "b"; }

class Cases extends Lesson {
  build() {
    const { texts, data } = this;
    this.svg = this.picture();
    this.box(this.svg, "truth", { letter: texts.truth, kind: "truth", label: texts.move_truth });
    this.prediction = this.box(this.svg, "prediction", { letter: texts.prediction, kind: "prediction", label: texts.move_prediction });
    const row = html(this.panel, "div", { class: "choice", role: "group", "aria-label": texts.cases });
    html(row, "span", { class: "name", "aria-hidden": "true" }, texts.cases);
    for (const [name, values] of Object.entries(data.cases)) {
      const button = html(row, "button", { type: "button", value: name }, name);
      button.addEventListener("click", () => { this.change(values); this.settle(); });
    }
    this.choice("there", { label: texts.there_label, options: { 1: texts.there, 0: texts.missing } });
    this.slider("match", { label: texts.threshold, min: 0.05, max: 0.95, step: 0.05 });
    this.verdict = this.line("verdict");
    set(this.verdict, { role: "status", "aria-live": "polite" });
    this.also = this.line("small");
    this.lines = [1, 2].map(() => this.line());
  }

  draw() {
    const { texts } = this, there = this.state.there === "1", threshold = this.number("match");
    const { iou } = overlapOf(this.numbers("truth"), this.numbers("prediction"));
    const name = caseOf(iou, threshold, there);
    set(this.prediction, { visibility: there ? null : "hidden" });
    write(this.verdict, fill(texts[name], { iou: iou.toFixed(3), threshold: threshold.toFixed(2) }));
    this.verdict.dataset.verdict = name;
    this.verdict.classList.toggle("no", name !== "a");
    write(this.also, name === "b" ? texts.also : "");
    const tp = Number(name === "a"), fp = Number(name === "b"), fn = 1 - tp;
    math(this.lines[0], `${texts.precision} = TP / (TP + FP) = ${tp} / (${tp} + ${fp}) = ${tp + fp ? tp / (tp + fp) : "–"}`);
    math(this.lines[1], `${texts.recall} = TP / (TP + FN) = ${tp} / (${tp} + ${fn}) = ${tp / (tp + fn)}`);
  }
}

export default function (component) { return showLesson(Cases, component); }
