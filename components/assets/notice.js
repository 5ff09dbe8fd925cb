/* What the form has to say: after a restore, after an error. Its value is {text, lines, tone, undo, again} or null. */
const studio = window.studio;
const { h, text } = studio;

const words = h("p", {});
const lines = h("ul", {});
const undo = h("button", { type: "button", class: "text-button", "data-do": "undo" });
const close = h("button", { type: "button", class: "icon-button", "data-do": "close", "aria-label": "Dismiss", title: "Dismiss" }, studio.icon("close"));
const host = h("div", { class: "notice", role: "status", hidden: true }, h("div", { class: "said" }, words, lines), undo, close);
element.append(host);

function draw() {
  const value = props.value || null;
  host.hidden = value === null;
  if (value === null) return;
  host.dataset.tone = value.tone || "good";
  text(words, value.text);
  lines.replaceChildren(...(value.lines || []).map((line) => h("li", { dir: "auto" }, line)));
  lines.hidden = !value.lines?.length;
  undo.hidden = !value.undo;
  text(undo, value.again ? "Redo" : "Undo");
}

studio.onPress(element, {
  undo: () => trigger("undo", {}),
  close: () => { host.hidden = true; },
});

watch("value", draw);
draw();
