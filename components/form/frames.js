/* The number of frames of a film, which may be empty: a slider over the numbers that the rule allows, a box, and the duration. */
const { h, labelOf, readNumber, numberBox, showNumber } = window.studio;
const { origin, stride, minimum, maximum } = props.limits;

const id = `frames-${Math.random().toString(36).slice(2)}`;
const box = h("input", { id, ...numberBox(minimum) });
const first = minimum + ((((origin - minimum) % stride) + stride) % stride);
const slider = maximum === null ? null : h("input", { class: "plain-range", type: "range", min: first, max: maximum, step: stride, "aria-label": props.label, tabindex: -1 });
const length = h("output", { class: "hint", for: id });
element.append(h("div", { class: "number-box frames-box" },
  labelOf(id, props),
  h("div", { class: "typed" }, slider, box),
  length));

/** @type {number | null | undefined} */
let fps = props.fps ?? props.followed;

const typed = () => readNumber(box.value, true);

function draw() {
  const value = props.value === "" ? null : props.value ?? null;
  if (value !== typed()) box.value = value === null ? "" : String(value);
  tell();
}

function tell() {
  const frames = typed();
  const isNumber = typeof frames === "number";
  if (slider && isNumber) slider.value = String(frames);
  const rule = props.rule && `Of the form ${props.rule}`;
  const seconds = isNumber && fps && fps > 0 && `${(frames / fps).toFixed(frames / fps < 10 ? 2 : 1)} s at ${fps} frames a second`;
  window.studio.text(length, [rule, seconds].filter(Boolean).join(" · "));
}

/** @param {number | string | null} value */
function set(value) {
  props.value = value;
  trigger("change");
  tell();
}

/** @param {KeyboardEvent} event */
function step(event) {
  const by = { ArrowUp: stride, ArrowDown: -stride }[event.key];
  const frames = typed();
  if (by === undefined || typeof frames !== "number") return;
  event.preventDefault();
  const next = origin + (Math.round((frames - origin) / stride) * stride) + by;
  if (next < first || (maximum !== null && next > maximum)) return;
  box.value = String(next);
  set(next);
}

box.addEventListener("input", () => set(typed()));
box.addEventListener("change", () => showNumber(box, true));
box.addEventListener("keydown", step);
slider?.addEventListener("input", () => {
  box.value = slider.value;
  set(typed());
});

window.studio.form.follow(props.field, (value) => {
  fps = Number(value) || null;
  tell();
});
watch("value", draw);
draw();
