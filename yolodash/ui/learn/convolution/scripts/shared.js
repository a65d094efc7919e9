// Convolution in the browser, step by step as yolodash/convolution.py: products are added in reading order, so that
// both give the same number to the last bit. A matrix is an array of rows.

const MOST_CELLS = 9; // rows or columns of a matrix to edit
const LARGEST = 255; // of the numbers that can be typed

// As output_length: how many places a kernel has along one side.
const outputLength = (length, kernel, stride = 1, padding = 0) =>
  Math.max(0, Math.floor((length + 2 * padding - kernel) / stride) + 1);

function outputSize(matrix, kernel, [strideRows, strideColumns], [padRows, padColumns]) {
  return [
    outputLength(matrix.length, kernel.length, strideRows, padRows),
    outputLength(matrix[0].length, kernel[0].length, strideColumns, padColumns),
  ];
}

// As padded, window_at and terms: each value under the kernel at a place, with its weight, in reading order.
function termsAt(matrix, kernel, [row, column], stride, padding) {
  const top = row * stride[0] - padding[0], left = column * stride[1] - padding[1];
  return kernel.flatMap((weights, y) => weights.map((weight, x) => ({ value: matrix[top + y]?.[left + x] ?? 0, weight })));
}

// As weighted_sum.
function weightedSum(terms) {
  let total = 0;
  for (const { value, weight } of terms) total += value * weight;
  return total;
}

const inBrackets = (value) => (value < 0 ? `(${say(value, 4)})` : say(value, 4));

// As convolve_step_by_step.
function convolve(matrix, kernel, stride = [1, 1], padding = [0, 0]) {
  const [rows, columns] = outputSize(matrix, kernel, stride, padding);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => weightedSum(termsAt(matrix, kernel, [row, column], stride, padding))));
}

// As flipped: a kernel turned by half a turn.
const flipped = (kernel) => kernel.map((row) => [...row].reverse()).reverse();

// As convolve, with the padding that keeps the size, over a plane of numbers: one weight at a time over all of it.
function filterPlane({ values, width, height }, kernel) {
  const result = new Float64Array(width * height);
  const top = (kernel.length - 1) >> 1, left = (kernel[0].length - 1) >> 1;
  kernel.forEach((weights, y) => weights.forEach((weight, x) => {
    const [down, right] = [y - top, x - left];
    const [firstRow, lastRow] = [Math.max(0, -down), Math.min(height, height - down)];
    const [firstColumn, lastColumn] = [Math.max(0, -right), Math.min(width, width - right)];
    for (let row = firstRow; row < lastRow; row += 1) {
      const from = (row + down) * width + right, to = row * width;
      for (let column = firstColumn; column < lastColumn; column += 1) result[to + column] += values[from + column] * weight;
    }
  }));
  return { values: result, width, height };
}

const readMatrix = (text) => text.split(";").map((row) => row.split(",").map(Number));
const writeMatrix = (matrix) => matrix.map((row) => row.join(",")).join(";");
const resized = (matrix, rows, columns) =>
  Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (_, column) => matrix[row]?.[column] ?? 0));

// A matrix on the page. Cells are fields to type in (edit), or places to choose (choose), or only shown.
class Grid {
  constructor(parent, { label, caption, edit, choose, frame = [0, 0], kind = "" }) {
    this.figure = html(parent, "figure", { class: `matrix ${kind}` });
    this.grid = html(this.figure, "div", { class: "cells", role: "group", "aria-label": label });
    if (caption) this.caption = html(this.figure, "figcaption", {}, caption);
    this.edit = edit;
    this.choose = choose;
    this.frame = frame;
    this.shape = "";
  }

  show(matrix, { window = null, reached = Infinity, frame = this.frame } = {}) {
    this.frame = frame;
    const shape = `${matrix.length}×${matrix[0]?.length ?? 0}+${frame}`;
    if (shape !== this.shape) this.lay(matrix, shape);
    const columns = matrix[0]?.length ?? 0;
    this.cells.forEach((row, y) => row.forEach((cell, x) => {
      const text = String(matrix[y][x]).replace("-", "−");
      if (this.edit) { if (this.grid.getRootNode().activeElement !== cell && cell.value !== text) cell.value = text; }
      else write(cell, text);
      cell.classList.toggle("later", y * columns + x > reached);
      cell.classList.toggle("now", y * columns + x === reached);
      if (this.choose) set(cell, { tabindex: y * columns + x === reached ? 0 : -1, "aria-current": y * columns + x === reached ? "true" : null });
    }));
    this.mark(window);
  }

