// The player: the video as it is, and over it the boxes of the very frame that is shown.

const WIDE = 640; // CSS pixels of the column from which the controls stand beside the picture
const CONTROLS = 268;
const BELOW = 190; // CSS pixels for what stands below the picture
const SMALLEST = 220;
const ROW = 18; // CSS pixels of one class in the timeline
const MOST_ROWS = 4;
const NAMES = 96; // CSS pixels of its names
const REACH = 4;
const SLICE = 8; // milliseconds of a frame for the timeline
const REST = 500; // milliseconds after which a frame that stays is told

class Player extends ThresholdView {
  constructor(root) {
    super();
    this.root = root;
    const names = ["stage", "boxes", "tooltip", "back", "play", "forward", "clock", "line", "timeline", "found", "crossed", "controls", "live", "sound"];
    this.nodes = Object.fromEntries(names.map((name) => [name, root.querySelector(`.${name}`)]));
    this.video = root.querySelector("video");
    this.frame = 0;
    this.hovered = -1;
    this.pick = null;
    this.scores = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    this.resize = () => this.layOut();
    this.observer = new ResizeObserver(this.resize);
    this.listen();
  }

  update({ data, setStateValue }) {
    const before = this.data;
    this.data = data;
    this.setStateValue = setStateValue;
    if (this.thresholds === undefined || before?.revision !== data.revision) {
      this.thresholds = { ...data.thresholds, labels: data.thresholds.labels ?? data.default_labels };
    }
    this.settled = JSON.stringify(this.thresholds);
    if (before?.version !== data.version) this.open();
    else if (before?.tracks?.key !== data.tracks?.key) this.follow();
    this.words();
    if (this.frames) this.redraw();
  }

  words() {
    const { texts } = this.data;
    const { back, forward, line, sound, boxes, timeline } = this.nodes;
    for (const [node, sign, text] of [[back, "◀ 1", texts.back], [forward, "1 ▶", texts.forward], [line, texts.line, texts.line_help]]) {
      write(node, sign);
      node.title = text;
      node.setAttribute("aria-label", text);
    }
    write(sound.querySelector("span"), texts.sound);
    sound.hidden = !this.data.sound;
    boxes.setAttribute("aria-label", texts.canvas);
    timeline.setAttribute("aria-label", texts.timeline);
    this.tellPlaying();
  }

  // Another video, or the same with more frames: fetch both, then show the wanted frame.
  async open() {
    const { version, pack, video, frame, line } = this.data;
    this.frames = null;
    this.tracks = null;
    this.counts = null;
    this.line = line;
    write(this.nodes.found, this.data.texts.loading);
    if (this.video.getAttribute("src") !== video) {
      this.video.src = video;
      this.video.load();
    }
    const buffer = await (await fetch(pack)).arrayBuffer();
    if (this.data.version !== version) return;
    this.frames = new Frames(buffer, this.data);
    this.frame = Math.min(Math.max(frame, 0), this.frames.count - 1);
    this.wanted = null;
    this.prepared = this.frames.selector(this.frame).prepared;
    this.refreshControls = buildControls(this);
    this.objects = element("table", { class: "objects" });
    this.nodes.controls.append(this.objects);
    this.follow();
    this.layOut();
    this.seek(this.frame);
  }

  follow() {
    this.tracks = this.frames && this.data.tracks ? new Tracks(this.data.tracks, this.frames) : null;
    if (this.frames) this.redraw();
  }

  connect() {
    this.observer.observe(this.root);
    window.addEventListener("resize", this.resize);
    this.await();
  }

  disconnect() {
    this.observer.disconnect();
    window.removeEventListener("resize", this.resize);
    cancelAnimationFrame(this.slice);
    this.slice = 0;
    clearTimeout(this.resting);
    this.video.pause();
  }

  // The browser says of every picture that it shows which one it is; where it cannot, its clock has to do.
  await() {
    if (this.awaiting) return;
    this.awaiting = true;
    if (this.video.requestVideoFrameCallback) {
      const shown = (_now, about) => {
        this.present(about.mediaTime);
        this.video.requestVideoFrameCallback(shown);
      };
      this.video.requestVideoFrameCallback(shown);
    } else {
      const shown = () => {
        this.present(this.video.currentTime);
        requestAnimationFrame(shown);
      };
      requestAnimationFrame(shown);
    }
  }

