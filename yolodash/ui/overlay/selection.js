// From candidates to detections, as yolodash/inference/selection.py and geometry/nms.py do it: the same gates, the same
// order, the same strict comparisons, every number rounded to float32 after every operation.

const FATES = ["kept", "below_objectness", "below_score", "class_not_chosen", "suppressed", "over_maximum"];
const [KEPT, BELOW_OBJECTNESS, BELOW_SCORE, CLASS_NOT_CHOSEN, SUPPRESSED, OVER_MAXIMUM] = FATES.keys();

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const floatsOf = (base64) => new Float32Array(bytesOf(base64).buffer);
const integersOf = (base64) => new Int32Array(bytesOf(base64).buffer);

// Decode what encoding.py sent, and put the pairs in order once: no threshold changes it.
function prepare(data) {
  const { candidates, pairs, rule, names, floor } = data;
  const boxes = floatsOf(candidates.boxes);
  const objectness = floatsOf(candidates.objectness);
  const scoresOf = (candidate, probability) => probability.map((p, i) =>
    rule.multiplied ? Math.fround(objectness[candidate ? candidate[i] : i] * p) : p);
  const bestOf = ({ class_id, probability }) =>
    ({ classId: integersOf(class_id), score: scoresOf(null, floatsOf(probability)) });
  const best = bestOf(candidates.best);
  const highest = candidates.highest ? bestOf(candidates.highest) : best;
  const lowest = Math.fround(floor);
  const everyone = Int32Array.from(best.score.keys());
  const bestRanking = ranked(everyone, best.classId, best.score, lowest);
  let allRanking = bestRanking;
  if (pairs) {
    const candidate = integersOf(pairs.candidate);
    const score = scoresOf(candidate, floatsOf(pairs.probability));
    allRanking = ranked(candidate, integersOf(pairs.class_id), score, lowest);
  }
  return {
    count: candidates.count, classes: names.length, boxes, areas: areasOf(boxes), objectness,
    gate: rule.objectness_gate, extent: [data.picture.width, data.picture.height],
    best: { ...best, ranking: bestRanking }, all: { ...highest, ranking: allRanking },
  };
}

// Pairs above the floor by score descending, then candidate, then class ascending (the order in which they came).
function ranked(candidate, classId, score, lowest) {
  const order = Uint32Array.from(score.keys()).filter((row) => score[row] > lowest);
  order.sort((a, b) => score[b] - score[a] || a - b);
  return {
    candidate: Int32Array.from(order, (row) => candidate[row]),
    classId: Int32Array.from(order, (row) => classId[row]),
    score: Float32Array.from(order, (row) => score[row]),
  };
}

function areasOf(boxes) {
  const areas = new Float32Array(boxes.length / 4);
  for (let i = 0; i < areas.length; i++) {
    const width = Math.max(Math.fround(boxes[4 * i + 2] - boxes[4 * i]), 0);
    const height = Math.max(Math.fround(boxes[4 * i + 3] - boxes[4 * i + 1]), 0);
    areas[i] = width * height;
  }
  return areas;
}

// |A ∩ B| / |A ∪ B| of candidates a and b; 0 where they do not meet.
function intersectionOverUnion(boxes, areas, a, b) {
  const p = 4 * a, q = 4 * b;
  const width = Math.fround(Math.min(boxes[p + 2], boxes[q + 2]) - Math.max(boxes[p], boxes[q]));
  if (!(width > 0)) return 0;
  const height = Math.fround(Math.min(boxes[p + 3], boxes[q + 3]) - Math.max(boxes[p + 1], boxes[q + 1]));
  if (!(height > 0)) return 0;
  const intersection = Math.fround(width * height);
  const union = Math.fround(Math.fround(areas[a] + areas[b]) - intersection);
  return union > 0 ? Math.fround(intersection / union) : 0;
}

// The detections, and what became of every candidate. Rows are places in the ranking.
function select(prepared, thresholds) {
  const side = prepared[thresholds.labels];
  const { candidate, classId } = side.ranking;
  const chosen = chosenClasses(prepared.classes, thresholds.classes);
  const passing = passingRows(prepared, side.ranking, Math.fround(thresholds.score_threshold), chosen);
  const suppressor = new Int32Array(candidate.length).fill(-1);
  for (const rows of groupsOf(passing, classId, thresholds.class_agnostic)) {
    suppress(prepared, candidate, rows, Math.fround(thresholds.nms_iou_threshold), suppressor);
  }
  const survivors = passing.filter((row) => suppressor[row] < 0);
  const detections = survivors.slice(0, thresholds.max_detections);
  const fates = fatesOf(prepared, side, thresholds, { passing, suppressor, survivors, detections });
  return { ranking: side.ranking, passing, suppressor, detections, ...fates };
}

function chosenClasses(count, classes) {
  const chosen = new Uint8Array(count).fill(classes === null ? 1 : 0);
  for (const classId of classes ?? []) chosen[classId] = 1;
  return chosen;
}

