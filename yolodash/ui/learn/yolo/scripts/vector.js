// The vector of one cell: 3 × (5 + C) numbers, each with its name. Python reads them; the browser shows which cell.

class Vector extends Lesson {
  build() {
    const { texts } = this, { strides, network } = this.data;
    this.svg = this.picture();
    this.dark = svg(this.svg, "path", { class: "grid dark" });
    this.light = svg(this.svg, "path", { class: "grid" });
    this.boxes = svg(this.svg, "g");
    this.cell = svg(this.svg, "rect", { class: "cell chosen" });
    const board = svg(this.svg, "rect", {
      class: "body board", width: network.width, height: network.height, tabindex: 0, role: "application",
      "aria-label": texts.cell,
    });
    board.addEventListener("click", (event) => {
      const { x, y } = this.point(this.svg, event), stride = this.number("stride");
      this.choose(Math.floor(y / stride), Math.floor(x / stride));
    });
    board.addEventListener("keydown", (event) => this.key(event));
    if (strides.length > 1) this.choice("stride", { label: texts.stride, options: Object.fromEntries(strides.map((stride) => [stride, stride])) });
    this.where = this.line("small");
    this.formulaNode = this.line("formula result");
    this.strip = html(this.panel, "div", { class: "strip", "aria-hidden": "true" });
    this.choice("sort", { label: texts.sort, options: { place: texts.place, high: texts.high } });
    this.scroll = html(this.panel, "div", { class: "scroll entries", tabindex: 0, role: "region", "aria-label": texts.table });
  }

  grid() {
    const { network } = this.data, stride = this.number("stride");
    return { rows: Math.floor(network.height / stride), columns: Math.floor(network.width / stride), stride };
  }

  choose(row, column) {
    const { rows, columns } = this.grid();
    this.change({ cell: `${clamp(row, 0, rows - 1)},${clamp(column, 0, columns - 1)}` });
    this.settle();
  }

  key(event) {
    const ways = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (!(event.key in ways)) return;
    event.preventDefault();
    const [row, column] = this.place(), [down, across] = ways[event.key];
    this.choose(row + down, column + across);
  }

  // The cell of now, within the grid of the stride of now.
  place() {
    const { rows, columns } = this.grid(), [row, column] = this.numbers("cell");
    return [clamp(row, 0, rows - 1), clamp(column, 0, columns - 1)];
  }

  draw() {
    const { network, live } = this.data, { stride } = this.grid(), [row, column] = this.place();
    for (const node of [this.dark, this.light]) set(node, { d: gridPath(network.width, network.height, stride) });
    set(this.cell, { x: column * stride, y: row * stride, width: stride, height: stride });
    const here = live.stride === stride && live.row === row && live.column === column;
    this.scroll.classList.toggle("waiting", !here);
    write(this.where, fill(this.texts.where, { stride, row, column }));
    const key = `${this.state.sort}/${JSON.stringify(live)}`;
    if (!here || this.shown === key) return;
    this.shown = key;
    math(this.formulaNode, live.formula);
    this.drawBoxes(live);
    this.drawStrip(live);
    this.drawTable(live);
  }

  drawBoxes({ boxes }) {
    this.boxes.replaceChildren();
    boxes.forEach(({ box, anchor, objectness }, i) => {
      const [left, top] = box, group = svg(this.boxes, "g", { class: `candidate b${i}` });
      if (anchor) svg(group, "rect", { class: "anchor", x: anchor[0], y: anchor[1], width: anchor[2] - anchor[0], height: anchor[3] - anchor[1] });
      outlineBox(group, box, { style: `stroke-width:${1.5 + 3 * clamp(objectness, 0, 1)}` });
      const tag = nameTag(group, String(i + 1));
      this.placeTag(tag, clamp(left, 0, this.data.network.width) + i * 22 * this.unit(group), Math.max(top, 0), this.unit(group));
    });
  }

  // Every entry as a little bar, in the order of the vector: the height says how high the logistic of it is.
  drawStrip({ boxes, values, entries }) {
    this.strip.replaceChildren();
    boxes.forEach((_box, i) => {
      const part = html(this.strip, "div", { class: "part" });
      entries.forEach(({ symbol, name }, row) => {
        const one = html(part, "i", { title: `${i + 1} · ${symbol.replaceAll(/[_{}]/g, "")} ${name}`, class: row < 5 ? "head" : "" });
        one.style.height = `${clamp(100 * values[row][i].share, 4, 100)}%`;
      });
    });
  }

  drawTable({ entries, values, boxes }) {
    const table = html(this.scroll, "table");
    const head = html(html(table, "thead"), "tr");
    html(head, "th", { scope: "col" }, this.texts.entry);
    boxes.forEach(({ title }, i) => html(head, "th", { scope: "col", class: "number" }, `${i + 1}: ${title}`));
    const body = html(table, "tbody");
    const order = entries.map((_entry, i) => i);
    const best = (i) => Math.max(...values[i].map(({ share }) => share));
    const classes = order.slice(5);
    if (this.state.sort === "high") classes.sort((a, b) => best(b) - best(a) || a - b);
    for (const i of [...order.slice(0, 5), ...classes]) {
      const row = html(body, "tr"), name = html(row, "td"), symbol = html(name, "b");
      math(symbol, entries[i].symbol);
      name.append(` ${entries[i].name}`);
      for (const { raw, meaning } of values[i]) {
        const cell = html(row, "td", { class: "number" });
        html(cell, "span", {}, say(raw, 2));
        if (meaning !== "") html(cell, "span", { class: "meaning" }, ` → ${meaning}`);
      }
    }
    this.scroll.replaceChildren(table);
  }
}

export default function (component) { return showLesson(Vector, component); }
