/* The width and height of a picture: two boxes, chips for the aspect ratios and areas that the model offers, and one that takes
   the size of another field's picture. `props.value` is {width, height}. */
const { attribute, h, icon, legendOf, readNumber, numberBox, showNumber, ownUrl, nearestSize, MEGAPIXEL } = window.studio;
/** @type {{ minimum: number, max_megapixels: number | null, ratios: string[], megapixels: number[], of: string | null }} */
const { minimum, max_megapixels: most, ratios, megapixels, of } = props.limits;

/** @typedef {{ width: number | string | null, height: number | string | null }} Size As it is typed. */

const id = `size-${Math.random().toString(36).slice(2)}`;
/** @param {"width" | "height"} name */
const side = (name) => h("input", { ...numberBox(minimum), id: `${id}-${name}`, "aria-label": `${props.label}: ${name}`, "data-side": name });
const width = side("width"), height = side("height");
const areas = megapixels.filter((area) => !most || area <= most);
/** @template {string | number} Value
 *  @param {string} label
 *  @param {string} action
 *  @param {Value[]} values
 *  @param {(value: Value) => string} words */
const chips = (label, action, values, words) => h("div", { class: "chips", role: "group", "aria-label": `${props.label}: ${label}` },
  ...values.map((value) => h("button", { type: "button", class: "chip", "data-do": action, "data-value": value, "aria-pressed": "false" }, words(value))));
const aspects = chips("aspect", "aspect", ratios, (ratio) => ratio);
const sizes = chips("megapixels", "area", areas, (area) => `${area} MP`);
const swap = h("button", { type: "button", class: "icon-button", "data-do": "swap", "aria-label": `${props.label}: swap width and height`, title: "Swap width and height" }, icon("swap"));
const like = h("button", { type: "button", class: "chip", "data-do": "like", disabled: true }, Array.isArray(props.followed) ? "As the first picture" : "As the input");
const total = h("span", { class: "hint" });
element.append(h("fieldset", { class: "size-box", "aria-label": props.label },
  h("div", { class: "size-row" }, legendOf(props), h("div", { class: "sides" }, width, h("span", { "aria-hidden": "true" }, "×"), height, swap)),
  aspects, sizes, h("div", { class: "chips" }, of ? like : null, total)));

/** @type {string | null} */
let input = null; // the URL of the other field's picture

const typed = () => ({ width: readNumber(width.value, true), height: readNumber(height.value, true) });
/** @param {Size} size
 *  @returns {size is { width: number, height: number }} */
const isWhole = (size) => [size.width, size.height].every((side) => typeof side === "number" && side > 0);

/** The size for an aspect ratio such as 16:9 and an area in megapixels.
 *  @param {string} ratio
 *  @param {number} megapixels */
function preset(ratio, megapixels) {
  const [wide, high] = ratio.split(":").map(Number);
  const unit = Math.sqrt((megapixels * MEGAPIXEL) / (wide * high));
  return fitted(wide * unit, high * unit);
}

/** @param {number} wide
 *  @param {number} high */
const fitted = (wide, high) => nearestSize(wide, high, props.limits);
/** @param {Size} one
 *  @param {Size} other */
const same = (one, other) => one.width === other.width && one.height === other.height;

function draw() {
  const value = props.value && typeof props.value === "object" ? props.value : { width: null, height: null };
  if (!same(value, typed())) {
    width.value = String(value.width ?? "");
    height.value = String(value.height ?? "");
  }
  name();
}

/** Marks the aspect ratio and the area of the current size. */
function name() {
  const size = typed();
  const { ratio, area, exact } = called(size);
  press(aspects, ratio);
  press(sizes, area);
  window.studio.text(total, exact && area === undefined ? `${exact.toFixed(2)} MP` : "");
}

/** The offered aspect ratio and area of a size, undefined where it has another, and its exact megapixels.
 *  @param {Size} size */
function called(size) {
  const exact = isWhole(size) ? (size.width * size.height) / MEGAPIXEL : null;
  const ratio = ratios.find((one) => exact && [...areas, exact].some((each) => same(preset(one, each), size)));
  return { ratio, exact, area: areas.find((one) => exact && same(preset(ratio ?? `${size.width}:${size.height}`, one), size)) };
}

/** @param {Element} group
 *  @param {string | number | undefined} value */
function press(group, value) {
  for (const chip of group.children) attribute(chip, "aria-pressed", String(chip.dataset.value === String(value)));
}

/** @param {Size} value */
function set(value) {
  props.value = value;
  trigger("change");
}

/** @param {Size} size */
function enter(size) {
  width.value = String(size.width ?? "");
  height.value = String(size.height ?? "");
  set(typed());
  name();
}

/** The offered area nearest to that of the current size. */
function nearestArea() {
  const size = typed();
  const now = isWhole(size) ? (size.width * size.height) / MEGAPIXEL : 1;
  return areas.reduce((best, one) => (Math.abs(one - now) < Math.abs(best - now) ? one : best), areas[0]);
}

for (const box of [width, height]) {
  box.addEventListener("input", () => {
    set(typed());
    name();
  });
  box.addEventListener("change", () => showNumber(box, true));
}
window.studio.onPress(element, {
  aspect: ({ dataset: { value = "" } }) => enter(preset(value, called(typed()).area ?? nearestArea())),
  area: ({ dataset: { value } }) => {
    const size = isWhole(typed()) ? typed() : { width: 1, height: 1 };
    enter(preset(called(size).ratio ?? `${size.width}:${size.height}`, Number(value)));
  },
  swap: () => enter({ width: height.value, height: width.value }),
  like: async () => {
    const picture = new Image();
    picture.src = input ?? "";
    await picture.decode().then(() => enter(fitted(picture.naturalWidth, picture.naturalHeight)), () => {
      window.studio.say({ text: "The size of the picture cannot be read.", tone: "bad" });
    });
  },
});

window.studio.form.follow(props.field, (value) => {
  input = ownUrl((Array.isArray(value) ? value[0] : value)?.url);
  like.disabled = input === null;
});
watch("value", draw);
draw();
