// The same kernel laid on as it is, and turned by half a turn first.
class Flip extends Stepper {
  lanes() {
    return [
      { turn: (kernel) => kernel, edit: true, title: this.texts.as_it_is },
      { turn: flipped, edit: false, title: this.texts.turned },
    ];
  }
}

export default (component) => showLesson(Flip, component);
