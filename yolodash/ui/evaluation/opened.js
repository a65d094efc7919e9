// The boxes behind a number, on their pictures. Texts are set as text, never as markup.

// On any picture: bright lines on a dark rim. Outline and letter carry the meaning, colour repeats it.
const STYLES = {
  TP: { stroke: "#5ff0a8", dash: "" },
  FP: { stroke: "#ff9d5c", dash: "7 4" },
  FN: { stroke: "#9dbbff", dash: "1.5 4.5" },
  free: { stroke: "#ffffff", dash: "1.5 4.5" },
  taken: { stroke: "#ffffff", dash: "" },
};

function outline(parent, [x, y, width, height], { stroke, dash }, line) {
  const box = { x, y, width: Math.max(width, 1), height: Math.max(height, 1), fill: "none" };
  const scale = { "vector-effect": "non-scaling-stroke", "stroke-linecap": dash ? "round" : "butt" };
  node(parent, "rect", { ...box, ...scale, stroke: "rgba(0,0,0,.75)", "stroke-width": line + 2.5 });
  return node(parent, "rect", { ...box, ...scale, stroke, "stroke-width": line, "stroke-dasharray": dash });
}

function letter(svg, box, { stroke }, card) {
  const size = Math.max(card.height, card.width * 0.75) / 16;
  const wide = size * (0.4 + 0.62 * box.letter.length);
  const x = Math.min(Math.max(box.box[0], 0), card.width - wide);
  const truth = box.kind === "free" || box.kind === "taken"; // its letter stands below, out of the detection's way
  const y = truth ? Math.min(box.box[1] + box.box[3], card.height - size * 1.15) : Math.max(box.box[1] - size * 1.15, 0);
  node(svg, "rect", { x, y, width: wide, height: size * 1.15, fill: "rgba(0,0,0,.75)" });
  node(svg, "text", { x: x + wide / 2, y: y + size * 0.92, fill: stroke, "font-size": size * 0.92, "font-weight": 700, "text-anchor": "middle", "font-family": "sans-serif" }, box.letter);
}

class View {
  constructor(root) { this.root = root; }

  update({ data, setTriggerValue, parentElement }) {
    this.setTriggerValue = setTriggerValue;
    const before = this.version;
    this.version = data.version;
    this.root.classList.toggle("dark", isDark(this.root));
    this.root.classList.toggle("single", data.single);
    this.chosen = data.chosen;
    const cards = this.root.querySelector(".cards");
    cards.replaceChildren();
    data.cards.forEach((card) => this.card(cards, card));
    if (data.scroll !== "" && this.scrolled !== data.scroll) {
      this.scrolled = data.scroll;
      requestAnimationFrame(() => this.scroll());
    }
    if (before !== undefined) this.mark(this.chosen);
  }

  // The heading above the pictures comes into sight, whatever was clicked further up.
  scroll() {
    const host = this.root.getRootNode().host ?? this.root;
    const area = host.closest("[data-testid=stMain]");
    if (!area) return;
    const top = host.getBoundingClientRect().top;
    if (top > window.innerHeight * 0.6 || top < 0) area.scrollBy({ top: top - 150, behavior: "smooth" });
  }

  card(parent, card) {
    const figure = element(parent, "figure", "card");
    figure.style.margin = 0;
    const svg = node(figure, "svg", { viewBox: `0 0 ${card.width} ${card.height}`, role: "img", "aria-label": card.name });
    node(svg, "rect", { width: card.width, height: card.height, fill: "#777" });
    if (card.jpeg) node(svg, "image", { href: `data:image/jpeg;base64,${card.jpeg}`, width: card.width, height: card.height });
    const rows = element(figure, "ul", "rows");
    const partner = node(svg, "g", {});
    for (const box of card.boxes) this.box(svg, rows, box, card, partner);
    element(figure, "div", "name", card.name);
    figure.insertBefore(figure.lastChild, rows);
  }

  box(svg, rows, box, card, partner) {
    const style = STYLES[box.kind];
    const group = node(svg, "g", { "data-box": box.id, class: "box", style: "cursor:pointer" });
    const line = outline(group, box.box, style, 2.5);
    letter(group, box, style, card);
    const hit = node(group, "rect", { x: box.box[0], y: box.box[1], width: Math.max(box.box[2], 4), height: Math.max(box.box[3], 4), fill: "transparent" });
    node(hit, "title", {}, box.title);
    const item = element(rows, "li", "");
    const row = element(item, "button", `row ${box.kind}`);
    row.dataset.row = box.id;
    row.setAttribute("aria-label", box.title);
    element(row, "span", "kind", box.letter);
    element(row, "span", "what", box.what);
    element(row, "span", "numbers", box.numbers);
    if (box.id === this.chosen) row.classList.add("chosen");
    const light = (on) => {
      row.classList.toggle("lit", on);
      line.setAttribute("stroke-width", on ? 5 : 2.5);
      partner.replaceChildren();
      if (on && box.partner) outline(partner, box.partner, { stroke: "#fff", dash: "1.5 4.5" }, 2);
    };
    for (const place of [group, row]) {
      place.addEventListener("pointerenter", () => light(true));
      place.addEventListener("pointerleave", () => light(false));
      place.addEventListener("click", () => this.pick(box.id));
    }
    row.addEventListener("focus", () => light(true));
    row.addEventListener("blur", () => light(false));
  }

  pick(id) {
    this.mark(id);
    this.setTriggerValue("pick", { id, version: this.version });
  }

  mark(id) {
    for (const row of this.root.querySelectorAll(".row")) row.classList.toggle("chosen", row.dataset.row === id);
  }
}

function isDark(root) {
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(getComputedStyle(root).getPropertyValue("--st-background-color").trim());
  return parts !== null && parts.slice(1).reduce((sum, part) => sum + parseInt(part, 16), 0) < 300;
}

export default function (component) {
  const root = component.parentElement.querySelector(".opened");
  root.view ??= new View(root);
  root.view.update(component);
}
