// Which anchors answer for an object: by v3's rule as losses/yolov3.best_anchors, by v5's as losses/yolov5.assign.

const LARGEST_RATIO = 4;
const STEPS = [[0, 0], [-1, 0], [1, 0], [0, -1], [0, 1]];

// IoU of two shapes with one centre.
function shapeIou([w, h], [width, height]) {
  const common = Math.min(w, width) * Math.min(h, height);
  return common / (w * h + width * height - common);
}

// By which factor the sides differ, the larger of the two.
const sideRatio = ([w, h], [width, height]) => Math.max(w / width, width / w, h / height, height / h);

// The anchor of all heads whose shape overlaps the object's most: head and anchor; of equals the first.
function bestAnchor(sides, heads) {
  let best = { iou: -1 };
  heads.forEach(({ anchors }, head) => anchors.forEach((anchor, index) => {
    const iou = shapeIou(sides, anchor);
    if (iou > best.iou) best = { head, anchor: index, iou };
  }));
  return best;
}

const gridOf = (network, stride) => ({ rows: Math.floor(network.height / stride), columns: Math.floor(network.width / stride) });

// The cell of the centre, and of the cells beside it those that the centre is nearest to: at most two.
function nearestCells([left, top, right, bottom], network, stride) {
  const { rows, columns } = gridOf(network, stride);
  const x = ((left + right) / 2 / network.width) * columns, y = ((top + bottom) / 2 / network.height) * rows;
  const own = [clamp(Math.min(Math.floor(x), columns - 1), 0, columns), clamp(Math.min(Math.floor(y), rows - 1), 0, rows)];
  return STEPS.filter(([dx, dy]) => {
    const toward = (dx === 0 && dy === 0) || (x - own[0] - 0.5) * dx + (y - own[1] - 0.5) * dy > 0;
    const [column, row] = [own[0] + dx, own[1] + dy];
    return toward && column >= 0 && row >= 0 && column < columns && row < rows;
  }).map(([dx, dy]) => ({ row: own[1] + dy, column: own[0] + dx }));
}

// All predictions that answer, as head, anchor, row and column.
function answering(box, network, heads, rule) {
  const sides = [box[2] - box[0], box[3] - box[1]];
  if (rule === "v3") {
    const { head, anchor } = bestAnchor(sides, heads);
    const [own] = nearestCells(box, network, heads[head].stride);
    return [{ head, anchor, ...own }];
  }
  return heads.flatMap(({ stride, anchors }, head) => {
    const alike = [...anchors.keys()].filter((index) => sideRatio(sides, anchors[index]) < LARGEST_RATIO);
    const cells = nearestCells(box, network, stride);
    return alike.flatMap((anchor) => cells.map((cell) => ({ head, anchor, ...cell })));
  });
}

class Anchors extends Lesson {
  build() {
    const { texts } = this, { heads } = this.data;
    this.svg = this.picture();
    this.cells = svg(this.svg, "g");
    this.shapes = svg(this.svg, "g");
    this.box(this.svg, "box", { letter: texts.letter, kind: "truth", label: texts.box });
    this.choice("rule", { label: texts.rule, options: { v3: texts.v3, v5: texts.v5 } });
    const table = html(this.panel, "table");
    const head = html(html(table, "thead"), "tr");
    for (const [text, kind] of [[texts.anchor, ""], [texts.stride, "number"], [texts.iou, ""], [texts.ratio, "number"], ["", ""]]) {
      html(head, "th", { class: kind, scope: "col" }, text);
    }
    const body = html(table, "tbody");
    this.rows = heads.flatMap(({ stride, anchors }, head) => anchors.map((sides, anchor) => this.row(body, stride, head, anchor, sides)));
    this.result = this.line("verdict");
    set(this.result, { role: "status", "aria-live": "polite" });
  }

  row(body, stride, head, anchor, sides) {
    const node = html(body, "tr", { "data-anchor": `${head},${anchor}` });
    html(node, "td", {}, `${say(sides[0], 0)} × ${say(sides[1], 0)}`);
    html(node, "td", { class: "number" }, stride);
    const cell = html(node, "td"), bar = html(cell, "span", { class: "bar" });
    const iou = html(cell, "span");
    const ratio = html(node, "td", { class: "number" }), mark = html(node, "td");
    const shape = svg(this.shapes, "rect", { class: "anchor" });
    return { node, bar, iou, ratio, mark, shape, head, anchor, sides };
  }

  draw() {
    const { texts } = this, { network, heads } = this.data, box = this.numbers("box"), rule = this.state.rule;
    const sides = [box[2] - box[0], box[3] - box[1]], centre = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    const found = answering(box, network, heads, rule);
    const wins = new Set(found.map(({ head, anchor }) => `${head},${anchor}`));
    for (const row of this.rows) {
      const iou = shapeIou(sides, row.sides), ratio = sideRatio(sides, row.sides);
      const wins_ = wins.has(`${row.head},${row.anchor}`);
      row.node.classList.toggle("chosen", wins_);
      row.bar.style.width = `${4.5 * iou}rem`;
      write(row.iou, ` ${iou.toFixed(2)}`);
      write(row.ratio, `${say(ratio, 2)}${rule === "v5" ? (ratio < LARGEST_RATIO ? " < 4" : " ≥ 4") : ""}`);
      write(row.mark, wins_ ? texts.answers : "");
      const [w, h] = row.sides;
      set(row.shape, { x: centre[0] - w / 2, y: centre[1] - h / 2, width: w, height: h, class: `anchor ${wins_ ? "wins" : ""}` });
    }
    this.drawCells(found);
    const cells = new Set(found.map(({ head, row, column }) => `${head},${row},${column}`)).size;
    write(this.result, fill(found.length ? texts.count : texts.nobody, { anchors: wins.size, cells, count: found.length }));
    this.result.dataset.count = found.length;
  }

  drawCells(found) {
    const { heads } = this.data, places = new Map();
    for (const { head, row, column } of found) places.set(`${head},${row},${column}`, { stride: heads[head].stride, row, column });
    this.cells.replaceChildren();
    for (const { stride, row, column } of [...places.values()].sort((a, b) => b.stride - a.stride)) {
      const own = this.state.rule === "v3" ? "" : "beside";
      svg(this.cells, "rect", { class: `cell ${own}`, x: column * stride, y: row * stride, width: stride, height: stride });
    }
  }
}

export default function (component) { return showLesson(Anchors, component); }
