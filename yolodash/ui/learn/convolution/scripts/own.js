// A kernel of one's own: paint numbers into it, and see what it makes of the picture.
const BRUSHES = [-4, -2, -1, 0, 1, 2, 4];

class Own extends PhotoStep {
  build() {
    const { texts } = this;
    this.root.classList.add("full");
    this.brush ??= 1;
    const row = html(this.stage, "div", { class: "own" });
    this.before = html(html(row, "figure", { class: "pane" }), "canvas", { role: "img", "aria-label": texts.before });
    html(this.before.parentElement, "figcaption", {}, texts.before);
    this.editor(html(row, "div", { class: "drawing" }));
    this.after = html(html(row, "figure", { class: "pane" }), "canvas", { role: "img", "aria-label": texts.after });
    html(this.after.parentElement, "figcaption", {}, texts.after);
    const last = html(this.panel, "div", { class: "row" });
    this.signedCheck(last);
    this.cameraButton(last);
    html(this.panel, "p", { class: "small" }, texts.hint);
  }

  editor(parent) {
    const { texts } = this;
    const brushes = html(parent, "div", { class: "choice", role: "group", "aria-label": texts.brush });
    for (const value of BRUSHES) {
      const button = this.button(String(value).replace("-", "−"), () => { this.brush = value; this.paint(); }, brushes);
      this.refreshers.push(() => button.setAttribute("aria-pressed", String(this.brush === value)));
    }
    this.grid = new Grid(parent, { label: texts.kernel, kind: "drawn", edit: (y, x, value) => this.typed(y, x, value) });
    const paint = (y, x) => this.typed(Math.floor(y), Math.floor(x), this.brush);
    this.grid.drag(paint, (target) => this.dab(target), () => this.settle());
    const row = html(parent, "div", { class: "row" });
    for (const size of [3, 5, 7]) {
      const button = this.button(`${size}×${size}`, () => this.put(this.centred(size)), row);
      this.refreshers.push(() => button.setAttribute("aria-pressed", String(this.kernel.length === size)));
    }
    const more = html(parent, "div", { class: "row" });
    this.button(texts.clear, () => this.put(this.kernel.map((line) => line.map(() => 0))), more);
    this.button(texts.turn, () => this.put(flipped(this.kernel)), more);
    const label = html(parent, "label", { class: "check" });
    const box = html(label, "input", { type: "checkbox", "data-control": "divide" });
    this.divideText = html(label, "span");
    box.addEventListener("change", () => { this.change({ divide: box.checked ? "1" : "0" }); this.settle(); });
    this.refreshers.push(() => { box.checked = this.state.divide === "1"; });
  }

  get kernel() { return readMatrix(this.state.kernel); }

  // As divisor_of: the sum of the weights where it is asked for and not 0.
  get divisor() {
    const sum = this.kernel.flat().reduce((total, weight) => total + weight, 0);
    return this.state.divide === "1" && sum !== 0 ? sum : 1;
  }

  // The same kernel in another size, its middle kept.
  centred(size) {
    const { kernel } = this, shift = (kernel.length - size) / 2;
    return Array.from({ length: size }, (_, y) => Array.from({ length: size }, (_, x) => kernel[y + shift]?.[x + shift] ?? 0));
  }

  put(kernel) { this.change({ kernel: writeMatrix(kernel) }); this.settle(); }

  dab(target) {
    for (const [y, row] of this.grid.cells.entries()) {
      const x = row.indexOf(target);
      if (x >= 0) this.typed(y, x, this.brush);
    }
    this.settle();
    target.focus?.();
  }

  typed(y, x, value) {
    const { kernel } = this;
    if (value === null) { this.change({}); return this.settle(); }
    if (kernel[y]?.[x] === undefined) return;
    kernel[y][x] = value;
    this.change({ kernel: writeMatrix(kernel) });
  }

  draw() {
    const { kernel, divisor } = this;
    this.grid.show(kernel);
    const most = Math.max(...kernel.flat().map(Math.abs), 1);
    this.grid.cells.forEach((row, y) => row.forEach((cell, x) => {
      const weight = kernel[y][x];
      cell.style.setProperty("--strength", Math.abs(weight) / most);
      cell.style.setProperty("--paint", weight < 0 ? "#d55e00" : "#0072b2");
      if (this.grid.grid.getRootNode().activeElement === cell && cell.value !== "" && cell.value !== "−" && cell.value !== "-") {
        cell.value = String(weight).replace("-", "−");
      }
    }));
    write(this.divideText, divisor === 1 ? this.texts.divide : fill(this.texts.divided, { sum: String(divisor).replace("-", "−") }));
    if (this.grey) paintPlane(this.before, this.grey);
    this.filtered(this.after, divided(kernel, divisor));
  }
}

export default (component) => showLesson(Own, component);
