// The component: one view an element. Python says what is on the disk, the browser what was done since.

const WIDE = 620; // CSS pixels from which the classes stand beside the picture
const SMALLEST = 300;
const BELOW = 60;
const PATIENCE = 8000; // milliseconds after which a message that nobody confirmed is sent again
const LEAST_LEVEL = 1024; // pixels of the smallest reduced copy's longer side

class View {
  constructor(root) {
    this.root = root;
    const names = ["main", "tools", "stage", "picture", "boxes", "across", "along", "veil", "about", "side", "saved", "trouble", "heading", "classes", "keys", "live"];
    this.nodes = Object.fromEntries(names.map((name) => [name, root.querySelector(`.${name}`)]));
    Object.assign(this, { steps: new Steps([]), chosen: null, hovered: null, classId: null, camera: null, drag: null, frame: 0, labelled: true, attempts: 0, step: 0 });
    this.writer = randomName(12);
    this.resize = () => this.layOut();
    this.leave = (event) => { if (this.keeper?.unstored) event.preventDefault(); };
    this.observer = new ResizeObserver(this.resize);
    this.widths = new Map();
    listenToPointer(this);
    listenToKeys(this);
  }

  connect() {
    this.observer.observe(this.root);
    window.addEventListener("resize", this.resize);
    window.addEventListener("beforeunload", this.leave);
    window.addEventListener("online", this.again);
  }

  disconnect() {
    this.observer.disconnect();
    window.removeEventListener("resize", this.resize);
    window.removeEventListener("beforeunload", this.leave);
    window.removeEventListener("online", this.again);
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  again = () => { if (this.onTheWay && this.root.isConnected) this.dispatch({ ...this.onTheWay }); };

  update({ data, setStateValue }) {
    const before = this.data;
    Object.assign(this, { data, setStateValue, size: data.picture });
    if (this.keeper?.dataset !== data.dataset) this.keeper = new Keeper(storage(), data.dataset, this.writer);
    this.hearAll();
    if (before?.dataset !== data.dataset || before?.stem !== data.stem) this.open();
    else this.takeOver();
    if (before?.picture.url !== data.picture.url) this.load();
    if (before?.select !== data.select && data.select) this.chosen = data.select.split("@")[0];
    if (!data.classes.some(({ id }) => id === this.classId)) this.classId = data.classes[0]?.id ?? null;
    buildTools(this);
    buildSide(this);
    this.layOut();
    this.flush();
  }

  // Another picture: what is on the disk, and over it what the browser has not seen confirmed.
  open() {
    const waiting = this.keeper.boxesOf(this.data.stem);
    this.base = this.data.revision;
    this.steps = new Steps(waiting ?? this.data.boxes);
    Object.assign(this, { chosen: null, hovered: null, drag: null, step: 0, camera: null });
    if (document.activeElement === document.body) this.nodes.boxes.focus({ preventScroll: true });
    if (!waiting) return;
    this.steps.past.push(this.data.boxes);
  }

  // The same picture again: newer from the disk is taken only where nothing of ours waits, older never.
  takeOver() {
    const { stem, revision, boxes } = this.data;
    if (this.keeper.waits(stem) || revision <= this.base) return;
    this.base = revision;
    if (JSON.stringify(boxes) === JSON.stringify(this.boxes)) return;
    this.steps.take(boxes);
    if (!boxes.some(({ id }) => id === this.chosen)) this.chosen = null;
  }

  get boxes() { return this.steps.now; }
  get frozen() { return Boolean(this.data.conflict) || this.size.broken; }

  // --- the picture -------------------------------------------------------------------------------------------------

  // The picture and copies of half, a quarter … of its size: far away, a large photo is drawn from a small copy.
  async load() {
    const { url } = this.data.picture;
    this.levels = [];
    this.draw(true);
    if (!url) return;
    try {
      const image = new Image();
      image.src = url;
      await image.decode();
      if (this.data.picture.url !== url) return;
      let level = { image, width: image.naturalWidth, height: image.naturalHeight };
      const levels = [level];
      while (Math.max(level.width, level.height) > LEAST_LEVEL) {
        const [width, height] = [Math.max(1, Math.round(level.width / 2)), Math.max(1, Math.round(level.height / 2))];
        const half = document.createElement("canvas");
        [half.width, half.height] = [width, height];
        half.getContext("2d").drawImage(level.image, 0, 0, width, height);
        level = { image: half, width, height };
        levels.push(level);
      }
      this.levels = levels;
      this.root.dataset.picture = this.data.stem;
      this.draw(true);
    } catch {
      if (this.data.picture.url === url) this.nodes.about.textContent = this.data.texts.broken_picture;
    }
  }

  layOut() {
    if (!this.data) return;
    const width = this.root.clientWidth;
    if (!width) return;
    this.root.classList.toggle("wide", width >= WIDE);
    const stage = { width: this.nodes.main.clientWidth, height: this.room() };
    const ratio = window.devicePixelRatio || 1;
    this.font = getComputedStyle(this.root).fontFamily;
    const same = stage.width === this.stage?.width && stage.height === this.stage?.height && ratio === this.ratio;
    if (!same) {
      this.nodes.stage.style.height = `${stage.height}px`;
      for (const canvas of [this.nodes.picture, this.nodes.boxes]) {
        canvas.width = Math.round(stage.width * ratio);
        canvas.height = Math.round(stage.height * ratio);
      }
      const whole = !this.stage || !this.camera || this.camera.scale === fitted(this.size, this.stage).scale;
      Object.assign(this, { stage, ratio });
      if (whole || !this.camera) this.camera = fitted(this.size, stage);
      else this.camera = zoomed(this.camera, 1, stage.width / 2, stage.height / 2, this.size, stage);
    }
    this.camera ??= fitted(this.size, stage);
    this.draw(true);
  }

  room() {
    const scrolled = this.root.getRootNode().host?.closest("[data-testid=stMain]")?.scrollTop ?? 0;
    const top = this.nodes.stage.getBoundingClientRect().top + scrolled;
    return Math.round(Math.max(SMALLEST, window.innerHeight - (top < window.innerHeight / 2 ? Math.max(top, 0) : 120) - BELOW));
  }

  look(camera) {
    this.camera = held(camera, this.size, this.stage);
    this.draw(true);
  }

  zoom(factor, x = this.stage.width / 2, y = this.stage.height / 2) {
    if (!this.camera) return;
    this.camera = zoomed(this.camera, factor, x, y, this.size, this.stage);
    this.draw(true);
  }

  fit() {
    this.camera = fitted(this.size, this.stage);
    this.draw(true);
  }

  draw(pictureToo = false) {
    this.stale ||= pictureToo;
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.frame = 0;
    if (!this.stage || !this.camera) return;
    if (this.stale) this.paintPicture();
    this.stale = false;
    const context = this.nodes.boxes.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    drawBoxes(context, this);
    this.tell();
    this.root.dispatchEvent(new CustomEvent("drawn"));
  }

  paintPicture() {
    const context = this.nodes.picture.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.stage.width, this.stage.height);
    if (!this.levels?.length) return;
    const { scale, x, y } = this.camera;
    const [width, height] = [this.size.width * scale, this.size.height * scale];
    const level = this.levels.findLast((one) => one.width >= width * this.ratio) ?? this.levels[0];
    context.imageSmoothingEnabled = scale < 6;
    context.imageSmoothingQuality = "high";
    context.drawImage(level.image, x, y, width, height);
  }

