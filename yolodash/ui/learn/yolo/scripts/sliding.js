// The windows of a classifier, one after another, and beside them the boxes of a detector that looks once.

const DELAY = 45; // milliseconds a window is shown while they play

class Sliding extends Film {
  build() {
    const { texts } = this;
    this.root.classList.add("full");
    const pair = html(this.stage, "div", { class: "pictures" });
    this.slow = this.view(pair, texts.slow, texts.slow_numbers);
    this.hits = svg(this.slow, "g");
    this.window = svg(this.slow, "rect", { class: "cell chosen" });
    const once = this.view(pair, texts.once, texts.once_numbers);
    for (const { box, name, missed } of this.data.boxes) this.boxOf(once, box, name, missed);
    const row = html(this.panel, "div", { class: "row" });
    this.playButton(row, "window", { first: 1, last: this.data.windows.length, delay: DELAY });
    this.slider("window", { label: texts.window, min: 1, max: this.data.windows.length, step: 1, digits: 0 });
    this.slider("sure", { label: texts.sure, min: 0.05, max: 0.99, step: 0.01 });
    this.said = this.line("verdict");
    set(this.said, { role: "status", "aria-live": "polite" });
    this.account = this.line();
  }

  view(parent, title, numbers) {
    const figure = html(parent, "figure");
    html(figure, "p", { class: "heading" }, title);
    const node = this.picture(figure, { label: title });
    html(figure, "figcaption", {}, numbers);
    return node;
  }

  boxOf(node, box, name, missed) {
    const group = svg(node, "g", { class: missed ? "prediction missed" : "truth" });
    outlineBox(group, box);
    const tag = nameTag(group, name);
    requestAnimationFrame(() => this.placeTag(tag, Math.max(box[0], 0), Math.max(box[1], 0), this.unit(group)));
  }

  draw() {
    const { windows, probabilities, words } = this.data, sure = this.number("sure");
    const at = clamp(this.number("window"), 1, windows.length) - 1, [left, top, right, bottom] = windows[at];
    if (this.drawnFor !== sure) this.drawHits(sure);
    set(this.window, { x: left, y: top, width: right - left, height: bottom - top });
    const found = probabilities[at] > sure ? words[at] : this.texts.nothing;
    write(this.said, fill(this.texts.said, { at: at + 1, count: windows.length, share: probabilities[at].toFixed(2), found }));
    write(this.account, fill(this.texts.account, { count: probabilities.filter((one) => one > sure).length }));
  }

  drawHits(sure) {
    this.drawnFor = sure;
    this.hits.replaceChildren();
    this.data.windows.forEach(([left, top, right, bottom], i) => {
      if (!(this.data.probabilities[i] > sure)) return;
      const place = { x: left, y: top, width: right - left, height: bottom - top };
      svg(this.hits, "rect", { class: "hit", ...place });
    });
  }
}

export default function (component) { return showLesson(Sliding, component); }
