// Where computer vision lies: three fields and what they share, with something that lies in each place.
const REGIONS = {
  intelligence: { x: 20, y: 20, width: 560, height: 390, rx: 46 },
  learning: { x: 150, y: 105, width: 400, height: 270, rx: 46 },
  vision: { x: 330, y: 160, width: 400, height: 190, rx: 95 },
  processing: { x: 605, y: 70, width: 345, height: 330, rx: 46 },
};
const LABELS = { intelligence: [60, 58], learning: [190, 143], vision: [358, 196], processing: [700, 108] };

class FieldMap extends Lesson {
  build() {
    const { texts, data } = this;
    this.root.classList.add("full");
    const picture = svg(this.stage, "svg", { class: "field", viewBox: "0 0 970 430", role: "group", "aria-label": texts.picture });
    for (const [name, box] of Object.entries(REGIONS)) svg(picture, "rect", { class: `region ${name}`, ...box });
    for (const [name, [x, y]] of Object.entries(LABELS)) svg(picture, "text", { class: "label", x, y }, texts[name]);
    this.dots = data.examples.map(({ name, title, x, y }, number) => {
      const dot = svg(picture, "g", { class: "example", tabindex: 0, role: "button", "aria-label": title, "data-example": name });
      svg(dot, "circle", { cx: x, cy: y, r: 17 });
      svg(dot, "text", { x, y: y + 6 }, String(number + 1));
      dot.addEventListener("click", () => this.pick(name));
      dot.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); this.pick(name); } });
      return { name, dot };
    });
    this.card = html(this.panel, "div", { class: "card", role: "status", "aria-live": "polite" });
    this.title = html(this.card, "p", { class: "heading" });
    this.words = html(this.card, "p");
  }

  pick(name) { this.change({ example: name }); this.settle(); }

  draw() {
    const place = this.data.examples.findIndex(({ name }) => name === this.state.example), example = this.data.examples[place];
    for (const { name, dot } of this.dots) dot.setAttribute("aria-pressed", String(name === this.state.example));
    write(this.title, `${place + 1} · ${example.title}`);
    write(this.words, example.words);
  }
}

export default (component) => showLesson(FieldMap, component);
