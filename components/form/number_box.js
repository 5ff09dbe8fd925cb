/* A box for an optional number: an empty one is `null`. Text that is no number is sent as typed, for the server to refuse. A
   seed, whose `props.empty` says what an empty box means, has two buttons: the die empties it, the lock takes the seed of the
   last job. */
const { attribute, form, h, icon, labelOf, readNumber, numberBox, showNumber } = window.studio;

const id = `number-${Math.random().toString(36).slice(2)}`;
const box = h("input", { id, ...numberBox(props.least), placeholder: props.empty || null });
/** @param {string} action
 *  @param {string} glyph
 *  @param {string} words */
const choice = (action, glyph, words) => h("button", { type: "button", class: "icon-button", "data-do": action, "aria-label": words, title: words }, icon(glyph));
const clear = choice("clear", "die", `${props.empty} ${props.label}`.toLowerCase());
const keep = choice("keep", "lock", `Keep the ${props.label}`.toLowerCase());
element.append(h("div", { class: "number-box" }, labelOf(id, props), h("div", { class: "typed" }, box, ...(props.empty ? [clear, keep] : []))));

const typed = () => readNumber(box.value, props.whole);

function draw() {
  const value = props.value ?? null;
  if (value !== typed()) box.value = value === null ? "" : String(value);
  tell();
}

function tell() {
  attribute(clear, "aria-pressed", String(typed() === null));
  attribute(keep, "aria-pressed", String(typed() !== null));
}

/** @param {number | string | null} value */
function set(value) {
  props.value = value;
  trigger("change");
  draw();
}

box.addEventListener("input", () => set(typed()));
box.addEventListener("change", () => showNumber(box, props.whole));
window.studio.onPress(element, {
  clear: () => set(null),
  keep: () => typed() === null && set(form.count.seedToKeep(element)),
});

watch("value", draw);
draw();
