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

// Numbers that travelled as base64; those that are numbers already stay.
const floatsOf = (values) => (typeof values === "string" ? new Float32Array(bytesOf(values).buffer) : values);
const integersOf = (values) => (typeof values === "string" ? new Int32Array(bytesOf(values).buffer) : values);

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
  const gateMatters = ({ candidate, score }) =>
    rule.objectness_gate && score.some((value, row) => !(objectness[candidate[row]] >= value));
  return {
    count: candidates.count, classes: names.length, boxes, areas: areasOf(boxes), objectness,
    gate: rule.objectness_gate, extent: [data.picture.width, data.picture.height],
    best: { ...best, ranking: bestRanking, gateMatters: gateMatters(bestRanking) },
    all: { ...highest, ranking: allRanking, gateMatters: gateMatters(allRanking) },
  };
}

// Pairs above the floor by score descending, then candidate, then class ascending (the order in which they came).
function ranked(candidate, classId, score, lowest) {
  const rows = Uint32Array.from(score.keys()).filter((row) => score[row] > lowest);
  const order = sortedByScore(rows, score);
  return {
    candidate: Int32Array.from(order, (row) => candidate[row]),
    classId: Int32Array.from(order, (row) => classId[row]),
    score: Float32Array.from(order, (row) => score[row]),
  };
}

