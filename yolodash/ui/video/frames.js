// What the network said of every frame, as ui/video/encoding.py packs it, and what follows from it for any thresholds.

const KEPT_SELECTORS = 48; // frames whose order and suppression are remembered

class Frames {
  constructor(buffer, data) {
    const length = new DataView(buffer).getUint32(0, true);
    const about = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
    for (const [name, kind, offset, count] of about.arrays) {
      this[name] = new { f8: Float64Array, f4: Float32Array, i4: Int32Array }[kind](buffer, offset, count);
    }
    this.data = data;
    this.count = this.index.length;
    this.kept = this.starts(this.candidates);
    this.paired = this.starts(this.pairs);
    this.last = this.lastProcessed();
    this.selectors = new Map();
    this.margin = this.smallestStep() * 0.4;
  }

  starts(counts) {
    const starts = new Int32Array(counts.length + 1);
    counts.forEach((count, i) => { starts[i + 1] = starts[i] + count; });
    return starts;
  }

  // Of each frame the one whose boxes it shows: itself, or the last that the network saw.
  lastProcessed() {
    let last = 0;
    return Int32Array.from(this.processed, (seen, i) => { if (seen) last = i; return last; });
  }

  smallestStep() {
    let step = 0.005;
    for (let i = 1; i < this.count; i++) step = Math.min(step, Math.max(this.seconds[i] - this.seconds[i - 1], 1e-6));
    return step;
  }

  // The frame that is shown at a time.
  at(seconds) {
    let low = 0, high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.seconds[middle] <= seconds + this.margin) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  // A time in the middle of a frame, from which a browser shows this one and no other.
  middle(frame) {
    const next = frame + 1 < this.count ? this.seconds[frame + 1] : this.seconds[frame];
    return (this.seconds[frame] + Math.min(next, this.seconds[frame] + 0.2)) / 2;
  }

  // What `prepare` of selection.js takes, of one frame.
  prepared(frame) {
    const { data } = this;
    const shown = this.last[frame];
    const [k0, k1, p0, p1] = [this.kept[shown], this.kept[shown + 1], this.paired[shown], this.paired[shown + 1]];
    const objectness = this.objectness.subarray(k0, k1);
    const candidate = this.pair_candidate.subarray(p0, p1);
    const classId = this.pair_class.subarray(p0, p1);
    const probability = this.pair_probability.subarray(p0, p1);
    const best = bestPairs(k1 - k0, candidate, classId, probability);
    return prepare({
      candidates: { count: k1 - k0, boxes: this.boxes.subarray(4 * k0, 4 * k1), objectness, best, highest: null },
      pairs: data.pairs ? { candidate, class_id: classId, probability } : null,
      rule: data.rule, names: data.names, floor: data.floor, picture: data.picture,
    });
  }

  selector(frame) {
    const shown = this.last[frame];
    const known = this.selectors.get(shown);
    if (known) return known;
    const made = new Selector(this.prepared(shown));
    this.selectors.set(shown, made);
    if (this.selectors.size > KEPT_SELECTORS) this.selectors.delete(this.selectors.keys().next().value);
    return made;
  }

  // The network's own number of a candidate of a frame.
  candidateId(frame, place) { return this.candidate[this.kept[this.last[frame]] + place]; }
}

// Of each candidate its most probable class; the first of equals, as NumPy's argmax.
function bestPairs(count, candidate, classId, probability) {
  const best = { class_id: new Int32Array(count), probability: new Float32Array(count) };
  for (let row = 0; row < candidate.length; row++) {
    const place = candidate[row];
    if (probability[row] > best.probability[place]) {
      best.probability[place] = probability[row];
      best.class_id[place] = classId[row];
    }
  }
  return best;
}

// How many objects of each class there are on each processed frame, worked out in slices of a few milliseconds.
class Counts {
  constructor(frames, thresholds) {
    this.frames = frames;
    this.thresholds = thresholds;
    this.rows = new Array(frames.count).fill(null);
    this.next = 0;
    this.most = 1;
  }

