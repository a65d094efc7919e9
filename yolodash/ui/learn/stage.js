// What every step has in the browser: a picture in the network's pixels, things to drag on it, a panel beside it.
// Texts are set as text, never as markup. Numbers are written as the formulas and the code write them.

const SVG = "http://www.w3.org/2000/svg";
const HANDLE = 13; // CSS pixels of a corner to pull at
const STEP = 4; // network pixels that an arrow key moves

function svg(parent, name, attributes = {}, text) {
  const node = document.createElementNS(SVG, name);
  set(node, attributes);
  if (text !== undefined) node.textContent = text;
  parent.appendChild(node);
  return node;
}

function html(parent, name, attributes = {}, text) {
  const node = document.createElement(name);
  set(node, attributes);
  if (text !== undefined) node.textContent = text;
  parent.appendChild(node);
  return node;
}

function set(node, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) node.removeAttribute(key);
    else node.setAttribute(key, value === true ? "" : value);
  }
}

// Fill the {placeholders} of a text in one pass, so that a name that holds braces stays as it is.
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// A number with at most so many decimals, a true minus, and e-notation where it would be a long row of zeros.
function say(value, digits = 2) {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "–";
  const size = Math.abs(value);
  if (size >= 1e7 || (size > 0 && size < 10 ** -digits / 2)) return value.toExponential(1).replaceAll("-", "−");
  return new Intl.NumberFormat("en", { maximumFractionDigits: digits }).format(value).replace("-", "−");
}

// Symbols with their indices: t_x, p_{o}; one formula, set without markup from outside.
function math(node, text) {
  if (node.written === text) return;
  node.written = text;
  node.replaceChildren();
  for (const part of text.split(/(_\{[^}]*\}|_[A-Za-z0-9]+)/)) {
    if (part.startsWith("_")) html(node, "sub", {}, part.replace(/^_\{?|\}$/g, ""));
    else if (part) node.append(part);
  }
}

const numbersOf = (text) => text.split(",").map(Number);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// One step's view, kept on its element; a step says how it is built once and drawn again on every change.
class Lesson {
  constructor(root) {
    this.root = root;
    this.stage = root.querySelector(".stage");
    this.panel = root.querySelector(".panel");
    this.frame = 0;
  }

  update({ data, setStateValue }) {
    this.setStateValue = setStateValue;
    const before = this.data;
    this.data = data;
    this.texts = data.texts;
    if (before?.version === data.version) return this.paint(); // at most what is live is another
    this.halt();
    this.state = { ...data.state };
    this.settled = JSON.stringify(this.state);
    this.stage.replaceChildren();
    this.panel.replaceChildren();
    this.refreshers = [];
    this.build();
    this.paint();
  }

