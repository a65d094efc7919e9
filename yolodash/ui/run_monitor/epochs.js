// The same few pictures after every epoch: the slider goes through what the network found, without the server.

const PLAY = 350; // milliseconds an epoch
const TRUTH = { stroke: "#ffffff", dash: "5 4", width: 1.5, rim: 1 };

function outline(parent, [left, top, right, bottom], { stroke, dash, width = 2, rim = 2, faint = false }) {
  const place = { x: left, y: top, width: Math.max(right - left, 1), height: Math.max(bottom - top, 1), fill: "none" };
  const scale = { ...place, "vector-effect": "non-scaling-stroke" };
  node(parent, "rect", { ...scale, stroke: "rgba(0,0,0,.7)", "stroke-width": width + rim, opacity: faint ? 0.5 : 1 });
  node(parent, "rect", { ...scale, stroke, "stroke-width": width, "stroke-dasharray": dash });
}

class View {
  constructor(root) {
    this.root = root;
    this.slider = root.querySelector("input");
    this.button = root.querySelector(".play");
    this.place = null; // null: follow the newest epoch
    this.slider.addEventListener("input", () => { this.stop(); this.go(Number(this.slider.value)); });
    this.button.addEventListener("click", () => (this.timer ? this.stop() : this.play()));
  }

  update({ data }) {
    if (this.version === data.version) return;
    const fresh = this.run !== data.run;
    Object.assign(this, { version: data.version, run: data.run, data });
    if (fresh) { this.stop(); this.place = null; }
    this.cards();
    this.key();
    this.slider.max = Math.max(data.epochs.length - 1, 0);
    this.slider.disabled = this.button.disabled = data.epochs.length < 2;
    this.slider.setAttribute("aria-label", data.texts.slider);
    this.label();
    this.show();
  }

  cards() {
    const area = this.root.querySelector(".cards");
    const names = this.data.pictures.map((picture) => picture.name).join("\n");
    if (this.drawn === `${this.run}\n${names}`) return;
    this.drawn = `${this.run}\n${names}`;
    area.replaceChildren();
    this.layers = this.data.pictures.map((picture) => {
      const card = element(area, "figure", "card");
      const svg = node(card, "svg", { viewBox: `0 0 ${picture.width} ${picture.height}`, role: "img" });
      if (picture.jpeg) {
        node(svg, "image", { href: `data:image/jpeg;base64,${picture.jpeg}`, width: picture.width, height: picture.height });
      }
      const boxes = node(svg, "g", {});
      const truths = node(svg, "g", { class: "truths" });
      for (const box of picture.truths) outline(truths, box, TRUTH);
      const caption = element(card, "figcaption", "");
      element(caption, "span", "name", picture.name).title = picture.name;
      return { svg, boxes, count: element(caption, "span", "count") };
    });
  }

  key() {
    const { texts, styles } = this.data;
    const area = this.root.querySelector(".key");
    area.replaceChildren();
    const line = (style, text) => {
      const entry = element(area, "span", "");
      const svg = node(entry, "svg", { viewBox: "0 0 44 18" });
      node(svg, "line", { x1: 4, y1: 9, x2: 40, y2: 9, stroke: style.stroke, "stroke-width": style.width ?? 2.5, "stroke-dasharray": style.dash });
      element(entry, "span", "", text);
    };
    line(TRUTH, texts.truth);
    line({ stroke: styles[0].stroke, dash: "" }, texts.sure);
    line({ stroke: styles[0].stroke, dash: "1 4", width: 1.5 }, texts.unsure);
  }

  get current() {
    const last = this.data.epochs.length - 1;
    return this.place === null ? last : Math.min(this.place, last);
  }

  go(place) {
    this.place = place >= this.data.epochs.length - 1 ? null : place;
    this.show();
  }

  show() {
    const { epochs, texts, score, names, styles } = this.data;
    const place = this.current;
    this.slider.value = place;
    const epoch = epochs[place];
    this.root.dataset.epoch = epoch ? epoch.epoch + 1 : "";
    this.root.querySelector(".which").textContent = epoch ? filled(texts.epoch, { epoch: epoch.epoch + 1 }) : texts.none;
    this.layers.forEach((layer, number) => {
      const found = epoch ? epoch.boxes[number] : [];
      const sure = found.filter((box) => box[5] > score).length;
      layer.boxes.replaceChildren();
      for (const box of [...found].reverse()) this.box(layer.boxes, box, this.data.pictures[number], styles, names, score);
      layer.count.textContent = filled(texts.count, { found: sure, truths: this.data.pictures[number].truths.length });
      layer.svg.setAttribute("aria-label", layer.count.textContent);
    });
  }

  box(parent, [left, top, right, bottom, label, value], picture, styles, names, score) {
    const style = styles[label % styles.length];
    const faint = value <= score;
    outline(parent, [left, top, right, bottom], { stroke: style.stroke, dash: faint ? "1 4" : style.dash, width: faint ? 1.5 : 2.5, faint });
    const size = Math.max(picture.width / 26, 7);
    const text = `${names[label] ?? label} ${value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
    const wide = size * (0.5 + 0.56 * text.length);
    const x = Math.min(Math.max(left, 0), Math.max(picture.width - wide, 0));
    const y = Math.max(top - size * 1.2, 0);
    if (faint) {
      node(parent, "text", { x: x + size * 0.2, y: y + size * 0.95, fill: "#fff", stroke: "rgba(0,0,0,.8)", "stroke-width": size / 5, "paint-order": "stroke", "font-size": size * 0.85, "font-family": "sans-serif" }, text);
      return;
    }
    node(parent, "rect", { x, y, width: wide, height: size * 1.2, fill: style.stroke });
    node(parent, "text", { x: x + size * 0.25, y: y + size * 0.95, fill: style.text, "font-size": size, "font-family": "sans-serif", "font-weight": 600 }, text);
  }

  play() {
    if (this.current === this.data.epochs.length - 1) this.go(0);
    this.timer = setInterval(() => {
      this.go(this.current + 1);
      if (this.place === null) this.stop();
    }, PLAY);
    this.label();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    if (this.data) this.label();
  }

  label() {
    this.button.textContent = this.timer ? this.data.texts.pause : this.data.texts.play;
  }
}

export default function (component) {
  const root = component.parentElement.querySelector(".epochs");
  root.view ??= new View(root);
  root.view.update(component);
  return () => { if (!root.isConnected) root.view.stop(); };
}
