// Boxes are [x1, y1, x2, y2] in pixels of the upright original picture, float64 and never rounded here.
// A camera is { scale, x, y }: CSS pixels a picture pixel, and where the picture's corner lies on the stage.

const SPECK = 2; // picture pixels: a side below this is a slip of the hand
const CLOSEST = 40; // CSS pixels a picture pixel at most
const HANDLES = {
  nw: ["x1", "y1"], n: ["", "y1"], ne: ["x2", "y1"], e: ["x2", ""],
  se: ["x2", "y2"], s: ["", "y2"], sw: ["x1", "y2"], w: ["x1", ""],
};

const between = (value, low, high) => Math.min(Math.max(value, low), high);

// Corners in their order and inside the picture.
function clipped([x1, y1, x2, y2], { width, height }) {
  return [
    between(Math.min(x1, x2), 0, width), between(Math.min(y1, y2), 0, height),
    between(Math.max(x1, x2), 0, width), between(Math.max(y1, y2), 0, height),
  ];
}

// A drawn box as it is kept: clipped; null for a speck. In a picture thinner than a speck, the whole side will do.
function tidied(box, size) {
  const [x1, y1, x2, y2] = clipped(box, size);
  const small = x2 - x1 < Math.min(SPECK, size.width) || y2 - y1 < Math.min(SPECK, size.height);
  return small ? null : [x1, y1, x2, y2];
}

// Moved as far as the picture lets it; width and height stay to the last bit where nothing stops it.
function moved([x1, y1, x2, y2], dx, dy, { width, height }) {
  const right = between(dx, -x1, width - x2);
  const down = between(dy, -y1, height - y2);
  return [x1 + right, y1 + down, x2 + right, y2 + down];
}

// One side or corner dragged to a point; the others stay. Dragged over the far side, the box turns inside out.
function resized([x1, y1, x2, y2], handle, x, y, size) {
  const [across, along] = HANDLES[handle];
  return clipped([
    across === "x1" ? x : x1, along === "y1" ? y : y1, across === "x2" ? x : x2, along === "y2" ? y : y2,
  ], size);
}

// The handle at a point, corners before sides; null where there is none within `reach`.
function handleAt([x1, y1, x2, y2], x, y, reach) {
  if (x < x1 - reach || x > x2 + reach || y < y1 - reach || y > y2 + reach) return null;
  const near = (value, side) => Math.abs(value - side) <= reach;
  // Of a box that is smaller than the reach, the nearer side is meant.
  const left = near(x, x1) && Math.abs(x - x1) <= Math.abs(x - x2);
  const right = !left && near(x, x2);
  const top = near(y, y1) && Math.abs(y - y1) <= Math.abs(y - y2);
  const bottom = !top && near(y, y2);
  return `${top ? "n" : bottom ? "s" : ""}${left ? "w" : right ? "e" : ""}` || null;
}

const areaOf = ([x1, y1, x2, y2]) => (x2 - x1) * (y2 - y1);

// The index of the smallest box at a point, −1 where there is none.
function boxAt(boxes, x, y, reach) {
  let best = -1, smallest = Infinity;
  boxes.forEach(({ box }, index) => {
    const [x1, y1, x2, y2] = box;
    const inside = x >= x1 - reach && x <= x2 + reach && y >= y1 - reach && y <= y2 + reach;
    if (inside && areaOf(box) < smallest) [best, smallest] = [index, areaOf(box)];
  });
  return best;
}

const toPicture = (camera, x, y) => [(x - camera.x) / camera.scale, (y - camera.y) / camera.scale];
const toStage = (camera, [x1, y1, x2, y2]) => [
  x1 * camera.scale + camera.x, y1 * camera.scale + camera.y, x2 * camera.scale + camera.x, y2 * camera.scale + camera.y,
];

// The whole picture in the middle of the stage.
function fitted(size, stage) {
  const scale = Math.min(stage.width / size.width, stage.height / size.height);
  return { scale, x: (stage.width - size.width * scale) / 2, y: (stage.height - size.height * scale) / 2 };
}

// A picture that is larger than the stage covers it; a smaller one stays wholly on it.
function held(camera, size, stage) {
  const inside = (at, length, room) => (length <= room ? between(at, 0, room - length) : between(at, room - length, 0));
  return {
    scale: camera.scale,
    x: inside(camera.x, size.width * camera.scale, stage.width),
    y: inside(camera.y, size.height * camera.scale, stage.height),
  };
}

// Nearer or farther by a factor; the picture's point under (x, y) of the stage stays where it is.
function zoomed(camera, factor, x, y, size, stage) {
  const whole = fitted(size, stage);
  const scale = between(camera.scale * factor, whole.scale, Math.max(CLOSEST, whole.scale));
  if (scale === whole.scale) return whole;
  const [px, py] = toPicture(camera, x, y);
  return held({ scale, x: x - px * scale, y: y - py * scale }, size, stage);
}
