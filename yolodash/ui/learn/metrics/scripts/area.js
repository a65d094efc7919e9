// The curve of a ranking, and the area under it as a convention takes it.

const PLOT = { left: 58, top: 14, side: 380, width: 470, height: 440 };
const at = ({ x, y }) => `${PLOT.left + x * PLOT.side},${PLOT.top + (1 - y) * PLOT.side}`;

class Area extends Lesson {
  build() {
    const { texts } = this;
    this.svg = svg(this.stage, "svg", { class: "plot", viewBox: `0 0 ${PLOT.width} ${PLOT.height}`, role: "img" });
    this.axes();
    this.area = svg(this.svg, "polygon", { class: "area" });
    this.raw = svg(this.svg, "polyline", { class: "raw" });
    this.curve = svg(this.svg, "polyline", { class: "curve" });
    this.samples = svg(this.svg, "g");
    this.points = svg(this.svg, "g");
    html(this.panel, "p", { class: "heading" }, texts.hint);
    const row = html(this.panel, "div", { class: "marks", role: "group", "aria-label": texts.ranking });
    markButtons(this, [...this.state.marks].map(() => row));
    this.slider("truths", { label: texts.truths, min: 1, max: 20, step: 1, digits: 0 });
    const names = ["coco", "voc", "voc07", "yolov5"];
    this.choice("convention", { label: texts.convention, options: Object.fromEntries(names.map((name) => [name, texts[name]])) });
    this.rule = this.line("small");
    this.result = this.line("verdict");
    set(this.result, { role: "status", "aria-live": "polite" });
  }

  axes() {
    for (let i = 0; i <= 5; i++) {
      const share = i / 5, x = PLOT.left + share * PLOT.side, y = PLOT.top + (1 - share) * PLOT.side;
      svg(this.svg, "path", { class: "rule", d: `M${x} ${PLOT.top}V${PLOT.top + PLOT.side}M${PLOT.left} ${y}H${PLOT.left + PLOT.side}` });
      svg(this.svg, "text", { x, y: PLOT.top + PLOT.side + 19, "text-anchor": "middle" }, share.toFixed(1));
      svg(this.svg, "text", { x: PLOT.left - 7, y: y + 5, "text-anchor": "end" }, share.toFixed(1));
    }
    svg(this.svg, "path", { class: "axis", d: `M${PLOT.left} ${PLOT.top}V${PLOT.top + PLOT.side}H${PLOT.left + PLOT.side}` });
    svg(this.svg, "text", { x: PLOT.left + PLOT.side / 2, y: PLOT.height - 6, "text-anchor": "middle" }, this.texts.recall);
    const y = PLOT.top + PLOT.side / 2;
    svg(this.svg, "text", { x: 14, y, "text-anchor": "middle", transform: `rotate(-90 14 ${y})` }, this.texts.precision);
  }

  draw() {
    const { texts } = this, { convention, marks } = this.state;
    const points = precisionRecall(marks, truthsOf(marks, this.number("truths")));
    const line = corners(points, convention);
    set(this.curve, { points: line.map(at).join(" ") });
    set(this.area, { points: [{ x: 0, y: 0 }, ...line, { x: 1, y: 0 }].map(at).join(" ") });
    set(this.raw, { points: points.map(({ precision, recall }) => at({ x: recall, y: precision })).join(" ") });
    this.points.replaceChildren(...points.map(({ precision, recall }) => this.dot(recall, precision, 5, "point")));
    const read = { coco: recalls(101), voc07: recalls(11) }[convention] ?? [];
    const values = sampled(points, read);
    this.samples.replaceChildren(...read.map((x, i) => this.dot(x, values[i], read.length > 50 ? 2 : 5, "sample")));
    const value = averagePrecision(points, convention);
    write(this.rule, texts[`${convention}_rule`]);
    write(this.result, `AP = ${value.toFixed(3)}`);
    this.result.dataset.value = String(value);
    set(this.svg, { "aria-label": `${texts.plot}. AP ${value.toFixed(3)}` });
  }

  dot(x, y, r, name) {
    const node = document.createElementNS(SVG, "circle"), [cx, cy] = at({ x, y }).split(",");
    set(node, { cx, cy, r, class: name });
    return node;
  }
}

export default function (component) { return showLesson(Area, component); }
