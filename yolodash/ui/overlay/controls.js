// The controls beside the picture, and the account below it. Texts are set with textContent only.

const MOST_CHIPS = 40;
const SEARCH_FROM = 13;

function element(tag, { text, ...attributes } = {}, children = []) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) node.setAttribute(name, value);
  }
  if (text !== undefined) node.textContent = text;
  node.append(...children);
  return node;
}

// Set a text only when it is another: the same one again would cost a layout of the page in every frame.
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Fill the {placeholders} of a text in one pass, so that a name that holds braces stays as it is.
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

// A view whose thresholds are moved by the controls. Who extends it has `thresholds` and `settled` (as text), `data`,
// `setStateValue` and `redraw()`.
class ThresholdView {
  change(values) {
    Object.assign(this.thresholds, values);
    this.redraw();
  }

  // Tell Python, on release only, and only what it does not know yet.
  settle() {
    const settled = JSON.stringify(this.thresholds);
    if (settled === this.settled) return;
    this.settled = settled;
    this.setStateValue("thresholds", { ...this.thresholds, revision: this.data.revision });
  }
}

// Build the controls of a ThresholdView for its candidates; returns what shows its thresholds on them.
function buildControls(view) {
  const change = (values) => view.change(values);
  const settle = () => view.settle();
  const controls = [
    thresholdControl(view, "score_threshold", change, settle),
    thresholdControl(view, "nms_iou_threshold", change, settle),
    maximumControl(view, change, settle),
    agnosticControl(view, change, settle),
    ...(view.data.pairs ? [labelsControl(view, change, settle)] : []),
    ...(view.data.names.length > 1 ? [classesControl(view, change, settle)] : []),
  ];
  view.nodes.controls.replaceChildren(...controls.map((control) => control.node));
  return () => controls.forEach((control) => control.refresh());
}

function thresholdControl(view, name, change, settle) {
  const { texts, floor } = view.data;
  const limits = { min: floor, max: 1, step: 0.001 };
  const range = element("input", { type: "range", "aria-label": texts[name], ...limits });
  const number = element("input", { type: "number", "aria-label": texts[name], ...limits, step: "any" });
  const node = element("div", { class: "control", "data-control": name }, [
    element("span", { class: "name", text: texts[name], "aria-hidden": "true" }), number, range,
  ]);
  const take = (text) => {
    const value = Number.parseFloat(text);
    if (Number.isFinite(value)) change({ [name]: Math.min(Math.max(value, floor), 1) });
  };
  range.addEventListener("input", () => take(range.value));
  range.addEventListener("change", settle);
  number.addEventListener("input", () => take(number.value));
  number.addEventListener("change", settle);
  const refresh = () => {
    const value = view.thresholds[name];
    if (!isFocused(range) || Number.parseFloat(range.value) !== value) range.value = value;
    if (!isFocused(number)) number.value = Number(value.toFixed(4));
    range.style.setProperty("--share", `${100 * value}%`);
  };
  number.addEventListener("blur", refresh);
  return { node, refresh };
}

const isFocused = (node) => node.getRootNode().activeElement === node;

function maximumControl(view, change, settle) {
  const { texts } = view.data;
  const number = element("input", { type: "number", min: 1, step: 1, "aria-label": texts.max_detections });
  const node = element("div", { class: "control", "data-control": "max_detections" }, [
    element("span", { class: "name", text: texts.max_detections, "aria-hidden": "true" }), number,
  ]);
  number.addEventListener("input", () => {
    const value = Number.parseInt(number.value, 10);
    if (value >= 1) change({ max_detections: Math.min(value, 1e6) });
  });
  number.addEventListener("change", settle);
  const refresh = () => { if (!isFocused(number)) number.value = view.thresholds.max_detections; };
  number.addEventListener("blur", refresh);
  return { node, refresh };
}

function agnosticControl(view, change, settle) {
  const box = element("input", { type: "checkbox" });
  const node = element("label", { class: "control check", "data-control": "class_agnostic" }, [
    box, element("span", { text: view.data.texts.class_agnostic }),
  ]);
  box.addEventListener("change", () => { change({ class_agnostic: box.checked }); settle(); });
  return { node, refresh: () => { box.checked = view.thresholds.class_agnostic; } };
}

