// A kernel while it is learned: the frames come from models/kernel_learning.learn_kernel.

const DELAY = 130; // milliseconds a frame is shown while it plays

class Learning extends Film {
  build() {
    const { texts, data } = this;
    this.root.classList.add("full");
    const row = html(this.stage, "div", { class: "pictures four" });
    this.kernel = this.table(row, texts.learned);
    this.made = this.image(row, texts.map);
    set(this.image(row, texts.wanted_map), { src: `data:image/jpeg;base64,${data.wanted}` });
    this.fillTable(this.table(row, texts.wanted), data.target, data.target);
    const controls = html(this.panel, "div", { class: "row" });
    this.playButton(controls, "frame", { first: 0, last: data.frames.length - 1, delay: DELAY });
    this.said = html(controls, "span", { class: "formula", role: "status", "aria-live": "polite" });
    const slider = this.slider("frame", { label: texts.step, min: 0, max: data.frames.length - 1, step: 1, digits: 0 });
    this.refreshers.push(() => write(slider.querySelector("output"), say(this.shownFrame().step, 0))); // not the frame's number
    this.curve = svg(this.panel, "svg", { class: "error", viewBox: "0 0 600 90", preserveAspectRatio: "none", role: "img", "aria-label": texts.curve });
    this.trace();
    html(this.panel, "p", { class: "small" }, texts.curve);
    this.warning = this.line("verdict no");
    this.warning.hidden = data.frames.at(-1).loss <= data.frames[0].loss;
    write(this.warning, texts.diverges);
  }

  table(parent, title) {
    const figure = html(parent, "figure");
    html(figure, "p", { class: "small" }, title);
    return html(figure, "table", { class: "numbers" });
  }

  image(parent, title) {
    const figure = html(parent, "figure");
    html(figure, "p", { class: "small" }, title);
    return html(figure, "img", { class: "map-picture", alt: title });
  }

  // Numbers, blue above zero and orange below, as strong as they are large beside the target's largest.
  fillTable(table, kernel, target) {
    const largest = Math.max(...target.flat().map(Math.abs), 1e-9);
    kernel.forEach((values, i) => {
      const row = table.rows[i] ?? table.insertRow();
      values.forEach((value, j) => {
        const cell = row.cells[j] ?? row.insertCell(), share = Math.min(Math.abs(value) / largest, 1);
        write(cell, say(value, 2));
        cell.style.background = `color-mix(in srgb, ${value < 0 ? "#e07a1f" : "#2f8fd8"} ${Math.round(65 * share)}%, transparent)`;
      });
    });
  }

  trace() {
    const { losses } = this.data, low = Math.min(...losses), high = Math.max(...losses, low + 1e-6);
    this.xOf = (share) => 4 + 592 * share;
    const points = losses.map((loss, i) => `${this.xOf(i / Math.max(losses.length - 1, 1))} ${84 - (76 * (loss - low)) / (high - low)}`);
    svg(this.curve, "path", { class: "curve-line", d: `M${points.join("L")}` });
    this.now = svg(this.curve, "path", { class: "now" });
  }

  shownFrame() { return this.data.frames[clamp(this.number("frame"), 0, this.data.frames.length - 1)]; }

  draw() {
    const { texts, data } = this, frame = this.shownFrame();
    this.fillTable(this.kernel, frame.kernel, data.target);
    set(this.made, { src: `data:image/jpeg;base64,${frame.map}` });
    write(this.said, fill(texts.loss, { step: say(frame.step, 0), loss: frame.loss.toPrecision(3) }));
    const x = this.xOf(Math.min(frame.step / 5 / Math.max(data.losses.length - 1, 1), 1));
    set(this.now, { d: `M${x} 0V90` });
  }
}

export default function (component) { return showLesson(Learning, component); }
