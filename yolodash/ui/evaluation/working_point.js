// The precision–recall picture: thresholds move the working point here, without a question to the server.

const WIDE = 720; // CSS pixels from which the numbers stand beside the picture
const MARGIN = { left: 62, right: 16, top: 14, bottom: 52 };
const REACH = 26; // CSS pixels within which a point of the curve is meant
const SPEAK_AFTER = 500; // milliseconds of rest before the counts are read out
const DASHES = ["", "7 4", "2 4", "10 4 2 4", "1 3", "14 5", "4 2", "9 3 3 3"];

class View {
  constructor(root) {
    this.root = root;
    this.svg = root.querySelector(".chart svg");
    this.nodes = Object.fromEntries(
      ["tooltip", "key", "sliders", "tiles", "formulas", "actions", "live"].map((name) => [name, root.querySelector(`.${name}`)]),
    );
    this.hovered = null;
    this.resize = () => this.draw();
    this.observer = new ResizeObserver(this.resize);
    this.svg.addEventListener("pointermove", (event) => this.hover(event));
    this.svg.addEventListener("pointerleave", () => this.show(null));
    this.svg.addEventListener("click", () => this.open());
    this.svg.addEventListener("keydown", (event) => this.key(event));
  }

  update({ data, setStateValue, setTriggerValue }) {
    const fresh = this.data?.version !== data.version;
    const asked = this.data?.revision !== data.revision;
    this.data = data;
    this.setStateValue = setStateValue;
    this.setTriggerValue = setTriggerValue;
    this.root.classList.remove("waiting");
    if (asked || this.iou === undefined) {
      this.iou = data.iou;
      this.score = data.score;
    }
    if (fresh) this.hovered = null;
    this.build();
    this.draw();
  }

  get entry() {
    return this.data.entries.find((entry) => Math.abs(entry.iou - this.iou) < 1e-6) ?? this.data.entries[0];
  }

  // Counts of the detections of at least this score.
  counts(score) {
    const { entry } = this;
    const place = Math.round(score * (entry.true.length - 1));
    const [TP, FP] = [entry.true[place], entry.false[place]];
    return { TP, FP, FN: entry.truths - TP };
  }

  build() {
    const { texts, scores, ious } = this.data;
    const { sliders, tiles, formulas, actions } = this.nodes;
    if (sliders.dataset.language !== this.data.language) {
      for (const part of [sliders, tiles, formulas, actions]) part.replaceChildren();
      sliders.dataset.language = this.data.language;
      this.iouSlider = this.slider("match_iou_threshold", texts.match_iou, ious.low, ious.high, ious.step, (value) => this.setIou(value));
      this.scoreSlider = this.slider("score_threshold", texts.score, 0, 1, scores.step, (value) => this.setScore(value));
      this.tiles = ["TP", "FP", "FN"].map((kind) => this.tile(kind));
      this.formulas = ["precision", "recall", "f1"].map((name) => this.formula(name));
      element(actions, "button", "best", texts.best).addEventListener("click", () => this.toBest());
      element(actions, "button", "save", texts.save).addEventListener("click", () => this.save());
    }
  }

  slider(name, label, low, high, step, change) {
    const box = element(this.nodes.sliders, "label", "slider");
    box.dataset.control = name;
    element(box, "span", "name", label);
    const value = element(box, "b", "value");
    const input = element(box, "input", "");
    Object.assign(input, { type: "range", min: low, max: high, step });
    input.setAttribute("aria-label", label);
    input.addEventListener("input", () => change(Number(input.value)));
    input.addEventListener("change", () => this.settle());
    return { input, value };
  }

  tile(kind) {
    const { texts } = this.data;
    const button = element(this.nodes.tiles, "button", `tile ${kind}`);
    element(button, "span", "kind", kind);
    const count = element(button, "span", "count");
    element(button, "span", "name", texts[kind]);
    button.addEventListener("click", () => this.trigger(this.score, kind));
    return { kind, button, count };
  }

  formula(name) {
    const { texts } = this.data;
    const line = element(this.nodes.formulas, "div", `formula ${name}`);
    element(line, "span", "word", texts[name]);
    element(line, "span", "", "=");
    const letters = { precision: ["TP", "TP + FP"], recall: ["TP", "TP + FN"], f1: ["2 P R", "P + R"] }[name];
    this.fraction(line, "letters", letters);
    element(line, "span", "", "=");
    const numbers = name === "f1" ? null : this.fraction(line, "numbers", ["", ""]);
    if (numbers) element(line, "span", "", "=");
    const value = element(line, "span", "value");
    return { name, numbers, value };
  }

