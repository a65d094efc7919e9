// Twelve detections by score, and precision and recall of the first K.

class Ranking extends Lesson {
  build() {
    const { texts } = this, count = this.state.marks.length;
    this.root.classList.add("full");
    html(this.stage, "p", { class: "heading" }, texts.hint);
    const table = html(html(this.stage, "div", { class: "wide" }), "table", { class: "ranking", "aria-label": texts.ranking });
    const row = (name) => {
      const line = html(table, "tr");
      html(line, "th", { scope: "row" }, name);
      return Array.from({ length: count }, () => html(line, "td"));
    };
    this.ranks = row(texts.rank);
    this.ranks.forEach((cell, i) => write(cell, String(i + 1)));
    this.marks = row("");
    markButtons(this, this.marks);
    this.precision = row(texts.precision);
    this.recall = row(texts.recall);
    this.slider("first", { label: texts.first, min: 1, max: count, step: 1, digits: 0 });
    this.slider("truths", { label: texts.truths, min: 1, max: 20, step: 1, digits: 0 });
    this.lines = [1, 2].map(() => this.line("formula"));
    this.result = this.line("verdict");
    set(this.result, { role: "status", "aria-live": "polite" });
  }

  draw() {
    const { texts } = this, first = this.number("first");
    const truths = truthsOf(this.state.marks, this.number("truths"));
    const points = precisionRecall(this.state.marks, truths);
    points.forEach(({ precision, recall }, i) => {
      write(this.precision[i], precision.toFixed(2));
      write(this.recall[i], recall.toFixed(2));
      for (const cells of [this.ranks, this.marks, this.precision, this.recall]) {
        cells[i].classList.toggle("beyond", i >= first);
        cells[i].classList.toggle("last", i === first - 1);
      }
    });
    const { found, precision, recall } = points[first - 1];
    math(this.lines[0], `${texts.precision} = TP / (TP + FP) = ${found} / ${first} = ${precision.toFixed(3)}`);
    math(this.lines[1], `${texts.recall} = TP / (TP + FN) = ${found} / ${truths} = ${recall.toFixed(3)}`);
    write(this.result, fill(texts.found, { first, share: Math.round(100 * recall) }));
  }
}

export default function (component) { return showLesson(Ranking, component); }
