// N kernels of depth C make N maps; their weights counted as models/layer_arithmetic.weights_of_layer does it.

const weightsOfLayer = (kernels, depth, side) => kernels * (depth * side * side + 1);

const DRAWN = 6; // of many channels, kernels or maps: the first five, and the last

class Counting extends Lesson {
  build() {
    const { texts, data } = this;
    this.svg = svg(this.stage, "svg", { class: "layer", viewBox: "0 0 640 360", role: "img", "aria-label": texts.drawing });
    for (const name of ["kernels", "depth"]) this.slider(name, { label: texts[name], min: 1, max: 64, step: 1, digits: 0 });
    this.choice("side", { label: texts.side, options: Object.fromEntries(data.sides.map((side) => [side, `${side}×${side}`])) });
    this.counted = this.line();
    this.result = this.line("formula result");
    set(this.result, { role: "status", "aria-live": "polite" });
    this.connected = this.line("small");
    html(this.panel, "p", { class: "small" }, texts.examples);
    const row = html(this.panel, "div", { class: "row" });
    for (const { title, values } of data.examples) this.button(title, () => { this.change(values); this.settle(); }, row);
  }

  draw() {
    const { texts } = this, [n, c, k] = ["kernels", "depth", "side"].map((name) => this.number(name));
    math(this.counted, `N · (C · k · k + 1) = ${n} · (${c} · ${k} · ${k} + 1)`);
    write(this.result, `= ${say(weightsOfLayer(n, c, k), 0)} ${texts.weights}`);
    const count = new Intl.NumberFormat("en").format(64 * 64 * n * (64 * 64 * c + 1));
    write(this.connected, fill(texts.connected, { depth: c, kernels: n, count }));
    this.svg.replaceChildren();
    this.stack(20, 90, 112, c, "sheet input", fill(texts.channels_of, { count: c }));
    this.rows(245, n, c, k);
    this.stack(470, 90, 100, n, "sheet map", fill(texts.maps_of, { count: n }));
  }

  // Sheets one behind the other.
  stack(x, y, side, count, kind, label) {
    const drawn = Math.min(count, DRAWN);
    for (let i = drawn - 1; i >= 0; i -= 1) {
      svg(this.svg, "rect", { class: kind, x: x + 9 * i, y: y + 9 * i, width: side, height: side, rx: 3 });
    }
    if (count > drawn) svg(this.svg, "text", { class: "many", x: x + 9 * drawn + side - 6, y: y + 9 * drawn + side }, "…");
    svg(this.svg, "text", { class: "name", x: x + side / 2 + 20, y: 345 }, label);
  }

  // Each kernel as its own little stack, with an arrow from the input and one to its map.
  rows(x, n, c, k) {
    const drawn = Math.min(n, DRAWN), gap = 300 / Math.max(drawn, 1), side = Math.min(12 + 5 * k, gap * 0.6);
    for (let i = 0; i < drawn; i += 1) {
      const last = n > drawn && i === drawn - 1, y = 18 + gap * (i + 0.5) - side / 2, depth = Math.min(c, 4);
      svg(this.svg, "path", { class: "flow", d: `M190 160L${x - 8} ${y + side / 2}M${x + side + 22} ${y + side / 2}L462 ${120 + 9 * i}` });
      if (last) svg(this.svg, "text", { class: "many", x: x + 8, y: y + side }, "…");
      else for (let d = depth - 1; d >= 0; d -= 1) svg(this.svg, "rect", { class: "sheet kernel", x: x + 5 * d, y: y + 4 * d - 6, width: side, height: side, rx: 2 });
    }
    svg(this.svg, "text", { class: "name", x: x + 42, y: 345 }, fill(this.texts.kernels_of, { count: n, side: k, depth: c }));
  }
}

export default function (component) { return showLesson(Counting, component); }