function labelsControl(view, change, settle) {
  const { texts } = view.data;
  const select = element("select", { "aria-label": texts.labels }, [
    element("option", { value: "best", text: texts.labels_best }),
    element("option", { value: "all", text: texts.labels_all }),
  ]);
  const node = element("div", { class: "control", "data-control": "labels" }, [
    element("span", { class: "name", text: texts.labels, "aria-hidden": "true" }), select,
  ]);
  select.addEventListener("change", () => { change({ labels: select.value }); settle(); });
  return { node, refresh: () => { select.value = view.thresholds.labels; } };
}

// Chips: none pressed but "All" means every class; pressing one asks for that one, pressing more adds.
function classesControl(view, change, settle) {
  const { texts, names } = view.data;
  const order = classesByScore(view);
  const everyone = element("button", { type: "button", class: "chip all", text: texts.all_classes });
  const search = element("input", { type: "search", placeholder: texts.search, "aria-label": texts.search });
  search.hidden = names.length < SEARCH_FROM;
  const chips = element("div", { class: "chips" });
  const node = element("div", { class: "control classes", "data-control": "classes" }, [
    element("span", { class: "name", text: texts.classes }), everyone, search, chips,
  ]);
  const toggle = (classId) => {
    const chosen = new Set(view.thresholds.classes ?? []);
    if (!chosen.delete(classId)) chosen.add(classId);
    change({ classes: chosen.size ? [...chosen].sort((a, b) => a - b) : null });
    settle();
  };
  let shown; // the classes that the chips show as pressed
  const refresh = () => {
    if (shown === view.thresholds.classes) return;
    shown = view.thresholds.classes;
    everyone.setAttribute("aria-pressed", String(view.thresholds.classes === null));
    const chosen = new Set(view.thresholds.classes ?? []);
    for (const chip of chips.querySelectorAll("button")) {
      chip.setAttribute("aria-pressed", String(chosen.has(Number(chip.dataset.classId))));
    }
  };
  const build = () => {
    chips.replaceChildren(...chipsFor(view, order, search.value, toggle));
    shown = undefined;
    refresh();
  };
  everyone.addEventListener("click", () => { change({ classes: null }); settle(); });
  search.addEventListener("input", build);
  build();
  return { node, refresh };
}

function chipsFor(view, order, search, toggle) {
  const wanted = search.trim().toLowerCase();
  const chosen = new Set(view.thresholds.classes ?? []);
  const found = order.filter((classId) => view.nameOf(classId).toLowerCase().includes(wanted));
  found.sort((a, b) => chosen.has(b) - chosen.has(a)); // stable: the chosen ones first
  const chips = found.slice(0, MOST_CHIPS).map((classId) => {
    const chip = element("button", { type: "button", class: "chip", "data-class-id": classId, title: view.nameOf(classId) }, [
      element("span", { class: "swatch", style: `background:${colourOf(classId)}` }),
      element("span", { class: "text", text: view.nameOf(classId) }),
    ]);
    chip.addEventListener("click", () => toggle(classId));
    return chip;
  });
  const rest = found.length - chips.length;
  if (rest > 0) chips.push(element("span", { class: "more", text: fill(view.data.texts.more_classes, { count: rest }) }));
  return chips;
}

// The classes that score best on this picture first, then the others by number.
function classesByScore(view) {
  const { prepared, data } = view;
  const order = new Set();
  for (const classId of prepared.all.ranking.classId) order.add(classId);
  for (const classId of prepared.best.ranking.classId) order.add(classId);
  for (const classId of data.names.keys()) order.add(classId);
  return [...order];
}

// The account: a stacked bar of what became of all candidates, and its legend with the numbers.
function buildAccount(view) {
  const { texts, candidates } = view.data;
  const { account } = view.nodes;
  const caption = account.querySelector("figcaption");
  caption.textContent = fill(texts.account, { count: view.countText(candidates.count) });
  const parts = FATES.map((fate) => ({
    segment: element("div", { class: `segment ${fate}`, title: texts[fate] }),
    number: element("strong", { "data-fate": fate }),
    fate,
  }));
  account.querySelector(".bar").replaceChildren(...parts.map(({ segment }) => segment));
  account.querySelector(".legend").replaceChildren(...parts.map(({ number, fate }) => element("li", {}, [
    element("span", { class: `key ${fate}`, "aria-hidden": "true" }), number, element("span", { text: texts[fate] }),
  ])));
  return () => parts.forEach(({ segment, number }, i) => {
    const count = view.selection.account[i];
    segment.style.flexGrow = count;
    segment.hidden = count === 0;
    write(number, view.countText(count));
  });
}