// Sort numbers, not by a comparison function, which takes seconds for a million pairs: the bits of a positive float32
// are in the order of its value, and the row fits below them into the 53 bits of a double.
function sortedByScore(rows, score) {
  const ROWS = 2 ** 22;
  if (score.length > ROWS) return rows.sort((a, b) => score[b] - score[a] || a - b);
  const bits = new Uint32Array(score.buffer, score.byteOffset, score.length);
  const keys = Float64Array.from(rows, (row) => -(bits[row] * ROWS) + row).sort();
  return rows.map((_row, i) => { const key = keys[i] % ROWS; return key < 0 ? key + ROWS : key; });
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

// Selects again and again from the same candidates, and keeps what the last time can tell.
//
// Whether a pair survives depends only on the pairs above it, so one walk down the ranking serves every score
// threshold. (Where a score can exceed its objectness, as in YOLO9000, the gate lets other pairs through for every
// threshold, and the walk begins anew.) The picture needs only the first survivors; the account needs the whole walk,
// which goes on in later frames when the time of this one is up.
class Selector {
  constructor(prepared) {
    this.prepared = prepared;
    this.walk = null;
  }

  // Rows are places in the ranking. `complete` is false while fates below the walk's end are still open.
  select(thresholds, milliseconds = Infinity) {
    const { prepared } = this;
    const side = prepared[thresholds.labels];
    const threshold = Math.fround(thresholds.score_threshold);
    const key = JSON.stringify([
      thresholds.labels, thresholds.nms_iou_threshold, thresholds.class_agnostic, thresholds.classes,
      side.gateMatters && threshold,
    ]);
    if (this.walk?.key !== key) {
      this.walk = new Walk(prepared, side.ranking, thresholds, side.gateMatters ? threshold : null, key);
    }
    const { walk } = this;
    const end = firstAtMost(side.ranking.score, threshold);
    walk.advance(end, thresholds.max_detections, performance.now() + milliseconds);
    const survivors = walk.survivorsBefore(end);
    const detections = survivors.subarray(0, thresholds.max_detections);
    const complete = walk.row >= end;
    const fates = complete ? fatesOf(prepared, side, thresholds, { walk, end, survivors, detections }) : {};
    return { ranking: side.ranking, suppressor: walk.suppressor, end, detections, complete, ...fates };
  }
}

// The first row whose score does not pass; scores descend.
function firstAtMost(score, threshold) {
  let low = 0, high = score.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (score[middle] > threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

const STANDING = -1; // in `suppressor`: a survivor,
const OUT = -2; //      a pair that its class or its objectness keeps out

// Suppression, down the scores: each pair falls to the first survivor that overlaps it by more than the threshold.
class Walk {
  constructor(prepared, ranking, thresholds, gate, key) {
    Object.assign(this, { prepared, ranking, gate, key, agnostic: thresholds.class_agnostic });
    this.threshold = Math.fround(thresholds.nms_iou_threshold);
    this.chosen = chosenClasses(prepared.classes, thresholds.classes);
    this.grid = new SurvivorGrid(prepared, this.threshold, this.agnostic ? 1 : prepared.classes);
    this.suppressor = new Int32Array(ranking.score.length);
    this.survivors = new Int32Array(ranking.score.length);
    this.standing = 0;
    this.row = 0;
  }

  // Walk to row `end`; stop at the deadline, but not before there are `enough` survivors.
  advance(end, enough, deadline) {
    while (this.row < end) {
      if (this.row % 64 === 0 && this.standing >= enough && performance.now() > deadline) return;
      this.step(this.row);
      this.row += 1;
    }
  }

  step(row) {
    const { candidate, classId } = this.ranking;
    const box = candidate[row];
    const inside = this.gate === null || this.prepared.objectness[box] > this.gate;
    if (!inside || !this.chosen[classId[row]]) {
      this.suppressor[row] = OUT;
      return;
    }
    const group = this.agnostic ? 0 : classId[row];
    const first = this.grid.firstOver(box, group, candidate);
    this.suppressor[row] = first;
    if (first !== STANDING) return;
    this.grid.add(box, group, row);
    this.survivors[this.standing++] = row;
  }

  survivorsBefore(end) {
    let low = 0, high = this.standing;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.survivors[middle] < end) low = middle + 1;
      else high = middle;
    }
    return this.survivors.subarray(0, low);
  }
}

function chosenClasses(count, classes) {
  const chosen = new Uint8Array(count).fill(classes === null ? 1 : 0);
  for (const classId of classes ?? []) chosen[classId] = 1;
  return chosen;
}

// Survivors by class and place, so that a box meets only those that can overlap it enough.
//
// IoU > t needs an overlap wider than t × the wider box, so the centres are nearer than half of both widths less that.
// From t = ½ on this is at most (1 − t) × the survivor's width, whichever is wider: file the survivor under that
// stretch around its centre and look up the centre alone. Below ½: file its whole width and look up (½ − t) × the
// width of the box to each side of its centre. The same holds for heights. Each cell is a linked list, by rank.
class SurvivorGrid {
  constructor({ boxes, areas, extent }, threshold, groups) {
    Object.assign(this, { boxes, areas, threshold });
    this.side = groups > 200 ? 8 : 32;
    this.filed = Math.min(0.5, 1 - threshold) + 1e-4;
    this.looked = Math.max(0, 0.5 - threshold) + 1e-4;
    this.ratio = threshold * (1 - 1e-5); // IoU cannot exceed the ratio of the areas; the margin covers rounding
    this.perPixel = extent.map((length) => this.side / length);
    this.blocks = new Int32Array(groups).fill(-1);
    this.used = 0;
    this.heads = new Int32Array(0);
    this.tails = new Int32Array(0);
    this.next = new Int32Array(1024);
    this.rows = new Int32Array(1024);
    this.nodes = 0;
    this.span = new Int32Array(4);
  }

  // The highest-ranking survivor of the group that overlaps the box by more than the threshold, or STANDING.
  firstOver(box, group, candidate) {
    const block = this.blocks[group];
    if (block < 0) return STANDING;
    const { span, side, heads, next, rows, boxes, areas, ratio, threshold } = this;
    this.measure(box, this.looked);
    const area = areas[box];
    let first = STANDING;
    for (let y = span[1]; y <= span[3]; y++) {
      for (let cell = block + y * side + span[0]; cell <= block + y * side + span[2]; cell++) {
        for (let node = heads[cell]; node >= 0; node = next[node]) {
          if (first >= 0 && rows[node] >= first) break;
          const other = candidate[rows[node]];
          const otherArea = areas[other];
          if (area < otherArea ? area < ratio * otherArea : otherArea < ratio * area) continue;
          if (intersectionOverUnion(boxes, areas, other, box) > threshold) {
            first = rows[node];
            break;
          }
        }
      }
    }
    return first;
  }

  add(box, group, row) {
    const { span, side } = this;
    const block = this.blockOf(group);
    this.measure(box, this.filed);
    for (let y = span[1]; y <= span[3]; y++) {
      for (let cell = block + y * side + span[0]; cell <= block + y * side + span[2]; cell++) this.append(cell, row);
    }
  }

  append(cell, row) {
    if (this.nodes === this.rows.length) {
      this.next = grown(this.next);
      this.rows = grown(this.rows);
    }
    const node = this.nodes++;
    this.rows[node] = row;
    this.next[node] = -1;
    if (this.heads[cell] < 0) this.heads[cell] = node;
    else this.next[this.tails[cell]] = node;
    this.tails[cell] = node;
  }

  blockOf(group) {
    if (this.blocks[group] < 0) {
      this.blocks[group] = this.used;
      this.used += this.side ** 2;
      while (this.heads.length < this.used) {
        this.heads = grown(this.heads, this.side ** 2);
        this.tails = grown(this.tails, this.side ** 2);
      }
      this.heads.fill(-1, this.blocks[group], this.used);
    }
    return this.blocks[group];
  }

  // Columns and rows that `share` × the side to each side of the centre touches; beyond the picture the outermost.
  measure(box, share) {
    const { boxes, span } = this;
    for (let axis = 0; axis < 2; axis++) {
      const low = boxes[4 * box + axis], high = boxes[4 * box + axis + 2];
      const centre = (low + high) / 2;
      const reach = share * Math.abs(high - low);
      span[axis] = this.cellOf(centre - reach, axis);
      span[axis + 2] = this.cellOf(centre + reach, axis);
    }
  }

  cellOf(at, axis) {
    const cell = Math.floor(at * this.perPixel[axis]);
    return cell > 0 ? Math.min(cell, this.side - 1) : 0; // also for what is no number
  }
}

function grown(array, least = 1024) {
  const larger = new Int32Array(Math.max(2 * array.length, least));
  larger.set(array);
  return larger;
}

// What became of each candidate: kept, if a pair of it is; else the fate of its best pair.
function fatesOf({ count, objectness, gate }, side, thresholds, { walk, end, survivors, detections }) {
  const threshold = Math.fround(thresholds.score_threshold);
  const { candidate, classId } = side.ranking;
  const { suppressor } = walk;
  const bestClass = side.classId.slice();
  const fate = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    if (gate && !(objectness[i] > threshold)) fate[i] = BELOW_OBJECTNESS;
    else fate[i] = side.score[i] > threshold ? CLASS_NOT_CHOSEN : BELOW_SCORE;
  }
  const suppressedBy = new Int32Array(count).fill(-1);
  for (let row = 0; row < end; row++) {
    const i = candidate[row];
    if (suppressor[row] < 0 || classId[row] !== bestClass[i]) continue;
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
