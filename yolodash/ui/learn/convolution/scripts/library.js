// Two named kernels on one picture, side by side.
class Library extends PhotoStep {
  build() {
    const { texts } = this;
    this.root.classList.add("full");
    const panes = html(this.stage, "div", { class: "panes" });
    this.panes = ["left", "right"].map((side) => this.pane(panes, side));
    const row = html(this.panel, "div", { class: "row" });
    this.signedCheck(row);
    this.cameraButton(row);
    html(this.panel, "p", { class: "small" }, texts.hint);
  }

  pane(parent, side) {
    const { kernels } = this.data;
    const figure = html(parent, "figure", { class: "pane" });
    const select = html(figure, "select", { "aria-label": this.texts[side], "data-control": side });
    for (const { name, title } of kernels) html(select, "option", { value: name }, title);
    select.addEventListener("change", () => { this.change({ [side]: select.value }); this.settle(); });
    const canvas = html(figure, "canvas", { role: "img" });
    const line = html(figure, "div", { class: "weights" });
    const mark = divisorMark(line);
    const grid = new Grid(line, { label: this.texts.kernel, kind: "kernel" });
    const does = html(line, "span", { class: "does" });
    this.refreshers.push(() => { select.value = this.state[side]; });
    return { side, canvas, mark, grid, does };
  }

  draw() {
    for (const { side, canvas, mark, grid, does } of this.panes) {
      const { rows, divisor, title, does: text } = this.data.kernels.find(({ name }) => name === this.state[side]);
      mark.box.hidden = divisor === 1;
      write(mark.below, divisor);
      grid.show(rows);
      write(does, text);
      canvas.setAttribute("aria-label", `${title}: ${text}`);
      this.filtered(canvas, divided(rows, divisor));
    }
  }
}

export default (component) => showLesson(Library, component);
