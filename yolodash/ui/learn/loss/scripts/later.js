// Three generations' terms about one box; the numbers are Python's.

class Later extends Lesson {
  build() {
    const { texts } = this;
    this.svg = this.picture();
    this.box(this.svg, "truth", { letter: texts.truth, kind: "truth", label: texts.move_truth });
    this.box(this.svg, "prediction", { letter: texts.prediction, kind: "prediction", label: texts.move_prediction });
    this.iou = this.line();
    const table = html(this.panel, "table", { class: "rows", "aria-label": texts.table });
    this.rows = Object.fromEntries(["v1", "v3", "v5"].map((name) => {
      const row = html(table, "tr");
      html(row, "th", { scope: "row" }, `YOLO${name}`);
      const said = html(row, "td"), number = html(row, "td", { class: "number" });
      math(html(said, "div"), texts[name]);
      return [name, { number, note: html(said, "div", { class: "small" }) }];
    }));
    html(this.panel, "p", { class: "small" }, texts.released);
  }

  draw() {
    const { iou } = overlapOf(this.numbers("truth"), this.numbers("prediction"));
    math(this.iou, `IoU = ${iou.toFixed(3)}`);
    for (const { name, value, note } of this.data.live) {
      write(this.rows[name].number, say(value, 3));
      write(this.rows[name].note, note);
    }
  }
}

export default function (component) { return showLesson(Later, component); }