  // --- boxes -------------------------------------------------------------------------------------------------------

  shownBoxes() {
    const { drag } = this;
    return drag?.box ? this.boxes.map((one) => (one.id === drag.one.id ? { ...one, box: drag.box } : one)) : this.boxes;
  }

  chosenBox() { return this.boxes.find(({ id }) => id === this.chosen) ?? null; }

  add(rubber) {
    const box = rubber && tidied(rubber, this.size);
    if (!box || this.frozen) return this.draw();
    if (this.classId === null) return this.note(this.data.texts.no_class);
    const one = { id: randomName(12), class_id: this.classId, box };
    this.chosen = one.id;
    return this.commit([...this.boxes, one]);
  }

  replaceBox(one, box) {
    const whole = box && tidied(box, this.size);
    if (whole && whole.some((value, i) => value !== one.box[i])) this.edit(one.id, { box: whole });
    else this.draw();
  }

  // A proposal that somebody changes is theirs from then on.
  edit(id, values) {
    this.commit(this.boxes.map((one) => (one.id === id ? { ...one, ...values, open: false } : one)));
  }

  remove() {
    const at = this.boxes.findIndex(({ id }) => id === this.chosen);
    if (at < 0 || this.frozen) return;
    const rest = this.boxes.filter(({ id }) => id !== this.chosen);
    this.chosen = null;
    this.commit(rest);
  }

