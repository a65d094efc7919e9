// The camera's own picture, live, and over it the boxes of the last picture that the model has answered. One picture is
// under way at a time, so none waits behind another, however slow the model is.

const WIDE = 640; // CSS pixels of the column from which the controls stand beside the picture
const CONTROLS = 268;
const BELOW = 150; // CSS pixels for what stands below the picture
const SMALLEST = 220;
const QUALITY = 0.8;
const COUNTED = 3000; // milliseconds over which frames a second are counted
const LATENCIES = 9; // of which the middle one is told
const SLOW = 1500; // milliseconds after which it is said that the network is at work
const PATIENCE = 60000; // milliseconds after which an answer is given up

class LiveCamera extends ThresholdView {
  constructor(root) {
    super();
    this.root = root;
    const names = ["stage", "boxes", "invitation", "problem", "start", "stop", "keep", "rate", "latency", "found", "private", "controls"];
    this.nodes = Object.fromEntries(names.map((name) => [name, root.querySelector(`.${name}`)]));
    this.video = root.querySelector("video");
    this.shutter = document.createElement("canvas");
    this.hovered = -1;
    this.stream = null;
    this.asked = 0; // how often it was started or stopped: a permission that comes late is for an earlier start
    this.number = Date.now();
    this.forget();
    this.resize = () => this.layOut();
    this.seen = () => this.look();
    this.observer = new ResizeObserver(this.resize);
    this.nodes.start.addEventListener("click", () => this.start());
    this.nodes.stop.addEventListener("click", () => this.stop());
    this.nodes.keep.addEventListener("click", () => { this.nodes.keep.disabled = this.keeping = true; this.look(); });
  }

  update({ data, setStateValue, setTriggerValue }) {
    Object.assign(this, { sent: data, texts: data.texts, setStateValue, setTriggerValue });
    this.thresholds ??= { ...data.thresholds };
    this.settled ??= JSON.stringify(this.thresholds);
    this.words();
    if (!this.stream && !this.nodes.problem.textContent) write(this.nodes.problem, cameraProblem(this.texts));
    this.connect();
    if (this.waiting?.number && data.answer?.number === this.waiting.number) this.arrived(data.answer);
  }

  words() {
    const { texts } = this;
    const { start, stop, keep, boxes } = this.nodes;
    write(start, texts.start);
    write(stop, texts.stop);
    write(keep, texts.keep);
    write(this.nodes.private, texts.private);
    this.nodes.latency.title = texts.latency_help;
    keep.title = texts.keep_help;
    boxes.setAttribute("aria-label", texts.view);
    this.buttons();
  }

  buttons() {
    const { invitation, start, stop, keep } = this.nodes;
    invitation.hidden = Boolean(this.stream);
    start.hidden = !navigator.mediaDevices?.getUserMedia;
    stop.hidden = keep.hidden = !this.stream;
    keep.disabled = !this.selection || this.keeping;
  }

  connect() {
    if (this.connected) return;
    this.connected = true;
    this.observer.observe(this.root);
    window.addEventListener("resize", this.resize);
    document.addEventListener("visibilitychange", this.seen);
    this.layOut();
  }

  disconnect() {
    this.connected = false;
    this.observer.disconnect();
    window.removeEventListener("resize", this.resize);
    document.removeEventListener("visibilitychange", this.seen);
    this.stop();
  }

  async start() {
    const turn = ++this.asked;
    const { longest, texts } = this.sent;
    write(this.nodes.problem, texts.asking);
    let stream = null;
    try {
      const video = { width: { ideal: longest }, height: { ideal: (longest * 3) / 4 }, facingMode: "environment" };
      stream = await navigator.mediaDevices.getUserMedia({ video });
      if (turn === this.asked) {
        this.video.srcObject = stream;
        await this.video.play();
      }
    } catch (error) {
      halt(stream);
      if (turn === this.asked) this.stop(cameraProblem(texts, error));
      return;
    }
    if (turn !== this.asked) return halt(stream);
    this.stream = stream;
    for (const track of stream.getVideoTracks()) track.addEventListener("ended", () => this.stop(texts.camera_ended));
    write(this.nodes.problem, "");
    write(this.nodes.found, texts.waking);
    this.buttons();
    this.layOut();
    this.look();
  }

  stop(problem = "") {
    this.asked += 1;
    halt(this.stream);
    this.stream = null;
    this.video.srcObject = null;
    this.forget();
    this.nodes.boxes.getContext("2d").clearRect(0, 0, this.nodes.boxes.width, this.nodes.boxes.height);
    for (const name of ["rate", "latency", "found"]) write(this.nodes[name], "");
    write(this.nodes.problem, problem);
    this.buttons();
    this.layOut();
  }

  // Nothing is under way, and nothing has been seen.
  forget() {
    clearTimeout(this.patience);
    clearTimeout(this.slow);
    Object.assign(this, { waiting: null, keeping: false, selection: null, shown: null, times: [], latencies: [] });
  }