  lay(matrix, shape) {
    this.shape = shape;
    this.grid.replaceChildren();
    const [vertical, horizontal] = this.frame, rows = matrix.length, columns = matrix[0]?.length ?? 0;
    this.grid.style.setProperty("--columns", columns + 2 * horizontal);
    this.cells = Array.from({ length: rows }, () => []);
    for (let y = -vertical; y < rows + vertical; y += 1) {
      for (let x = -horizontal; x < columns + horizontal; x += 1) {
        const inside = y >= 0 && y < rows && x >= 0 && x < columns;
        if (inside) this.cells[y].push(this.cell(y, x));
        else html(this.grid, "span", { class: "cell zero", "aria-hidden": "true" }, "0");
      }
    }
    this.window = html(this.grid, "div", { class: "window", hidden: true });
  }

  cell(y, x) {
    if (!this.edit) {
      const cell = html(this.grid, this.choose ? "button" : "span", { class: "cell", type: this.choose ? "button" : null });
      if (this.choose) {
        cell.addEventListener("click", () => this.choose(y, x));
        cell.addEventListener("keydown", (event) => this.walk(event, y, x, true));
      }
      return cell;
    }
    const cell = html(this.grid, "input", { class: "cell", inputmode: "numeric", "aria-label": `${y + 1}, ${x + 1}`, maxlength: 4, autocomplete: "off" });
    cell.addEventListener("input", () => {
      const value = Number(cell.value.replace("−", "-"));
      if (Number.isInteger(value) && Math.abs(value) <= LARGEST) this.edit(y, x, value);
    });
    cell.addEventListener("blur", () => this.edit(y, x, null));
    cell.addEventListener("focus", () => cell.select());
    cell.addEventListener("keydown", (event) => this.walk(event, y, x, false));
    return cell;
  }

  // Arrow keys go from cell to cell, as in a table; in a place to choose they choose.
  walk(event, y, x, choosing) {
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0] }[event.key] ?? [0, 0];
    if (choosing && event.key === "Enter") return;
    const next = this.cells[y + down]?.[x + right];
    if (!next || (!down && !right)) return;
    event.preventDefault();
    if (choosing) this.choose(y + down, x + right);
    next.focus();
  }

  // The frame around the cells that are under the kernel: top, left, rows, columns, counted with the padding.
  mark(window) {
    if (!this.window) return;
    this.window.hidden = !window;
    if (!window) return;
    const [top, left, rows, columns] = window;
    for (const [name, value] of Object.entries({ top, left, rows, columns })) this.window.style.setProperty(`--${name}`, value);
  }

  // Follow the pointer with the row and column under it, padding counted; a click without a move is told apart.
  drag(moved, clicked, ended) {
    this.grid.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.grid.setPointerCapture(event.pointerId);
      const from = [event.clientX, event.clientY];
      const target = event.composedPath()[0];
      let far = false;
      const move = (next) => {
        far ||= Math.hypot(next.clientX - from[0], next.clientY - from[1]) > 5;
        if (far) moved(...this.under(next));
      };
      const stop = () => {
        this.grid.removeEventListener("pointermove", move);
        if (far) ended();
        else clicked(target);
      };
      this.grid.addEventListener("pointermove", move);
      this.grid.addEventListener("pointerup", stop, { once: true });
      this.grid.addEventListener("pointercancel", stop, { once: true });
    });
  }

  under(event) {
    const box = this.grid.getBoundingClientRect();
    const [vertical, horizontal] = this.frame;
    const rows = this.cells.length + 2 * vertical, columns = this.cells[0].length + 2 * horizontal;
    return [((event.clientY - box.top) / box.height) * rows, ((event.clientX - box.left) / box.width) * columns];
  }
}

// A small matrix under a kernel, stepped through: by the buttons, by dragging the window, by choosing a number.
class Stepper extends Lesson {
  get share() { return 0.42; } // of the window's height that the matrices may take
  get matrix() { return readMatrix(this.state.matrix); }
  get kernel() { return readMatrix(this.state.kernel); }
  get stride() { return this.state.stride ? this.numbers("stride") : [1, 1]; }
  get padding() { return this.state.padding ? this.numbers("padding") : [0, 0]; }
  get size() { return outputSize(this.matrix, this.kernel, this.stride, this.padding); }
  get count() { return this.size[0] * this.size[1]; }
  get at() { return clamp(this.number("at"), 0, Math.max(this.count - 1, 0)); }

