// Which cell answers for an object: as losses/yolov3.cells_of does it.

// Row and column of the cell that holds a box's centre; `grid` is rows and columns.
function responsibleCell([left, top, right, bottom], network, grid) {
  const share = { x: (left + right) / 2 / network.width, y: (top + bottom) / 2 / network.height };
  const place = (part, cells) => Math.max(Math.min(Math.floor(part * cells), cells - 1), 0);
  return { row: place(share.y, grid.rows), column: place(share.x, grid.columns) };
}

class Grid extends Lesson {
  build() {
    const { network, strides } = this.data;
    this.svg = this.picture();
    this.lines = svg(this.svg, "path", { class: "grid dark" });
    this.light = svg(this.svg, "path", { class: "grid" });
    this.cell = svg(this.svg, "rect", { class: "cell", "data-cell": "" });
    this.box(this.svg, "box", { letter: this.texts.letter, kind: "truth", label: this.texts.box });
    this.dot = svg(this.svg, "circle", { class: "dot" });
    this.choice("stride", { label: this.texts.stride, options: Object.fromEntries(strides.map((stride) => [stride, stride])) });
    this.size = this.line("small");
    this.lineX = this.line();
    this.lineY = this.line();
    this.result = this.line("verdict");
    this.counted = this.line("small");
    set(this.result, { role: "status", "aria-live": "polite" });
    this.network = network;
  }

  draw() {
    const { network } = this, stride = this.number("stride"), box = this.numbers("box");
    const grid = { rows: Math.floor(network.height / stride), columns: Math.floor(network.width / stride) };
    const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    const { row, column } = responsibleCell(box, network, grid);
    const path = gridPath(network.width, network.height, stride);
    for (const node of [this.lines, this.light]) set(node, { d: path });
    set(this.cell, { x: column * stride, y: row * stride, width: stride, height: stride, "data-cell": `${row},${column}` });
    set(this.dot, { cx: x, cy: y, r: 4.5 * this.unit(this.svg) });
    write(this.size, fill(this.texts.size, { stride, width: network.width, height: network.height, ...grid }));
    math(this.lineX, `c_x = ⌊b_x / ${this.texts.s}⌋ = ⌊${say(x, 1)} / ${stride}⌋ = ⌊${say(x / stride, 3)}⌋ = ${column}`);
    math(this.lineY, `c_y = ⌊b_y / ${this.texts.s}⌋ = ⌊${say(y, 1)} / ${stride}⌋ = ⌊${say(y / stride, 3)}⌋ = ${row}`);
    write(this.result, fill(this.texts.index, { row, column }));
    write(this.counted, fill(this.texts.counted, { row: row + 1, column: column + 1 }));
  }
}

export default function (component) { return showLesson(Grid, component); }
