// A program over the things in a picture, one step at a time. What each step gives was worked out by
// scenes/programs.run; here it is only shown.

const PAUSE = 1100; // milliseconds a step, while it plays

class Run extends Lesson {
  build() {
    const { texts, data } = this;
    this.svg = this.picture();
    this.half = svg(this.svg, "rect", { class: "half", "aria-hidden": "true" });
    this.side = svg(this.svg, "line", { class: "side", "aria-hidden": "true" });
    this.missed = data.missed.map((one) => this.thing(one));
    this.things = data.things.map((one) => this.thing(one));
    html(this.panel, "p", { class: "asked" }, data.question);
    this.list = html(this.panel, "ol", { class: "program", "aria-label": texts.program });
    this.rows = data.steps.map((step, i) => this.row(step, i + 1));
    this.says = this.line("says");
    const buttons = html(this.panel, "div", { class: "row" });
    this.first = this.button(texts.first, () => this.go(1), buttons);
    this.back = this.button(texts.back, () => this.go(this.at() - 1), buttons);
    this.next = this.button(texts.next, () => this.go(this.at() + 1), buttons);
    this.player = this.button(texts.play, () => this.play(), buttons);
    this.verdict = this.line("verdict");
    for (const node of [this.says, this.verdict]) set(node, { role: "status", "aria-live": "polite" });
  }

  at() { return clamp(this.number("at"), 1, Math.max(this.data.steps.length, 1)); }

  thing(one) {
    const group = svg(this.svg, "g", { class: "thing", "data-thing": one.number });
    const [left, top, right, bottom] = one.box;
    const place = { x: left, y: top, width: right - left, height: bottom - top };
    const body = svg(group, "rect", { ...place, fill: "transparent" });
    svg(body, "title", {}, one.title);
    outlineBox(group, one.box);
    return { ...one, group, tag: nameTag(group) };
  }

  row(step, number) {
    const item = html(this.list, "li");
    const button = html(item, "button", { type: "button", class: step.wrong ? "wrong" : null });
    html(button, "span", { class: "number" }, String(number));
    html(button, "span", { class: "call" }, step.call);
    html(button, "span", { class: "given" }, step.given);
    button.addEventListener("click", () => this.go(number));
    button.addEventListener("keydown", (event) => {
      const ways = { ArrowDown: 1, ArrowUp: -1 };
      if (!(event.key in ways)) return;
      event.preventDefault();
      this.go(this.at() + ways[event.key]);
      this.rows[this.at() - 1].focus();
    });
    return button;
  }

  go(at) {
    this.halt();
    this.move(at);
  }

  move(at) {
    this.change({ at: String(clamp(at, 1, this.data.steps.length)) });
    this.settle();
  }

  play() {
    if (this.at() === this.data.steps.length) this.move(1);
    this.every(PAUSE, () => {
      if (this.at() >= this.data.steps.length) this.halt();
      else this.move(this.at() + 1);
    });
  }

  draw() {
    const { texts, data } = this, at = this.at(), step = data.steps[at - 1];
    const last = data.steps.length;
    this.root.dataset.at = at;
    this.drawThings(step);
    this.drawSide(step);
    this.rows.forEach((row, i) => {
      row.classList.toggle("later", i + 1 > at);
      set(row, { "aria-current": i + 1 === at ? "step" : null });
    });
    this.reveal(this.rows[at - 1]);
    write(this.says, step ? fill(texts.says, { at, last, says: step.says, given: step.given }) : "");
    this.first.disabled = this.back.disabled = at <= 1;
    this.next.disabled = at >= last;
    this.player.disabled = last < 2;
    const done = last > 0 && at === last;
    this.verdict.hidden = !done || !data.verdict;
    write(this.verdict, data.verdict);
    this.verdict.classList.toggle("no", !data.right);
  }

  drawThings(step) {
    const { texts } = this, unit = this.unit(this.side);
    for (const { number, box, group, tag } of this.things) {
      const kind = !step ? "in" : number === step.from ? "from" : number === step.one ? "one" : step.play.includes(number) ? "in" : "out";
      set(group, { class: `thing ${kind}`, "data-kind": kind });
      const names = { one: `▶ ${number}`, from: `${texts.from} ${number}` };
      write(tag.children[1], names[kind] ?? String(number));
      this.placeTag(tag, box[0], box[1], unit);
    }
    for (const { box, group, tag } of this.missed) {
      set(group, { class: "thing missed" });
      write(tag.children[1], texts.missed);
      this.placeTag(tag, box[0], box[1], unit);
    }
  }

  // What a relation asks: the side of the line through the thing from which one looks.
  drawSide(step) {
    const { width, height } = this.data.network;
    const from = step?.relation && this.things.find(({ number }) => number === step.from);
    for (const node of [this.side, this.half]) set(node, { visibility: from ? null : "hidden" });
    if (!from) return;
    const middle = (from.box[0] + from.box[2]) / 2, ground = from.box[3];
    const halves = {
      left: [0, 0, middle, height], right: [middle, 0, width - middle, height],
      behind: [0, 0, width, ground], front: [0, ground, width, height - ground],
    };
    const [x, y, wide, high] = halves[step.relation];
    set(this.half, { x, y, width: Math.max(wide, 0), height: Math.max(high, 0) });
    const upright = step.relation === "left" || step.relation === "right";
    set(this.side, upright ? { x1: middle, y1: 0, x2: middle, y2: height } : { x1: 0, y1: ground, x2: width, y2: ground });
  }

  reveal(row) {
    if (!row) return;
    const { offsetTop, offsetHeight } = row, top = offsetTop - this.list.offsetTop;
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    const under = top + offsetHeight - this.list.clientHeight;
    if (under > this.list.scrollTop) this.list.scrollTop = under;
  }
}

export default function (component) { return showLesson(Run, component); }
