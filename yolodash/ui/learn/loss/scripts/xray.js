// A model's loss as heat maps over its scales; the numbers are Python's.

class Xray extends Lesson {
  build() {
    const { texts, data } = this;
    this.root.classList.add("full");
    this.row = html(this.stage, "div", { class: "maps" });
    const options = Object.fromEntries(data.terms.map((name) => [name, texts[name]]));
    this.choice("term", { label: texts.term, options });
    html(this.panel, "p", { class: "small" }, `${data.known.length ? texts.known : texts.place} ${texts.answers}`);
    this.sums = this.line("formula result");
    set(this.sums, { role: "status", "aria-live": "polite" });
    this.views = data.live.scales.map((scale) => this.view(scale));
  }

  view({ stride }) {
    const { data, texts } = this;
    const figure = html(this.row, "figure", { "data-stride": stride });
    const node = this.picture(figure, { label: fill(texts.picture, { stride }) });
    const heat = svg(node, "g"), answers = svg(node, "g");
    for (const [left, top, right, bottom] of data.known) {
      const box = svg(node, "g", { class: "box truth" });
      for (const name of ["rim", "outline"]) svg(box, "rect", { class: name, x: left, y: top, width: right - left, height: bottom - top });
    }
    if (!data.known.length) this.box(node, "truth", { letter: texts.truth, kind: "truth", label: texts.move_truth });
    return { heat, answers, caption: html(figure, "figcaption") };
  }

  draw() {
    const { texts, data } = this, { scales, sums } = data.live, term = this.state.term;
    const key = `${data.version}:${term}:${JSON.stringify(sums)}`;
    if (key === this.drawn) return;
    this.drawn = key;
    const all = scales.flatMap((scale) => scale[term].flat());
    const most = Math.max(...all, 1e-12);
    scales.forEach((scale, i) => this.map(scale, this.views[i], term, most));
    write(this.sums, fill(texts.sums, Object.fromEntries(Object.entries(sums).map(([name, value]) => [name, say(value, 4)]))));
  }

  map({ stride, answers, ...maps }, { heat, answers: frames, caption }, term, most) {
    const map = maps[term];
    heat.replaceChildren();
    map.forEach((line, row) => line.forEach((value, column) => {
      if (value < most / 100) return;
      svg(heat, "rect", { class: "heat", x: column * stride, y: row * stride, width: stride, height: stride, "fill-opacity": (0.15 + 0.75 * Math.sqrt(value / most)).toFixed(3) });
    }));
    frames.replaceChildren(...answers.map(([row, column]) => {
      const node = document.createElementNS(SVG, "rect");
      set(node, { class: "answers", x: column * stride, y: row * stride, width: stride, height: stride });
      return node;
    }));
    const flat = map.flat(), sum = flat.reduce((total, value) => total + value, 0);
    write(caption, fill(this.texts.scale, { stride, sum: say(sum, 4), largest: say(Math.max(...flat), 4) }));
  }
}

export default function (component) { return showLesson(Xray, component); }
