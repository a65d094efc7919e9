// YOLOv1's loss of one object on a grid: as losses/yolov1 computes it, with one box a cell.

// Centre and sides as shares of the input.
function inShares([left, top, right, bottom], side) {
  return { x: (left + right) / 2 / side, y: (top + bottom) / 2 / side, w: (right - left) / side, h: (bottom - top) / side };
}

function lectureLoss({ truth, prediction, confidence, elsewhere, probability, coordinates, noobject }, { side, cells, classes }) {
  const t = inShares(truth, side), p = inShares(prediction, side);
  const cellOf = (share) => Math.min(Math.floor(share * cells), cells - 1);
  const row = cellOf(t.y), column = cellOf(t.x);
  const { iou } = overlapOf(truth, prediction);
  const centre = { x: (p.x - t.x) * cells, y: (p.y - t.y) * cells };
  const size = { w: Math.sqrt(p.w) - Math.sqrt(t.w), h: Math.sqrt(p.h) - Math.sqrt(t.h) };
  const others = (1 - probability) / (classes - 1);
  return {
    row, column, iou, errors: { centre, size },
    terms: {
      centre: coordinates * (centre.x ** 2 + centre.y ** 2),
      size: coordinates * (size.w ** 2 + size.h ** 2),
      object: (confidence - iou) ** 2,
      no_object: noobject * (cells ** 2 - 1) * elsewhere ** 2,
      class: (probability - 1) ** 2 + (classes - 1) * others ** 2,
    },
  };
}

class Lecture extends Lesson {
  build() {
    const { texts, data } = this, side = data.network.width, cell = side / data.cells;
    this.svg = this.picture();
    this.heat = [];
    for (let row = 0; row < data.cells; row++) {
      for (let column = 0; column < data.cells; column++) {
        this.heat.push(svg(this.svg, "rect", { class: "heat", x: column * cell, y: row * cell, width: cell, height: cell }));
      }
    }
    for (const name of ["grid dark", "grid"]) svg(this.svg, "path", { class: name, d: gridPath(side, side, cell) });
    this.cell = svg(this.svg, "rect", { class: "responsible", width: cell, height: cell });
    this.box(this.svg, "truth", { letter: texts.truth, kind: "truth", label: texts.move_truth });
    this.box(this.svg, "prediction", { letter: texts.prediction, kind: "prediction", label: texts.move_prediction });
    this.arrows = svg(this.svg, "g", { class: "arrows", "aria-hidden": "true" });
    const options = Object.fromEntries(data.terms.map((name) => [name, texts[name]]));
    this.choice("term", { label: texts.term, options });
    this.lines = Object.fromEntries(data.terms.map((name) => [name, this.line("formula term")]));
    this.total = this.line("formula result");
    set(this.total, { role: "status", "aria-live": "polite" });
    for (const name of ["confidence", "elsewhere", "probability"]) this.slider(name, { label: texts[name], min: 0, max: 1, step: 0.01 });
    this.slider("coordinates", { label: texts.coordinates, min: 0, max: 10, step: 0.5, digits: 1 });
    this.slider("noobject", { label: texts.noobject, min: 0, max: 2, step: 0.1, digits: 1 });
    html(this.stage, "p", { class: "small" }, texts.arrows);
  }

  values() {
    const names = ["confidence", "elsewhere", "probability", "coordinates", "noobject"];
    return { truth: this.numbers("truth"), prediction: this.numbers("prediction"), ...Object.fromEntries(names.map((name) => [name, this.number(name)])) };
  }

  draw() {
    const { data, texts } = this, side = data.network.width, values = this.values();
    const loss = lectureLoss(values, { side, cells: data.cells, classes: data.classes });
    const own = loss.row * data.cells + loss.column, shown = this.state.term;
    this.heat.forEach((node, i) => {
      const here = shown === "no_object" ? i !== own : i === own;
      const value = here ? loss.terms[shown] / (shown === "no_object" ? data.cells ** 2 - 1 : 1) : 0;
      set(node, { "fill-opacity": (0.85 * (1 - Math.exp(-3 * value))).toFixed(3) });
    });
    const cell = side / data.cells;
    set(this.cell, { x: loss.column * cell, y: loss.row * cell, "data-cell": `${loss.row},${loss.column}` });
    this.write(loss, values);
    this.aim(loss, values);
  }

  write(loss, values) {
    const { errors, iou, terms } = loss, s = (value) => say(value, 3), { data, texts } = this;
    const l = say(values.coordinates, 1), n = say(values.noobject, 1), others = (1 - values.probability) / (data.classes - 1);
    const said = {
      centre: `${l} · (${s(errors.centre.x)}² + ${s(errors.centre.y)}²)`,
      size: `${l} · (${s(errors.size.w)}² + ${s(errors.size.h)}²)`,
      object: `(${s(values.confidence)} − ${s(iou)})²`,
      no_object: `${n} · ${data.cells ** 2 - 1} · ${s(values.elsewhere)}²`,
      class: `(${s(values.probability)} − 1)² + ${data.classes - 1} · ${s(others)}²`,
    };
    for (const [name, node] of Object.entries(this.lines)) {
      math(node, `${texts[name]}:  ${said[name]} = ${s(terms[name])}`);
      node.dataset.value = String(terms[name]);
      node.classList.toggle("shown", name === this.state.term);
    }
    const total = Object.values(terms).reduce((sum, value) => sum + value, 0);
    math(this.total, `${texts.total} = ${s(total)}`);
  }

  // Where the negative gradient points: the centre toward the truth's, each side toward its length.
  aim(loss, { prediction: [left, top, right, bottom] }) {
    const { errors } = loss, unit = this.unit(this.svg), cell = this.data.network.width / this.data.cells;
    const x = (left + right) / 2, y = (top + bottom) / 2, long = (value) => clamp(value, -1.5, 1.5);
    const all = [
      [x, y, x - long(errors.centre.x) * cell, y - long(errors.centre.y) * cell],
      [right, y, right - long(errors.size.w * 4) * cell, y],
      [x, bottom, x, bottom - long(errors.size.h * 4) * cell],
    ];
    this.arrows.replaceChildren();
    for (const [fromX, fromY, toX, toY] of all) {
      const length = Math.hypot(toX - fromX, toY - fromY);
      if (length < 3 * unit) continue;
      const [dx, dy] = [(toX - fromX) / length, (toY - fromY) / length], tip = 9 * unit;
      const head = `M${toX} ${toY}L${toX - tip * (dx + dy / 2)} ${toY - tip * (dy - dx / 2)}L${toX - tip * (dx - dy / 2)} ${toY - tip * (dy + dx / 2)}Z`;
      for (const name of ["rim", "arrow"]) svg(this.arrows, "path", { class: name, d: `M${fromX} ${fromY}L${toX} ${toY}${head}` });
    }
  }
}

export default function (component) { return showLesson(Lecture, component); }