// The rows that pass the gates of objectness, score and class; the ranking ends the walk at the first score too low.
function passingRows({ objectness, gate }, { candidate, classId, score }, threshold, chosen) {
  const rows = new Int32Array(score.length);
  let count = 0;
  for (let row = 0; row < score.length && score[row] > threshold; row++) {
    if (gate && !(objectness[candidate[row]] > threshold)) continue;
    if (chosen[classId[row]]) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

function groupsOf(rows, classId, agnostic) {
  if (agnostic) return [rows];
  const groups = new Map();
  for (const row of rows) {
    const group = groups.get(classId[row]);
    if (group) group.push(row);
    else groups.set(classId[row], [row]);
  }
  return groups.values();
}

// Walk down the scores: each row falls to the first survivor that overlaps it by more than the threshold.
function suppress(prepared, candidate, rows, threshold, suppressor) {
  const { boxes, areas } = prepared;
  const index = rows.length > 64 ? new SurvivorGrid(prepared, threshold) : new SurvivorList();
  const ratio = threshold * (1 - 1e-5); // IoU cannot exceed the ratio of the areas; the margin covers rounding
  for (const row of rows) {
    const box = candidate[row];
    const area = areas[box];
    let first = -1;
    for (const list of index.near(box)) {
      for (const survivor of list) {
        if (first >= 0 && survivor >= first) break;
        const other = candidate[survivor];
        const otherArea = areas[other];
        if (area < otherArea ? area < ratio * otherArea : otherArea < ratio * area) continue;
        if (intersectionOverUnion(boxes, areas, other, box) > threshold) {
          first = survivor;
          break;
        }
      }
    }
    if (first < 0) index.add(box, row);
    else suppressor[row] = first;
  }
}

class SurvivorList {
  rows = [];
  near() { return [this.rows]; }
  add(_box, row) { this.rows.push(row); }
}

// Survivors by place, so that a box meets only those that can overlap it enough.
//
// IoU > t needs an overlap wider than t × the wider box, so the centres are nearer than half of both widths less that.
// From t = ½ on this is at most (1 − t) × the survivor's width, whichever is wider: file the survivor under that
// stretch around its centre and look up the centre alone. Below ½: file its whole width and look up (½ − t) × the
// width of the box to each side of its centre. The same holds for heights.
class SurvivorGrid {
  static SIDE = 32;

  constructor({ boxes, extent }, threshold) {
    this.boxes = boxes;
    this.filed = Math.min(0.5, 1 - threshold) + 1e-4;
    this.looked = Math.max(0, 0.5 - threshold) + 1e-4;
    this.perPixel = extent.map((side) => SurvivorGrid.SIDE / side);
    this.cells = Array.from({ length: SurvivorGrid.SIDE ** 2 }, () => []);
  }

  *near(box) {
    const [left, top, right, bottom] = this.span(box, this.looked);
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) yield this.cells[row * SurvivorGrid.SIDE + column];
    }
  }

  add(box, survivor) {
    const [left, top, right, bottom] = this.span(box, this.filed);
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        this.cells[row * SurvivorGrid.SIDE + column].push(survivor);
      }
    }
  }

  // Columns and rows that the stretch of `share` × the side around the centre touches; beyond the picture the outermost.
  span(box, share) {
    const [left, right] = this.stretch(this.boxes[4 * box], this.boxes[4 * box + 2], share, this.perPixel[0]);
    const [top, bottom] = this.stretch(this.boxes[4 * box + 1], this.boxes[4 * box + 3], share, this.perPixel[1]);
    return [left, top, right, bottom];
  }

  stretch(low, high, share, perPixel) {
    const centre = (low + high) / 2;
    const reach = share * Math.abs(high - low);
    const cellOf = (at) => Math.min(Math.max(Math.floor(at * perPixel), 0), SurvivorGrid.SIDE - 1) || 0;
    return [cellOf(centre - reach), cellOf(centre + reach)];
  }
}

// What became of each candidate: the best fate is kept; else the fate of its best pair.
function fatesOf({ count, objectness, gate }, side, thresholds, { passing, suppressor, survivors, detections }) {
  const threshold = Math.fround(thresholds.score_threshold);
  const { candidate, classId } = side.ranking;
  const bestClass = side.classId.slice();
  const fate = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    if (gate && !(objectness[i] > threshold)) fate[i] = BELOW_OBJECTNESS;
    else fate[i] = side.score[i] > threshold ? CLASS_NOT_CHOSEN : BELOW_SCORE;
  }
  const suppressedBy = new Int32Array(count).fill(-1);
  for (const row of passing) {
    const i = candidate[row];
    if (classId[row] !== bestClass[i] || suppressor[row] < 0) continue;
    fate[i] = SUPPRESSED;
    suppressedBy[i] = candidate[suppressor[row]];
  }
  for (const row of survivors.subarray(detections.length)) {
    if (classId[row] === bestClass[candidate[row]]) fate[candidate[row]] = OVER_MAXIMUM;
  }
  for (let rank = detections.length - 1; rank >= 0; rank--) {
    const i = candidate[detections[rank]];
    fate[i] = KEPT;
    bestClass[i] = classId[detections[rank]];
    suppressedBy[i] = -1;
  }
  const account = new Array(FATES.length).fill(0);
  for (let i = 0; i < count; i++) account[fate[i]]++;
  return { fate, bestClass, suppressedBy, account };
}