  present(seconds) {
    if (!this.frames) return;
    this.shownAt = seconds;
    const frame = this.frames.at(seconds + this.data.offset);
    if (frame !== this.frame) this.hover(-1);
    this.frame = frame;
    if (frame === this.wanted || !this.video.paused) this.wanted = null;
    this.redraw();
    if (this.video.paused) this.rest();
  }

  // Ask for a frame; its boxes are drawn once the browser shows it.
  seek(frame) {
    if (!this.frames) return;
    this.wanted = Math.min(Math.max(frame, 0), this.frames.count - 1);
    const end = Number.isFinite(this.video.duration) ? this.video.duration : Infinity;
    this.video.currentTime = Math.min(Math.max(this.frames.middle(this.wanted) - this.data.offset, 0), end);
    if (this.unplayable) {
      this.frame = this.wanted;
      this.redraw();
      this.rest();
    }
  }

  step(by) {
    this.video.pause();
    this.seek((this.wanted ?? this.frame) + by);
  }

  playOrPause() {
    if (!this.video.paused) this.video.pause();
    else {
      if (this.frames && this.frame === this.frames.count - 1) this.seek(0);
      this.video.play().catch(() => this.broken());
    }
  }

  tellPlaying() {
    const { texts } = this.data;
    write(this.nodes.play, this.video.paused ? `▶ ${texts.play}` : `❚❚ ${texts.pause}`);
  }

  broken() {
    if (this.video.error === null) return;
    this.unplayable = true;
    write(this.nodes.found, this.data.texts.unplayable);
    this.redraw();
  }

