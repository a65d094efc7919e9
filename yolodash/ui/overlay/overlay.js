// The component: one view an element, kept on the element, told of new data by Streamlit.

const SPEAK_AFTER = 400; // milliseconds of rest before the count is read out
const BUDGET = 8; // milliseconds of a frame for suppression, once the detections to draw are known
const AT_LEAST = 48; // CSS pixels of a side, so that a picture of 1 × 10,000 can be seen and clicked
const WIDE = 640; // CSS pixels of the column from which the controls stand beside the picture
const CONTROLS = 268; // CSS pixels that the controls and the gap then take
const BELOW = 160; // CSS pixels for the words and the account below the picture
const SMALLEST = 260; // CSS pixels of height that the picture gets in any window
const REACH = 4; // CSS pixels around a small box that still hit it

class View extends ThresholdView {
  constructor(root) {
    super();
    this.root = root;
    this.nodes = Object.fromEntries(
      ["main", "stage", "picture", "boxes", "tooltip", "found", "selected", "marks", "controls", "account", "live"]
        .map((name) => [name, root.querySelector(`.${name}`)]),
    );
    this.hovered = -1;
    this.pick = null;
    this.thresholds = null;
    this.bitmap = null;
    this.frame = 0;
    this.resize = () => this.layOut();
    this.observer = new ResizeObserver(this.resize);
    this.listen();
  }

  // New data: the picture and candidates if their version is another, the thresholds if Python set them anew.
  update({ data, setStateValue }) {
    const before = this.data;
    this.data = data;
    this.setStateValue = setStateValue;
    // Numbers as the formulas and the code beside them write them, in every language.
    this.counts = new Intl.NumberFormat("en");
    this.scores = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    if (before?.version !== data.version) {
      this.prepared = prepare(data);
      this.selector = new Selector(this.prepared);
      this.hovered = -1;
      this.pick = data.pick;
      this.loadPicture();
    }
    if (this.thresholds === null || before?.revision !== data.revision) {
      this.thresholds = { ...data.thresholds, labels: data.thresholds.labels ?? data.default_labels };
    }
    this.settled = JSON.stringify(this.thresholds);
    this.refreshControls = buildControls(this);
    this.refreshAccount = buildAccount(this);
    this.layOut();
  }

  connect() {
    this.observer.observe(this.root);
    window.addEventListener("resize", this.resize);
  }

  disconnect() {
    this.observer.disconnect();
    window.removeEventListener("resize", this.resize);
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    clearTimeout(this.speaking);
  }

  async loadPicture() {
    const { version, picture, texts } = this.data;
    this.bitmap = null;
    try {
      const bitmap = await createImageBitmap(new Blob([bytesOf(picture.jpeg)], { type: "image/jpeg" }));
      if (this.data.version !== version) return;
      this.bitmap = bitmap;
      this.drawPicture();
    } catch {
      this.nodes.selected.textContent = texts.broken_picture;
    }
  }

  // The stage fits the column's width and the window's height; the canvases have the device's own pixels.
  layOut() {
    if (!this.data) return;
    const { picture, height } = this.data;
    const width = this.root.clientWidth;
    if (!width) return;
    this.root.classList.toggle("wide", width >= WIDE);
    const room = {
      width: width >= WIDE ? width - CONTROLS : width,
      height: height ?? Math.max(SMALLEST, window.innerHeight - this.top() - BELOW),
    };
    const scale = Math.min(room.width / picture.width, room.height / picture.height);
    const side = (length, limit) => Math.min(limit, Math.max(Math.round(length * scale), AT_LEAST));
    const stage = { width: side(picture.width, room.width), height: side(picture.height, room.height) };
    const ratio = window.devicePixelRatio || 1;
    this.font = getComputedStyle(this.root).fontFamily;
    if (stage.width !== this.stage?.width || stage.height !== this.stage?.height || ratio !== this.ratio) {
      this.nodes.stage.style.width = `${stage.width}px`;
      this.nodes.stage.style.height = `${stage.height}px`;
      for (const canvas of [this.nodes.picture, this.nodes.boxes]) {
        canvas.width = Math.round(stage.width * ratio);
        canvas.height = Math.round(stage.height * ratio);
      }
    }
    this.stage = stage;
    this.ratio = ratio;
    this.to = stageOf(stage, picture, this.data.transform);
    this.drawPicture();
    this.draw();
  }

