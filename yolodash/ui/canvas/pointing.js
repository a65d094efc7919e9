// What the pointer does: draw, move, resize, pan, zoom. A drag changes a box that only the browser knows; its end is
// one change.

const REACH = 6; // CSS pixels around a side that still take hold of it
const STIR = 4; // CSS pixels that a press must move to be a drag
const CURSORS = { n: "ns-resize", s: "ns-resize", e: "ew-resize", w: "ew-resize", nw: "nwse-resize", se: "nwse-resize", ne: "nesw-resize", sw: "nesw-resize" };

function listenToPointer(view) {
  const { boxes } = view.nodes;
  boxes.addEventListener("pointerdown", (event) => pressed(view, event));
  boxes.addEventListener("pointermove", (event) => (view.drag ? dragged(view, event) : pointed(view, event)));
  boxes.addEventListener("pointerup", (event) => released(view, event));
  boxes.addEventListener("pointercancel", () => { view.drag = null; view.draw(); });
  boxes.addEventListener("pointerleave", () => { view.guide(null); if (!view.drag) view.hover(null); });
  boxes.addEventListener("wheel", (event) => {
    event.preventDefault();
    const [x, y] = stagePoint(view, event);
    view.zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0016)), x, y);
  }, { passive: false });
  boxes.addEventListener("contextmenu", (event) => event.preventDefault());
  boxes.addEventListener("auxclick", (event) => event.preventDefault());
}

function stagePoint(view, event) {
  const frame = view.nodes.boxes.getBoundingClientRect();
  return [event.clientX - frame.left, event.clientY - frame.top];
}

// What a press at a point would take hold of: a handle or the inside of the chosen box, or the edge of any other.
function heldAt(view, x, y) {
  const chosen = view.chosenBox();
  const reach = REACH / view.camera.scale;
  const [px, py] = toPicture(view.camera, x, y);
  if (chosen) {
    const handle = handleAt(chosen.box, px, py, reach);
    if (handle) return { kind: "resize", one: chosen, handle };
    const [x1, y1, x2, y2] = chosen.box;
    if (px > x1 && px < x2 && py > y1 && py < y2) return { kind: "move", one: chosen };
  }
  return { kind: "draw" };
}

function pressed(view, event) {
  if (!view.camera || view.drag) return;
  view.nodes.boxes.focus({ preventScroll: true });
  const [x, y] = stagePoint(view, event);
  const pans = event.button === 1 || (event.button === 0 && view.spaceHeld);
  if (!pans && (event.button !== 0 || view.frozen)) return;
  event.preventDefault();
  view.nodes.boxes.setPointerCapture(event.pointerId);
  view.guide(null);
  const held = pans ? { kind: "pan" } : event.shiftKey ? { kind: "draw" } : heldAt(view, x, y);
  view.drag = { ...held, x, y, from: toPicture(view.camera, x, y), camera: view.camera, stirred: false, rubber: null };
}

function dragged(view, event) {
  const { drag } = view;
  const [x, y] = stagePoint(view, event);
  drag.stirred ||= Math.hypot(x - drag.x, y - drag.y) >= STIR;
  if (!drag.stirred) return;
  const [px, py] = toPicture(view.camera, x, y);
  const [fx, fy] = drag.from;
  if (drag.kind === "pan") {
    view.look({ ...drag.camera, x: drag.camera.x + x - drag.x, y: drag.camera.y + y - drag.y });
    return;
  }
  if (drag.kind === "draw") drag.rubber = clipped([fx, fy, px, py], view.size);
  else if (drag.kind === "move") drag.box = moved(drag.one.box, px - fx, py - fy, view.size);
  else drag.box = resized(drag.one.box, drag.handle, sideAt(drag, "x", px - fx), sideAt(drag, "y", py - fy), view.size);
  view.draw();
}

// Where the held side goes: as far as the pointer went, so that taking hold of it a little beside moves nothing.
function sideAt(drag, axis, by) {
  const [across, along] = HANDLES[drag.handle];
  const side = axis === "x" ? across : along;
  return side ? drag.one.box[["x1", "y1", "x2", "y2"].indexOf(side)] + by : 0;
}

function released(view, event) {
  const { drag } = view;
  if (!drag) return;
  view.drag = null;
  if (drag.kind === "pan") view.draw();
  else if (!drag.stirred) clicked(view, event);
  else if (drag.kind === "draw") view.add(drag.rubber);
  else view.replaceBox(drag.one, drag.box);
}

// A click chooses the smallest box there, another on the same place the next larger.
function clicked(view, event) {
  const [px, py] = toPicture(view.camera, ...stagePoint(view, event));
  const index = boxAt(view.boxes, px, py, REACH / view.camera.scale);
  view.choose(index < 0 ? null : view.boxes[index].id);
}

function pointed(view, event) {
  if (!view.camera) return;
  const [x, y] = stagePoint(view, event);
  const held = heldAt(view, x, y);
  const { boxes } = view.nodes;
  boxes.style.cursor = view.spaceHeld ? "grab" : held.kind === "resize" ? CURSORS[held.handle] : held.kind === "move" ? "move" : "crosshair";
  view.guide(held.kind === "draw" && !view.spaceHeld ? [x, y] : null);
  const [px, py] = toPicture(view.camera, x, y);
  const index = boxAt(view.boxes, px, py, REACH / view.camera.scale);
  view.hover(index < 0 ? null : view.boxes[index].id);
}
