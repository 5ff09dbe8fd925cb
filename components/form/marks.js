/* Marks at the fields that differ from their base, each with a button to revert it, and their number above the form. The fields
   are read once the user pauses, not at every key. */
import { attribute, find, h, text } from "../kit/dom.js";
import { icon } from "../kit/icons.js";
import { openReport, reportedOf, unsay } from "../kit/say.js";
import { basesOf } from "./bases.js";
import { visible } from "./conditions.js";
import { touch } from "./drafts.js";
import { rulesOf } from "./layout.js";
import { fieldOf, groupOf } from "./places.js";
import { beginQuietly, used } from "./plan.js";
import { forget, heard, lastLook, look } from "./reading.js";
import { filled } from "./spread.js";
import { isUploading, uploaded } from "./uploads.js";
import { same, valueText } from "./values.js";

const DEBOUNCE = 120; // ms

/** @typedef {import("./values.js").Input} Input
 *  @typedef {{ input: Input, was: import("./bases.js").Base, now: unknown }} Change
 *  @typedef {{
 *    inputs: Input[], line: HTMLElement, list: HTMLElement, marks: Map<string, HTMLElement>, changes: Change[],
 *    usedAt: number, timer?: number, observer: MutationObserver,
 *  }} Form */

/** @type {Record<string, Form>} */
const forms = {}; // by model, for those whose fields are in the page

/** The line and the list of a model's changes, above its fields.
 *  @param {string} model
 *  @param {Input[]} inputs */
export function changesOf(model, inputs) {
  const id = `changes-of-${model}`;
  const line = h("button", { type: "button", class: "changes-line", hidden: true, "aria-expanded": "false", "aria-controls": id });
  const list = h("ul", { id, class: "changes-list", hidden: true });
  line.addEventListener("click", () => open(forms[model], list.hidden));
  forms[model] = { inputs, line, list, marks: new Map(), changes: [], usedAt: 0, observer: new MutationObserver(() => place(model)) };
  drawSoon(model);
  return h("div", { class: "changes" }, line, list);
}

/** @param {string} model */
function drawSoon(model) {
  const form = forms[model];
  if (!form) return;
  clearTimeout(form.timer);
  form.timer = setTimeout(async () => {
    if (isUploading(model)) return; // drawn when the upload ends
    draw(model, await lastLook(model).catch(() => null));
  }, DEBOUNCE);
}

used.listen((model) => {
  if (forms[model]) forms[model].usedAt = performance.now();
  drawSoon(model);
});
filled.listen((model, values) => {
  if (forms[model]) forms[model].usedAt = 0;
  draw(model, values); // at once, or a slow page would compare with the old bases for a while
  drawSoon(model);
});
uploaded.listen((model) => {
  forget(model); // the values read before the upload ended
  drawSoon(model);
});
heard.listen((model, values) => draw(model, values));

/** @param {Record<string, unknown> | null} values
 *  @param {string} model */
function draw(model, values) {
  const form = forms[model];
  if (!form || values === null) return;
  const before = JSON.stringify(form.changes);
  form.changes = changesIn(model, form.inputs, values);
  if (JSON.stringify(form.changes) === before) return;
  unsay((about, at) => about === model && at < form.usedAt); // not messages that this use has led to
  const names = new Set(form.changes.map(({ input }) => input.name));
  for (const [name, mark] of form.marks) if (!names.has(name)) remove(form, name, mark);
  for (const change of form.changes) drawMark(model, change);
  drawLine(model);
  form.observer.disconnect();
  if (names.size > 0) form.observer.observe(/** @type {Element} */ (groupOf(model)), { childList: true, subtree: true });
  place(model);
}

/** The visible fields that differ from their base, in the order of the form.
 *  @returns {Change[]}
 *  @param {string} model
 *  @param {Input[]} inputs
 *  @param {Values} values */
function changesIn(model, inputs, values) {
  const shown = visible(rulesOf(model), values), bases = basesOf(model);
  return inputs
    .map((input) => ({ input, was: bases[input.name] ?? { value: input.initial, from: null }, now: values[input.name] }))
    .filter(({ input, was, now }) => shown.has(input.name) && !same(was.value, now));
}

