/* A colour as #rrggbb or #rrggbbaa: a swatch that opens the browser's own picker, and a box to type in. Text that is no colour
   is sent as typed, for the server to refuse. */
const { h, labelOf } = window.studio;

const id = `colour-${Math.random().toString(36).slice(2)}`;
const swatch = h("input", { type: "color", "aria-label": `${props.label}: pick` });
const box = h("input", { id, type: "text", autocomplete: "off", spellcheck: "false", maxlength: 100 });
const opacity = h("input", { class: "plain-range", type: "range", min: 0, max: 255, "aria-label": `${props.label}: opacity` });
element.append(h("div", { class: "number-box colour-box" },
  labelOf(id, props),
  h("div", { class: "typed" }, swatch, box),
  props.alpha ? opacity : null));

/** @param {string} words */
const isHex = (words) => /^#[0-9a-f]{6}([0-9a-f]{2})?$/.test(words);
/** @param {number} number */
const hex = (number) => Math.round(number).toString(16).padStart(2, "0");

/** A colour in any CSS notation as #rrggbb or #rrggbbaa; any other text stays as it is.
 *  @param {string} words */
function toHex(words) {
  if (isHex(words) || !CSS.supports("color", words)) return words;
  const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  pen.fillStyle = words;
  const read = String(pen.fillStyle);
  if (isHex(read)) return read;
  const parts = read.startsWith("rgba(") ? read.slice(5, -1).split(",").map(Number) : [];
  return parts.length === 4 && props.alpha ? `#${parts.slice(0, 3).map(hex).join("")}${hex(parts[3] * 255)}` : words;
}

const typed = () => box.value.trim().toLowerCase() || null;

function draw() {
  const value = props.value || null;
  if (value !== typed()) box.value = value ?? "";
  paint();
}

function paint() {
  const value = toHex(typed() ?? "");
  swatch.classList.toggle("is-empty", !isHex(value));
  if (!isHex(value)) return;
  swatch.value = value.slice(0, 7);
  opacity.value = String(value.length === 9 ? parseInt(value.slice(7), 16) : 255);
}

/** @param {string | null} value */
function set(value) {
  props.value = value;
  trigger("change");
}

/** Takes the colour from the swatch and the opacity. */
function pick() {
  const rest = props.alpha && Number(opacity.value) < 255 ? hex(Number(opacity.value)) : "";
  box.value = `${swatch.value}${rest}`;
  set(typed());
  paint();
}

box.addEventListener("input", () => {
  paint();
  set(typed());
});
box.addEventListener("change", () => {
  const words = typed();
  if (words === null) return;
  box.value = toHex(words);
  set(typed());
});
swatch.addEventListener("input", pick);
opacity.addEventListener("input", pick);

watch("value", draw);
draw();