  change(values) {
    Object.assign(this.state, values);
    this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.paint(); });
  }

  paint() {
    this.draw();
    for (const refresh of this.refreshers) refresh();
    this.root.dispatchEvent(new CustomEvent("drawn"));
  }

  // Tell Python, on release only.
  settle() {
    const settled = JSON.stringify(this.state);
    if (settled === this.settled) return;
    this.settled = settled;
    this.setStateValue("state", { values: this.state, subject: this.data.subject });
  }

  // Do something again and again, until it is halted, or the step is built anew or left.
  every(milliseconds, act) {
    this.halt();
    this.timer = setInterval(act, milliseconds);
  }

  halt() { clearInterval(this.timer); this.timer = 0; }

  disconnect() {
    this.halt();
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  numbers(name) { return numbersOf(this.state[name]); }
  number(name) { return Number(this.state[name]); }

  // The picture as the network sees it: padded to its input, in its pixels.
  picture(parent = this.stage, { network = this.data.network, label = this.texts.picture } = {}) {
    const { picture } = this.data;
    const node = svg(parent, "svg", {
      class: "picture", viewBox: `0 0 ${network.width} ${network.height}`, role: "group", "aria-label": label,
    });
    svg(node, "rect", { class: "padding", width: network.width, height: network.height });
    svg(node, "image", {
      href: `data:image/jpeg;base64,${picture.jpeg}`, x: picture.x, y: picture.y, width: picture.width,
      height: picture.height, preserveAspectRatio: "none",
    });
    return node;
  }

  heading(text) { return html(this.panel, "p", { class: "heading" }, text); }
  line(className = "formula") { return html(this.panel, "p", { class: className }); }

  // A slider with its number; `name` is the value of the state that it moves.
  slider(name, { label, min, max, step, digits = 2, parent = this.panel }) {
    const node = html(parent, "label", { class: "slider", "data-control": name });
    const caption = html(node, "span", { class: "name" });
    math(caption, label);
    const value = html(node, "output");
    const range = html(node, "input", { type: "range", min, max, step, "aria-label": label.replaceAll(/[_{}]/g, "") });
    range.addEventListener("input", () => this.change({ [name]: range.value }));
    range.addEventListener("change", () => this.settle());
    this.refreshers.push(() => {
      if (Number(range.value) !== this.number(name)) range.value = this.state[name];
      write(value, say(this.number(name), digits));
      range.setAttribute("aria-valuetext", value.textContent);
      range.style.setProperty("--share", `${(100 * (range.value - min)) / (max - min)}%`);
    });
    return node;
  }

  // One of a few values, as buttons in a row.
  choice(name, { label, options, parent = this.panel }) {
    const node = html(parent, "div", { class: "choice", role: "group", "aria-label": label, "data-control": name });
    html(node, "span", { class: "name", "aria-hidden": "true" }, label);
    const buttons = Object.entries(options).map(([value, text]) => {
      const button = html(node, "button", { type: "button", value }, text);
      button.addEventListener("click", () => { this.change({ [name]: value }); this.settle(); });
      return button;
    });
    this.refreshers.push(() => {
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === this.state[name]));
    });
    return node;
  }

  button(text, press, parent = this.panel) {
    const node = html(parent, "button", { type: "button", class: "button" }, text);
    node.addEventListener("click", press);
    return node;
  }

  // A box to move by its middle and pull at its corners, by pointer or by arrow keys (with Shift: its size).
  box(parent, name, { letter, kind, label }) {
    const picture = parent.closest("svg") ?? parent;
    const group = svg(parent, "g", { class: `box ${kind}`, tabindex: 0, role: "application", "aria-label": label, "data-box": name });
    svg(group, "rect", { class: "rim" });
    svg(group, "rect", { class: "outline" });
    const body = svg(group, "rect", { class: "body" });
    set(nameTag(group, letter), { "aria-hidden": "true" });
    const corners = [[0, 1], [2, 1], [0, 3], [2, 3]].map(([x, y]) => ({ x, y, node: svg(group, "rect", { class: `corner ${x === 0 ? "left" : "right"} ${y === 1 ? "top" : "bottom"}` }) }));
    this.follow(picture, body, (start, dx, dy) => this.moved(start, dx, dy), name);
    for (const { x, y, node } of corners) {
      this.follow(picture, node, (start, dx, dy) => this.pulled(start, x, y, dx, dy), name);
    }
    group.addEventListener("keydown", (event) => this.nudge(event, name));
    group.addEventListener("keyup", () => this.settle());
    this.refreshers.push(() => this.placeBox(group, corners, this.numbers(name)));
    return group;
  }

  follow(picture, node, moved, name) {
    this.track(node, (press) => {
      const from = this.point(picture, press), start = this.numbers(name);
      return (next) => {
        const to = this.point(picture, next);
        this.change({ [name]: moved(start, to.x - from.x, to.y - from.y).join(",") });
      };
    });
  }

  // Follow a pointer from its press to its release; `begin` takes the press, and gives what every move does.
  track(node, begin) {
    node.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      node.setPointerCapture(event.pointerId);
      node.closest("[tabindex]")?.focus({ preventScroll: true });
      const move = begin(event);
      const stop = () => {
        node.removeEventListener("pointermove", move);
        this.settle();
      };
      node.addEventListener("pointermove", move);
      node.addEventListener("pointerup", stop, { once: true });
      node.addEventListener("pointercancel", stop, { once: true });
    });
  }

  // The same for what goes to where the pointer is, from the press on.
  trackTo(node, move) {
    this.track(node, (press) => { move(press); return move; });
  }

  point(picture, event) {
    return new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
  }

  moved([left, top, right, bottom], dx, dy) {
    const { width, height } = this.data.network;
    const x = Math.round(clamp(dx, -left, width - right)), y = Math.round(clamp(dy, -top, height - bottom));
    return [left + x, top + y, right + x, bottom + y];
  }

  pulled(start, x, y, dx, dy) {
    const { width, height } = this.data.network;
    const box = [...start];
    box[x] = Math.round(x === 0 ? clamp(start[0] + dx, 0, start[2] - STEP) : clamp(start[2] + dx, start[0] + STEP, width));
    box[y] = Math.round(y === 1 ? clamp(start[1] + dy, 0, start[3] - STEP) : clamp(start[3] + dy, start[1] + STEP, height));
    return box;
  }

  nudge(event, name) {
    const ways = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    if (!(event.key in ways)) return;
    event.preventDefault();
    const start = this.numbers(name), [dx, dy] = ways[event.key];
    const box = event.shiftKey ? this.pulled(this.pulled(start, 2, 1, dx, 0), 2, 3, 0, dy) : this.moved(start, dx, dy);
    this.change({ [name]: box.join(",") });
  }

  placeBox(group, corners, [left, top, right, bottom]) {
    const place = { x: left, y: top, width: right - left, height: bottom - top };
    for (const node of group.querySelectorAll(":scope > .rim, :scope > .outline, :scope > .body")) set(node, place);
    const unit = this.unit(group), side = HANDLE * unit, box = [left, top, right, bottom];
    for (const { x, y, node } of corners) set(node, { x: box[x] - side / 2, y: box[y] - side / 2, width: side, height: side });
    const below = group.classList.contains("prediction"); // its name stands out of the truth's way
    this.placeTag(group.querySelector(".tag"), left, below ? bottom + 20 * unit : top, unit);
  }

  placeTag(tag, left, top, unit) {
    const [rect, text] = tag.children, size = 14 * unit;
    const wide = (text.textContent.length * 0.62 + 0.7) * size;
    const { width, height } = this.data.network;
    const x = clamp(left, 0, width - wide), y = clamp(top - size * 1.35, 0, height - size * 1.35);
    set(rect, { x, y, width: wide, height: size * 1.35 });
    set(text, { x: x + wide / 2, y: y + size * 1.02, "font-size": size });
  }

  // Network pixels in one CSS pixel of a drawn picture.
  unit(node) {
    const picture = node.closest("svg");
    const scale = picture.getScreenCTM()?.a;
    return scale ? 1 / scale : picture.viewBox.baseVal.width / 480;
  }
}