  // Tell Python which frame is looked at, once it is.
  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      if (!this.frames || !this.video.paused || this.told === this.frame) return;
      this.told = this.frame;
      this.setStateValue("frame", { frame: this.frame, version: this.data.version });
    }, REST);
  }

  layOut() {
    if (!this.data) return;
    const { width, height } = this.data.picture;
    const column = this.root.clientWidth;
    if (!column) return;
    this.root.classList.toggle("wide", column >= WIDE);
    const top = this.root.getBoundingClientRect().top + (this.root.getRootNode().host?.closest("[data-testid=stMain]")?.scrollTop ?? 0);
    const room = {
      width: column >= WIDE ? column - CONTROLS : column,
      height: Math.max(SMALLEST, window.innerHeight - Math.min(Math.max(top, 0), window.innerHeight / 2) - BELOW),
    };
    const scale = Math.min(room.width / width, room.height / height);
    this.stage = { width: Math.max(48, Math.round(width * scale)), height: Math.max(48, Math.round(height * scale)) };
    this.ratio = window.devicePixelRatio || 1;
    this.font = getComputedStyle(this.root).fontFamily;
    this.to = stageOf(this.stage, { width, height }, { offset_x: 0, offset_y: 0, scale_x: 1, scale_y: 1 });
    this.nodes.stage.style.width = `${this.stage.width}px`;
    this.nodes.stage.style.height = `${this.stage.height}px`;
    this.nodes.boxes.width = Math.round(this.stage.width * this.ratio);
    this.nodes.boxes.height = Math.round(this.stage.height * this.ratio);
    this.wide = Math.max(this.stage.width, Math.min(room.width, 420));
    if (this.frames) this.redraw();
  }

  // Everything that hangs on the frame and the thresholds.
  redraw() {
    if (!this.frames || !this.stage) return;
    this.refreshControls();
    const selector = this.frames.selector(this.frame);
    this.prepared = selector.prepared;
    this.selection = selector.select(this.thresholds);
    this.paint();
    this.tell();
    this.count();
    this.root.dispatchEvent(new CustomEvent("drawn", { detail: this.account() }));
  }

  // What is drawn, as plain values.
  account() {
    const { ranking, detections } = this.selection;
    const pairs = Array.from(detections, (row) => [this.candidateOf(row), ranking.classId[row], ranking.score[row]]);
    return { frame: this.frame, index: this.frames.index[this.frame], mediaTime: this.shownAt, pairs };
  }

  // The same for any frame and thresholds.
  selectionFor(frame, thresholds) {
    const { ranking, detections } = new Selector(this.frames.prepared(frame)).select({ ...this.thresholds, ...thresholds });
    return Array.from(detections, (row) => [this.frames.candidateId(frame, ranking.candidate[row]), ranking.classId[row], ranking.score[row]]);
  }

  candidateOf(row) { return this.frames.candidateId(this.frame, this.selection.ranking.candidate[row]); }

  trackOf(row) {
    return this.known?.number(this.frames.last[this.frame], this.candidateOf(row), this.selection.ranking.classId[row]) ?? 0;
  }

  // Identities belong to the thresholds that Python found them for; while a slider moves there are none.
  get known() {
    return this.tracks && this.tracks.key === this.data.tracks?.key && JSON.stringify(this.thresholds) === this.settled ? this.tracks : null;
  }

  paint() {
    const context = this.nodes.boxes.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.stage.width, this.stage.height);
    drawDetections(context, this);
    drawLabels(context, this);
    if (this.line) drawLine(context, this);
  }

  nameOf(classId) { return this.data.names[classId] ?? String(classId); }
  scoreText(score) { return this.scores.format(score); }
  labelFor(row) {
    const { ranking } = this.selection;
    const track = this.trackOf(row);
    const known = track ? `#${track} ` : "";
    return `${known}${this.nameOf(ranking.classId[row])} ${this.scoreText(ranking.score[row])}`;
  }

  selectedRow() {
    const { pick, selection } = this;
    if (!pick || pick.frame !== this.frame) return -1;
    return selection.detections.find((row) => this.candidateOf(row) === pick.index && selection.ranking.classId[row] === pick.class_id) ?? -1;
  }

  tell() {
    const { texts } = this.data;
    const { frames, frame } = this;
    const count = this.selection.detections.length;
    const skipped = frames.last[frame] !== frame ? ` · ${texts.skipped}` : "";
    if (!this.unplayable) write(this.nodes.found, (count ? fill(texts.found, { count }) : texts.nothing_found) + skipped);
    write(this.nodes.clock, fill(texts.clock, {
      seconds: frames.seconds[frame].toFixed(2), frame: frames.index[frame], last: frames.index[frames.count - 1],
    }));
    this.tellObjects();
    this.tellCrossings();
  }

  // How many different objects there were, by class.
  tellObjects() {
    const { texts, objects } = this.data;
    const waiting = !this.known;
    const said = JSON.stringify([objects, waiting]);
    if (said === this.saidObjects) return;
    this.saidObjects = said;
    const rows = (objects ?? []).map(([classId, count]) => element("tr", waiting ? { class: "waiting" } : {}, [
      element("th", { scope: "row" }, [element("span", { class: "swatch", style: `background:${colourOf(classId)}` }), this.nameOf(classId)]),
      element("td", { text: String(count) }),
    ]));
    const none = element("tr", {}, [element("td", { text: "–" })]);
    this.objects.replaceChildren(element("caption", { text: texts.objects }), ...(rows.length ? rows : [none]));
  }

  tellCrossings() {
    const { crossed, line } = this.nodes;
    line.setAttribute("aria-pressed", String(Boolean(this.line)));
    crossed.hidden = !this.line;
    if (!this.line) return;
    const { texts } = this.data;
    if (!this.known) {
      write(crossed, texts.line_waits);
      return;
    }
    const parts = [...this.known.over(this.line)].map(([classId, [forward, back]]) =>
      `${this.nameOf(classId)} A→B ${forward}, B→A ${back}`);
    write(crossed, `${texts.line_crossed} ${parts.length ? parts.join(" · ") : texts.line_none}`);
  }

  // The timeline, counted anew where the thresholds are others; a little in every frame until it is whole.
  count() {
    const key = JSON.stringify(this.thresholds);
    if (this.counted !== key || !this.counts || this.counts.frames !== this.frames) {
      this.counted = key;
      this.counts = new Counts(this.frames, { ...this.thresholds });
    }
    this.advance();
  }

  advance() {
    this.counts.advance(performance.now() + SLICE);
    drawTimeline(this);
    if (!this.counts.complete) {
      this.slice ||= requestAnimationFrame(() => { this.slice = 0; if (this.counts) this.advance(); });
    }
  }

  listen() {
    const { boxes, back, play, forward, line, timeline, sound } = this.nodes;
    const { video } = this;
    play.addEventListener("click", () => this.playOrPause());
    back.addEventListener("click", () => this.step(-1));
    forward.addEventListener("click", () => this.step(1));
    line.addEventListener("click", () => this.toggleLine());
    sound.querySelector("input").addEventListener("change", (event) => { video.muted = !event.target.checked; });
    for (const event of ["play", "pause", "ended"]) video.addEventListener(event, () => { this.tellPlaying(); this.rest(); });
    video.addEventListener("error", () => this.broken());
    video.addEventListener("loadedmetadata", () => { if (this.frames) this.seek(this.frame); });
    boxes.addEventListener("pointermove", (event) => this.moved(event));
    boxes.addEventListener("pointerleave", () => this.hover(-1));
    boxes.addEventListener("pointerdown", (event) => this.grab(event));
    boxes.addEventListener("pointerup", (event) => this.release(event));
    boxes.addEventListener("keydown", (event) => this.key(event));
    timeline.addEventListener("pointerdown", (event) => { timeline.setPointerCapture(event.pointerId); this.scrub(event); });
    timeline.addEventListener("pointermove", (event) => { if (event.buttons & 1) this.scrub(event); });
    timeline.addEventListener("keydown", (event) => this.key(event));
  }

  scrub(event) {
    if (!this.frames) return;
    const frame = this.nodes.timeline.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - frame.left - NAMES) / (frame.width - NAMES), 0), 1);
    this.video.pause();
    this.seek(Math.min(Math.floor(share * this.frames.count), this.frames.count - 1));
  }

  pointOf(event) {
    const frame = this.nodes.boxes.getBoundingClientRect();
    const { width, height } = this.data.picture;
    const share = (at, start, length) => Math.min(Math.max((at - start) / length, 0), 1);
    return [share(event.clientX, frame.left, frame.width) * width, share(event.clientY, frame.top, frame.height) * height];
  }

  hit(event) {
    if (!this.selection) return -1;
    const frame = this.nodes.boxes.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    let best = -1, smallest = Infinity;
    for (const row of this.selection.detections) {
      const [left, top, right, bottom] = boxOnStage(this, this.selection.ranking.candidate[row]);
      const inside = x >= left - REACH && x <= right + REACH && y >= top - REACH && y <= bottom + REACH;
      const size = (right - left) * (bottom - top);
      if (inside && size < smallest) [best, smallest] = [row, size];
    }
    return best;
  }

  moved(event) {
    if (this.held !== undefined) {
      const [x, y] = this.pointOf(event);
      this.line[2 * this.held] = Math.round(x);
      this.line[2 * this.held + 1] = Math.round(y);
      this.paint();
      this.tellCrossings();
      return;
    }
    this.hover(this.hit(event));
  }

  hover(row) {
    if (row === this.hovered) return;
    this.hovered = row;
    const { tooltip, boxes } = this.nodes;
    boxes.style.cursor = row >= 0 ? "pointer" : "default";
    tooltip.hidden = row < 0;
    if (row >= 0) {
      const box = boxOnStage(this, this.selection.ranking.candidate[row]);
      tooltip.textContent = this.labelFor(row);
      tooltip.style.left = `${Math.max(0, Math.min(box[0], this.stage.width - tooltip.offsetWidth))}px`;
      tooltip.style.top = `${Math.max(0, Math.min(box[3] + 4, this.stage.height - tooltip.offsetHeight))}px`;
    }
    if (this.selection) this.paint();
  }

  // An end of the line, or a box.
  grab(event) {
    if (!this.frames) return;
    const end = this.line ? nearEnd(this, event) : -1;
    if (end >= 0) {
      this.held = end;
      this.nodes.boxes.setPointerCapture(event.pointerId);
      return;
    }
    this.pressed = this.hit(event);
  }

  release(event) {
    if (this.held !== undefined) {
      this.held = undefined;
      this.setStateValue("line", { line: [...this.line], version: this.data.version });
      return;
    }
    const row = this.hit(event);
    if (row >= 0 && row === this.pressed) this.choose(row);
    else if (this.pressed === -1) this.playOrPause();
    this.pressed = undefined;
  }

  choose(row) {
    this.video.pause();
    const { ranking } = this.selection;
    const box = ranking.candidate[row];
    const { boxes } = this.prepared;
    this.pick = {
      frame: this.frame, index: this.candidateOf(row), class_id: ranking.classId[row],
      x: (boxes[4 * box] + boxes[4 * box + 2]) / 2, y: (boxes[4 * box + 1] + boxes[4 * box + 3]) / 2,
      track: this.trackOf(row), score: ranking.score[row],
    };
    this.paint();
    this.setStateValue("pick", { ...this.pick, version: this.data.version });
  }

  toggleLine() {
    const { width, height } = this.data.picture;
    this.line = this.line ? null : [width / 2, height * 0.9, width / 2, height * 0.1].map(Math.round);
    this.setStateValue("line", { line: this.line && [...this.line], version: this.data.version });
    if (this.frames) this.redraw();
  }

  key(event) {
    if (!this.frames) return;
    const rows = [...(this.selection?.detections ?? [])];
    const at = rows.indexOf(this.hovered);
    const around = (by) => { if (rows.length) this.hover(rows[(at + by + rows.length) % rows.length]); };
    const actions = {
      " ": () => this.playOrPause(), ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1),
      Home: () => this.step(-Infinity), End: () => this.step(Infinity), PageUp: () => this.step(-10), PageDown: () => this.step(10),
      ArrowDown: () => around(1), ArrowUp: () => around(at < 0 ? 0 : -1), Enter: () => { if (at >= 0) this.choose(rows[at]); },
      Escape: () => this.hover(-1),
    };
    if (!(event.key in actions)) return;
    actions[event.key]();
    if (this.hovered >= 0) write(this.nodes.live, this.labelFor(this.hovered));
    event.preventDefault();
  }
}