  // Take what the camera sees now and send it, unless one is under way or nobody looks.
  look() {
    const { videoWidth, videoHeight } = this.video;
    if (!this.stream || this.waiting || document.hidden || !videoWidth) return;
    if (this.keeping) return this.ask();
    const scale = Math.min(1, this.sent.longest / Math.max(videoWidth, videoHeight));
    [this.shutter.width, this.shutter.height] = [videoWidth, videoHeight].map((side) => Math.max(1, Math.round(side * scale)));
    this.waiting = { number: ++this.number, at: performance.now() };
    this.shutter.getContext("2d").drawImage(this.video, 0, 0, this.shutter.width, this.shutter.height);
    const jpeg = this.shutter.toDataURL("image/jpeg", QUALITY).split(",", 2)[1];
    this.setTriggerValue("picture", { number: this.number, jpeg });
    this.slow = setTimeout(() => { if (!this.selection) write(this.nodes.found, this.texts.waking); }, SLOW);
    this.patience = setTimeout(() => { this.waiting = null; this.look(); }, PATIENCE);
  }

  // Ask why of what is shown, in the place of a next picture: of two messages at once the server hears the later.
  ask() {
    this.setTriggerValue("keep", { number: this.shown });
    this.keeping = false;
    this.waiting = { number: null };
    this.patience = setTimeout(() => { this.waiting = null; this.look(); }, PATIENCE);
  }

  arrived(answer) {
    const now = performance.now();
    this.latencies = [...this.latencies, now - this.waiting.at].slice(-LATENCIES);
    const recent = this.times.filter((time) => now - time < COUNTED);
    this.times = [...(recent.length ? recent : this.times.slice(-1)), now]; // of a slow model two at least
    clearTimeout(this.patience);
    clearTimeout(this.slow);
    this.waiting = null;
    if (answer.refused) return this.stop();
    this.show(answer);
    this.look();
  }

  show(answer) {
    const another = this.data?.model !== answer.model;
    const spoken = this.data?.texts.start !== this.texts.start; // the language was changed
    this.data = { ...answer, texts: this.texts };
    this.shown = answer.number;
    this.prepared = prepare(this.data);
    this.selector = new Selector(this.prepared);
    if (another || spoken) this.open();
    if (another) Object.assign(this, { times: this.times.slice(-1), latencies: this.latencies.slice(-1) });
    this.redraw();
    this.buttons();
    this.count();
  }

  // Controls for another model's classes, or in another language.
  open() {
    const { names, default_labels } = this.data;
    const classes = (this.thresholds.classes ?? []).filter((classId) => classId < names.length);
    Object.assign(this.thresholds, { labels: this.thresholds.labels ?? default_labels, classes: classes.length ? classes : null });
    this.settled = JSON.stringify(this.thresholds);
    this.refreshControls = buildControls(this);
  }

  layOut() {
    const column = this.root.clientWidth;
    if (!column) return;
    const [width, height] = this.stream && this.video.videoWidth ? [this.video.videoWidth, this.video.videoHeight] : [4, 3];
    this.root.classList.toggle("wide", column >= WIDE);
    const top = this.root.getBoundingClientRect().top + (this.root.getRootNode().host?.closest("[data-testid=stMain]")?.scrollTop ?? 0);
    const room = {
      width: column >= WIDE ? column - CONTROLS : column,
      height: Math.max(SMALLEST, window.innerHeight - Math.min(Math.max(top, 0), window.innerHeight / 2) - BELOW),
    };
    const scale = Math.min(room.width / width, room.height / height);
    const stage = { width: Math.max(48, Math.round(width * scale)), height: Math.max(48, Math.round(height * scale)) };
    const ratio = window.devicePixelRatio || 1;
    if (JSON.stringify([stage, ratio]) === JSON.stringify([this.stage, this.ratio])) return;
    Object.assign(this, { stage, ratio });
    this.font = getComputedStyle(this.root).fontFamily;
    this.nodes.stage.style.width = `${this.stage.width}px`;
    this.nodes.stage.style.height = `${this.stage.height}px`;
    this.nodes.boxes.width = Math.round(this.stage.width * this.ratio);
    this.nodes.boxes.height = Math.round(this.stage.height * this.ratio);
    this.redraw();
  }

  redraw() {
    if (!this.shown || !this.stage) return;
    this.refreshControls();
    this.to = stageOf(this.stage, this.data.picture, { offset_x: 0, offset_y: 0, scale_x: 1, scale_y: 1 });
    this.selection = this.selector.select(this.thresholds);
    const context = this.nodes.boxes.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.stage.width, this.stage.height);
    drawDetections(context, this);
    drawLabels(context, this);
    const count = this.selection.detections.length;
    write(this.nodes.found, count ? fill(this.texts.found, { count }) : this.texts.nothing_found);
  }

  // How fast it goes.
  count() {
    const { times, latencies, texts, data } = this;
    const seconds = (times.at(-1) - times[0]) / 1000;
    this.speed = { rate: seconds ? (times.length - 1) / seconds : 0, latency: middle(latencies), network: data.milliseconds };
    write(this.nodes.rate, seconds ? fill(texts.rate, { rate: this.speed.rate.toFixed(1) }) : "");
    write(this.nodes.latency, fill(texts.latency, { latency: this.speed.latency.toFixed(0), network: data.milliseconds.toFixed(0) }));
  }

  selectedRow() { return -1; }
  nameOf(classId) { return this.data.names[classId] ?? String(classId); }
  scoreText(score) { return score.toFixed(2); }
}

const halt = (stream) => { for (const track of stream?.getTracks() ?? []) track.stop(); };
const middle = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".live-camera");
  root.camera ??= new LiveCamera(root);
  root.camera.update({ data, setStateValue, setTriggerValue });
  return () => root.camera.disconnect();
}
