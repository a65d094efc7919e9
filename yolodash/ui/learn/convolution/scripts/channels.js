// Red, green and blue, each by its own filter of depth 1; then the sum of the three maps.
const NAMES = ["red", "green", "blue"];
const TINTS = [[1, 0.12, 0.12], [0.12, 1, 0.12], [0.25, 0.35, 1]];

class Channels extends PhotoStep {
  build() {
    const { texts } = this;
    this.root.classList.add("full");
    this.bare = true;
    const row = html(this.stage, "div", { class: "channels" });
    this.columns = NAMES.map((name, channel) => this.column(row, name, channel));
    const total = html(row, "div", { class: "channel total" });
    html(total, "p", { class: "heading" }, texts.sum);
    this.total = this.spotted(total, texts.sum);
    this.equation = html(total, "p", { class: "part" });
    const last = html(this.panel, "div", { class: "row" });
    const box = html(last, "span", { class: "choice", role: "group", "aria-label": texts.cases });
    for (const { title, values } of this.data.cases) {
      const button = this.button(title, () => { this.change(values); this.settle(); }, box);
      this.refreshers.push(() => button.setAttribute("aria-pressed", String(values.filters === this.state.filters)));
    }
    this.signedCheck(last);
    html(this.panel, "p", { class: "small" }, texts.hint);
  }

  column(parent, name, channel) {
    const { texts } = this;
    const box = html(parent, "div", { class: `channel ${name}` });
    html(box, "p", { class: "heading" }, texts[name]);
    const before = this.spotted(box, texts[name]);
    const grid = new Grid(box, { label: `${texts.filter} ${texts[name]}`, kind: "kernel", edit: (y, x, value) => this.typed(channel, y, x, value) });
    const after = this.spotted(box, `${texts.map} ${texts[name]}`);
    const part = html(box, "p", { class: "part" });
    html(box, "span", { class: "joint", "aria-hidden": "true" }, channel < 2 ? "+" : "=");
    return { before, grid, after, part };
  }

  // A picture with a mark at the place whose numbers are shown; a press or a drag moves the mark.
  spotted(parent, label) {
    const box = html(parent, "div", { class: "spot" });
    const canvas = html(box, "canvas", { role: "img", "aria-label": label, tabindex: 0 });
    const mark = html(box, "i");
    this.trackTo(canvas, (event) => {
      const frame = canvas.getBoundingClientRect();
      this.moveTo(((event.clientX - frame.left) / frame.width) * canvas.width, ((event.clientY - frame.top) / frame.height) * canvas.height);
    });
    canvas.addEventListener("keydown", (event) => {
      const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
      if (!x && !y) return;
      event.preventDefault();
      this.moveTo(this.at[0] + x + 0.5, this.at[1] + y + 0.5);
      this.settle();
    });
    return { canvas, mark };
  }

  get filters() { return this.state.filters.split("|").map(readMatrix); }

  get at() {
    const [x, y] = this.numbers("at"), { width, height } = this.data.photo;
    return [clamp(x, 0, width - 1), clamp(y, 0, height - 1)];
  }

  moveTo(x, y) {
    const { width, height } = this.data.photo;
    this.change({ at: [clamp(Math.floor(x), 0, width - 1), clamp(Math.floor(y), 0, height - 1)].join(",") });
  }

  typed(channel, y, x, value) {
    if (value === null) { this.change({}); return this.settle(); }
    const { filters } = this;
    filters[channel][y][x] = value;
    this.change({ filters: filters.map(writeMatrix).join("|") });
  }

  see(image) {
    this.planes = [0, 1, 2].map((channel) => channelPlane(image, channel));
    this.bare = true;
    super.see(image);
  }

  paintChannels() {
    this.bare = false;
    this.columns.forEach(({ before }, channel) => paintPlane(before.canvas, this.planes[channel], { tint: TINTS[channel] }));
  }

  // As convolve_channels and sum_of_channels.
  maps() {
    const text = this.state.filters;
    if (this.known?.text === text && this.known.planes === this.planes) return this.known;
    const each = this.filters.map((filter, channel) => filterPlane(this.planes[channel], filter));
    const values = each[0].values.map((value, i) => value + each[1].values[i] + each[2].values[i]);
    this.known = { text, planes: this.planes, each, sum: { ...each[0], values } };
    return this.known;
  }

  draw() {
    this.columns.forEach(({ grid }, channel) => grid.show(this.filters[channel]));
    if (!this.planes) return;
    if (this.bare) this.paintChannels();
    const { each, sum } = this.maps(), signed = this.state.signed === "1";
    const [x, y] = this.at, place = y * sum.width + x;
    const parts = each.map(({ values }) => values[place]);
    this.columns.forEach(({ before, after, part }, channel) => {
      paintPlane(after.canvas, each[channel], { signed, tint: TINTS[channel] });
      write(part, String(parts[channel]).replace("-", "−"));
      for (const { mark } of [before, after]) this.placeMark(mark, x, y);
    });
    paintPlane(this.total.canvas, sum, { signed });
    this.placeMark(this.total.mark, x, y);
    write(this.equation, `${parts.map((value) => inBrackets(value)).join(" + ")} = ${say(parts[0] + parts[1] + parts[2], 4)}`);
  }

  placeMark(mark, x, y) {
    const { width, height } = this.data.photo;
    mark.style.left = `${(100 * (x + 0.5)) / width}%`;
    mark.style.top = `${(100 * (y + 0.5)) / height}%`;
  }
}

export default (component) => showLesson(Channels, component);
