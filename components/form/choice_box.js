/* A choice whose list comes from a folder or a service (suggestions.js); any other text is accepted too. */
const { h, labelOf, suggest } = window.studio;

const id = `choice-${Math.random().toString(36).slice(2)}`;
/** @typedef {import("./suggestions.js").Choice} Choice */

/** @type {Map<string, string>} */
const values = new Map(props.known.map((/** @type {Choice} */ { value, label }) => [label, value]));
/** @type {Map<string, string>} */
const labels = new Map(props.known.map((/** @type {Choice} */ { value, label }) => [value, label]));
const box = h("input", { id, type: "text", dir: "auto", spellcheck: "false" });
const choose = (/** @type {Choice} */ { value }) => {
  set(value);
  draw();
};
element.append(h("div", { class: "choice-box" },
  labelOf(id, props),
  suggest(box, props.known, choose)));

const typed = () => values.get(box.value) ?? box.value;

function draw() {
  const value = props.value ?? "";
  if (value !== typed()) box.value = labels.get(value) ?? String(value);
}

/** @param {string} value */
function set(value) {
  props.value = value;
  trigger("change");
}

box.addEventListener("input", () => set(typed()));
watch("value", draw);
draw();
