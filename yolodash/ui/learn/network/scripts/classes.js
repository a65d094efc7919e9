// What the classifier says of a box, and how that changes when a part is hidden. Python computes, the browser shows.

// For every hidden part how far the answer's probability falls, as inference/occlusion.falls has it.
const fallsOf = (whole, hidden, answer) => hidden.map((row) => Math.max(whole[answer] - row[answer], 0));

const CROP = 64;

class Classes extends Lesson {
  build() {
    const { texts, data } = this;
    this.svg = this.picture();
    this.box(this.svg, "box", { letter: texts.box, kind: "truth", label: texts.move });
    html(this.stage, "p", { class: "small flow-line" }, texts.flow);
    this.choice("question", { label: texts.question, options: data.words.questions });
    const pair = html(this.panel, "div", { class: "pictures" });
    const left = html(pair, "figure");
    html(left, "p", { class: "small" }, texts.answers);
    this.bars = html(left, "div", { class: "answers-list" });
    const right = html(pair, "figure");
    this.says = html(right, "p", { class: "small" });
    this.crop = svg(right, "svg", { class: "picture board crop", viewBox: `0 0 ${CROP} ${CROP}`, role: "application", tabindex: 0, "aria-label": texts.crop });
    this.image = svg(this.crop, "image", { width: CROP, height: CROP });
    this.heat = svg(this.crop, "image", { preserveAspectRatio: "none" });
    this.patch = svg(this.crop, "rect", { class: "hidden-part" });
    this.crop.addEventListener("pointerdown", (event) => this.pick(event));
    this.crop.addEventListener("keydown", (event) => this.walk(event));
    this.crop.addEventListener("keyup", () => this.settle());
    this.fall = html(right, "figcaption");
    this.result = this.line("verdict");
    set(this.result, { role: "status", "aria-live": "polite" });
    this.button(texts.nothing, () => { this.change({ hidden: "-1" }); this.settle(); });
    this.canvas = document.createElement("canvas");
  }

  pick(event) {
    const { patches, side } = this.data.live, { x, y } = this.point(this.crop, event);
    const far = patches.map(([left, top]) => Math.hypot(left + side / 2 - x, top + side / 2 - y));
    this.change({ hidden: String(far.indexOf(Math.min(...far))) });
    this.settle();
  }

  walk(event) {
    const across = Math.round(Math.sqrt(this.data.live.patches.length));
    const ways = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };
    if (!(event.key in ways)) return;
    event.preventDefault();
    const at = Math.max(this.number("hidden"), 0) + ways[event.key];
    this.change({ hidden: String(clamp(at, 0, this.data.live.patches.length - 1)) });
  }

  draw() {
    const { texts, data } = this, { live } = data, { answers, whole, hidden } = live.questions[this.state.question];
    const at = Math.min(this.number("hidden"), live.patches.length - 1), now = at >= 0 ? hidden[at] : whole;
    const best = whole.indexOf(Math.max(...whole)), name = (i) => data.words.answers[answers[i]] ?? answers[i];
    this.list(answers.map((_, i) => name(i)), whole, now);
    set(this.image, { href: `data:image/jpeg;base64,${live.crop}` });
    const falls = fallsOf(whole, hidden, best), largest = Math.max(...falls);
    this.paintHeat(falls, largest);
    set(this.patch, at >= 0 ? { x: live.patches[at][0], y: live.patches[at][1], width: live.side, height: live.side, visibility: null } : { visibility: "hidden" });
    write(this.says, fill(texts.occlusion, { answer: name(best) }));
    write(this.fall, fill(texts.falls, { fall: largest.toFixed(3) }));
    const change = { answer: name(best), before: whole[best].toFixed(3), after: now[best].toFixed(3) };
    write(this.result, at >= 0 ? fill(texts.hidden, change) : texts.none);
  }

  list(names, whole, now) {
    while (this.bars.children.length > names.length) this.bars.lastChild.remove();
    names.forEach((name, i) => {
      let row = this.bars.children[i];
      if (!row) {
        row = html(this.bars, "div", { class: "answer" });
        for (const part of ["name", "track", "number"]) html(row, "span", { class: part });
        html(row.children[1], "i", { class: "bar" });
        html(row.children[1], "b");
      }
      write(row.children[0], name);
      write(row.children[2], now[i].toFixed(3));
      row.children[1].children[0].style.width = `${100 * now[i]}%`;
      row.children[1].children[1].style.left = `${100 * whole[i]}%`;
      row.classList.toggle("best", now[i] === Math.max(...now));
    });
  }

  // As red over the crop, on a scale of the largest fall: each value at the middle of the square that was hidden.
  paintHeat(falls, largest) {
    const { patches, side } = this.data.live, across = Math.round(Math.sqrt(falls.length)), step = patches[1][0] - patches[0][0];
    [this.canvas.width, this.canvas.height] = [across, across];
    const context = this.canvas.getContext("2d"), pixels = context.createImageData(across, across);
    falls.forEach((fall, i) => pixels.data.set([230, 30, 30, 215 * Math.min(fall / Math.max(largest, 0.05), 1)], 4 * i));
    context.putImageData(pixels, 0, 0);
    const from = side / 2 - step / 2;
    set(this.heat, { href: this.canvas.toDataURL(), x: from, y: from, width: across * step, height: across * step });
  }
}

export default function (component) { return showLesson(Classes, component); }