const END = 9; // CSS pixels around an end of the line

function endsOf({ line, to }) { return [[to.x(line[0]), to.y(line[1])], [to.x(line[2]), to.y(line[3])]]; }

function nearEnd(view, event) {
  const frame = view.nodes.boxes.getBoundingClientRect();
  const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
  return endsOf(view).findIndex(([ex, ey]) => Math.hypot(ex - x, ey - y) <= 2 * END);
}

// The line, its ends to drag, and which side is which.
function drawLine(context, view) {
  const [[ax, ay], [bx, by]] = endsOf(view);
  const path = new Path2D();
  path.moveTo(ax, ay);
  path.lineTo(bx, by);
  strokeTwice(context, path, "#ffffff", 3, [10, 6]);
  for (const [x, y] of [[ax, ay], [bx, by]]) {
    const knob = new Path2D();
    knob.arc(x, y, END, 0, 2 * Math.PI);
    context.fillStyle = "#ffffff";
    context.fill(knob);
    context.lineWidth = 2;
    context.strokeStyle = "#000000";
    context.stroke(knob);
  }
  const length = Math.hypot(bx - ax, by - ay) || 1;
  const [nx, ny] = [(by - ay) / length, -(bx - ax) / length];
  const [mx, my] = [(ax + bx) / 2, (ay + by) / 2];
  context.font = `700 15px ${view.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const [letter, away] of [["A", 18], ["B", -18]]) {
    context.lineWidth = 4;
    context.strokeStyle = "#000000";
    context.strokeText(letter, mx + away * nx, my + away * ny);
    context.fillStyle = "#ffffff";
    context.fillText(letter, mx + away * nx, my + away * ny);
  }
  context.textAlign = "start";
}

// Objects per class over time: a row a class, its name before it, so that no colour is needed to tell them apart.
function drawTimeline(view) {
  const { timeline } = view.nodes;
  const { frames, counts, ratio, frame } = view;
  const classes = counts.classes().slice(0, MOST_ROWS);
  const height = Math.max(classes.length, 1) * ROW + 4;
  const size = [Math.round(view.wide * ratio), Math.round(height * ratio)];
  if (timeline.width !== size[0] || timeline.height !== size[1]) {
    [timeline.width, timeline.height] = size;
    timeline.style.width = `${view.wide}px`;
    timeline.style.height = `${height}px`;
  }
  const context = timeline.getContext("2d");
  const style = getComputedStyle(view.root);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, view.wide, height);
  const width = (view.wide - NAMES) / frames.count;
  classes.forEach((classId, row) => {
    const bottom = (row + 1) * ROW + 1;
    context.fillStyle = style.color;
    context.font = `500 12px ${view.font}`;
    context.textBaseline = "middle";
    context.fillText(fitText(context, view.nameOf(classId), NAMES - 34), 8, bottom - ROW / 2);
    context.textAlign = "right";
    context.fillText(String(counts.rows[frame]?.get(classId) ?? 0), NAMES - 8, bottom - ROW / 2);
    context.textAlign = "left";
    context.fillStyle = colourOf(classId);
    for (let i = 0; i < counts.next; i++) {
      const share = (counts.rows[i]?.get(classId) ?? 0) / counts.most;
      const tall = share * (ROW - 3);
      if (tall) context.fillRect(NAMES + i * width, bottom - tall, Math.max(width, 1), tall);
    }
  });
  context.fillStyle = style.color;
  context.fillRect(NAMES + (frame + 0.5) * width - 1, 0, 2, height);
  timeline.setAttribute("aria-valuemin", "0");
  timeline.setAttribute("aria-valuemax", String(frames.count - 1));
  timeline.setAttribute("aria-valuenow", String(frame));
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".player");
  root.player ??= new Player(root);
  root.player.update({ data, setStateValue });
  root.player.connect();
  return () => root.player.disconnect();
}
