// What is not confirmed yet. Each picture has at most one message on its way and the newest state behind it; both lie
// in the browser's storage until Python has said that they are on the disk, so that neither a lost connection nor a
// full disk nor a closed tab loses them. The same message can be sent again: Python knows it by writer and sequence.

const PREFIX = "yolodash-canvas:";

class Keeper {
  // `storage` is the browser's localStorage, or anything with its methods; `writer` names this tab.
  constructor(storage, dataset, writer) {
    Object.assign(this, { storage, dataset, writer, sequence: 0, records: new Map() });
    for (const key of this.keys()) this.restore(key);
  }

  keys() {
    const keys = [];
    const mine = `${PREFIX}${JSON.stringify(this.dataset)}:`;
    try {
      for (let i = 0; i < this.storage.length; i++) if (this.storage.key(i).startsWith(mine)) keys.push(this.storage.key(i));
    } catch { /* storage is forbidden: this visit only */ }
    return keys;
  }

  restore(key) {
    try {
      const record = JSON.parse(this.storage.getItem(key));
      const whole = typeof record.stem === "string" && Number.isInteger(record.base) && (record.sent || record.next);
      if (whole && !this.records.has(record.stem)) this.records.set(record.stem, { ...record, key, failed: null, conflict: false });
    } catch { /* not ours, or cut: nothing can be read from it */ }
  }

  // A new state of a picture; `base` is the revision on which it was made, where no record knows better.
  change(stem, base, state) {
    const record = this.records.get(stem) ?? { stem, base, sent: null, next: null, failed: null, conflict: false };
    record.next = { ...record.next, ...state };
    this.records.set(stem, record);
    this.write(record);
  }

  // What is to be sent now: the same message until it is confirmed, then what was changed behind it. Null: all is saved.
  message() {
    for (const record of this.records.values()) {
      if (record.conflict) continue;
      if (!record.sent) {
        this.sequence += 1;
        record.sent = { writer: this.writer, sequence: this.sequence, revision: record.base, ...record.next };
        record.next = null;
        this.write(record);
      }
      return { ...record.sent, dataset: this.dataset, stem: record.stem };
    }
    return null;
  }

  // What Python says about a picture. Gives whether it ends the message on the way.
  hear({ stem, writer, sequence, outcome, revision, sentence }) {
    const record = this.records.get(stem);
    if (!record?.sent || record.sent.writer !== writer || record.sent.sequence !== sequence) return false;
    if (outcome === "saved") {
      record.failed = null;
      record.conflict = false;
      record.base = revision;
      record.sent = null;
      if (record.next) this.write(record);
      else this.forget(record);
    } else if (outcome === "settled") {
      this.forget(record); // two versions were made one, and that is what comes from Python now
    } else if (outcome === "conflict") {
      // What was changed behind the message belongs to the version that is set beside the other's: it is sent first.
      record.conflict = !record.next;
      if (record.next) {
        const { boxes, state } = record.sent;
        record.next = { boxes, ...(state ? { state } : {}), ...record.next };
        record.sent = null;
        this.write(record);
      }
    } else {
      record.failed = sentence;
    }
    return true;
  }

  forget(record) {
    this.records.delete(record.stem);
    try { this.storage.removeItem(record.key ?? this.keyOf(record)); } catch { /* forbidden */ }
  }

  write(record) {
    const { stem, base, sent, next } = record;
    record.key ??= this.keyOf(record);
    try {
      this.storage.setItem(record.key, JSON.stringify({ stem, base, sent, next }));
      record.stored = true;
    } catch {
      record.stored = false; // full or forbidden: closing the tab will ask first
    }
  }

  keyOf(record) { return `${PREFIX}${JSON.stringify(this.dataset)}:${JSON.stringify(record.stem)}:${this.writer}`; }

  // The newest boxes of a picture that are not confirmed, or null.
  boxesOf(stem) {
    const record = this.records.get(stem);
    return record ? record.next?.boxes ?? record.sent?.boxes ?? null : null;
  }

  waits(stem) { return this.records.has(stem); }
  baseOf(stem) { return this.records.get(stem)?.base ?? null; }
  get empty() { return this.records.size === 0; }
  get unstored() { return [...this.records.values()].some((record) => record.stored === false); }
}
