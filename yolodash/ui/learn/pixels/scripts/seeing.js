// Two squares of one intensity: take away what is around them, and they become equal to the eye, too.
const HERE = 13; // CSS pixels of the probe

class Seeing extends Lesson {
  build() {
    const { texts, data } = this;
    const [width, height] = data.size;
    this.canvas = html(this.stage, "canvas", { class: "shown", width, height, tabindex: 0, role: "application", "aria-label": texts.picture });
    this.canvas.style.cursor = "crosshair";
    fitted(this.canvas, width, height, 0.54);
    const follow = (event) => {
      const frame = this.canvas.getBoundingClientRect();
      this.probe(((event.clientX - frame.left) / frame.width) * width, ((event.clientY - frame.top) / frame.height) * height);
    };
    this.canvas.addEventListener("pointermove", follow);
    this.canvas.addEventListener("pointerdown", (event) => { follow(event); this.settle(); });
    this.canvas.addEventListener("pointerleave", () => this.settle());
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    const table = html(html(this.panel, "table", { class: "probes" }), "tbody");
    this.rows = ["a", "b", "here"].map((name) => {
      const row = html(table, "tr", { "data-probe": name });
      html(row, "th", { scope: "row" }, texts[name]);
      return { name, swatch: html(html(row, "td"), "i", { class: "swatch" }), value: html(row, "td", { class: "measured" }) };
    });
    this.verdict = this.line("verdict");
    this.slider("around", { label: texts.around, min: 0, max: 100, step: 1, digits: 0 });
    this.slider("bridge", { label: texts.bridge, min: 0, max: 100, step: 1, digits: 0 });
    html(this.panel, "p", { class: "small" }, texts.hint);
    pixelsOf({ png: data.png, width, height }).then((image) => {
      this.image = image;
      this.whole = document.createElement("canvas");
      [this.whole.width, this.whole.height] = [width, height];
      this.whole.getContext("2d").putImageData(image, 0, 0);
      this.root.classList.add("seen");
      this.paint();
    });
  }

  probe(x, y) {
    const [width, height] = this.data.size;
    this.change({ at: `${clamp(Math.floor(x), 0, width - 1)},${clamp(Math.floor(y), 0, height - 1)}` });
  }

  key(event) {
    const [dx, dy] = { ArrowLeft: [-4, 0], ArrowRight: [4, 0], ArrowUp: [0, -4], ArrowDown: [0, 4] }[event.key] ?? [0, 0];
    if (!dx && !dy) return;
    event.preventDefault();
    const [x, y] = this.numbers("at");
    this.probe(x + dx, y + dy);
    this.settle();
  }

  // As intensity: what a sensor measures at one pixel of the whole picture.
  intensity(x, y) { return this.image.data[4 * (y * this.image.width + x)]; }

  middle(corners) { return [0, 1].map((axis) => Math.round(corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length)); }

  outline(context, corners) {
    corners.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
  }

  draw() {
    if (!this.image) return;
    const { data, texts } = this, [width, height] = data.size;
    const context = this.canvas.getContext("2d");
    const [a, b] = [this.middle(data.lit), this.middle(data.shaded)], at = this.numbers("at");
    context.drawImage(this.whole, 0, 0);
    this.cover(context, width, height);
    this.join(context, a, b);
    context.font = "700 24px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const [letter, [x, y]] of [["A", a], ["B", b]]) { context.fillStyle = "#000"; context.fillText(letter, x, y); }
    for (const [colour, line] of [["#000", 4.5], ["#ffb000", 2.5]]) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.strokeRect(at[0] - HERE / 2, at[1] - HERE / 2, HERE, HERE);
    }
    const values = { a: this.intensity(...a), b: this.intensity(...b), here: this.intensity(...at) };
    for (const { name, swatch, value } of this.rows) {
      const [red, green, blue] = name === "here" ? this.image.data.slice(4 * (at[1] * width + at[0])) : Array(3).fill(values[name]);
      swatch.style.background = `rgb(${red},${green},${blue})`;
      write(value, name === "here" && (red !== green || green !== blue) ? `${red}, ${green}, ${blue}` : String(values[name]));
    }
    write(this.verdict, fill(values.a === values.b ? texts.equal : texts.different, values));
  }

  // Everything but the two squares under one even grey.
  cover(context, width, height) {
    context.save();
    context.beginPath();
    context.rect(0, 0, width, height);
    this.outline(context, this.data.lit);
    this.outline(context, this.data.shaded);
    context.clip("evenodd");
    context.globalAlpha = this.number("around") / 100;
    context.fillStyle = "#dcdcdc";
    context.fillRect(0, 0, width, height);
    context.restore();
  }

  // A strip of the very grey that both have, from one to the other.
  join(context, a, b) {
    const share = this.number("bridge") / 100, half = 15;
    if (!share) return;
    const [dx, dy] = [b[0] - a[0], b[1] - a[1]], long = Math.hypot(dx, dy), [nx, ny] = [(-dy / long) * half, (dx / long) * half];
    const end = [a[0] + dx * share, a[1] + dy * share], grey = this.intensity(...a);
    context.beginPath();
    this.outline(context, [[a[0] + nx, a[1] + ny], [end[0] + nx, end[1] + ny], [end[0] - nx, end[1] - ny], [a[0] - nx, a[1] - ny]]);
    context.fillStyle = `rgb(${grey},${grey},${grey})`;
    context.fill();
  }
}

export default (component) => showLesson(Seeing, component);