  // Where the component begins on its page, not counting how far that is scrolled; far down, it is scrolled to.
  top() {
    const scrolled = this.root.getRootNode().host?.closest("[data-testid=stMain]")?.scrollTop ?? 0;
    const top = this.root.getBoundingClientRect().top + scrolled;
    return top < window.innerHeight / 2 ? Math.max(top, 0) : 80;
  }

  drawPicture() {
    if (!this.bitmap || !this.stage) return;
    const { picture } = this.nodes;
    const context = picture.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(this.bitmap, 0, 0, picture.width, picture.height);
  }

  redraw() {
    this.moved = true;
    this.frame ||= requestAnimationFrame(() => this.nextFrame());
  }

  nextFrame() {
    this.frame = 0;
    if (this.moved) this.draw();
    else {
      this.account();
      if (this.pick) this.paint(); // what it suppressed may have grown
    }
  }

  draw() {
    if (!this.stage) return;
    this.moved = false;
    this.refreshControls();
    this.account();
    this.paint();
    this.root.dispatchEvent(new CustomEvent("drawn", { detail: this.selection }));
  }

  // Select; the detections are final at once, but the account of a crowded picture can take some more frames.
  account() {
    this.selection = this.selector.select(this.thresholds, BUDGET);
    if (this.selection.complete) this.refreshAccount();
    else this.frame ||= requestAnimationFrame(() => this.nextFrame());
    this.tell();
  }

  paint() {
    const context = this.nodes.boxes.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    drawOverlay(context, this);
  }

  // What these thresholds select, as plain lists: pairs of candidate, class and score, and the fates of all candidates.
  selectionFor(thresholds) {
    const values = { ...this.thresholds, ...thresholds };
    const { ranking, detections, fate, bestClass, suppressedBy, account } = this.selector.select(values);
    const pairs = Array.from(detections, (row) => [ranking.candidate[row], ranking.classId[row], ranking.score[row]]);
    return { pairs, fate: [...fate], bestClass: [...bestClass], suppressedBy: [...suppressedBy], account };
  }

  nameOf(classId) { return this.data.names[classId] ?? String(classId); }
  scoreText(score) { return this.scores.format(score); }
  countText(count) { return this.counts.format(count); }

  boxOf(row) { return boxOnStage(this, this.selection.ranking.candidate[row]); }

  // The row of the picked pair while it is a detection, else −1.
  selectedRow() {
    if (!(this.pick?.index >= 0)) return -1;
    const { ranking, detections } = this.selection;
    const { index, class_id } = this.pick;
    return detections.find((row) => ranking.candidate[row] === index && ranking.classId[row] === class_id) ?? -1;
  }

  suppressedRows() {
    const row = this.selectedRow();
    const { suppressor, end } = this.selection;
    const rows = [];
    for (let other = row + 1; row >= 0 && other < end; other++) if (suppressor[other] === row) rows.push(other);
    return rows;
  }