  fraction(parent, className, [above, below]) {
    const box = element(parent, "span", `fraction ${className}`);
    return [element(box, "span", "", above), element(box, "span", "", below)];
  }

  setIou(value) {
    this.iou = Math.round(value * 1e4) / 1e4;
    this.root.classList.toggle("waiting", Math.abs(this.entry.iou - this.iou) > 1e-6);
    this.draw();
  }

  setScore(value) {
    this.score = Math.round(value * 1e4) / 1e4;
    this.draw();
  }

  toBest() {
    const { entry } = this;
    let best = 0;
    let place = 0;
    entry.true.forEach((TP, i) => {
      const f1 = (2 * TP) / Math.max(TP + entry.false[i] + entry.truths, 1);
      if (f1 > best) [best, place] = [f1, i];
    });
    this.setScore(place / (entry.true.length - 1));
    this.settle();
  }

  settle() {
    this.setStateValue("thresholds", { iou: this.iou, score: this.score, revision: this.data.revision });
  }

  trigger(score, kind) {
    this.setTriggerValue("open", { iou: this.iou, score, kind });
  }

  draw() {
    if (!this.data || !this.root.clientWidth) return;
    const { texts } = this.data;
    const wide = this.root.clientWidth >= WIDE;
    this.root.classList.toggle("wide", wide);
    this.numbers();
    const width = this.svg.parentElement.clientWidth;
    const height = Math.max(300, Math.min(this.data.height, width * 0.8));
    this.size = { width, height };
    this.palette = palette(this.root);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.style.height = `${height}px`;
    this.svg.setAttribute("aria-label", texts.picture);
    this.svg.replaceChildren();
    this.axes();
    this.area();
    this.curve();
    this.workingPoint();
    this.ring = node(this.svg, "circle", { r: 9, fill: "none", stroke: this.palette.text, "stroke-width": 2.5, visibility: "hidden" });
    this.drawKey();
  }

  numbers() {
    const counts = this.counts(this.score);
    const { TP, FP, FN } = counts;
    const three = (value) => value.toLocaleString("en", { minimumFractionDigits: 3, maximumFractionDigits: 3 });
    const precision = TP + FP ? TP / (TP + FP) : 0;
    const recall = TP + FN ? TP / (TP + FN) : 0;
    const f1 = precision + recall ? (2 * precision * recall) / (precision + recall) : 0;
    this.at = { precision, recall, ...counts };
    this.place(this.iouSlider, this.iou);
    this.place(this.scoreSlider, this.score);
    const colours = palette(this.root);
    for (const { kind, button, count } of this.tiles) {
      count.textContent = counts[kind].toLocaleString("en");
      button.style.color = colours[kind];
    }
    const values = { precision: [TP, `${TP} + ${FP}`, precision], recall: [TP, `${TP} + ${FN}`, recall], f1: [0, 0, f1] };
    for (const { name, numbers, value } of this.formulas) {
      if (numbers) [numbers[0].textContent, numbers[1].textContent] = values[name];
      const defined = { precision: TP + FP, recall: TP + FN, f1: TP + FP + FN }[name] > 0;
      value.textContent = defined ? three(values[name][2]) : "–";
    }
    clearTimeout(this.speaking);
    const sentence = filled(this.data.texts.spoken, { ...counts, precision: three(precision), recall: three(recall) });
    this.speaking = setTimeout(() => { this.nodes.live.textContent = sentence; }, SPEAK_AFTER);
  }

