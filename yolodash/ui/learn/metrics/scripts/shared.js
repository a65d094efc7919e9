// Precision, recall and average precision of a ranking, as evaluation/curves computes them.

const isTrue = (marks) => [...marks].map((mark) => mark === "T");

// The truths that there must be at least: those that were found.
const truthsOf = (marks, truths) => Math.max(truths, isTrue(marks).filter(Boolean).length);

function precisionRecall(marks, truths) {
  let found = 0;
  return isTrue(marks).map((right, i) => {
    found += Number(right);
    return { found, precision: found / (i + 1), recall: found / truths };
  });
}

// The highest precision at this recall or beyond it.
function envelope(precision) {
  const result = [...precision];
  for (let i = result.length - 2; i >= 0; i--) result[i] = Math.max(result[i], result[i + 1]);
  return result;
}

// The envelope read at fixed recalls; 0 where the curve does not reach.
function sampled(points, at) {
  const high = envelope(points.map(({ precision }) => precision));
  return at.map((recall) => {
    const place = points.findIndex((point) => point.recall >= recall);
    return place < 0 ? 0 : high[place];
  });
}

// Spaced as numpy spaces them, to the last bit: .1 · 3 is a little more than .3, and a tie falls as it does there.
const recalls = (count) => Array.from({ length: count }, (_, i) => (i === count - 1 ? 1 : i * (1 / (count - 1))));
const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// Corners of the curve whose area is taken, from recall 0 to 1.
function corners(points, convention) {
  const high = envelope(points.map(({ precision }) => precision));
  if (convention === "yolov5") {
    const all = [{ x: 0, y: 1 }, ...points.map(({ precision, recall }) => ({ x: recall, y: precision })), { x: 1, y: 0 }];
    const falling = envelope(all.map(({ y }) => y));
    return all.map(({ x }, i) => ({ x, y: falling[i] }));
  }
  const result = [];
  let before = 0;
  points.forEach(({ recall }, i) => {
    result.push({ x: before, y: high[i] }, { x: recall, y: high[i] });
    before = recall;
  });
  return [...result, { x: before, y: 0 }, { x: 1, y: 0 }];
}

// As numpy's interp does: of several corners at one recall the last one counts.
function readAt(line, x) {
  let i = line.length - 1;
  while (i > 0 && line[i].x > x) i -= 1;
  if (i === line.length - 1) return line[i].y;
  const [from, to] = [line[i], line[i + 1]];
  return from.y + ((to.y - from.y) / (to.x - from.x)) * (x - from.x);
}

function averagePrecision(points, convention) {
  if (convention === "coco") return meanOf(sampled(points, recalls(101)));
  if (convention === "voc07") return meanOf(sampled(points, recalls(11)));
  const line = corners(points, convention);
  if (convention === "voc") {
    return line.slice(1).reduce((sum, { x, y }, i) => sum + (x - line[i].x) * y, 0);
  }
  const values = recalls(101).map((x) => readAt(line, x));
  return values.slice(1).reduce((sum, value, i) => sum + (value + values[i]) / 200, 0);
}

// A row of buttons, one a detection: pressed is true.
function markButtons(lesson, parents) {
  const { texts } = lesson;
  const buttons = parents.map((parent, i) => {
    const button = html(parent, "button", { type: "button", class: "mark", "data-rank": i + 1 });
    button.addEventListener("click", () => {
      const marks = [...lesson.state.marks];
      marks[i] = marks[i] === "T" ? "F" : "T";
      lesson.change({ marks: marks.join("") });
      lesson.settle();
    });
    return button;
  });
  lesson.refreshers.push(() => {
    isTrue(lesson.state.marks).forEach((right, i) => {
      set(buttons[i], { "aria-pressed": String(right), "aria-label": fill(texts.mark, { rank: i + 1, what: right ? texts.true : texts.false }) });
      write(buttons[i], right ? "✓" : "✗");
    });
  });
}