/** @param {string} model
 *  @param {Change} change */
function drawMark(model, { input, was }) {
  const { marks } = forms[model];
  const mark = marks.get(input.name) ?? backButton(model, input, "mark", h("span", { class: "mark-was", "aria-hidden": "true", dir: "auto" }));
  marks.set(input.name, mark);
  name(mark, input, was);
  text(find(mark, ".mark-was"), `was ${valueText(was.value, input)}`);
}

/** A button that reverts one field.
 *  @param {string} model
 *  @param {Input} input
 *  @param {string} style
 *  @param {Node[]} children */
function backButton(model, input, style, ...children) {
  const button = h("button", { type: "button", class: style }, icon("back"), ...children);
  button.addEventListener("click", () => putBack(model, input.name));
  return button;
}

/** @param {Input} input
 *  @param {import("./bases.js").Base} was
 *  @param {HTMLElement} button */
const name = (button, input, was) => attribute(button, "aria-label", `${input.label}: back to ${valueText(was.value, input)}`);

/** Adds the marks to their fields, which Gradio may render later or again.
 *  @param {string} model */
function place(model) {
  for (const [name, mark] of forms[model].marks) {
    const field = fieldOf(model, name), host = field?.closest(".explained") ?? field;
    if (host && mark.parentElement !== host) host.append(mark);
  }
}

/** Removes a mark; the focus, if it was there, moves to the field.
 *  @param {Form} form
 *  @param {string} name
 *  @param {HTMLElement} mark */
function remove(form, name, mark) {
  const field = mark === document.activeElement ? mark.parentElement : null;
  form.marks.delete(name);
  mark.remove();
  if (!field) return;
  field.tabIndex = -1;
  field.focus({ preventScroll: true });
}

/** @param {string} model */
function drawLine(model) {
  const form = forms[model], { line, list, changes } = form;
  const hadFocus = list.contains(document.activeElement);
  line.hidden = changes.length === 0;
  const count = changes.length === 1 ? "1 change" : `${changes.length} changes`;
  line.replaceChildren(...counted(count, changes), icon("more"));
  list.replaceChildren(...changes.map((change) => row(model, change)));
  if (reportedOf() === model) list.append(h("li", { class: "changes-report" }, reportButton()));
  if (changes.length === 0) open(form, false);
  if (hadFocus) (list.querySelector("button") ?? groupOf(model))?.focus({ preventScroll: true });
}

function reportButton() {
  const button = h("button", { type: "button", class: "text-button" }, "What came back");
  button.addEventListener("click", openReport);
  return button;
}

/** The number of changes, and since when.
 *  @param {string} count
 *  @param {Change[]} changes
 *  @returns {Node[]} */
function counted(count, changes) {
  const [first, ...others] = new Set(changes.map(({ was }) => was.from));
  if (others.length > 0) return [h("span", {}, `${count} since it was filled`)];
  if (!first) return [h("span", {}, `${count} from the defaults`)];
  return [h("span", {}, `${count} since `), h("em", { dir: "auto", title: first }, first)];
}

/** @param {string} model
 *  @param {Change} change */
function row(model, { input, was, now }) {
  const back = backButton(model, input, "text-button", h("span", {}, "Back"));
  name(back, input, was);
  return h("li", { "data-name": input.name },
    h("span", { class: "changes-name", dir: "auto" }, input.label),
    h("span", { class: "changes-values" },
      h("del", { dir: "auto" }, valueText(was.value, input)), h("span", { "aria-hidden": "true" }, "→"), h("ins", { dir: "auto" }, valueText(now, input))),
    back);
}

/** @param {Form} form
 *  @param {boolean} isOpen */
function open({ line, list }, isOpen) {
  list.hidden = !isOpen;
  attribute(line, "aria-expanded", String(isOpen));
}

/** Reverts one field to its base, quietly, as a draft is filled in, so that an undo still reverts the restore.
 *  @param {string} model
 *  @param {string} name */
async function putBack(model, name) {
  const change = forms[model].changes.find(({ input }) => input.name === name);
  if (!change) return;
  const now = await look(model);
  beginQuietly({ model_id: model, select: null, visible: {}, values: { [name]: change.was.value }, now, after: () => touch(model) });
}
