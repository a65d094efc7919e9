// What one neuron sees, as models/receptive_field.seen_by has it.

// left, top, right, bottom in pixels of the input; may reach beyond it.
function seenBy({ jump, low, high }, row, column) {
  const left = column * jump + low, top = row * jump + low, size = high - low;
  return [left, top, left + size, top + size];
}

// The neuron above a pixel.
function neuronAt({ jump, rows, columns }, x, y) {
  const place = (value, count) => clamp(Math.floor(value / jump), 0, count - 1);
  return { row: place(y, rows), column: place(x, columns) };
}

class ReceptiveField extends Lesson {
  build() {
    const { texts, data } = this;
    this.svg = this.picture();
    this.svg.classList.add("board");
    set(this.svg, { tabindex: 0, role: "application" });
    this.dark = svg(this.svg, "path", { class: "unseen", "fill-rule": "evenodd" });
    this.frame_ = svg(this.svg, "rect", { class: "seen rim" });
    this.seen = svg(this.svg, "rect", { class: "seen" });
    this.cell = svg(this.svg, "rect", { class: "cell chosen" });
    this.listen();
    this.slider("level", { label: texts.level, min: 1, max: data.layers.length, step: 1, digits: 0 });
    this.title = this.line("heading");
    this.grid = this.line("small");
    this.neuron = this.line();
    this.result = this.line("verdict");
    set(this.result, { role: "status", "aria-live": "polite" });
    this.left = this.line();
    this.right = this.line();
    this.beyond = this.line("small");
    html(this.panel, "p", { class: "small" }, texts.hint);
  }

  listen() {
    this.trackTo(this.svg, (event) => {
      const { x, y } = this.point(this.svg, event), { width, height } = this.data.network;
      this.change({ point: `${clamp(Math.floor(x), 0, width - 1)},${clamp(Math.floor(y), 0, height - 1)}` });
    });
    this.svg.addEventListener("keydown", (event) => {
      const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      if (!(event.key in ways)) return;
      event.preventDefault();
      const jump = Math.max(1, this.layer().jump), [x, y] = this.numbers("point"), [dx, dy] = ways[event.key];
      const { width, height } = this.data.network;
      this.change({ point: `${clamp(Math.round(x + dx * jump), 0, width - 1)},${clamp(Math.round(y + dy * jump), 0, height - 1)}` });
    });
    this.svg.addEventListener("keyup", () => this.settle());
  }

  layer() { return this.data.layers[clamp(this.number("level"), 1, this.data.layers.length) - 1]; }

  draw() {
    const { texts, data } = this, layer = this.layer(), { width, height } = data.network;
    const { row, column } = neuronAt(layer, ...this.numbers("point"));
    const [left, top, right, bottom] = seenBy(layer, row, column), size = right - left;
    const inside = [clamp(left, 0, width), clamp(top, 0, height), clamp(right, 0, width), clamp(bottom, 0, height)];
    const place = { x: inside[0], y: inside[1], width: inside[2] - inside[0], height: inside[3] - inside[1] };
    set(this.seen, place);
    set(this.frame_, place);
    set(this.dark, { d: `M0 0H${width}V${height}H0ZM${inside[0]} ${inside[1]}H${inside[2]}V${inside[3]}H${inside[0]}Z` });
    set(this.cell, { x: column * layer.jump, y: row * layer.jump, width: layer.jump, height: layer.jump, "data-cell": `${row},${column}` });
    write(this.title, layer.title);
    write(this.grid, fill(texts.grid, { rows: layer.rows, columns: layer.columns, jump: say(layer.jump, 1) }));
    write(this.neuron, fill(texts.neuron, { row, column }));
    write(this.result, fill(texts.sees, { size: say(size, 0) }));
    const term = (value) => (value < 0 ? `− ${say(-value, 1)}` : `+ ${say(value, 1)}`);
    write(this.left, `${texts.left} = ${column} · ${say(layer.jump, 1)} ${term(layer.low)} = ${say(left, 1)}`);
    write(this.right, `${texts.right} = ${say(left, 1)} + ${say(size, 1)} = ${say(right, 1)}`);
    write(this.beyond, left < 0 || top < 0 || right > width || bottom > height ? texts.all : "");
  }
}

export default function (component) { return showLesson(ReceptiveField, component); }
