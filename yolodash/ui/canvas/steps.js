// Undo and redo: every step is the whole list of boxes. Lists are never changed, only replaced, so a step costs little.

const MOST_STEPS = 200;

class Steps {
  constructor(start) {
    this.past = [];
    this.now = start;
    this.future = [];
  }

  take(boxes) {
    this.past.push(this.now);
    if (this.past.length > MOST_STEPS) this.past.shift();
    this.now = boxes;
    this.future = [];
  }

  // Whether there was a step to take back, or one to take again.
  undo() { return this.turn(this.past, this.future); }
  redo() { return this.turn(this.future, this.past); }

  turn(from, to) {
    if (!from.length) return false;
    to.push(this.now);
    this.now = from.pop();
    return true;
  }
}
