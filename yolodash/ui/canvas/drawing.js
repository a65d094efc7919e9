// What is drawn over the picture, in CSS pixels of the stage. Outlines and places of labels are the overlay's.

const CROWD = 1000; // boxes in sight from which each is one thin line
const MOST_LABELS = 300;
const HANDLE = 8; // CSS pixels of a handle's side
const ROOM_FOR_SIDES = 36; // CSS pixels of a box's side from which its middle has a handle

// Black or white, whichever is read better on a colour: by its relative luminance, as WCAG 2 defines it.
function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
}

function inSight([x1, y1, x2, y2], stage) {
  return x2 >= -2 && y2 >= -2 && x1 <= stage.width + 2 && y1 <= stage.height + 2;
}

// Boxes first, then labels, then the chosen one with its handles, so that nothing covers it.
function drawBoxes(context, view) {
  const { stage, camera } = view;
  context.clearRect(0, 0, stage.width, stage.height);
  const seen = [];
  for (const one of view.shownBoxes()) {
    const box = toStage(camera, one.box);
    if (inSight(box, stage)) seen.push({ one, box });
  }
  const others = seen.filter(({ one }) => one.id !== view.chosen);
  if (others.length > CROWD) drawCrowd(context, view, others);
  else for (const { one, box } of others) drawBox(context, view, one, box);
  const chosen = seen.find(({ one }) => one.id === view.chosen);
  if (view.labelled) drawNames(context, view, chosen ? [chosen, ...others] : others);
  else if (chosen) drawNames(context, view, [chosen]);
  if (chosen) drawChosen(context, view, chosen);
  if (view.drag?.rubber) outline(context, toStage(camera, view.drag.rubber), view.colourOf(view.classId), 2, []);
}

function drawBox(context, view, one, box) {
  if (one.open) {
    context.fillStyle = "rgba(255, 255, 255, 0.2)";
    context.fillRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
  }
  outline(context, box, view.colourOf(one.class_id), one.id === view.hovered ? 3 : 2, one.open ? [3, 4] : []);
}

// Thousands: one path a class.
function drawCrowd(context, view, seen) {
  const paths = new Map();
  for (const { one, box } of seen) {
    if (!paths.has(one.class_id)) paths.set(one.class_id, new Path2D());
    paths.get(one.class_id).rect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
  }
  context.lineWidth = 1.5;
  for (const [classId, path] of paths) {
    context.strokeStyle = view.colourOf(classId);
    context.stroke(path);
  }
}

// The name where it fits, else the class's key or first letter; a label gives way where another stands.
function drawNames(context, view, seen) {
  context.font = `600 12px ${view.font}`;
  context.textBaseline = "middle";
  const taken = [];
  for (const { one, box } of seen.slice(0, MOST_LABELS)) {
    const prominent = one.id === view.chosen || one.id === view.hovered;
    for (const text of [view.labelOf(one), view.letterOf(one.class_id)]) {
      const short = view.fitted(context, text);
      const place = labelPlaces(box, short.width + 8, view.stage).find((spot) => !taken.some((other) => meet(spot, other)));
      if (!place || (!prominent && short.width + 8 > Math.max(box[2] - box[0], 60))) continue;
      taken.push(place);
      drawTag(context, short.text, place, view.colourOf(one.class_id));
      break;
    }
  }
}

function drawTag(context, text, { x, y, width, height }, colour) {
  context.fillStyle = colour;
  context.fillRect(x, y, width, height);
  context.strokeStyle = "rgba(0, 0, 0, 0.55)";
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  context.fillStyle = inkOn(colour);
  context.fillText(text, x + 4, y + height / 2 + 0.5);
}

// Places of the handles of a box on the stage; those in the middle of a side only where there is room.
function handlePlaces([x1, y1, x2, y2]) {
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const places = { nw: [x1, y1], ne: [x2, y1], se: [x2, y2], sw: [x1, y2] };
  if (x2 - x1 >= ROOM_FOR_SIDES) Object.assign(places, { n: [x, y1], s: [x, y2] });
  if (y2 - y1 >= ROOM_FOR_SIDES) Object.assign(places, { w: [x1, y], e: [x2, y] });
  return places;
}

function drawChosen(context, view, { one, box }) {
  outline(context, box, "#ffffff", 2, []);
  outline(context, box, view.colourOf(one.class_id), 2, [6, 4]);
  for (const [x, y] of Object.values(handlePlaces(box))) {
    context.fillStyle = "#ffffff";
    context.fillRect(x - HANDLE / 2, y - HANDLE / 2, HANDLE, HANDLE);
    context.strokeStyle = "#000000";
    context.lineWidth = 1;
    context.strokeRect(x - HANDLE / 2 + 0.5, y - HANDLE / 2 + 0.5, HANDLE - 1, HANDLE - 1);
  }
}
