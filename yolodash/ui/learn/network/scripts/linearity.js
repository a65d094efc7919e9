// Two linear layers, and the same with a ReLU between them: as models/layer_arithmetic has it.

const matrixOf = (text) => text.split(";").map((row) => row.split(",").map(Number));
const textOf = (matrix) => matrix.map((row) => row.join(",")).join(";");
const apply = ([[a, b], [c, d]], [x, y]) => [a * x + b * y, c * x + d * y];
const relu = (values) => values.map((value) => Math.max(value, 0));
const twoLinearLayers = (first, second, x) => apply(second, apply(first, x));
const withReluBetween = (first, second, x) => apply(second, relu(apply(first, x)));

function collapsed(first, second) {
  const columns = [0, 1].map((column) => apply(second, [first[0][column], first[1][column]]));
  return [0, 1].map((row) => [columns[0][row], columns[1][row]]);
}

const REACH = 3.4;

class Linearity extends Lesson {
  build() {
    const { texts } = this;
    this.root.classList.add("full");
    const row = html(this.stage, "div", { class: "pictures planes" });
    this.planes = {};
    for (const name of ["input", "linear", "bent"]) this.plane(row, name, texts[name]);
    this.follow(this.planes.input.svg, this.planes.input.svg, (start, dx, dy) => this.within([start[0] + dx, start[1] - dy]), "x");
    set(this.planes.input.svg, { tabindex: 0, role: "application" });
    this.planes.input.svg.addEventListener("keydown", (event) => this.step(event));
    this.planes.input.svg.addEventListener("keyup", () => this.settle());
    html(this.stage, "p", { class: "small" }, texts.hint);
    const below = html(this.panel, "div", { class: "weights" });
    this.table(below, "first", `W₁ · ${texts.first}`);
    this.table(below, "second", `W₂ · ${texts.second}`);
    const said = html(below, "div", { class: "said" });
    this.lines = [0, 1, 2, 3].map(() => html(said, "p", { class: "formula" }));
    this.verdict = html(said, "p", { class: "verdict", role: "status", "aria-live": "polite" });
  }

  plane(parent, name, title) {
    const figure = html(parent, "figure");
    html(figure, "p", { class: "heading" }, title);
    const node = svg(figure, "svg", { class: "plane", viewBox: `${-REACH} ${-REACH} ${2 * REACH} ${2 * REACH}`, role: "img", "aria-label": title });
    svg(node, "path", { class: "axes", d: `M${-REACH} 0H${REACH}M0 ${-REACH}V${REACH}` });
    const curve = svg(node, "path", { class: `curve ${name}` });
    const back = svg(node, "path", { class: "vector back" }), forth = svg(node, "path", { class: "vector" });
    const dot = svg(node, "circle", { class: "dot", r: 0.11 });
    const label = svg(node, "text", { class: "mark" });
    this.planes[name] = { svg: node, curve, back, forth, dot, label };
  }

  table(parent, name, title) {
    const box = html(parent, "div", { class: "matrix" });
    html(box, "p", { class: "heading" }, title);
    const inputs = [0, 1].map((row) => [0, 1].map((column) => {
      const label = `${title}, ${fill(this.texts.row, { row: row + 1, column: column + 1 })}`;
      const input = html(box, "input", { type: "number", step: 0.5, min: -this.data.largest, max: this.data.largest, "aria-label": label });
      input.addEventListener("input", () => {
        const matrix = matrixOf(this.state[name]), value = Number(input.value);
        if (input.value === "" || !Number.isFinite(value)) return;
        matrix[row][column] = clamp(value, -this.data.largest, this.data.largest);
        this.change({ [name]: textOf(matrix) });
      });
      input.addEventListener("change", () => this.settle());
      return input;
    }));
    this.refreshers.push(() => matrixOf(this.state[name]).forEach((values, row) => values.forEach((value, column) => {
      const input = inputs[row][column];
      if (input !== input.getRootNode().activeElement) input.value = String(value);
    })));
  }

  within(point) { return point.map((value) => Math.round(20 * clamp(value, -2.5, 2.5)) / 20); }

  step(event) {
    const ways = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
    if (!(event.key in ways)) return;
    event.preventDefault();
    const [x, y] = this.numbers("x"), [dx, dy] = ways[event.key];
    this.change({ x: this.within([x + dx, y + dy]).join(",") });
  }

  draw() {
    const { texts } = this, first = matrixOf(this.state.first), second = matrixOf(this.state.second), x = this.numbers("x");
    const ways = { input: (v) => v, linear: (v) => twoLinearLayers(first, second, v), bent: (v) => withReluBetween(first, second, v) };
    for (const [name, way] of Object.entries(ways)) this.trace(name, way, x);
    const vector = (values) => `(${values.map((value) => say(value, 2)).join(", ")})`;
    const one = collapsed(first, second), hidden = apply(first, x), back = x.map((value) => -value);
    write(this.lines[0], `W₂(W₁x) = W₂${vector(hidden)} = ${vector(ways.linear(x))}`);
    write(this.lines[1], `${texts.product} W₂W₁ = [${one.map((row) => row.map((value) => say(value, 2)).join(" ")).join(" ; ")}], (W₂W₁)x = ${vector(apply(one, x))}`);
    write(this.lines[2], `f(x) = W₂ · relu${vector(hidden)} = W₂${vector(relu(hidden))} = ${vector(ways.bent(x))}`);
    write(this.lines[3], `${texts.mirror} f(−x) = ${vector(ways.bent(back))}`);
    const gap = ways.bent(x).map((value, i) => Math.abs(value + ways.bent(back)[i]));
    write(this.verdict, Math.max(...gap) > 1e-6 ? texts.broken : texts.unbroken);
  }

  trace(name, way, x) {
    const { curve, back, forth, dot, label } = this.planes[name], radius = Math.hypot(...x) || 1;
    const at = (v) => { const [a, b] = way(v); return [clamp(a, -50, 50), -clamp(b, -50, 50)]; };
    const points = Array.from({ length: 145 }, (_, i) => at([radius * Math.cos((i * Math.PI) / 72), radius * Math.sin((i * Math.PI) / 72)]));
    set(curve, { d: `M${points.map((point) => point.join(" ")).join("L")}` });
    const to = at(x), from = at(x.map((value) => -value));
    set(forth, { d: `M0 0L${to.join(" ")}` });
    set(back, { d: `M0 0L${from.join(" ")}` });
    set(dot, { cx: to[0], cy: to[1] });
    set(label, { x: clamp(to[0] + 0.2, -REACH, REACH - 0.9), y: clamp(to[1] - 0.2, -REACH + 0.5, REACH - 0.2) });
    write(label, name === "input" ? "x" : "f(x)");
  }
}

export default function (component) { return showLesson(Linearity, component); }
