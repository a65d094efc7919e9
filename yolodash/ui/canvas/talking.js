// What goes to Python and what comes back. One message is on its way at a time; "saved" is said when Python has said it.

Object.assign(View.prototype, {
  // What Python said last about each picture.
  hearAll() {
    const { replies, heard } = this.data;
    for (const reply of replies) {
      if (reply.outcome !== "failed" || !this.onTheWay || reply.attempt === this.onTheWay.attempt) this.keeper.hear(reply);
    }
    for (const reply of replies) {
      if (reply.stem === this.data.stem && reply.outcome === "saved" && reply.writer === this.writer) this.base = Math.max(this.base ?? 0, reply.revision);
    }
    const { onTheWay } = this;
    if (onTheWay && heard && heard.writer === onTheWay.writer && heard.sequence === onTheWay.sequence && heard.attempt === onTheWay.attempt) {
      this.onTheWay = null;
      clearTimeout(this.timer);
    }
  },

  go(step) {
    const { at, count } = this.data.place;
    if (at + step >= 0 && at + step < count) this.step = step;
    else this.note(step > 0 ? this.data.texts.last : this.data.texts.first);
    this.flush();
  },

  failedRecord() { return [...this.keeper.records.values()].find(({ failed }) => failed) ?? null; },

  // Send what waits, unless something is on its way, or the disk refused it and nobody has asked to try again.
  flush() {
    if (!this.onTheWay && !this.failedRecord()) this.send();
    this.tellSaved();
  },

  send() {
    let message = this.keeper.message();
    if (!message && this.step) {
      this.keeper.sequence += 1;
      message = { writer: this.writer, sequence: this.keeper.sequence, dataset: this.data.dataset, stem: this.data.stem };
    }
    if (!message) return;
    const last = message.stem === this.data.stem && !this.keeper.records.get(message.stem)?.next;
    if (this.step && last) {
      message.go = this.step;
      this.step = 0;
    }
    if (message.boxes) message.boxes = message.boxes.map(onTheWire);
    this.late = false;
    this.dispatch(message);
  },

  // Every try has a number of its own, or the same message twice would be one to Streamlit.
  dispatch(message) {
    this.attempts += 1;
    this.onTheWay = { ...message, attempt: this.attempts };
    this.setStateValue("message", this.onTheWay);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.late = true; this.again(); this.tellSaved(); }, PATIENCE);
    this.tellSaved();
  },

  retry() {
    const record = this.failedRecord();
    if (record) record.failed = null;
    if (this.onTheWay) this.again();
    else this.flush();
  },

  // The one line that says whether the disk has it.
  tellSaved() {
    const { texts } = this.data;
    const failed = this.failedRecord();
    const state = this.data.conflict ? "conflict" : failed ? "failed" : this.keeper.empty ? "saved" : this.late ? "waiting" : "saving";
    const { saved, trouble, veil } = this.nodes;
    if (saved.dataset.state !== state || saved.textContent !== texts[state]) {
      saved.dataset.state = state;
      saved.textContent = texts[state];
    }
    veil.hidden = !this.frozen;
    veil.textContent = this.data.conflict ? texts.conflict_veil : this.size.broken ?? "";
    trouble.hidden = !failed && state !== "waiting";
    if (trouble.hidden) return;
    const sentence = failed ? failed.failed : texts.waiting_more;
    if (trouble.firstChild?.textContent === sentence) return;
    trouble.replaceChildren();
    element(trouble, "span", "sentence", sentence);
    element(trouble, "button", "retry", texts.retry).addEventListener("click", () => this.retry());
  },
});

const onTheWire = ({ id, class_id, box, open }) => (open ? { id, class_id, box, open } : { id, class_id, box });
