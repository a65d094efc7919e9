// Buttons, classes and keys. Everything that a button does has a key, and the other way round.

const NUDGES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function buildTools(view) {
  const { texts, place, mode } = view.data;
  const free = !view.frozen;
  const chosen = view.chosenBox();
  const buttons = [
    ["previous", "←", () => view.go(-1), place.at > 0],
    ["next", "→", () => view.go(1), place.at < place.count - 1],
    null,
    ["undo", "↶", () => view.turn("undo"), free && view.steps.past.length > 0],
    ["redo", "↷", () => view.turn("redo"), free && view.steps.future.length > 0],
    ["delete", "✕", () => view.remove(), free && chosen !== null],
    null,
    ["zoom_out", "−", () => view.zoom(1 / 1.25), true],
    ["zoom_in", "+", () => view.zoom(1.25), true],
    ["fit", "⤢", () => view.fit(), true],
    "gap",
    ...(view.boxes.some(({ open }) => open) ? [["take_all", texts.take_all_short, () => view.take(true), free]] : []),
    ["accept", mode === "review" ? texts.accept_review : texts.accept_done, () => view.accept(), free],
  ];
  const made = JSON.stringify(buttons.map((one) => (Array.isArray(one) ? [one[0], one[1], one[3]] : one)));
  if (view.toolsMade === made) return;
  view.toolsMade = made;
  const { tools } = view.nodes;
  const focused = tools.getRootNode().activeElement?.dataset?.tool;
  tools.replaceChildren();
  for (const button of buttons) {
    if (!Array.isArray(button)) { element(tools, "span", button ?? "small-gap"); continue; }
    const [name, sign, act, able] = button;
    const made = element(tools, "button", name === "accept" ? "main-one" : "", sign);
    Object.assign(made, { type: "button", title: texts[name], disabled: !able });
    made.dataset.tool = name;
    made.setAttribute("aria-label", texts[name]);
    made.addEventListener("click", () => { act(); view.nodes.boxes.focus({ preventScroll: true }); });
    if (name === focused && able) made.focus();
  }
}

function buildSide(view) {
  const { texts, classes } = view.data;
  view.nodes.heading.textContent = texts.classes;
  view.nodes.boxes.setAttribute("aria-label", texts.canvas);
  const counts = new Map();
  for (const { class_id } of view.boxes) counts.set(class_id, (counts.get(class_id) ?? 0) + 1);
  const chosen = view.chosenBox()?.class_id ?? view.classId;
  const rows = classes.map(({ id, name, colour }, rank) => ({ id, name, colour, key: rank < 9 ? String(rank + 1) : "", count: counts.get(id) ?? 0, pressed: id === chosen }));
  const made = JSON.stringify(rows);
  if (view.sideMade === made) return;
  view.sideMade = made;
  view.nodes.classes.replaceChildren();
  for (const row of rows) buildClass(view, row);
  if (!view.nodes.keys.firstChild) buildKeys(view);
}

function buildClass(view, { id, name, colour, key, count, pressed }) {
  const item = element(view.nodes.classes, "li", "");
  const button = element(item, "button", "class");
  Object.assign(button, { type: "button", title: name });
  button.dataset.classId = id;
  button.setAttribute("aria-pressed", String(pressed));
  if (key) element(button, "kbd", "", key);
  else element(button, "span", "", "");
  element(button, "span", "swatch").style.background = colour;
  element(button, "span", "text", name).dir = "auto";
  element(button, "span", "count", String(count));
  button.addEventListener("click", () => { view.setClass(id); view.nodes.boxes.focus({ preventScroll: true }); });
}

function buildKeys(view) {
  const { texts } = view.data;
  const { keys } = view.nodes;
  element(keys, "summary", "", texts.keys);
  const list = element(keys, "dl", "");
  for (const [key, meaning] of texts.key_list) {
    element(element(list, "dt", ""), "kbd", "", key);
    element(list, "dd", "", meaning);
  }
}

function listenToKeys(view) {
  view.root.addEventListener("keydown", (event) => {
    if (event.target.closest?.("details, ol") && ["Enter", " ", "Tab"].includes(event.key)) return; // a button's own
    if (event.target.closest?.(".tools, .trouble") && ["Enter", " "].includes(event.key)) return;
    if (view.data && pressedKey(view, event)) event.preventDefault();
  });
  view.root.addEventListener("keyup", (event) => { if (event.key === " ") view.spaceHeld = false; });
  view.nodes.boxes.addEventListener("blur", () => { view.spaceHeld = false; });
}

// What a key does; gives whether it was ours.
function pressedKey(view, event) {
  const { key } = event;
  if (event.ctrlKey || event.metaKey) return withControl(view, event);
  if (event.altKey) return false;
  if (key in NUDGES && event.shiftKey) return nudged(view, NUDGES[key], 1);
  const letter = key.length === 1 ? key.toLowerCase() : key;
  const acts = {
    ArrowRight: () => view.go(1), ArrowLeft: () => view.go(-1), n: () => view.go(1), p: () => view.go(-1),
    Delete: () => view.remove(), Backspace: () => view.remove(),
    Enter: () => (event.repeat ? null : view.accept()), " ": () => space(view, event),
    "+": () => view.zoom(1.25), "=": () => view.zoom(1.25), "-": () => view.zoom(1 / 1.25), "0": () => view.fit(), f: () => view.fit(),
    b: () => nextBox(view, event.shiftKey ? -1 : 1), d: () => drawnInTheMiddle(view),
    a: () => view.take(event.shiftKey), l: () => { view.labelled = !view.labelled; view.draw(); },
    Escape: () => { view.drag = null; view.choose(null); },
    "?": () => { view.nodes.keys.open = !view.nodes.keys.open; },
  };
  if (/^[1-9]$/.test(key)) {
    const one = view.data.classes[Number(key) - 1];
    if (one) view.setClass(one.id);
    return true;
  }
  if (!(letter in acts)) return false;
  acts[letter]();
  return true;
}

function withControl(view, { key, shiftKey }) {
  const letter = key.toLowerCase();
  if (letter === "z") view.turn(shiftKey ? "redo" : "undo");
  else if (letter === "y") view.turn("redo");
  else if (key in NUDGES) return stretched(view, NUDGES[key], shiftKey ? 10 : 1);
  else return false;
  return true;
}

// While one labels, space holds the picture to drag it; while one reviews, it accepts.
function space(view, event) {
  if (view.data.mode !== "review") view.spaceHeld = true;
  else if (!event.repeat) view.accept();
}

function nudged(view, [dx, dy], by) {
  const one = view.chosenBox();
  if (one && !view.frozen) view.replaceBox(one, moved(one.box, dx * by, dy * by, view.size));
  return one !== null;
}

function stretched(view, [dx, dy], by) {
  const one = view.chosenBox();
  if (!one || view.frozen) return one !== null;
  const [, , x2, y2] = one.box;
  view.replaceBox(one, resized(one.box, "se", x2 + dx * by, y2 + dy * by, view.size));
  return true;
}

function nextBox(view, step) {
  const { boxes } = view;
  if (!boxes.length) return;
  const at = boxes.findIndex(({ id }) => id === view.chosen);
  view.choose(boxes[at < 0 ? (step > 0 ? 0 : boxes.length - 1) : (at + step + boxes.length) % boxes.length].id);
}

// A box for those who have no pointer: half of what is seen, in its middle.
function drawnInTheMiddle(view) {
  const { width, height } = view.stage;
  view.add([...toPicture(view.camera, width / 4, height / 4), ...toPicture(view.camera, (3 * width) / 4, (3 * height) / 4)]);
}
