// Size, stride and padding, vertical and horizontal apart, and the formula of the output's size.
const BOUNDS = { matrix: [1, MOST_CELLS], kernel: [1, 5], stride: [1, 4], padding: [0, 3] };

class Stride extends Stepper {
  get share() { return 0.36; }

  build() {
    super.build();
    const { texts } = this;
    this.panel.prepend(...[this.table(texts)]);
  }

  table(texts) {
    const box = html(this.panel, "div", { class: "settings" });
    const table = html(box, "table");
    const head = html(html(table, "thead"), "tr");
    for (const text of ["", texts.vertical, texts.horizontal]) html(head, "th", { scope: "col" }, text);
    const body = html(table, "tbody");
    for (const name of ["matrix", "kernel", "stride", "padding"]) {
      const row = html(body, "tr");
      html(row, "th", { scope: "row" }, texts[`of_${name}`]);
      for (const axis of [0, 1]) this.field(html(row, "td"), name, axis);
    }
    this.formulas = html(box, "div", { class: "formulas", role: "status", "aria-live": "polite" });
    html(this.formulas, "p", { class: "small" }, "⌊(i + 2p − k) / s⌋ + 1");
    this.lines = [0, 1].map(() => html(this.formulas, "p", { class: "formula" }));
    return box;
  }

  extent(name) {
    if (name === "matrix" || name === "kernel") return [this[name].length, this[name][0].length];
    return this[name];
  }

  field(parent, name, axis) {
    const [min, max] = BOUNDS[name];
    const field = html(parent, "input", { type: "number", min, max, step: 1, "aria-label": `${this.texts[`of_${name}`]}, ${this.texts[axis ? "horizontal" : "vertical"]}`, "data-control": `${name}_${axis}` });
    field.addEventListener("input", () => {
      const value = Number(field.value);
      if (field.value !== "" && Number.isInteger(value) && value >= min && value <= max) this.resize(name, axis, value);
    });
    field.addEventListener("change", () => this.settle());
    this.refreshers.push(() => {
      const value = String(this.extent(name)[axis]);
      if (field.getRootNode().activeElement !== field && field.value !== value) field.value = value;
    });
  }

  resize(name, axis, value) {
    this.halt();
    const extent = [...this.extent(name)];
    extent[axis] = value;
    const text = name === "matrix" || name === "kernel" ? writeMatrix(resized(this[name], ...extent)) : extent.join(",");
    this.change({ [name]: text, at: "0" });
  }

  draw() {
    super.draw();
    const { texts } = this;
    const [i, k, s, p] = ["matrix", "kernel", "stride", "padding"].map((name) => this.extent(name));
    this.lines.forEach((line, axis) => {
      const made = outputLength(i[axis], k[axis], s[axis], p[axis]);
      write(line, `${axis ? texts.columns : texts.rows}: ⌊(${i[axis]} + 2·${p[axis]} − ${k[axis]}) / ${s[axis]}⌋ + 1 = ${made}`);
    });
  }
}

export default (component) => showLesson(Stride, component);
