// A page of pictures: a click opens one, a box ticks it, arrows go from one to the next.

const same = (a, b) => a.length === b.length && a.every((one, place) => one === b[place]);

function outline(svg, box, shown) {
  const [x1, y1, x2, y2, kind] = box;
  const { colour, dashes } = shown.classes[kind] ?? { colour: "#fff", dashes: [1, 0] };
  const stroke = Math.max(shown.width, shown.height) / 90;
  const at = { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
  node(svg, "rect", { ...at, class: "under", "stroke-width": stroke * 1.9 });
  const dash = dashes[1] ? dashes.map((part) => part * stroke * 1.4).join(" ") : "none";
  node(svg, "rect", { ...at, class: "over", stroke: colour, "stroke-width": stroke, "stroke-dasharray": dash });
}

function tile(list, one, data, view) {
  const item = element(list, "li", "tile");
  const open = element(item, "button", "open");
  open.type = "button";
  open.title = one.title;
  open.setAttribute("aria-label", `${data.texts.open}: ${one.title}`);
  const frame = element(open, "span", "frame");
  if (one.source) {
    const image = element(frame, "img", "");
    image.src = one.source;
    image.alt = "";
    image.decoding = "async";
    if (data.boxes && one.width) {
      const size = { viewBox: `0 0 ${one.width} ${one.height}`, preserveAspectRatio: "xMidYMid meet", "aria-hidden": "true" };
      const svg = node(frame, "svg", size);
      for (const box of one.boxes) outline(svg, box, { ...one, classes: data.classes });
    }
  } else {
    element(frame, "span", "none", data.texts.damaged);
  }
  const caption = element(open, "span", "caption");
  element(caption, "span", "name", one.stem);
  element(caption, "span", "about", one.about);
  open.addEventListener("click", () => view.open(one.stem));
  open.addEventListener("keydown", (event) => view.move(event, open));
  const pick = element(item, "label", "pick");
  const box = element(pick, "input", "");
  box.type = "checkbox";
  box.checked = view.selected.has(one.stem);
  box.setAttribute("aria-label", `${data.texts.select}: ${one.stem}`);
  item.classList.toggle("selected", box.checked);
  box.addEventListener("change", () => {
    if (box.checked) view.selected.add(one.stem);
    else view.selected.delete(one.stem);
    item.classList.toggle("selected", box.checked);
    view.tell();
  });
}

class GridView {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector(".tiles");
    this.selected = new Set();
    this.shown = null;
  }

  show(data, talk) {
    this.data = data;
    this.talk = talk;
    const text = JSON.stringify([data.page, data.round, data.boxes, data.pictures.map(({ key }) => key)]);
    if (text === this.shown) return;
    this.shown = text;
    const kept = data.round === this.round ? data.pictures.map(({ stem }) => stem).filter((stem) => this.selected.has(stem)) : [];
    this.selected = new Set(kept);
    this.round = data.round;
    this.list.replaceChildren();
    for (const one of data.pictures) tile(this.list, one, data, this);
  }

  open(stem) { this.talk.setTriggerValue("open", stem); }

  tell() {
    const stems = this.data.pictures.map(({ stem }) => stem).filter((stem) => this.selected.has(stem));
    if (!same(stems, this.told ?? [])) this.talk.setStateValue("selected", { round: this.data.round, stems });
    this.told = stems;
  }

  move(event, from) {
    const all = [...this.list.querySelectorAll(".open")];
    const across = all.filter((one) => one.getBoundingClientRect().top === all[0].getBoundingClientRect().top).length;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across }[event.key];
    const next = step && all[all.indexOf(from) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

const views = new WeakMap();

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".grid");
  const view = views.get(root) ?? new GridView(root);
  views.set(root, view);
  view.show(data, { setStateValue, setTriggerValue });
}