  get complete() { return this.next >= this.frames.count; }

  advance(deadline) {
    const { frames } = this;
    while (!this.complete && performance.now() < deadline) {
      const frame = this.next++;
      if (frames.last[frame] !== frame) { this.rows[frame] = this.rows[frame - 1]; continue; }
      const selector = frames.selectors.get(frame) ?? new Selector(frames.prepared(frame));
      const { ranking, detections } = selector.select(this.thresholds);
      const row = new Map();
      for (const one of detections) row.set(ranking.classId[one], (row.get(ranking.classId[one]) ?? 0) + 1);
      for (const count of row.values()) this.most = Math.max(this.most, count);
      this.rows[frame] = row;
    }
  }

  // The classes that are found at all, those with most boxes first.
  classes() {
    const sums = new Map();
    for (const row of this.rows) for (const [id, count] of row ?? []) sums.set(id, (sums.get(id) ?? 0) + count);
    return [...sums].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([id]) => id);
  }
}

// How often a path of points crosses a line from its left to its right side, and back: yolodash/inference/crossing.py.
function crossings(points, [ax, ay, bx, by]) {
  const side = ([x, y]) => (bx - ax) * (y - ay) - (by - ay) * (x - ax);
  let forward = 0, back = 0;
  for (let i = 1; i < points.length; i++) {
    const [before, after] = [side(points[i - 1]), side(points[i])];
    if ((before < 0) === (after < 0)) continue;
    const share = before / (before - after);
    const x = points[i - 1][0] + share * (points[i][0] - points[i - 1][0]);
    const y = points[i - 1][1] + share * (points[i][1] - points[i - 1][1]);
    const along = (x - ax) * (bx - ax) + (y - ay) * (by - ay);
    if (along < 0 || along > (bx - ax) ** 2 + (by - ay) ** 2) continue;
    if (before < 0) forward += 1;
    else back += 1;
  }
  return [forward, back];
}

// Identities of boxes, told by Python for one set of thresholds: rows of frame, candidate, class, track.
class Tracks {
  constructor(told, frames) {
    this.key = told.key;
    const values = integersOf(told.values);
    const ordinal = new Map(Array.from(frames.index, (index, i) => [index, i]));
    this.of = new Map();
    this.paths = new Map();
    for (let i = 0; i < values.length; i += 4) {
      const frame = ordinal.get(values[i]);
      if (frame === undefined) continue;
      if (!this.of.has(frame)) this.of.set(frame, new Map());
      this.of.get(frame).set(`${values[i + 1]}:${values[i + 2]}`, values[i + 3]);
      this.add(frames, frame, values[i + 1], values[i + 2], values[i + 3]);
    }
  }

  add(frames, frame, candidate, classId, track) {
    if (!this.paths.has(track)) this.paths.set(track, { classId, points: [] });
    for (let k = frames.kept[frame]; k < frames.kept[frame + 1]; k++) {
      if (frames.candidate[k] !== candidate) continue;
      const { boxes } = frames;
      this.paths.get(track).points.push([(boxes[4 * k] + boxes[4 * k + 2]) / 2, (boxes[4 * k + 1] + boxes[4 * k + 3]) / 2]);
      return;
    }
  }

  // The identity of a box, or 0.
  number(frame, candidate, classId) { return this.of.get(frame)?.get(`${candidate}:${classId}`) ?? 0; }

  // Over a line, by class: how many tracks went one way, and the other.
  over(line) {
    const sums = new Map();
    for (const { classId, points } of this.paths.values()) {
      const [forward, back] = crossings(points, line);
      if (!forward && !back) continue;
      const sum = sums.get(classId) ?? [0, 0];
      sums.set(classId, [sum[0] + forward, sum[1] + back]);
    }
    return sums;
  }
}
