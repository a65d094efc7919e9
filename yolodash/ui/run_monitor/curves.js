// Curves over the epochs. They grow in place while a run trains: nothing is taken off the page and put back.

const WIDTH = 470, HEIGHT = 230;
const EDGE = { left: 54, right: 10, top: 8, bottom: 30 };

const told = (value) => value.toLocaleString("en", { maximumSignificantDigits: 4 });

/** Round numbers from low to high, about so many. */
function steps(low, high, count) {
  const raw = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw);
  const found = [];
  for (let place = Math.ceil(low / step - 1e-9); place * step <= high + step * 1e-9; place += 1) found.push(place * step || 0);
  return found;
}

class Chart {
  constructor(area, texts) {
    this.texts = texts;
    this.hidden = new Set();
    this.figure = element(area, "figure", "");
    this.caption = element(this.figure, "figcaption", "");
    this.svg = node(this.figure, "svg", { class: "plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
    this.tip = element(this.figure, "div", "tip");
    this.tip.hidden = true;
    this.svg.addEventListener("pointermove", (event) => this.hover(event));
    this.svg.addEventListener("pointerleave", () => { this.tip.hidden = true; this.marks?.replaceChildren(); });
  }

  update(chart) {
    this.chart = chart;
    this.legend();
    this.draw();
  }

  legend() {
    const names = this.chart.lines.map((line) => line.label).join("\n") + this.chart.title;
    if (this.names === names) return; // keep the focus where it is
    this.names = names;
    this.caption.replaceChildren();
    element(this.caption, "b", "", this.chart.title);
    for (const line of this.chart.lines) {
      const button = element(this.caption, "button", "");
      button.type = "button";
      const swatch = node(button, "svg", { viewBox: "0 0 34 14", "aria-hidden": "true" });
      node(swatch, "line", { x1: 1, y1: 7, x2: 33, y2: 7, stroke: line.colour, "stroke-width": line.thin ? 2 : 4, "stroke-dasharray": line.dash });
      element(button, "span", "", line.label);
      button.setAttribute("aria-pressed", String(!this.hidden.has(line.label)));
      button.addEventListener("click", () => {
        if (!this.hidden.delete(line.label)) this.hidden.add(line.label);
        button.setAttribute("aria-pressed", String(!this.hidden.has(line.label)));
        this.draw();
      });
    }
  }

  draw() {
    const lines = this.chart.lines.filter((line) => !this.hidden.has(line.label));
    const all = lines.flatMap((line) => line.y);
    const last = Math.max(2, ...lines.map((line) => line.x[line.x.length - 1]));
    const high = Math.max(...all, 1e-9) * 1.04;
    this.x = (epoch) => EDGE.left + ((epoch - 0.5) / (last - 0.5 + 0.01)) * (WIDTH - EDGE.left - EDGE.right);
    this.y = (value) => HEIGHT - EDGE.bottom - (value / high) * (HEIGHT - EDGE.top - EDGE.bottom);
    const fresh = document.createElementNS(SVG, "g");
    if (this.chart.warm) this.warm(fresh, Math.min(this.chart.warm + 0.5, last));
    for (const value of steps(0, high, 4)) {
      node(fresh, "line", { class: "grid", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: this.y(value), y2: this.y(value) });
      node(fresh, "text", { x: EDGE.left - 6, y: this.y(value) + 4, "text-anchor": "end" }, told(value));
    }
    for (const epoch of steps(1, last, 6).filter((place) => Number.isInteger(place) && place > 0)) {
      node(fresh, "text", { x: this.x(epoch), y: HEIGHT - 12, "text-anchor": "middle" }, String(epoch));
    }
    node(fresh, "text", { x: WIDTH - EDGE.right, y: HEIGHT - 1, "text-anchor": "end" }, this.texts.epoch);
    for (const line of lines) this.line(fresh, line);
    this.marks = node(fresh, "g");
    this.svg.replaceChildren(fresh);
    this.svg.dataset.points = Math.max(0, ...lines.map((line) => line.x.length));
    const ends = lines.map((line) => `${line.label} ${told(line.y[line.y.length - 1])}`).join(", ");
    this.svg.setAttribute("aria-label", `${this.chart.title}: ${ends}`);
  }

  warm(parent, end) {
    const place = { x: this.x(0.5), y: EDGE.top, width: this.x(end) - this.x(0.5), height: HEIGHT - EDGE.top - EDGE.bottom };
    node(parent, "rect", { class: "warm", ...place });
    node(parent, "text", { x: place.x + place.width - 5, y: EDGE.top + 14, "text-anchor": "end" }, place.width > 60 ? this.texts.warm : "");
  }

  line(parent, line) {
    const points = line.x.map((epoch, place) => `${this.x(epoch).toFixed(1)},${this.y(line.y[place]).toFixed(1)}`);
    node(parent, "polyline", { points: points.join(" "), fill: "none", stroke: line.colour, "stroke-width": line.thin ? 1.5 : 2.5, "stroke-dasharray": line.dash, "stroke-linejoin": "round" });
    if (line.x.length > 30) return;
    for (const point of points) {
      const [cx, cy] = point.split(",");
      node(parent, "circle", { class: "dot", cx, cy, r: line.thin ? 2.5 : 3.5, fill: line.colour });
    }
  }

  hover(event) {
    const frame = this.svg.getBoundingClientRect();
    const at = ((event.clientX - frame.left) / frame.width) * WIDTH;
    const lines = this.chart.lines.filter((line) => !this.hidden.has(line.label));
    const epochs = [...new Set(lines.flatMap((line) => line.x))];
    if (!epochs.length) return;
    const epoch = epochs.reduce((best, one) => (Math.abs(this.x(one) - at) < Math.abs(this.x(best) - at) ? one : best));
    this.marks.replaceChildren();
    node(this.marks, "line", { class: "rule", x1: this.x(epoch), x2: this.x(epoch), y1: EDGE.top, y2: HEIGHT - EDGE.bottom });
    const rows = [`${this.texts.epoch} ${epoch}`];
    for (const line of lines) {
      const place = line.x.indexOf(epoch);
      if (place < 0) continue;
      rows.push(`${line.label}  ${told(line.y[place])}`);
      node(this.marks, "circle", { class: "dot", cx: this.x(epoch), cy: this.y(line.y[place]), r: 4.5, fill: line.colour });
    }
    this.tip.textContent = rows.join("\n");
    this.tip.hidden = false;
    const left = (this.x(epoch) / WIDTH) * frame.width;
    const room = frame.width - this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(0, left > frame.width / 2 ? left - this.tip.offsetWidth - 12 : Math.min(left + 12, room))}px`;
    this.tip.style.top = `${this.caption.offsetHeight + 12}px`;
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".curves");
  if (root.version === data.version) return;
  root.version = data.version;
  root.charts ??= data.charts.map(() => new Chart(root, data.texts));
  data.charts.forEach((chart, place) => {
    root.charts[place].texts = data.texts;
    root.charts[place].update(chart);
  });
}
