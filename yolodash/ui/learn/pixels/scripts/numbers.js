// A photo to walk into, until its numbers can be read.
const FAR = 1.25; // how much nearer one press of a key comes
const NUMBERS_FROM = 25; // CSS pixels of one pixel from which a number fits
const THREE_FROM = 46; // and from which three do
const NEAREST = 90;
const COLOURS = ["#ff9c94", "#8fe39a", "#a9c1ff"];

class Numbers extends PixelStep {
  build() {
    const { texts } = this;
    this.root.classList.add("full");
    this.canvas = html(this.stage, "canvas", { class: "zoom", tabindex: 0, role: "application", "aria-label": texts.picture });
    this.canvas.addEventListener("pointerdown", (event) => this.drag(event));
    this.canvas.addEventListener("pointermove", (event) => { if (!this.dragging) this.hover(event); });
    this.canvas.addEventListener("pointerleave", () => { this.under = null; this.paint(); });
    this.canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("keyup", () => this.settle());
    const row = html(this.panel, "div", { class: "row" });
    this.button("−", () => this.zoomBy(1 / FAR, true), row).setAttribute("aria-label", texts.farther);
    const label = html(row, "label", { class: "way", "data-control": "zoom" });
    this.range = html(label, "input", { type: "range", min: 0, max: 100, step: 0.5, "aria-label": texts.zoom });
    this.range.addEventListener("input", () => this.zoomTo(this.farthest * (NEAREST / this.farthest) ** (this.range.value / 100)));
    this.range.addEventListener("change", () => this.settle());
    this.button("+", () => this.zoomBy(FAR, true), row).setAttribute("aria-label", texts.nearer);
    this.button(texts.to_numbers, () => { this.zoomTo(52); this.settle(); }, row);
    this.button(texts.whole, () => { this.zoomTo(this.farthest); this.settle(); }, row);
    this.choice("channel", { label: texts.show, options: { colour: texts.colour, grey: texts.grey }, parent: row });
    this.value = html(this.panel, "p", { class: "formula", role: "status" });
    this.shape = html(this.panel, "p", { class: "small" });
  }

  get size() { return { width: Math.max(this.stage.clientWidth, 200), height: Math.max(window.innerHeight * 0.48, 240) }; }

  get farthest() {
    const { width, height } = this.size;
    return Math.min(width / this.data.photo.width, height / this.data.photo.height);
  }

  get zoom() { return clamp(this.number("zoom") || this.farthest, this.farthest, NEAREST); }

  // The middle of what is shown, in pixels of the photo, kept inside.
  get centre() {
    const { width, height } = this.data.photo, half = [this.size.width / this.zoom / 2, this.size.height / this.zoom / 2];
    const [x, y] = this.numbers("middle");
    const inside = (value, length, reach) => (length <= 2 * reach ? length / 2 : clamp(value, reach, length - reach));
    return [inside(x, width, half[0]), inside(y, height, half[1])];
  }

  zoomTo(zoom) {
    const next = clamp(zoom, this.farthest, NEAREST);
    this.change({ zoom: next <= this.farthest * 1.001 ? "0" : next.toFixed(2), middle: this.written(this.centre) });
  }

  zoomBy(factor, settle) { this.zoomTo(this.zoom * factor); if (settle) this.settle(); }

  written([x, y]) { return `${x.toFixed(1)},${y.toFixed(1)}`; }

  moveTo(x, y) { this.change({ middle: this.written([x, y]) }); this.change({ middle: this.written(this.centre) }); }

  drag(event) {
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    const from = [event.clientX, event.clientY], start = this.centre;
    this.dragging = true;
    const move = (next) => this.moveTo(start[0] - (next.clientX - from[0]) / this.zoom, start[1] - (next.clientY - from[1]) / this.zoom);
    this.canvas.addEventListener("pointermove", move);
    const stop = (last) => {
      this.canvas.removeEventListener("pointermove", move);
      this.dragging = false;
      this.hover(last);
      this.settle();
    };
    this.canvas.addEventListener("pointerup", stop, { once: true });
    this.canvas.addEventListener("pointercancel", stop, { once: true });
  }

