// A few pixels as four matrices: grey, red, green, blue.
const SIDE = 6;
const TINT = { grey: [1, 1, 1], red: [1, 0, 0], green: [0, 1, 0], blue: [0, 0, 1] };

class Colours extends PixelStep {
  build() {
    const { texts } = this;
    this.canvas = html(this.stage, "canvas", { class: "whole", tabindex: 0, role: "application", "aria-label": texts.picture });
    this.trackTo(this.canvas, (event) => this.lookAt(event));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    html(this.stage, "p", { class: "small" }, texts.hint);
    const box = html(this.panel, "div", { class: "four" });
    this.tables = Object.fromEntries(Object.keys(TINT).map((name) => [name, this.table(box, name)]));
    this.sum = this.line("formula");
    this.sum.setAttribute("role", "status");
  }

  table(parent, name) {
    const figure = html(parent, "figure", { class: name });
    html(figure, "figcaption", {}, this.texts[name]);
    const grid = html(figure, "div", { class: "cells", role: "img", "aria-label": this.texts[name] });
    return Array.from({ length: SIDE * SIDE }, () => html(grid, "span", { class: "cell" }));
  }

  get corner() {
    const [x, y] = this.numbers("at"), { width, height } = this.data.photo;
    return [clamp(x, 0, Math.max(width - SIDE, 0)), clamp(y, 0, Math.max(height - SIDE, 0))];
  }

  lookAt(event) {
    const frame = this.canvas.getBoundingClientRect(), { width, height } = this.data.photo;
    const x = ((event.clientX - frame.left) / frame.width) * width, y = ((event.clientY - frame.top) / frame.height) * height;
    this.moveTo(Math.round(x - SIDE / 2), Math.round(y - SIDE / 2));
  }

  moveTo(x, y) {
    const { width, height } = this.data.photo;
    this.change({ at: `${clamp(x, 0, Math.max(width - SIDE, 0))},${clamp(y, 0, Math.max(height - SIDE, 0))}` });
  }

  key(event) {
    const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if (!x && !y) return;
    event.preventDefault();
    this.moveTo(this.corner[0] + x, this.corner[1] + y);
    this.settle();
  }

  draw() {
    const { photo } = this.data, wide = this.stage.clientWidth || 400;
    const scale = Math.min(wide / photo.width, (window.innerHeight * 0.5) / photo.height);
    const context = sharp(this.canvas, photo.width * scale, photo.height * scale);
    if (!this.image) return;
    context.drawImage(this.whole, 0, 0, photo.width * scale, photo.height * scale);
    const [left, top] = this.corner;
    this.frameAround(context, left * scale, top * scale, SIDE * scale);
    for (let i = 0; i < SIDE * SIDE; i += 1) this.cell(i, left + (i % SIDE), top + Math.floor(i / SIDE));
    const [x, y] = [Math.min(left + SIDE / 2, photo.width - 1), Math.min(top + SIDE / 2, photo.height - 1)];
    const [red, green, blue] = this.pixel(x, y);
    write(this.sum, `0.299·${red} + 0.587·${green} + 0.114·${blue} ≈ ${this.grey.values[y * photo.width + x]}`);
  }

  // Small on a large photo, so two lines around it lead the eye there.
  frameAround(context, x, y, side) {
    const reach = Math.max(side, 22), middle = [x + side / 2, y + side / 2];
    for (const [colour, line] of [["#000", 5], ["#e69f00", 2.5]]) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.strokeRect(x, y, side, side);
      context.strokeRect(middle[0] - reach, middle[1] - reach, 2 * reach, 2 * reach);
    }
  }

  cell(i, x, y) {
    const { width, height } = this.data.photo, here = x < width && y < height;
    const values = here ? { ...Object.fromEntries(["red", "green", "blue"].map((name, c) => [name, this.pixel(x, y)[c]])), grey: this.grey.values[y * width + x] } : {};
    for (const [name, cells] of Object.entries(this.tables)) {
      const cell = cells[i], value = values[name];
      write(cell, here ? String(value) : "");
      cell.style.background = here ? `rgb(${TINT[name].map((share) => share * value).join(",")})` : "none";
      cell.style.color = name === "grey" || name === "green" ? readable(value ?? 0) : readable(name === "red" ? 0 : 0);
      cell.classList.toggle("now", here && i === SIDE * (SIDE / 2) + SIDE / 2);
    }
  }
}

export default (component) => showLesson(Colours, component);
