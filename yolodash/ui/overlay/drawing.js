// What is drawn over the picture. Everything is in CSS pixels of the stage; the canvas is scaled once for the device.

// Okabe and Ito's palette. Colour only repeats what the outline's pattern and the name say.
const COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"];
const DARK_COLOURS = new Set(["#0072b2", "#d55e00", "#009e73"]);
const OUTLINES = [[], [9, 4], [2, 3], [10, 3, 2, 3]];
const LABEL_HEIGHT = 17;

const colourOf = (classId) => COLOURS[classId % COLOURS.length];
const outlineOf = (classId) => OUTLINES[classId % OUTLINES.length];

// Where candidate `index` comes from: heads in order, then anchor, row, column.
function placeOf(index, heads) {
  let rest = index;
  for (const [scale, head] of heads.entries()) {
    const cells = head.rows * head.columns;
    const size = cells * head.anchors.length;
    if (rest < size) {
      const anchor = Math.floor(rest / cells);
      const cell = rest % cells;
      return { scale, head, anchor, row: Math.floor(cell / head.columns), column: cell % head.columns };
    }
    rest -= size;
  }
  return null;
}

// Picture pixels, or network pixels by way of the transform, to the stage.
function stageOf(stage, picture, transform) {
  const x = (value) => (value / picture.width) * stage.width;
  const y = (value) => (value / picture.height) * stage.height;
  return {
    x, y,
    networkX: (value) => x((value - transform.offset_x) / transform.scale_x),
    networkY: (value) => y((value - transform.offset_y) / transform.scale_y),
  };
}

function strokeTwice(context, path, colour, width, dashes) {
  context.setLineDash([]);
  context.lineWidth = width + 2;
  context.strokeStyle = "rgba(0, 0, 0, 0.55)";
  context.stroke(path);
  context.setLineDash(dashes);
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke(path);
  context.setLineDash([]);
}

// A box's outline on its dark halo. Straight rectangles cost a browser far less than paths, and there are hundreds.
function outline(context, [left, top, right, bottom], colour, width, dashes) {
  context.lineWidth = width + 2;
  context.strokeStyle = "rgba(0, 0, 0, 0.55)";
  context.strokeRect(left, top, right - left, bottom - top);
  context.setLineDash(dashes);
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.strokeRect(left, top, right - left, bottom - top);
  context.setLineDash([]);
}

function rectangle(left, top, right, bottom) {
  const path = new Path2D();
  path.rect(left, top, right - left, bottom - top);
  return path;
}

// A candidate's box on the stage, clipped to it and a line's width inside, so that a box at the edge can be seen.
function boxOnStage(view, index) {
  const { boxes } = view.prepared;
  const { width, height } = view.stage;
  const clip = (value, limit) => Math.min(Math.max(value, 1), Math.max(limit - 1, 1));
  return [
    clip(view.to.x(boxes[4 * index]), width), clip(view.to.y(boxes[4 * index + 1]), height),
    clip(view.to.x(boxes[4 * index + 2]), width), clip(view.to.y(boxes[4 * index + 3]), height),
  ];
}

function drawDetections(context, view) {
  const { ranking, detections } = view.selection;
  const selected = view.selectedRow();
  for (let rank = detections.length - 1; rank >= 0; rank--) {
    const row = detections[rank];
    const strong = row === view.hovered || row === selected;
    const classId = ranking.classId[row];
    context.globalAlpha = selected >= 0 && !strong ? 0.5 : 1;
    outline(context, boxOnStage(view, ranking.candidate[row]), colourOf(classId), strong ? 3 : 2, outlineOf(classId));
  }
  context.globalAlpha = 1;
}

function labelOf(view, row) {
  if (view.labelFor) return view.labelFor(row);
  const { ranking } = view.selection;
  return `${view.nameOf(ranking.classId[row])} ${view.scoreText(ranking.score[row])}`;
}

// Labels by score: each takes the first free place at its box, and gives way where a better one stands already.
function drawLabels(context, view) {
  const { ranking, detections } = view.selection;
  context.font = `600 12px ${view.font}`;
  context.textBaseline = "middle";
  const taken = [];
  const first = [view.hovered, view.selectedRow()].filter((row) => row >= 0);
  for (const row of new Set([...first, ...detections])) {
    const box = boxOnStage(view, ranking.candidate[row]);
    const text = fitText(context, labelOf(view, row), view.stage.width - 10);
    const width = context.measureText(text).width + 10;
    const place = labelPlaces(box, width, view.stage).find((spot) => !taken.some((other) => meet(spot, other)));
    if (!place) continue;
    taken.push(place);
    context.globalAlpha = view.selectedRow() >= 0 && !first.includes(row) ? 0.4 : 1;
    drawLabel(context, text, place, colourOf(ranking.classId[row]));
  }
  context.globalAlpha = 1;
}

