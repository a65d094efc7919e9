// From t_x, t_y, t_w, t_h to a box: as models/heads/yolo.decode (v2, v3) and models/heads/yolov5.decode do it.

const sigmoid = (t) => (t >= 0 ? 1 / (1 + Math.exp(-t)) : Math.exp(t) / (1 + Math.exp(t)));

// Centre and size in network pixels; the cell is column and row.
const RULES = {
  v3: ([x, y, w, h], [column, row], [anchorWidth, anchorHeight], stride) => [
    (sigmoid(x) + column) * stride, (sigmoid(y) + row) * stride, anchorWidth * Math.exp(w), anchorHeight * Math.exp(h),
  ],
  v5: ([x, y, w, h], [column, row], [anchorWidth, anchorHeight], stride) => [
    (2 * sigmoid(x) - 0.5 + column) * stride, (2 * sigmoid(y) - 0.5 + row) * stride,
    anchorWidth * (2 * sigmoid(w)) ** 2, anchorHeight * (2 * sigmoid(h)) ** 2,
  ],
};

class Decoding extends Lesson {
  build() {
    const { texts } = this, { head } = this.data;
    this.root.classList.add("full");
    const pair = html(this.stage, "div", { class: "decoders" });
    this.views = {};
    this.views.v3 = this.view(pair, "v3");
    const middle = html(pair, "div", { class: "middle" });
    this.views.v5 = this.view(pair, "v5");
    for (const name of ["tx", "ty", "tw", "th"]) {
      this.slider(name, { label: `t_${name[1]}`, min: -8, max: 8, step: 0.05, parent: middle });
    }
    const options = Object.fromEntries(head.anchors.map(([w, h], i) => [i, `${say(w, 0)}×${say(h, 0)}`]));
    this.choice("anchor", { label: texts.anchor, options, parent: middle });
    const buttons = html(middle, "div", { class: "row" });
    this.button(texts.zero, () => this.jump({ tx: "0", ty: "0", tw: "0", th: "0" }), buttons);
    if (this.data.own) this.button(texts.own, () => this.jump(this.data.own), buttons);
    html(middle, "p", { class: "small" }, texts.legend);
  }

  jump(values) { this.change(values); this.settle(); }

  view(parent, rule) {
    const { texts } = this, figure = html(parent, "figure", { "data-rule": rule });
    html(figure, "p", { class: "heading" }, texts[rule]);
    const node = this.picture(figure, { label: texts[`picture_${rule}`] });
    const grid = svg(node, "path", { class: "grid" });
    const limit = svg(node, "rect", { class: "limit" });
    const reach = svg(node, "rect", { class: "cell chosen" });
    const anchor = svg(node, "rect", { class: "anchor" });
    const rim = svg(node, "rect", { class: "rim" }), outline = svg(node, "rect", { class: "outline" });
    const dot = svg(node, "circle", { class: "dot" });
    const lines = [0, 1, 2, 3].map(() => html(figure, "p", { class: "formula close" }));
    const bound = html(figure, "p", { class: "small" });
    return { rule, node, grid, limit, reach, anchor, rim, outline, dot, lines, bound };
  }

  draw() {
    const { head, network } = this.data, [column, row] = head.cell, { stride } = head;
    const t = ["tx", "ty", "tw", "th"].map((name) => this.number(name)), anchor = head.anchors[this.number("anchor")];
    for (const view of Object.values(this.views)) {
      const [x, y, w, h] = RULES[view.rule](t, [column, row], anchor, stride);
      const overhang = view.rule === "v5" ? 0.5 : 0;
      set(view.grid, { d: gridPath(network.width, network.height, stride) });
      set(view.reach, {
        x: (column - overhang) * stride, y: (row - overhang) * stride,
        width: (1 + 2 * overhang) * stride, height: (1 + 2 * overhang) * stride,
      });
      this.centred(view.anchor, (column + 0.5) * stride, (row + 0.5) * stride, ...anchor);
      this.centred(view.limit, x, y, 4 * anchor[0], 4 * anchor[1]);
      set(view.limit, { visibility: view.rule === "v5" ? "visible" : "hidden" });
      for (const node of [view.rim, view.outline]) this.centred(node, x, y, Math.min(w, 1e5), Math.min(h, 1e5));
      set(view.dot, { cx: x, cy: y, r: 4.5 * this.unit(view.node) });
      this.write(view, t, anchor, [x, y, w, h]);
      view.node.parentElement.dataset.box = JSON.stringify([x, y, w, h]);
    }
  }

  centred(node, x, y, width, height) { set(node, { x: x - width / 2, y: y - height / 2, width, height }); }

  write(view, t, anchor, box) {
    const { head } = this.data, { stride } = head, cell = head.cell;
    ["x", "y"].forEach((axis, i) => {
      const inside = view.rule === "v5" ? `2σ(${say(t[i])}) − 0.5` : `σ(${say(t[i])})`;
      math(view.lines[i], `b_${axis} = (${inside} + ${cell[i]}) · ${stride} = ${say(box[i], 1)}`);
    });
    ["w", "h"].forEach((axis, i) => {
      const factor = view.rule === "v5" ? `(2σ(${say(t[2 + i])}))²` : `exp(${say(t[2 + i])})`;
      math(view.lines[2 + i], `b_${axis} = ${say(anchor[i], 1)} · ${factor} = ${say(box[2 + i], 1)}`);
    });
    const times = [0, 1].map((i) => say(box[2 + i] / anchor[i], 2));
    write(view.bound, fill(this.texts[`bound_${view.rule}`], { w: times[0], h: times[1] }));
  }
}

export default function (component) { return showLesson(Decoding, component); }
