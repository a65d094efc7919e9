// Larger by repeating, smaller by pooling or by a stride: as models/layer_arithmetic and convolution.convolve have it.

const rowsOf = (text) => text.split(";").map((row) => row.split(",").map(Number));
const written = (rows) => rows.map((row) => row.join(",")).join(";");

function repeatNearest(matrix, factor) {
  return matrix.flatMap((row) => {
    const wide = row.flatMap((value) => Array(factor).fill(value));
    return Array.from({ length: factor }, () => [...wide]);
  });
}

// Of every window what `of` makes of its numbers, in reading order.
function ofWindows(matrix, side, of) {
  return Array.from({ length: Math.floor(matrix.length / side) }, (_, i) =>
    Array.from({ length: Math.floor(matrix[0].length / side) }, (_, j) =>
      of(matrix.slice(i * side, (i + 1) * side).flatMap((row) => row.slice(j * side, (j + 1) * side)))));
}

const largestOfWindows = (matrix, side) => ofWindows(matrix, side, (values) => Math.max(...values));

function convolveStride(matrix, kernel) {
  const weights = kernel.flat();
  return ofWindows(matrix, kernel.length, (values) => values.reduce((sum, value, i) => sum + value * weights[i], 0));
}

const swapped = (matrix) => matrix.map((row) => row.map((_, j) => row[j % 2 ? j - 1 : j + 1]));

class Resampling extends Lesson {
  build() {
    const { texts } = this;
    this.root.classList.add("full");
    const row = html(this.stage, "div", { class: "grids" });
    this.matrix = this.inputs(row, "matrix", texts.matrix, 4);
    this.up = this.table(row, texts.up, 8);
    const down = html(row, "div", { class: "down" });
    this.pooled = this.table(down, texts.pooled, 2);
    const pair = html(down, "div", { class: "pair" });
    this.kernel = this.inputs(pair, "kernel", texts.kernel, 2);
    this.strided = this.table(pair, texts.strided, 2);
    this.button(texts.swap, () => this.swap());
    this.verdict = this.line("verdict");
    set(this.verdict, { role: "status", "aria-live": "polite" });
    html(this.panel, "p", { class: "small" }, texts.loses);
  }

  inputs(parent, name, title, side) {
    const figure = html(parent, "figure", { class: `grid-of-${side}` });
    html(figure, "p", { class: "heading" }, title);
    const table = html(figure, "table", { class: "numbers" });
    for (let i = 0; i < side; i += 1) {
      const row = table.insertRow();
      for (let j = 0; j < side; j += 1) {
        const cell = row.insertCell(), label = `${title}: ${fill(this.texts.cell, { row: i + 1, column: j + 1 })}`;
        const input = html(cell, "input", { type: "number", min: -255, max: 255, step: 1, "aria-label": label });
        if (side > 2) cell.className = `w${2 * Math.floor(i / 2) + Math.floor(j / 2)}`;
        input.addEventListener("input", () => {
          const rows = rowsOf(this.state[name]), value = Math.round(Number(input.value));
          if (input.value === "" || !Number.isFinite(value)) return;
          rows[i][j] = clamp(value, -255, 255);
          this.before = null;
          this.change({ [name]: written(rows) });
        });
        input.addEventListener("change", () => this.settle());
        this.refreshers.push(() => {
          if (input !== input.getRootNode().activeElement) input.value = String(rowsOf(this.state[name])[i][j]);
        });
      }
    }
    return table;
  }

  table(parent, title, side) {
    const figure = html(parent, "figure", { class: `grid-of-${side}` });
    html(figure, "p", { class: "heading" }, title);
    return html(figure, "table", { class: "numbers" });
  }

  swap() {
    this.before = rowsOf(this.state.matrix);
    this.change({ matrix: written(swapped(this.before)) });
    this.settle();
  }

  draw() {
    const { texts } = this, matrix = rowsOf(this.state.matrix), kernel = rowsOf(this.state.kernel);
    const pooled = largestOfWindows(matrix, 2), strided = convolveStride(matrix, kernel);
    this.write(this.up, repeatNearest(matrix, 2), (i, j) => 2 * Math.floor(i / 4) + Math.floor(j / 4), 2);
    this.write(this.pooled, pooled, (i, j) => 2 * i + j);
    this.write(this.strided, strided, (i, j) => 2 * i + j);
    const kept = pooled.flat().length;
    if (!this.before) return write(this.verdict, fill(texts.said, { kept }));
    const other = written(convolveStride(this.before, kernel)) !== written(strided);
    return write(this.verdict, other ? texts.same : texts.both);
  }

  write(table, rows, windowOf, block = 0) {
    rows.forEach((values, i) => {
      const row = table.rows[i] ?? table.insertRow();
      values.forEach((value, j) => {
        const cell = row.cells[j] ?? row.insertCell();
        write(cell, say(value, 2));
        cell.className = `w${windowOf(i, j)}${block && j % block === 0 ? " begins" : ""}${block && i % block === 0 ? " tops" : ""}`;
      });
    });
  }
}

export default function (component) { return showLesson(Resampling, component); }
