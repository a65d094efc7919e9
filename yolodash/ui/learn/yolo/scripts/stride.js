// How an input becomes cells: each halving of the maps doubles the stride.

// The next whole multiple of the stride.
const roundedUp = (size, stride) => Math.ceil(size / stride) * stride;

class Stride extends Lesson {
  build() {
    const { texts } = this;
    this.frameNode = html(this.stage, "div");
    this.slider("side", { label: texts.side, min: 64, max: 1280, step: 8, digits: 0 });
    this.choice("stride", { label: texts.stride, options: { 8: "8", 16: "16", 32: "32", 64: "64" } });
    this.formulaNode = this.line();
    this.result = this.line("verdict");
    set(this.result, { role: "status", "aria-live": "polite" });
    this.heading(texts.halvings);
    this.levels = html(this.panel, "div", { class: "levels", "aria-hidden": "true" });
    this.note = this.line("small");
    this.image = new Image();
    this.image.src = `data:image/jpeg;base64,${this.data.picture.jpeg}`;
    this.image.decode().then(() => { this.shown = null; this.drawLevels(); }, () => {});
    this.pictureNode = null;
    this.shown = null;
  }

  draw() {
    const { texts } = this, side = this.number("side"), stride = this.number("stride");
    const input = roundedUp(side, stride), cells = input / stride;
    this.data.network = { width: input, height: input };
    const place = letterbox(this.data.size, input);
    if (!this.pictureNode) {
      this.pictureNode = this.picture(this.frameNode);
      this.dark = svg(this.pictureNode, "path", { class: "grid dark" });
      this.light = svg(this.pictureNode, "path", { class: "grid" });
    }
    set(this.pictureNode, { viewBox: `0 0 ${input} ${input}` });
    set(this.pictureNode.querySelector("image"), place);
    set(this.pictureNode.querySelector(".padding"), { width: input, height: input });
    for (const node of [this.dark, this.light]) set(node, { d: gridPath(input, input, stride) });
    const rounding = input === side ? "" : `⌈${side} / ${stride}⌉ · ${stride} = ${input};  `;
    math(this.formulaNode, `${rounding}${texts.cells} = ${input} / ${stride} = ${cells}`);
    const said = input === side ? texts.fits : texts.padded;
    write(this.result, fill(said, { side, stride, input, cells }));
    write(this.note, fill(texts.averages, { count: Math.log2(stride), stride }));
    this.drawLevels();
  }

  // The picture halved again and again, as coarse as the maps are; only its averages, not what the maps hold.
  drawLevels() {
    const input = this.data.network.width, stride = this.number("stride"), key = `${input}/${stride}`;
    if (!this.image.naturalWidth || this.shown === key) return;
    this.shown = key;
    this.levels.replaceChildren();
    for (let step = 1; step <= stride; step *= 2) {
      const figure = html(this.levels, "figure"), cells = input / step;
      const canvas = html(figure, "canvas", { width: cells, height: cells });
      const context = canvas.getContext("2d"), place = letterbox(this.data.size, cells);
      context.fillStyle = "#727272";
      context.fillRect(0, 0, cells, cells);
      context.imageSmoothingQuality = "high";
      context.drawImage(this.image, place.x, place.y, place.width, place.height);
      html(figure, "figcaption", {}, String(cells));
    }
  }
}

export default function (component) { return showLesson(Stride, component); }
