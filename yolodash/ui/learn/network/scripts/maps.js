// The maps of one layer as tiles; the chosen one large, with its kernel and the part of the picture that excites it.

class Maps extends Lesson {
  build() {
    const { texts, data } = this;
    this.root.classList.add("maps-step");
    this.choice("when", { label: texts.when, options: { before: texts.before, after: texts.after }, parent: this.stage });
    html(this.stage, "p", { class: "small" }, texts.tiles);
    const grid = html(this.stage, "div", { class: "tiles", role: "group", "aria-label": texts.tiles });
    this.tiles = data.tiles.map((tile) => {
      const button = html(grid, "button", { type: "button", class: "tile", "aria-label": fill(texts.map, { map: tile.map }) });
      const image = html(button, "img", { alt: "" });
      html(button, "span", {}, tile.map);
      button.addEventListener("click", () => { this.change({ map: String(tile.map) }); this.settle(); });
      return { button, image, tile };
    });
    html(this.stage, "p", { class: "small" }, texts.hint);
    this.title = this.line("heading");
    const pair = html(this.panel, "div", { class: "pictures" });
    const large = html(pair, "figure");
    this.large = html(large, "img", { class: "large", alt: "" });
    this.range = html(large, "figcaption");
    const found = html(pair, "figure");
    this.photo = this.picture(found);
    this.peak = ["seen rim", "seen"].map((kind) => svg(this.photo, "rect", { class: kind }));
    this.excited = html(found, "figcaption");
    this.silent = this.line("small");
    const lower = html(this.panel, "div", { class: "pictures" });
    const kernel = html(lower, "figure");
    this.kernelTitle = html(kernel, "p", { class: "small" });
    this.kernel = html(kernel, "div", { class: "kernels" });
    const near = html(lower, "figure", { class: "near" });
    html(near, "p", { class: "small" }, texts.close);
    this.close = this.picture(near, { label: texts.close });
  }

  chosen() { return this.data.tiles.find((tile) => String(tile.map) === this.state.map) ?? this.data.tiles[0]; }

  draw() {
    const { texts, data } = this, when = this.state.when, tile = this.chosen(), png = (text) => `data:image/png;base64,${text}`;
    for (const one of this.tiles) {
      if (one.shown !== when) set(one.image, { src: png(one.tile[(one.shown = when)]) });
      set(one.button, { "aria-pressed": String(one.tile === tile) });
    }
    write(this.title, fill(texts.map, { map: tile.map }));
    set(this.large, { src: png(tile[when]), alt: fill(texts.map, { map: tile.map }) });
    const [low, high] = tile.range[when];
    write(this.range, `${texts[when]}: ${fill(texts.range, { low: say(low), high: say(high) })}`);
    write(this.silent, fill(texts.silent, { share: say(100 * tile.silent, 0) }));
    const [left, top, right, bottom] = tile.peak;
    for (const node of this.peak) set(node, { x: left, y: top, width: right - left, height: bottom - top });
    write(this.excited, fill(texts.excites, { value: say(tile.value) }));
    const { width, height } = data.network, seen = [clamp(left, 0, width), clamp(top, 0, height), clamp(right, 0, width), clamp(bottom, 0, height)];
    set(this.close, { viewBox: `${seen[0]} ${seen[1]} ${Math.max(seen[2] - seen[0], 1)} ${Math.max(seen[3] - seen[1], 1)}` });
    if (this.drawn !== tile) this.drawKernel((this.drawn = tile));
  }

  drawKernel(tile) {
    const { texts } = this;
    write(this.kernelTitle, this.data.colour ? texts.kernel : texts.channels);
    this.kernel.replaceChildren();
    for (const { png, channel } of tile.kernel) {
      const figure = html(this.kernel, "figure");
      html(figure, "img", { src: `data:image/png;base64,${png}`, alt: channel === null ? texts.kernel : fill(texts.channel, { channel }) });
      if (channel !== null) html(figure, "figcaption", {}, channel);
    }
  }
}

export default function (component) { return showLesson(Maps, component); }
