/* An editor for LoRAs: rows of a path and a weight. `props.value` is a list of {path, weight}. */
const { h, icon, legendOf, readNumber, numberBox, showNumber, suggest } = window.studio;
const limits = props.limits;

/** @typedef {{ path: string, weight: number | string | null }} Lora */

const rows = h("ol", { class: "lora-rows" });
const add = h("button", { type: "button", class: "text-button", "data-do": "add" }, "Add LoRA");
element.append(h("fieldset", { class: "loras", "aria-label": props.label }, legendOf(props), rows, add));

/** @type {string | null} */
let shown = null; // what the rows show, as JSON: a value that comes back from an edit here must not redraw the row being typed in

function draw() {
  const value = Array.isArray(props.value) ? props.value : [];
  if (JSON.stringify(value) === shown) return;
  shown = JSON.stringify(value);
  rows.replaceChildren(...value.map(row));
  add.disabled = value.length >= limits.items;
}

/** @param {Lora} entry
 *  @param {number} index */
function row(entry, index) {
  const path = h("input", { type: "text", "aria-label": `LoRA ${index + 1}`, placeholder: "Path or address", dir: "auto" });
  path.value = entry.path;
  const weight = h("input", { ...numberBox(limits.minimum), "aria-label": `Weight of LoRA ${index + 1}` });
  weight.value = String(entry.weight ?? "");
  weight.addEventListener("change", () => showNumber(weight));
  const remove = h("button", { type: "button", class: "icon-button", "data-do": "remove", "aria-label": `Remove LoRA ${index + 1}`, title: "Remove" }, icon("close"));
  const choose = (/** @type {{ value: string }} */ { value }) => {
    path.value = value;
    set(typed(), false);
  };
  return h("li", {}, props.listed ? suggest(path, [], choose) : path, weight, remove);
}

function typed() {
  return [...rows.children].map((node) => {
    const [path, weight] = node.querySelectorAll("input");
    return { path: path.value, weight: readNumber(weight.value) };
  });
}

/** @param {unknown} value
 *  @param {boolean} redraw */
function set(value, redraw) {
  if (!redraw) shown = JSON.stringify(value);
  props.value = value;
  trigger("change");
  draw();
}

rows.addEventListener("input", () => set(typed(), false));
window.studio.onPress(element, {
  add: () => {
    set([...typed(), { path: "", weight: 1 }], true);
    rows.lastElementChild?.querySelector("input")?.focus();
  },
  remove: (button) => {
    const gone = [...rows.children].findIndex((row) => row === button.closest("li"));
    set(typed().filter((_, index) => index !== gone), true);
    add.focus();
  },
});

watch("value", draw);
draw();
