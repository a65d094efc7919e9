// The shapes that image data take: a stack of frames, views or slices, and a picture with a distance at every pixel.
const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

class Shapes extends Lesson {
  build() {
    const { data, texts } = this;
    this.image = null;
    this.pictures = html(this.stage, "div", { class: "pictures" });
    this.canvas = html(this.pictures, "canvas", { class: "shown", role: "img", "aria-label": texts.picture });
    this.shape = html(this.panel, "p", { class: "shape" });
    this.meaning = html(this.panel, "p", { class: "heading" });
    this.count = html(this.panel, "p", { class: "small" });
    if (data.kind === "volume") this.choice("axis", { label: texts.axis, options: { 0: texts.above, 1: texts.front, 2: texts.side } });
    if (data.steps) this.slider("place", { label: texts.place, min: 0, max: data.steps - 1, step: 1, digits: 0 });
    if (data.kind === "video") { this.player = this.button("", () => this.play()); this.refreshers.push(() => write(this.player, this.timer ? texts.pause : texts.play)); }
    this.said = html(this.panel, "p", { class: "formula", role: "status" });
    html(this.panel, "p", { class: "small" }, texts.hint);
    write(this.shape, texts.shape);
    write(this.meaning, texts.meaning);
    write(this.count, texts.count);
    if (data.kind === "depth") this.prepareDepth();
    const [width, height] = data.size ?? [1, 1];
    for (const canvas of this.pictures.children) fitted(canvas, width, height, data.kind === "depth" ? 0.29 : 0.52);
    this.load();
  }

  load() {
    if (!this.data.picture) return;
    const image = new Image();
    image.src = this.data.picture;
    image.decode().then(() => { this.image = image; this.paint(); });
  }

  prepareDepth() {
    this.metres = new Float32Array(bytesOf(this.data.metres).buffer);
    this.map = html(this.pictures, "canvas", { class: "shown", role: "img", "aria-label": this.texts.map });
    for (const canvas of [this.canvas, this.map]) {
      canvas.style.cursor = "crosshair";
      canvas.tabIndex = 0;
      this.trackTo(canvas, (event) => {
        const frame = canvas.getBoundingClientRect(), [width, height] = this.data.size;
        this.probe(((event.clientX - frame.left) / frame.width) * width, ((event.clientY - frame.top) / frame.height) * height);
      });
      canvas.addEventListener("keydown", (event) => {
        const [dx, dy] = { ArrowLeft: [-3, 0], ArrowRight: [3, 0], ArrowUp: [0, -3], ArrowDown: [0, 3] }[event.key] ?? [0, 0];
        if (!dx && !dy) return;
        event.preventDefault();
        const [x, y] = this.numbers("at");
        this.probe(x + dx, y + dy);
        this.settle();
      });
    }
  }

  probe(x, y) {
    const [width, height] = this.data.size;
    this.change({ at: `${clamp(Math.floor(x), 0, width - 1)},${clamp(Math.floor(y), 0, height - 1)}` });
  }

  play() {
    if (this.timer) { this.halt(); this.paint(); return this.settle(); }
    this.every(120, () => this.change({ place: String((this.number("place") + 1) % this.data.steps) }));
    this.change({});
  }

  draw() {
    const { kind } = this.data;
    if (kind === "volume") this.drawSlice();
    else if (kind === "depth") this.drawDepth();
    else if (this.image) this.drawFrame();
    if (kind !== "depth") write(this.said, this.data.steps ? fill(this.texts.now, { place: this.number("place"), last: this.data.steps - 1 }) : "");
  }

  drawFrame() {
    const [width, height] = this.data.size, place = this.data.steps ? this.number("place") : 0;
    [this.canvas.width, this.canvas.height] = [width, height];
    this.canvas.getContext("2d").drawImage(this.image, place * width, 0, width, height, 0, 0, width, height);
  }

  // As slice_of: axis 0 from above, 1 from the front, 2 from the side; what is above stands above.
  sliceOf(axis, place) {
    const side = this.data.steps, volume = (this.voxels ??= bytesOf(this.data.volume));
    const values = new Float64Array(side * side);
    for (let row = 0; row < side; row += 1) {
      for (let column = 0; column < side; column += 1) {
        const above = axis === 0 ? row : side - 1 - row;
        const [z, y, x] = [[place, above, column], [above, place, column], [above, column, place]][axis];
        values[row * side + column] = volume[(z * side + y) * side + x];
      }
    }
    return { values, width: side, height: side };
  }

  drawSlice() { paintPlane(this.canvas, this.sliceOf(this.number("axis"), this.number("place"))); }

  drawDepth() {
    const [width, height] = this.data.size, { near, far } = this.data;
    const [x, y] = this.numbers("at");
    const values = Float64Array.from(this.metres, (metres) => (Number.isFinite(metres) ? 255 * (1 - (metres - near) / (far - near)) : 0));
    paintPlane(this.map, { values, width, height });
    if (this.image) this.drawFrame();
    for (const canvas of this.image ? [this.canvas, this.map] : [this.map]) {
      const context = canvas.getContext("2d");
      for (const [colour, line] of [["#000", 5], ["#e69f00", 2.5]]) { context.strokeStyle = colour; context.lineWidth = line; context.strokeRect(x - 7, y - 7, 14, 14); }
    }
    const metres = this.metres[y * width + x];
    write(this.said, Number.isFinite(metres) ? fill(this.texts.distance, { disparity: say(this.data.scale / metres - this.data.offset, 1), metres: say(metres, 2) }) : this.texts.unknown);
  }
}

export default (component) => showLesson(Shapes, component);