  // Each lane is a kernel with the map that it makes; a step may add one.
  lanes() { return [{ turn: (kernel) => kernel, edit: true }]; }

  build() {
    const { texts } = this;
    this.root.classList.add("full", "stepper");
    const row = html(this.stage, "div", { class: "equation" });
    this.input = new Grid(row, {
      label: texts.matrix, caption: texts.matrix, kind: "input", edit: (y, x, value) => this.typed("matrix", y, x, value),
    });
    this.input.drag((y, x) => this.dragTo(y, x), (target) => target.focus?.(), () => this.settle());
    const lanes = html(row, "div", { class: "lanes" });
    this.drawn = this.lanes().map((lane) => this.lane(lanes, lane));
    this.buttons();
  }

  lane(parent, { turn, edit, title }) {
    const { texts } = this;
    const box = html(parent, "div", { class: "lane" });
    if (title) html(box, "p", { class: "heading" }, title);
    const line = html(box, "div", { class: "equation" });
    html(line, "span", { class: "sign", "aria-hidden": "true" }, "∗");
    const kernel = new Grid(line, {
      label: texts.kernel, caption: texts.kernel, kind: "kernel", edit: edit && ((y, x, value) => this.typed("kernel", y, x, value)),
    });
    html(line, "span", { class: "sign", "aria-hidden": "true" }, "=");
    const map = new Grid(line, { label: texts.map, caption: texts.map, kind: "map", choose: (y, x) => this.goTo(y * this.size[1] + x) });
    const sum = html(box, "p", { class: "sum" });
    return { turn, kernel, map, sum };
  }

  buttons() {
    const { texts } = this;
    const row = html(this.panel, "div", { class: "row player" });
    this.back = this.button("◀", () => this.goTo(this.at - 1), row);
    this.playing = this.button("", () => this.play(), row);
    this.forth = this.button("▶", () => this.goTo(this.at + 1), row);
    set(this.back, { "aria-label": texts.back, title: texts.back });
    set(this.forth, { "aria-label": texts.forth, title: texts.forth });
    this.place = html(row, "span", { class: "place", role: "status", "aria-live": "polite" });
    if (this.data.cases.length > 1) this.cases(row);
    html(this.panel, "p", { class: "small" }, texts.hint);
  }

  cases(parent) {
    const box = html(parent, "span", { class: "choice", role: "group", "aria-label": this.texts.cases });
    for (const { title, values } of this.data.cases) {
      const button = this.button(title, () => { this.halt(); this.change({ ...values, at: "0" }); this.settle(); }, box);
      this.refreshers.push(() => {
        const here = Object.entries(values).every(([name, value]) => this.state[name] === value);
        button.setAttribute("aria-pressed", String(here));
      });
    }
  }

  typed(name, y, x, value) {
    if (value === null) { this.change({}); return this.settle(); }
    const matrix = readMatrix(this.state[name]);
    matrix[y][x] = value;
    this.change({ [name]: writeMatrix(matrix) });
  }

  goTo(at) {
    this.halt();
    this.change({ at: String(clamp(at, 0, Math.max(this.count - 1, 0))) });
    this.settle();
  }

  // The window's middle follows the pointer, from place to place.
  dragTo(y, x) {
    this.halt();
    const { kernel, stride, size } = this;
    if (!this.count) return;
    const row = clamp(Math.round((y - kernel.length / 2) / stride[0]), 0, size[0] - 1);
    const column = clamp(Math.round((x - kernel[0].length / 2) / stride[1]), 0, size[1] - 1);
    this.change({ at: String(row * size[1] + column) });
  }

  play() {
    if (this.timer) { this.halt(); return this.settle(); }
    if (this.at >= this.count - 1) this.change({ at: "0" });
    this.every(800, () => {
      if (this.at >= this.count - 1) { this.halt(); this.settle(); } else this.change({ at: String(this.at + 1) });
    });
    this.change({});
  }

  draw() {
    const { matrix, kernel, stride, padding, size, count, at, texts } = this;
    const [row, column] = count ? [Math.floor(at / size[1]), at % size[1]] : [0, 0];
    const window = [row * stride[0], column * stride[1], kernel.length, kernel[0].length];
    this.fit(matrix, kernel, size, padding);
    this.input.show(matrix, { window: count ? window : null, frame: padding });
    for (const lane of this.drawn) {
      const weights = lane.turn(kernel);
      lane.kernel.show(weights);
      lane.map.show(convolve(matrix, weights, stride, padding), { reached: at });
      this.spell(lane.sum, count ? termsAt(matrix, weights, [row, column], stride, padding) : null);
    }
    this.back.disabled = !count || at === 0;
    this.forth.disabled = !count || at >= count - 1;
    this.playing.disabled = !count;
    write(this.playing, this.timer ? texts.pause : texts.play);
    write(this.place, count ? fill(texts.place, { number: at + 1, count, row: row + 1, column: column + 1 }) : texts.nowhere);
  }

