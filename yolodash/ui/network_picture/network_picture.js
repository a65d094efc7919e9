// Draws what drawing.py worked out. Texts are set as text, never as markup.
const SVG = "http://www.w3.org/2000/svg";

function element(parent, name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  parent.appendChild(node);
  return node;
}

function drawRow(svg, row, data) {
  element(svg, "line", { class: "row", x1: data.margin, x2: data.width, y1: row.y, y2: row.y });
  element(svg, "text", { class: "size", x: 0, y: row.y + 4 }, row.label);
}

function drawNode(svg, node) {
  const group = element(svg, "g", { class: "node " + node.role + (node.frozen ? " frozen" : "") });
  element(group, "title", {}, node.title);
  const round = node.role === "join" || node.role === "skip" ? node.height / 2 : 5;
  const box = { x: node.x, y: node.y, width: node.width, height: node.height, rx: round };
  element(group, "rect", { ...box, class: "ground" });
  element(group, "rect", { ...box, class: "face" });
  if (node.frozen) {
    element(group, "rect", { ...box, class: "hatch" });
    element(group, "text", { class: "snow", x: node.x + node.width - 2, y: node.y + 5 }, "❄");
  }
  const centre = node.x + node.width / 2;
  element(group, "text", { class: "label", x: centre, y: node.y + node.height / 2 + 4 }, node.label);
  element(group, "text", { class: "below", x: centre + 5, y: node.y + node.height + 12 }, node.below);
  if (node.skips) {
    const left = node.x + node.width * 0.08, right = node.x + node.width * 0.4, top = node.y;
    element(group, "path", { class: "edge skip", d: `M${left} ${top}C${left} ${top - 14} ${right} ${top - 14} ${right} ${top}` });
    element(group, "text", { class: "below before", x: left - 1, y: top - 4 }, node.skips + "×");
  }
}

function drawHatch(svg) {
  const size = { width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  const pattern = element(element(svg, "defs", {}), "pattern", { id: "frozen", ...size });
  element(pattern, "line", { x1: 0, y1: 0, x2: 0, y2: 6, class: "stroke" });
}

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".network");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${data.width} ${data.height}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", data.description);
  drawHatch(svg);
  data.rows.forEach((row) => drawRow(svg, row, data));
  data.edges.forEach((edge) => element(svg, "path", { class: edge.skip ? "edge skip" : "edge", d: edge.path }));
  data.nodes.forEach((node) => drawNode(svg, node));
  place.replaceChildren(svg);
}