  place({ input, value }, number) {
    input.value = number;
    const share = (number - input.min) / (input.max - input.min);
    input.style.setProperty("--share", `${100 * share}%`);
    value.textContent = number.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 3 });
  }

  x(recall) { return MARGIN.left + recall * (this.size.width - MARGIN.left - MARGIN.right); }
  y(precision) { return MARGIN.top + (1 - precision) * (this.size.height - MARGIN.top - MARGIN.bottom); }
  path(rows) { return rows.map(([r, p], i) => `${i ? "L" : "M"}${this.x(r).toFixed(1)} ${this.y(p).toFixed(1)}`).join(""); }

  axes() {
    const { palette, svg } = this;
    const { texts } = this.data;
    const style = { fill: palette.text, "font-size": 15, "font-family": palette.font };
    for (let step = 0; step <= 5; step += 1) {
      const value = step / 5;
      node(svg, "line", { x1: this.x(value), x2: this.x(value), y1: this.y(0), y2: this.y(1), stroke: palette.line });
      node(svg, "line", { x1: this.x(0), x2: this.x(1), y1: this.y(value), y2: this.y(value), stroke: palette.line });
      const text = value.toLocaleString("en", { minimumFractionDigits: 1 });
      node(svg, "text", { ...style, x: this.x(value), y: this.y(0) + 20, "text-anchor": "middle" }, text);
      node(svg, "text", { ...style, x: this.x(0) - 9, y: this.y(value) + 5, "text-anchor": "end" }, text);
    }
    const title = { ...style, "font-weight": 600, "text-anchor": "middle" };
    node(svg, "text", { ...title, x: this.x(0.5), y: this.size.height - 8 }, texts.recall_axis);
    const middle = this.y(0.5);
    node(svg, "text", { ...title, x: 16, y: middle, transform: `rotate(-90 16 ${middle})` }, texts.precision_axis);
  }

  area() {
    const { palette, svg, entry } = this;
    if (!entry.area.length) return;
    const outline = [[entry.area[0][0], 0], ...entry.area, [entry.area.at(-1)[0], 0]];
    node(svg, "path", { d: `${this.path(outline)}Z`, fill: palette.accent, "fill-opacity": 0.2, stroke: palette.accent, "stroke-opacity": 0.35 });
    const radius = entry.samples.length <= 12 ? 6 : entry.samples.length <= 60 ? 3.5 : 2.4;
    for (const [recall, precision] of entry.samples) {
      node(svg, "circle", { cx: this.x(recall), cy: this.y(precision), r: radius, fill: palette.ground, stroke: palette.accent, "stroke-width": radius > 3 ? 2 : 1.3 });
    }
    if (entry.ap < 0) return;
    const value = entry.ap.toLocaleString("en", { minimumFractionDigits: 3, maximumFractionDigits: 3 });
    const halo = { stroke: palette.ground, "stroke-opacity": 0.75, "stroke-width": 5, "stroke-linejoin": "round", "paint-order": "stroke" };
    const style = { x: this.x(0.03), fill: palette.text, "font-family": palette.font, ...halo };
    node(svg, "text", { ...style, y: this.y(0.06), "font-size": 27, "font-weight": 700 }, `${this.data.texts.ap} = ${value}`);
    node(svg, "text", { ...style, y: this.y(0.06) - 30, "font-size": 14 }, filled(this.data.texts.area, { iou: this.iou.toLocaleString(this.data.language, { minimumFractionDigits: 2 }) }));
  }

  curve() {
    const { palette, svg, entry } = this;
    entry.classes.forEach(({ points }, i) => {
      node(svg, "path", { d: this.path(points), fill: "none", stroke: palette.text, "stroke-opacity": 0.6, "stroke-width": 1.4, "stroke-dasharray": DASHES[(i + 1) % DASHES.length] });
    });
    node(svg, "path", { class: "curve", d: this.path(entry.points), fill: "none", stroke: palette.text, "stroke-width": 2.6, "stroke-linejoin": "round" });
  }

  workingPoint() {
    const { palette, svg, at } = this;
    if (!this.entry.truths || !(at.TP + at.FP)) return;
    const [x, y] = [this.x(at.recall), this.y(at.precision)];
    const dashed = { stroke: palette.point, "stroke-width": 2, "stroke-dasharray": "6 4" };
    node(svg, "line", { ...dashed, x1: x, x2: x, y1: y, y2: this.y(0) });
    node(svg, "line", { ...dashed, x1: x, x2: this.x(0), y1: y, y2: y });
    node(svg, "circle", { class: "working", cx: x, cy: y, r: 10, fill: palette.point, stroke: palette.ground, "stroke-width": 3 });
  }

  drawKey() {
    const { palette } = this;
    const { texts } = this.data;
    const { key } = this.nodes;
    key.replaceChildren();
    const line = (dash, width) => (svg) => node(svg, "line", { x1: 0, x2: 27, y1: 6, y2: 6, stroke: palette.text, "stroke-width": width, "stroke-dasharray": dash });
    const add = (draw, text) => {
      const span = element(key, "span", "");
      draw(node(span, "svg", { viewBox: "0 0 27 12" }));
      span.appendChild(document.createTextNode(text));
    };
    add((svg) => node(svg, "circle", { cx: 13, cy: 6, r: 5.5, fill: palette.point }), texts.working_point);
    add(line("", 2.6), texts.curve);
    this.entry.classes.forEach(({ name }, i) => add(line(DASHES[(i + 1) % DASHES.length], 1.4), name));
    if (this.entry.samples.length) {
      add((svg) => node(svg, "circle", { cx: 13, cy: 6, r: 4, fill: palette.ground, stroke: palette.accent, "stroke-width": 2 }), filled(texts.samples, { count: this.entry.samples.length }));
    }
  }

  // The curve's points, and the working point, which can lie far from them where the curve is steep.
  meant() {
    const { points, truths } = this.entry;
    const { recall, precision, TP, FP } = this.at;
    return truths && TP + FP ? [...points, [recall, precision, this.score, TP, FP]] : points;
  }

  nearest(event) {
    const box = this.svg.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let best = null;
    let distance = REACH ** 2;
    for (const point of this.meant()) {
      const squared = (this.x(point[0]) - x) ** 2 + (this.y(point[1]) - y) ** 2;
      if (squared < distance) [best, distance] = [point, squared];
    }
    return best;
  }

  hover(event) { this.show(this.nearest(event)); }

  show(point) {
    this.hovered = point;
    const { tooltip } = this.nodes;
    tooltip.hidden = !point;
    this.ring?.setAttribute("visibility", point ? "visible" : "hidden");
    this.svg.style.cursor = point ? "pointer" : "crosshair";
    if (!point) return;
    const [recall, precision, score, TP, FP] = point;
    const FN = this.entry.truths - TP;
    const two = (value) => value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    const exact = score.toLocaleString("en", { maximumFractionDigits: 4 });
    const values = { recall: two(recall), precision: two(precision), score: exact, TP, FP, FN, count: TP + FP + FN };
    tooltip.textContent = filled(this.data.texts.hover, values);
    tooltip.dataset.count = TP + FP + FN;
    this.ring.setAttribute("cx", this.x(recall));
    this.ring.setAttribute("cy", this.y(precision));
    const left = Math.min(this.x(recall) + 14, this.size.width - tooltip.offsetWidth - 4);
    const below = this.y(precision) + 16;
    tooltip.style.left = `${Math.max(left, 0)}px`;
    tooltip.style.top = `${below + tooltip.offsetHeight > this.size.height ? this.y(precision) - tooltip.offsetHeight - 14 : below}px`;
  }

  // Arrow keys walk along the curve, Enter opens.
  key(event) {
    const { points } = this.entry;
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (step && points.length) {
      const place = points.indexOf(this.hovered);
      const start = place < 0 && step < 0 ? points.length : place;
      this.show(points[Math.min(Math.max(start + step, 0), points.length - 1)]);
      this.nodes.live.textContent = this.nodes.tooltip.textContent;
    } else if (event.key === "Enter") this.open();
    else if (event.key === "Escape") this.show(null);
    else return;
    event.preventDefault();
  }

  open() {
    if (this.hovered) this.trigger(this.hovered[2], "");
  }

  // The picture as a PNG, drawn at twice its size.
  async save() {
    const copy = this.svg.cloneNode(true);
    copy.setAttribute("xmlns", SVG);
    copy.setAttribute("width", this.size.width * 2);
    copy.setAttribute("height", this.size.height * 2);
    const ground = document.createElementNS(SVG, "rect");
    for (const [key, value] of Object.entries({ width: this.size.width, height: this.size.height, fill: this.palette.ground })) ground.setAttribute(key, value);
    copy.prepend(ground);
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [this.size.width * 2, this.size.height * 2];
    canvas.getContext("2d").drawImage(image, 0, 0);
    const link = document.createElement("a");
    link.download = "precision-recall.png";
    link.href = canvas.toDataURL("image/png");
    link.click();
  }
}

// Colours as values, so that a saved picture has them too.
function palette(root) {
  const style = getComputedStyle(root);
  const value = (name) => style.getPropertyValue(name).trim();
  const dark = luminance(value("--st-background-color")) < 0.4;
  return {
    text: value("--st-text-color") || "#222",
    ground: value("--st-background-color") || "#fff",
    accent: value("--st-primary-color") || "#0b6bcb",
    line: value("--st-border-color") || "#ddd",
    font: value("--st-font") || "sans-serif",
    point: dark ? "#ffb454" : "#c2410c",
    TP: dark ? "#4cc38a" : "#1a7f4b",
    FP: dark ? "#ff8f6b" : "#c2410c",
    FN: dark ? "#8fb3ff" : "#3556c4",
  };
}

function luminance(colour) {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(colour);
  const parts = hex ? hex.slice(1).map((part) => parseInt(part, 16)) : (colour.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
  return (0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2]) / 255;
}

export default function (component) {
  const root = component.parentElement.querySelector(".point");
  root.view ??= new View(root);
  const { view } = root;
  view.update(component);
  view.observer.observe(root);
  return () => {
    view.observer.disconnect();
    clearTimeout(view.speaking);
  };
}
