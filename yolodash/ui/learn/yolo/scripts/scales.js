// How many boxes a detector makes: as models/heads/grid.candidate_count counts them.

const candidateCount = (heads, side) =>
  heads.reduce((sum, { stride, anchors }) => sum + anchors * Math.floor(side / stride) ** 2, 0);

const whole = new Intl.NumberFormat("en");

class Scales extends Lesson {
  build() {
    const { texts } = this;
    this.root.classList.add("full");
    this.row = html(this.stage, "div", { class: "pictures" });
    this.slider("side", { label: texts.side, min: 32, max: 1280, step: 32, digits: 0 });
    if (Object.keys(this.data.heads).length > 1) {
      this.choice("heads", { label: texts.heads, options: Object.fromEntries(Object.entries(this.data.heads).map(([name, { title }]) => [name, title])) });
    }
    this.formulaNode = this.line();
    this.result = this.line("formula result");
    set(this.result, { role: "status", "aria-live": "polite" });
    this.drawn = null;
  }

  heads() { return this.data.heads[this.state.heads].heads; }

  draw() {
    const { texts } = this, side = this.number("side"), heads = this.heads();
    if (this.drawn !== this.state.heads) this.buildPictures(heads);
    const place = letterbox(this.data.size, side);
    this.views.forEach(({ node, dark, light, boxes, caption }, i) => {
      const { stride, anchors, found } = heads[i], cells = Math.floor(side / stride);
      set(node, { viewBox: `0 0 ${side} ${side}` });
      set(node.querySelector("image"), place);
      set(node.querySelector(".padding"), { width: side, height: side });
      for (const line of [dark, light]) set(line, { d: gridPath(side, side, stride) });
      boxes.forEach((box, k) => this.place(box, found[k], place, stride));
      write(caption, fill(texts.scale, { stride, cells, anchors, count: whole.format(anchors * cells ** 2) }));
    });
    this.tell(heads, side);
  }

  buildPictures(heads) {
    this.drawn = this.state.heads;
    this.row.replaceChildren();
    this.views = [...heads].map(({ stride, found }) => {
      const figure = html(this.row, "figure", { "data-stride": stride });
      const node = this.picture(figure, { label: fill(this.texts.picture_scale, { stride }) });
      const dark = svg(node, "path", { class: "grid dark" }), light = svg(node, "path", { class: "grid" });
      const boxes = found.map(({ name }) => {
        const group = svg(node, "g", { class: "found" });
        const cell = svg(group, "rect", { class: "cell" });
        const rim = svg(group, "rect", { class: "rim" }), outline = svg(group, "rect", { class: "outline" });
        svg(group, "title", {}, name);
        return { cell, rim, outline };
      });
      const caption = html(figure, "figcaption");
      return { node, dark, light, boxes, caption };
    });
  }

  // A detection's box, given in shares of the picture, and the cell that holds its centre.
  place({ cell, rim, outline }, { box }, place, stride) {
    const [left, right] = [box[0], box[2]].map((share) => place.x + share * place.width);
    const [top, bottom] = [box[1], box[3]].map((share) => place.y + share * place.height);
    for (const node of [rim, outline]) set(node, { x: left, y: top, width: right - left, height: bottom - top });
    const at = (low, high) => Math.floor((low + high) / 2 / stride) * stride;
    set(cell, { x: at(left, right), y: at(top, bottom), width: stride, height: stride });
  }

  tell(heads, side) {
    const cells = heads.map(({ stride }) => Math.floor(side / stride));
    const same = new Set(heads.map(({ anchors }) => anchors)).size === 1;
    const grids = heads.map(({ anchors }, i) => `(${cells[i]} · ${cells[i]})${same ? "" : ` · ${anchors}`}`).join(" + ");
    const formula = same ? `${heads.length > 1 ? `(${grids})` : grids} · ${heads[0].anchors}` : grids;
    math(this.formulaNode, `${side} × ${side}:  ${formula}`);
    math(this.result, `= ${whole.format(candidateCount(heads, side))} ${this.texts.boxes}`);
  }
}

export default function (component) { return showLesson(Scales, component); }
