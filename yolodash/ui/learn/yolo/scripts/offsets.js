// Why offsets from anchors: the gradients of the squared error on a width, and on t = ln(width / anchor).

// d/dw (w − ŵ)², and d/dt (t − t̂)² with t = ln(w / p): what torch's autograd gives for the same.
function gradients(width, truth, anchor) {
  return {
    width: 2 * (width - truth),
    offset: 2 * (Math.log(width / anchor) - Math.log(truth / anchor)),
  };
}

// One step of gradient descent on a weight that all objects share: widths after it, both ways.
function afterOneStep(objects, factor, rate) {
  const all = objects.map(({ truth, anchor }) => gradients(factor * truth, truth, anchor));
  const total = (name) => all.reduce((sum, one) => sum + one[name], 0);
  return objects.map(({ truth, anchor }, i) => {
    const t = Math.log((factor * truth) / anchor);
    return {
      gradients: all[i],
      width: factor * truth - rate * total("width"),
      offset: anchor * Math.exp(t - rate * total("offset")),
    };
  });
}

class Offsets extends Lesson {
  build() {
    const { texts } = this;
    this.root.classList.add("full");
    const pair = html(this.stage, "div", { class: "pictures" });
    this.sides = ["width", "offset"].map((way) => this.side(pair, way));
    this.slider("factor", { label: texts.factor, min: 0.25, max: 4, step: 0.05 });
    this.slider("rate", { label: texts.rate, min: 0.005, max: 0.3, step: 0.005, digits: 3 });
    this.result = this.line("verdict");
    set(this.result, { role: "status", "aria-live": "polite" });
  }

  side(parent, way) {
    const { texts } = this, figure = html(parent, "figure", { "data-way": way });
    const caption = html(figure, "figcaption", { class: "heading" });
    math(caption, texts[`title_${way}`]);
    math(html(figure, "p", { class: "formula" }), texts[`formula_${way}`]);
    const rows = this.data.objects.map((object) => {
      const row = html(figure, "div", { class: "object" });
      const label = html(row, "p", { class: "small" });
      const bars = svg(row, "svg", { viewBox: "0 0 400 46", preserveAspectRatio: "xMinYMid meet", class: "bars", "aria-hidden": "true" });
      const truth = svg(bars, "rect", { class: "truth-bar", y: 2, height: 42 });
      const before = svg(bars, "rect", { class: "before-bar", y: 6, height: 15 });
      const after = svg(bars, "rect", { class: "after-bar", y: 25, height: 15 });
      const gone = svg(bars, "text", { x: 6, y: 38, class: "gone" }, texts.gone);
      return { object, label, truth, before, after, gone };
    });
    return { way, rows };
  }

  draw() {
    const { texts } = this, { objects } = this.data, factor = this.number("factor"), rate = this.number("rate");
    const results = afterOneStep(objects, factor, rate);
    for (const { way, rows } of this.sides) {
      rows.forEach((row, i) => {
        const { truth } = row.object, after = results[i][way], gradient = results[i].gradients[way];
        const scale = 400 / (4.4 * truth), bar = (node, width) => set(node, { width: clamp(width * scale, 0, 400) });
        bar(row.truth, truth);
        bar(row.before, factor * truth);
        bar(row.after, after);
        set(row.gone, { visibility: after > 0 ? "hidden" : "visible" });
        write(row.label, fill(texts.row, {
          truth: say(truth, 0), guess: say(factor * truth, 1), gradient: say(gradient, 2), after: say(after, 1),
        }));
      });
    }
    const last = objects.length - 1, ratio = objects[last].truth / objects[0].truth;
    write(this.result, fill(factor === 1 ? texts.right : texts.result, { ratio: say(ratio, 0) }));
  }
}

export default function (component) { return showLesson(Offsets, component); }