  setClass(id) {
    this.classId = id;
    const one = this.chosenBox();
    if (one && one.class_id !== id && !this.frozen) this.edit(one.id, { class_id: id });
    buildSide(this);
    this.draw();
  }

  // Proposals taken as they are: the chosen one, or all.
  take(all) {
    const taken = (one) => one.open && (all || one.id === this.chosen);
    if (!this.frozen && this.boxes.some(taken)) this.commit(this.boxes.map((one) => (taken(one) ? { ...one, open: false } : one)));
  }

  commit(boxes, state) {
    if (boxes !== this.boxes) this.steps.take(boxes);
    this.keep(state);
  }

  turn(way) {
    if (this.frozen || !this.steps[way]()) return;
    if (!this.chosenBox()) this.chosen = null;
    this.keep();
  }

  // The person is through with the picture: proposals count as taken, and the next one comes.
  accept() {
    if (this.frozen) return;
    const boxes = this.boxes.some(({ open }) => open) ? this.boxes.map((one) => ({ ...one, open: false })) : this.boxes;
    const state = this.data.mode === "review" ? "reviewed" : "done";
    if (this.data.state !== state || boxes !== this.boxes) this.commit(boxes, state);
    this.go(1);
  }

  keep(state) {
    this.keeper.change(this.data.stem, this.base, state ? { boxes: this.boxes, state } : { boxes: this.boxes });
    buildTools(this);
    buildSide(this);
    this.draw();
    this.flush();
  }

  choose(id) {
    this.chosen = id;
    const one = this.chosenBox();
    if (one) this.say(this.wordsOf(one));
    buildTools(this);
    buildSide(this);
    this.draw();
  }

  hover(id) {
    if (id === this.hovered) return;
    this.hovered = id;
    this.draw();
  }

  guide(point) {
    const { across, along } = this.nodes;
    across.hidden = along.hidden = !point;
    if (point) [along.style.left, across.style.top] = [`${point[0]}px`, `${point[1]}px`];
  }

  // --- words -------------------------------------------------------------------------------------------------------

  classOf(id) { return this.data.classes.find((one) => one.id === id); }
  colourOf(id) { return this.classOf(id)?.colour ?? "#888888"; }
  nameOf(id) { return this.classOf(id)?.name ?? String(id); }
  letterOf(id) {
    const rank = this.data.classes.findIndex((one) => one.id === id);
    return rank >= 0 && rank < 9 ? String(rank + 1) : [...this.nameOf(id)][0] ?? "?";
  }
  labelOf(one) { return one.open ? `? ${this.nameOf(one.class_id)} ${(one.score ?? 0).toFixed(2)}` : this.nameOf(one.class_id); }

  // A text that fits a label, and its width; measured once.
  fitted(context, text) {
    const key = `${this.font}|${text}`;
    if (!this.widths.has(key)) {
      if (this.widths.size > 5000) this.widths.clear();
      const short = fitText(context, text, 160);
      this.widths.set(key, { text: short, width: context.measureText(short).width });
    }
    return this.widths.get(key);
  }

  wordsOf({ class_id, box: [x1, y1, x2, y2] }) {
    const round = (value) => value.toFixed(1);
    return filled(this.data.texts.box, { name: this.nameOf(class_id), x: round(x1), y: round(y1), width: round(x2 - x1), height: round(y2 - y1) });
  }

  say(text) { this.nodes.live.textContent = text; }

  // Said and shown, until the next thing is done.
  note(text) {
    this.noted = { text, until: performance.now() + 2500 };
    this.say(text);
    this.draw();
  }

  tell() {
    const { texts } = this.data;
    const one = this.shownBoxes().find(({ id }) => id === this.chosen);
    const zoom = filled(texts.zoom, { percent: (this.camera.scale * 100).toFixed(0) });
    const about = this.noted?.until > performance.now() ? this.noted.text : `${one ? this.wordsOf(one) : this.boxes.length ? filled(texts.count, { count: this.boxes.length }) : texts.hint} · ${zoom}`;
    if (this.nodes.about.textContent !== about) this.nodes.about.textContent = about;
  }
}

function storage() {
  try { return window.localStorage; } catch { return null; }
}

function randomName(length) {
  return Array.from(crypto.getRandomValues(new Uint8Array(length / 2)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export default function (component) {
  const root = component.parentElement.querySelector(".canvas");
  root.view ??= new View(root);
  root.view.connect();
  root.view.update(component);
  return () => root.view.disconnect();
}
