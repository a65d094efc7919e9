class Window extends Stepper {}

export default (component) => showLesson(Window, component);