  // As spelled_out; what is not zero stands out.
  spell(node, terms) {
    node.replaceChildren();
    if (!terms) return;
    terms.forEach((term, place) => {
      if (place) node.append(" + ");
      html(node, "span", { class: term.value * term.weight ? "counts" : "" }, `${inBrackets(term.value)}·${inBrackets(term.weight)}`);
    });
    node.append(" = ");
    html(node, "b", {}, String(weightedSum(terms)).replace("-", "−"));
  }

  // Cells as large as the page has room for.
  fit(matrix, kernel, size, [vertical, horizontal]) {
    const columns = matrix[0].length + 2 * horizontal + kernel[0].length + size[1];
    const tall = Math.max(matrix.length + 2 * vertical, (Math.max(kernel.length, size[0]) + 1.5) * this.drawn.length);
    const room = Math.max(this.stage.clientWidth - 150, 200);
    const cell = clamp(Math.min(room / columns, Math.max(window.innerHeight * this.share, 190) / tall), 22, 46);
    this.root.style.setProperty("--cell", `${Math.floor(cell)}px`);
  }
}

const FRAME_WIDTH = 480; // of the camera's picture, so that every frame is answered at once

// A step on a photo, or on what the camera sees: the base of those that filter pictures.
class PhotoStep extends PhotoLesson {
  arrived(image) {
    this.still = image;
    if (!this.stream) this.see(image);
  }

  cameraButton(parent) {
    const button = this.button("", () => (this.stream ? this.endCamera() : this.startCamera()), parent);
    button.classList.add("camera");
    this.says = html(parent, "span", { class: "small", role: "status" });
    this.refreshers.push(() => {
      write(button, this.stream ? this.texts.camera_off : this.texts.camera_on);
      button.setAttribute("aria-pressed", String(Boolean(this.stream)));
    });
  }

  async startCamera() {
    write(this.says, "");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: FRAME_WIDTH } } });
    } catch (error) {
      write(this.says, cameraProblem(this.texts, error));
      return;
    }
    if (!this.root.isConnected) return this.endCamera(); // the step was left while the browser asked
    this.video = document.createElement("video");
    Object.assign(this.video, { srcObject: this.stream, muted: true, playsInline: true });
    await this.video.play();
    this.shutter = document.createElement("canvas");
    this.watch();
  }

  watch() {
    if (!this.stream) return;
    const { videoWidth, videoHeight } = this.video;
    if (videoWidth) {
      const scale = Math.min(1, FRAME_WIDTH / videoWidth);
      [this.shutter.width, this.shutter.height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
      const context = this.shutter.getContext("2d", { willReadFrequently: true });
      context.drawImage(this.video, 0, 0, this.shutter.width, this.shutter.height);
      this.see(context.getImageData(0, 0, this.shutter.width, this.shutter.height));
    }
    this.next = requestAnimationFrame(() => this.watch());
  }

  endCamera() {
    cancelAnimationFrame(this.next);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    if (this.still) this.see(this.still);
  }

  disconnect() {
    if (this.stream) this.endCamera();
    super.disconnect();
  }

  signedCheck(parent) {
    const label = html(parent, "label", { class: "check" });
    const box = html(label, "input", { type: "checkbox", "data-control": "signed" });
    label.append(this.texts.signed);
    box.addEventListener("change", () => { this.change({ signed: box.checked ? "1" : "0" }); this.settle(); });
    this.refreshers.push(() => { box.checked = this.state.signed === "1"; });
  }

  // Draw what a kernel makes of the picture.
  filtered(canvas, weights, signed = this.state.signed === "1") {
    if (this.grey) paintPlane(canvas, filterPlane(this.grey, weights), { signed });
  }
}

// A kernel's whole numbers over what divides them.
const divided = (rows, divisor) => rows.map((row) => row.map((weight) => weight / divisor));

function divisorMark(parent) {
  const box = html(parent, "span", { class: "fraction" });
  html(box, "span", {}, "1");
  return { box, below: html(box, "span") };
}