  // The wheel zooms once the picture was clicked; before, it scrolls the page.
  wheel(event) {
    if (this.canvas.getRootNode().activeElement !== this.canvas) return;
    event.preventDefault();
    const before = this.place(event);
    this.zoomBy(event.deltaY < 0 ? 1.15 : 1 / 1.15, false);
    const after = this.place(event);
    this.moveTo(this.centre[0] + before[0] - after[0], this.centre[1] + before[1] - after[1]);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.settle(), 300);
  }

  key(event) {
    const step = Math.max(1, 60 / this.zoom), [x, y] = this.centre;
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (event.key in ways) this.moveTo(x + ways[event.key][0], y + ways[event.key][1]);
    else if (event.key === "+" || event.key === "=") this.zoomBy(FAR, false);
    else if (event.key === "-") this.zoomBy(1 / FAR, false);
    else return;
    event.preventDefault();
  }

  // Where in the photo the pointer is.
  place(event) {
    const frame = this.canvas.getBoundingClientRect(), { width, height } = this.size;
    return [
      this.centre[0] + (event.clientX - frame.left - width / 2) / this.zoom,
      this.centre[1] + (event.clientY - frame.top - height / 2) / this.zoom,
    ];
  }

  hover(event) {
    const [x, y] = this.place(event).map(Math.floor), { width, height } = this.data.photo;
    this.under = x >= 0 && y >= 0 && x < width && y < height ? [x, y] : null;
    this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.paint(); });
  }

  draw() {
    const { texts, zoom } = this, { photo } = this.data;
    const { width, height } = this.size;
    this.range.value = (100 * Math.log(zoom / this.farthest)) / Math.log(NEAREST / this.farthest);
    this.range.setAttribute("aria-valuetext", `${say(zoom, 1)} ×`);
    const depth = this.state.channel === "grey" ? 1 : 3;
    write(this.shape, fill(depth === 1 ? texts.count_grey : texts.count, {
      rows: photo.height, columns: photo.width, count: (photo.height * photo.width * depth).toLocaleString("en"),
    }));
    const context = sharp(this.canvas, width, height);
    context.clearRect(0, 0, width, height);
    if (!this.image) return;
    const [x, y] = this.centre, left = width / 2 - x * zoom, top = height / 2 - y * zoom;
    context.imageSmoothingEnabled = zoom < 3;
    context.drawImage(this.source(), left, top, photo.width * zoom, photo.height * zoom);
    if (zoom >= NUMBERS_FROM) this.write(context, left, top, zoom, width, height);
    const middle = this.under ?? [clamp(Math.floor(x), 0, photo.width - 1), clamp(Math.floor(y), 0, photo.height - 1)];
    context.lineWidth = 2;
    if (zoom >= 8) { context.strokeStyle = "#e69f00"; context.strokeRect(left + middle[0] * zoom, top + middle[1] * zoom, zoom, zoom); }
    this.tell(middle);
  }

  source() {
    if (this.state.channel !== "grey") return this.whole;
    if (!this.greyed) { this.greyed = document.createElement("canvas"); paintPlane(this.greyed, this.grey); }
    return this.greyed;
  }

  arrived(image) {
    this.greyed = null;
    super.arrived(image);
  }

  // The numbers of every pixel in sight.
  write(context, left, top, zoom, width, height) {
    const { photo } = this.data;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 1;
    context.strokeStyle = "rgba(128, 128, 128, 0.45)";
    const first = [Math.max(0, Math.floor(-left / zoom)), Math.max(0, Math.floor(-top / zoom))];
    const last = [Math.min(photo.width, Math.ceil((width - left) / zoom)), Math.min(photo.height, Math.ceil((height - top) / zoom))];
    for (let row = first[1]; row < last[1]; row += 1) {
      for (let column = first[0]; column < last[0]; column += 1) {
        this.writeOne(context, column, row, left + (column + 0.5) * zoom, top + (row + 0.5) * zoom, zoom);
      }
    }
  }

  writeOne(context, column, row, x, y, zoom) {
    context.strokeRect(x - zoom / 2, y - zoom / 2, zoom, zoom);
    const bright = this.grey.values[row * this.image.width + column];
    if (this.state.channel === "grey" || zoom < THREE_FROM) {
      context.font = `600 ${Math.min(zoom * 0.4, 22)}px sans-serif`;
      context.fillStyle = readable(bright);
      if (this.state.channel === "grey") context.fillText(bright, x, y);
      return;
    }
    context.font = `600 ${Math.min(zoom * 0.27, 20)}px sans-serif`;
    this.pixel(column, row).forEach((value, channel) => {
      context.fillStyle = bright > 150 ? ["#8b0000", "#00510d", "#0a1e8c"][channel] : COLOURS[channel];
      context.fillText(value, x, y + (channel - 1) * zoom * 0.3);
    });
  }

  tell([x, y]) {
    const [red, green, blue] = this.pixel(x, y), grey = this.grey.values[y * this.image.width + x];
    const text = this.state.channel === "grey" ? this.texts.at_grey : this.texts.at;
    write(this.value, fill(text, { row: y, column: x, red, green, blue, grey }));
  }
}

export default (component) => showLesson(Numbers, component);
