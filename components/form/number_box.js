/* A number, or nothing: an empty box is `null`. What is not a number is sent as it was typed, for the server to refuse. */
const { h, icon, number, numberBox, showNumber } = window.studio;

const id = `number-${Math.random().toString(36).slice(2)}`;
const box = h("input", { id, ...numberBox(props.least), placeholder: props.empty || null });
const clear = h("button", { type: "button", class: "icon-button", "data-do": "clear", "aria-label": `${props.empty} ${props.label}`.toLowerCase(), title: props.empty }, icon("shuffle"));
element.append(h("div", { class: "number-box" },
  h("label", { for: id }, props.label),
  props.hint ? h("p", { class: "hint" }, props.hint) : null,
  h("div", { class: "typed" }, box, props.empty ? clear : null)));

const typed = () => number(box.value, props.whole);

function draw() {
  const value = props.value ?? null;
  if (value !== typed()) box.value = value === null ? "" : String(value);
}

function set(value) {
  props.value = value;
  trigger("change");
}

box.addEventListener("input", () => set(typed()));
box.addEventListener("change", () => showNumber(box, props.whole));
window.studio.onPress(element, {
  clear: () => {
    box.value = "";
    set(null);
    box.focus();
  },
});

watch("value", draw);
draw();