  // The words around the picture; the count is read out only once it rests.
  tell() {
    const { texts } = this.data;
    const count = this.selection.detections.length;
    const found = count ? fill(texts.found, { count: this.countText(count) }) : texts.nothing_found;
    write(this.nodes.found, found);
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      this.say(found);
      this.nodes.boxes.setAttribute("aria-label", `${found}. ${texts.canvas}`);
    }, SPEAK_AFTER);
    this.tellSelected();
  }

  say(text) { write(this.nodes.live, text); }

  tellSelected() {
    const { texts, heads } = this.data;
    const place = this.pick?.index >= 0 ? placeOf(this.pick.index, heads) : null;
    if (!place) {
      write(this.nodes.selected, texts.hint);
      if (this.nodes.marks.firstChild) this.nodes.marks.replaceChildren();
      return;
    }
    const { index, class_id } = this.pick;
    const { ranking } = this.selection;
    const row = this.selectedRow();
    this.nodes.selected.textContent = fill(texts.selected, {
      name: this.nameOf(class_id), score: row < 0 ? "–" : this.scoreText(ranking.score[row]), index,
      stride: place.head.stride, row: place.row, column: place.column, anchor: place.anchor,
    });
    const marks = [["cell", texts.mark_cell], ["centre", texts.mark_centre]];
    if (place.head.anchors[place.anchor][0] > 0) marks.splice(1, 0, ["anchor", texts.mark_anchor]);
    const suppressed = this.suppressedRows().length;
    marks.push(["suppressed", fill(texts.mark_suppressed, { count: this.countText(suppressed) })]);
    this.nodes.marks.replaceChildren(...marks.map(([mark, text]) => element("span", {}, [
      element("i", { class: mark, "aria-hidden": "true" }), text,
    ])));
  }

  listen() {
    const { boxes } = this.nodes;
    boxes.addEventListener("pointermove", (event) => this.hover(this.hit(event), event));
    boxes.addEventListener("pointerleave", () => this.hover(-1));
    boxes.addEventListener("click", (event) => {
      const { x, y } = this.pointOf(event);
      this.choose(this.hit(event), x, y);
    });
    boxes.addEventListener("keydown", (event) => this.key(event));
    boxes.addEventListener("blur", () => this.hover(-1));
  }

  // Where an event happened, in pixels of the picture.
  pointOf(event) {
    const frame = this.nodes.boxes.getBoundingClientRect();
    const { width, height } = this.data.picture;
    const share = (at, start, length) => Math.min(Math.max((at - start) / length, 0), 1);
    return { x: share(event.clientX, frame.left, frame.width) * width, y: share(event.clientY, frame.top, frame.height) * height };
  }

  // The smallest detection under the pointer, else −1.
  hit(event) {
    if (!this.selection) return -1;
    const frame = this.nodes.boxes.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    const { ranking, detections } = this.selection;
    let best = -1, smallest = Infinity;
    for (const row of detections) {
      const [left, top, right, bottom] = boxOnStage(this, ranking.candidate[row]);
      const inside = x >= left - REACH && x <= right + REACH && y >= top - REACH && y <= bottom + REACH;
      const size = (right - left) * (bottom - top);
      if (inside && size < smallest) [best, smallest] = [row, size];
    }
    return best;
  }

  hover(row, event) {
    const { tooltip, boxes } = this.nodes;
    boxes.style.cursor = row >= 0 ? "pointer" : "crosshair";
    tooltip.hidden = row < 0;
    if (row >= 0) this.placeTooltip(row, event);
    if (row === this.hovered) return;
    this.hovered = row;
    this.paint();
  }

  placeTooltip(row, event) {
    const { tooltip, boxes } = this.nodes;
    const { ranking } = this.selection;
    tooltip.textContent = fill(this.data.texts.tooltip, {
      name: this.nameOf(ranking.classId[row]), score: this.scores.format(ranking.score[row]),
    });
    const frame = boxes.getBoundingClientRect();
    const box = boxOnStage(this, ranking.candidate[row]);
    const [x, y] = event ? [event.clientX - frame.left + 14, event.clientY - frame.top + 16] : [box[0], box[3] + 4];
    tooltip.style.left = `${Math.max(0, Math.min(x, this.stage.width - tooltip.offsetWidth))}px`;
    tooltip.style.top = `${Math.max(0, Math.min(y, this.stage.height - tooltip.offsetHeight))}px`;
  }

  choose(row, x, y) {
    const { ranking } = this.selection;
    const index = row >= 0 ? ranking.candidate[row] : -1;
    this.setPick({ x, y, index, class_id: row >= 0 ? ranking.classId[row] : -1 });
  }

  setPick(pick) {
    this.pick = pick;
    this.tellSelected();
    this.paint();
    this.setStateValue("pick", { ...(pick ?? { cleared: true }), version: this.data.version });
  }

  key(event) {
    const { detections, ranking } = this.selection;
    const at = detections.indexOf(this.hovered);
    const last = detections.length - 1;
    const next = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at < 0 ? last : at - 1, ArrowUp: at < 0 ? last : at - 1, Home: 0, End: last };
    if (event.key in next && last >= 0) {
      const rank = (next[event.key] + last + 1) % (last + 1);
      this.hover(detections[rank]);
      this.say(fill(this.data.texts.focused, {
        rank: rank + 1, count: last + 1, name: this.nameOf(ranking.classId[detections[rank]]),
        score: this.scores.format(ranking.score[detections[rank]]),
      }));
    } else if ((event.key === "Enter" || event.key === " ") && at >= 0) {
      const [x, y] = this.centreOf(ranking.candidate[detections[at]]);
      this.choose(detections[at], x, y);
    } else if (event.key === "Escape") {
      this.hover(-1);
      if (this.pick) this.setPick(null);
    } else return;
    event.preventDefault();
  }

  centreOf(index) {
    const { boxes } = this.prepared;
    return [(boxes[4 * index] + boxes[4 * index + 2]) / 2, (boxes[4 * index + 1] + boxes[4 * index + 3]) / 2];
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".overlay");
  root.view ??= new View(root);
  root.view.update({ data, setStateValue });
  root.view.connect();
  return () => root.view.disconnect();
}
