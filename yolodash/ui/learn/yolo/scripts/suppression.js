// Non-maximum suppression, one choice at a time: as geometry/nms.suppress walks, every number rounded to float32.

const f = Math.fround;

function areaOf([left, top, right, bottom]) {
  return f(Math.max(f(right - left), 0) * Math.max(f(bottom - top), 0));
}

function intersectionOverUnion(box, other) {
  const width = f(Math.min(box[2], other[2]) - Math.max(box[0], other[0]));
  const height = f(Math.min(box[3], other[3]) - Math.max(box[1], other[1]));
  const intersection = f(Math.max(width, 0) * Math.max(height, 0));
  const union = f(f(areaOf(box) + areaOf(other)) - intersection);
  return union > 0 ? f(intersection / union) : 0;
}

// Which candidates come to suppression, the highest first. By p_o as the lecture has it: p_o > threshold, order of p_o.
// By score as the programs have it: p_o > threshold (v1 has no such gate) and score > threshold, order of score.
function passing(candidates, { order, threshold, gate }) {
  const limit = f(threshold), value = ({ objectness, score }) => (order === "objectness" ? objectness : score);
  const passes = (one) => (order === "score" && !gate ? true : one.objectness > limit) && value(one) > limit;
  return candidates.filter(passes).sort((a, b) => value(b) - value(a) || a.index - b.index);
}

// Every choice: the candidate, and for the rest their IoU with it and whether it removes them.
function walk(candidates, { order, threshold, nms, perClass, gate }) {
  let rest = passing(candidates, { order, threshold, gate });
  const limit = f(nms), steps = [];
  while (rest.length) {
    const [chosen, ...others] = rest;
    const compared = others.map((one) => {
      const same = !perClass || one.class_id === chosen.class_id;
      const iou = intersectionOverUnion(chosen.box, one.box);
      return { one, iou, same, removed: same && iou > limit };
    });
    steps.push({ chosen, compared });
    rest = compared.filter(({ removed }) => !removed).map(({ one }) => one);
  }
  return steps;
}

class Suppression extends Lesson {
  build() {
    const { texts } = this;
    this.svg = this.picture();
    this.layer = svg(this.svg, "g");
    this.candidates = this.data.candidates.map((one) => ({ ...one, box: one.box.map(f), objectness: f(one.objectness), score: f(one.score) }));
    const buttons = html(this.panel, "div", { class: "row" });
    this.back = this.button(texts.back, () => this.go(this.number("at") - 1), buttons);
    this.next = this.button(texts.next, () => this.go(this.number("at") + 1), buttons);
    this.end = this.button(texts.end, () => this.go(Infinity), buttons);
    this.verdict = this.line("verdict");
    set(this.verdict, { role: "status", "aria-live": "polite" });
    this.scroll = html(this.panel, "div", { class: "scroll", tabindex: 0 });
    this.slider("score", { label: texts.score, min: this.data.floor, max: 0.95, step: 0.01 });
    this.slider("nms", { label: texts.nms, min: 0.05, max: 0.95, step: 0.01 });
    this.choice("order", { label: texts.order, options: { objectness: texts.by_objectness, score: texts.by_score } });
    this.choice("classes", { label: texts.classes, options: { each: texts.each, all: texts.all } });
  }

  go(at) {
    this.change({ at: String(clamp(at, 0, this.steps.length)) });
    this.settle();
  }

  settings() {
    const { order, classes } = this.state;
    const [threshold, nms] = [this.number("score"), this.number("nms")];
    return { order, threshold, nms, perClass: classes === "each", gate: this.data.gate };
  }

  draw() {
    this.steps = walk(this.candidates, this.settings());
    const at = Math.min(this.number("at"), this.steps.length);
    this.root.dataset.survivors = JSON.stringify(this.steps.map(({ chosen }) => chosen.index));
    this.back.disabled = at === 0;
    this.next.disabled = this.end.disabled = at >= this.steps.length;
    this.layer.replaceChildren();
    this.scroll.replaceChildren();
    if (at === 0) this.begin();
    else this.showStep(at);
  }

  valueOf(one) { return this.state.order === "objectness" ? one.objectness : one.score; }
  name(one) { return `${one.name} ${this.valueOf(one).toFixed(2)}`; }

  begin() {
    const standing = passing(this.candidates, this.settings());
    for (const one of standing) this.outline(one, "standing");
    write(this.verdict, fill(this.texts.begin, { count: standing.length, total: whole(this.data.total) }));
    this.table(standing.map((one) => ({ one })));
  }

  showStep(at) {
    const { chosen, compared } = this.steps[at - 1], { texts } = this;
    for (const { chosen: before } of this.steps.slice(0, at - 1)) this.outline(before, "kept");
    for (const { one, removed } of compared) this.outline(one, removed ? "removed" : "standing");
    this.outline(chosen, "chosen", this.name(chosen));
    const removed = compared.filter((row) => row.removed).length;
    write(this.verdict, fill(texts.step, { at, count: this.steps.length, name: this.name(chosen), removed }));
    this.table([...compared].sort((a, b) => b.iou - a.iou));
  }

  outline({ box }, kind, label) {
    const group = svg(this.layer, "g", { class: `candidate ${kind}` });
    outlineBox(group, box);
    if (label) this.placeTag(nameTag(group, label), Math.max(box[0], 0), Math.max(box[1], 0), this.unit(group));
  }

  table(rows) {
    const { texts } = this, table = html(this.scroll, "table"), body = html(table, "tbody");
    for (const { one, iou, removed, same } of rows.slice(0, 60)) {
      const row = html(body, "tr", { class: removed ? "out" : "" });
      html(row, "td", {}, this.name(one));
      if (iou === undefined) continue;
      const cell = html(row, "td"), bar = html(cell, "span", { class: "bar" });
      bar.style.width = `${4 * iou}rem`;
      html(cell, "span", {}, ` IoU ${iou.toFixed(3)}`);
      html(row, "td", {}, removed ? texts.removed : same ? texts.stays : texts.other_class);
    }
  }
}

const whole = (count) => new Intl.NumberFormat("en").format(count);

export default function (component) { return showLesson(Suppression, component); }