function labelPlaces([left, top, right, bottom], width, stage) {
  const inside = (value, length, limit) => Math.max(0, Math.min(value, limit - length));
  return [[left, top - LABEL_HEIGHT], [left, top], [left, bottom], [right - width, top - LABEL_HEIGHT]].map(([x, y]) => ({
    x: inside(x - 1, width, stage.width), y: inside(y, LABEL_HEIGHT, stage.height), width, height: LABEL_HEIGHT,
  }));
}

function meet(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function fitText(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 1 && context.measureText(text.slice(0, length) + "…").width > width) length = Math.floor(length * 0.8);
  return text.slice(0, length) + "…";
}

function drawLabel(context, text, { x, y, width, height }, colour) {
  context.fillStyle = colour;
  context.fillRect(x, y, width, height);
  context.strokeStyle = "rgba(0, 0, 0, 0.55)";
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  context.fillStyle = DARK_COLOURS.has(colour) ? "#ffffff" : "#111111";
  context.fillText(text, x + 5, y + height / 2 + 0.5);
}

// The selected candidate: the grid of its scale, its cell, its anchor around the cell, its centre, what it suppressed.
function drawSelected(context, view) {
  const { index } = view.pick;
  const place = placeOf(index, view.data.heads);
  if (!place) return;
  drawGrid(context, view, place);
  const { ranking } = view.selection;
  for (const row of view.suppressedRows()) {
    context.globalAlpha = 0.75;
    outline(context, boxOnStage(view, ranking.candidate[row]), "#ffffff", 1, [3, 3]);
  }
  context.globalAlpha = 1;
  if (view.selectedRow() < 0) {
    outline(context, boxOnStage(view, index), "#ffffff", 2, [6, 4]);
  }
  drawAnchor(context, view, place);
  drawCentre(context, view, index);
}

function drawGrid(context, view, { head, row, column }) {
  const { to } = view;
  const lines = new Path2D();
  const [top, bottom] = [to.networkY(0), to.networkY(head.rows * head.stride)];
  const [left, right] = [to.networkX(0), to.networkX(head.columns * head.stride)];
  for (let i = 0; i <= head.columns; i++) {
    lines.moveTo(to.networkX(i * head.stride), top);
    lines.lineTo(to.networkX(i * head.stride), bottom);
  }
  for (let i = 0; i <= head.rows; i++) {
    lines.moveTo(left, to.networkY(i * head.stride));
    lines.lineTo(right, to.networkY(i * head.stride));
  }
  context.lineWidth = 1;
  context.strokeStyle = "rgba(0, 0, 0, 0.25)";
  context.stroke(lines);
  context.strokeStyle = "rgba(255, 255, 255, 0.28)";
  context.setLineDash([1, 1]);
  context.stroke(lines);
  context.setLineDash([]);
  const cell = rectangle(
    to.networkX(column * head.stride), to.networkY(row * head.stride),
    to.networkX((column + 1) * head.stride), to.networkY((row + 1) * head.stride),
  );
  context.fillStyle = "rgba(255, 255, 255, 0.4)";
  context.fill(cell);
  strokeTwice(context, cell, "#ffffff", 1.5, []);
}

function drawAnchor(context, view, { head, anchor, row, column }) {
  const [width, height] = head.anchors[anchor];
  if (!(width > 0 && height > 0)) return; // v1 has none
  const x = (column + 0.5) * head.stride;
  const y = (row + 0.5) * head.stride;
  const { to } = view;
  const path = rectangle(
    to.networkX(x - width / 2), to.networkY(y - height / 2), to.networkX(x + width / 2), to.networkY(y + height / 2),
  );
  strokeTwice(context, path, "#ffffff", 1.5, [7, 5]);
}

function drawCentre(context, view, index) {
  const { boxes } = view.prepared;
  const x = view.to.x((boxes[4 * index] + boxes[4 * index + 2]) / 2);
  const y = view.to.y((boxes[4 * index + 1] + boxes[4 * index + 3]) / 2);
  context.beginPath();
  context.arc(x, y, 4, 0, 2 * Math.PI);
  context.fillStyle = "#ffffff";
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = "#000000";
  context.stroke();
}

// The point where the person asked "why not".
function drawPoint(context, view) {
  const x = view.to.x(view.pick.x);
  const y = view.to.y(view.pick.y);
  const cross = new Path2D();
  for (const [dx, dy] of [[1, 0], [0, 1]]) {
    cross.moveTo(x - 9 * dx, y - 9 * dy);
    cross.lineTo(x + 9 * dx, y + 9 * dy);
  }
  strokeTwice(context, cross, "#ffffff", 2, []);
}

function drawOverlay(context, view) {
  context.clearRect(0, 0, view.stage.width, view.stage.height);
  if (view.pick?.index >= 0) drawSelected(context, view);
  drawDetections(context, view);
  drawLabels(context, view);
  if (view.pick?.index === -1) drawPoint(context, view);
}