// The outline of a box, to be seen on any picture.
function outlineBox(parent, [left, top, right, bottom], attributes = {}) {
  const place = { x: left, y: top, width: Math.max(right - left, 1), height: Math.max(bottom - top, 1) };
  svg(parent, "rect", { class: "rim", ...place });
  svg(parent, "rect", { class: "outline", ...place, ...attributes });
}

// A name on a dark ground; Lesson.placeTag says where.
function nameTag(parent, name) {
  const tag = svg(parent, "g", { class: "tag" });
  svg(tag, "rect");
  svg(tag, "text", {}, name);
  return tag;
}

// A step of which one value counts up by itself, from its first to its last, until it is stopped.
class Film extends Lesson {
  playButton(parent, name, { first, last, delay }) {
    this.film = { name, first, last, delay };
    this.playing = this.button(this.texts.play, () => (this.timer ? this.stop() : this.play()), parent);
  }

  play() {
    const { name, first, last, delay } = this.film;
    if (this.number(name) >= last) this.change({ [name]: String(first) });
    write(this.playing, this.texts.stop);
    this.every(delay, () => {
      if (this.number(name) >= last) return this.stop();
      this.change({ [name]: String(this.number(name) + 1) });
    });
  }

  stop() {
    this.halt();
    write(this.playing, this.texts.play);
    this.settle();
  }
}

// Where a picture lies in a square input: as large as fits, in the middle, as geometry/letterbox places it.
function letterbox({ width, height }, side) {
  const scale = Math.min(side / width, side / height);
  const [w, h] = [width * scale, height * scale];
  return { x: (side - w) / 2, y: (side - h) / 2, width: w, height: h };
}

// Intersection over union of two boxes, as geometry/overlap.intersection_over_union computes it.
const boxArea = ([left, top, right, bottom]) => Math.max(right - left, 0) * Math.max(bottom - top, 0);

function overlapOf(box, other) {
  const width = Math.max(Math.min(box[2], other[2]) - Math.max(box[0], other[0]), 0);
  const height = Math.max(Math.min(box[3], other[3]) - Math.max(box[1], other[1]), 0);
  const intersection = width * height;
  const union = boxArea(box) + boxArea(other) - intersection;
  return { width, height, intersection, union, iou: union > 0 ? intersection / union : 0 };
}

// Lines of a grid as one path.
function gridPath(width, height, stride) {
  const lines = [];
  for (let x = 0; x <= width; x += stride) lines.push(`M${x} 0V${height}`);
  for (let y = 0; y <= height; y += stride) lines.push(`M0 ${y}H${width}`);
  return lines.join("");
}

function showLesson(Step, { data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".lesson");
  root.view ??= new Step(root);
  root.view.update({ data, setStateValue });
  root.view.again ??= () => root.view.paint();
  window.addEventListener("resize", root.view.again); // the same again is added once
  return () => { window.removeEventListener("resize", root.view.again); root.view.disconnect(); };
}
