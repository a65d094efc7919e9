// Five generations on two lines: Darknet's and PyTorch's. A click tells one; the keys left and right go on.

const YEARS = [2015, 2021];
const LANES = { darknet: 62, pytorch: 142 };
const WIDTH = 900, LEFT = 120, RIGHT = 870, HEIGHT = 196;

const place = (date) => LEFT + ((date - YEARS[0]) / (YEARS[1] - YEARS[0])) * (RIGHT - LEFT);

class History extends Lesson {
  build() {
    this.root.classList.add("full");
    const node = svg(this.stage, "svg", { class: "timeline", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": this.texts.timeline });
    this.axis(node);
    this.buttons = this.data.events.map((event, i) => this.event(node, event, i));
    this.card = html(this.panel, "div", { class: "card", role: "status", "aria-live": "polite" });
    this.stage.addEventListener("keydown", (event) => this.key(event));
  }

  axis(node) {
    for (let year = YEARS[0]; year <= YEARS[1]; year++) {
      svg(node, "line", { class: "row", x1: place(year), x2: place(year), y1: 22, y2: HEIGHT - 18 });
      svg(node, "text", { class: "year", x: place(year), y: HEIGHT - 3 }, String(year));
    }
    for (const [lane, y] of Object.entries(LANES)) {
      svg(node, "text", { class: "lane", x: 0, y: y + 5 }, this.texts[lane]);
    }
    const { darknet, pytorch } = LANES, from = place(2018.26), split = place(2018.5);
    svg(node, "path", { class: "way", d: `M${LEFT} ${darknet}H${place(2020.9)}` });
    svg(node, "path", { class: "way other", d: `M${from} ${darknet}C${split} ${darknet} ${from} ${pytorch} ${split} ${pytorch}H${place(2020.9)}` });
  }

  event(node, { id, date, lane, short }, i) {
    const group = svg(node, "g", { class: "event", tabindex: 0, role: "button", "data-event": id });
    const x = place(date), y = LANES[lane], wide = 13 + short.length * 8.4;
    svg(group, "rect", { x: x - wide / 2, y: y - 17, width: wide, height: 34, rx: 8 });
    svg(group, "text", { x, y: y + 5.5 }, short);
    const choose = () => { this.change({ event: id }); this.settle(); };
    group.addEventListener("click", choose);
    group.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); } });
    return { group, id, i };
  }

  key(event) {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const { events } = this.data, at = events.findIndex(({ id }) => id === this.state.event);
    const next = clamp(at + way, 0, events.length - 1);
    this.change({ event: events[next].id });
    this.buttons[next].group.focus();
    this.settle();
  }

  draw() {
    const event = this.data.events.find(({ id }) => id === this.state.event) ?? this.data.events[0];
    for (const { group, id } of this.buttons) set(group, { "aria-pressed": String(id === event.id), "aria-label": `${id}` });
    this.card.replaceChildren();
    html(this.card, "p", { class: "heading" }, event.title);
    const facts = html(this.card, "dl");
    for (const [name, text] of event.facts) {
      html(facts, "dt", {}, name);
      html(facts, "dd", {}, text);
    }
  }
}

export default function (component) { return showLesson(History, component); }
