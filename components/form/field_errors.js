/* The error of a field, in a line below it for as long as the field keeps the value that it is about. */
import { closedFold } from "../gradio_ext/elements.js";
import { attribute, describe, h } from "../kit/dom.js";
import { icon } from "../kit/icons.js";
import { say } from "../kit/say.js";
import { fieldAt, fieldOf, groupOf } from "./places.js";
import { heard } from "./reading.js";

const MAX_FRAMES = 60; // within which the fold opens
/** @type {Record<string, Record<string, { line: HTMLElement, sentence: string, value: string }>>} */
const shown = {}; // model → name → the error at that field, and its value then

/** A value to be compared: a file by its path alone, for its other properties vary.
 *  @param {any} value */
const comparable = (value) => JSON.stringify(value?.path ?? value ?? null);

/** Shows errors, sentences by the names of the fields, which have these values.
 *  @param {string} model
 *  @param {Record<string, string>} sentences
 *  @param {Values} values */
export function showErrors(model, sentences, values) {
  for (const [name, sentence] of Object.entries(sentences)) {
    const field = fieldOf(model, name);
    const before = shown[model]?.[name];
    if (!field || (before?.sentence === sentence && before.line.isConnected)) continue;
    unsay(model, name);
    const id = `refusal-${model}-${name}`;
    const line = h("p", { id, class: "refusal", role: "alert", dir: "auto" }, icon("failed"), h("span", {}, sentence));
    if (field.closest(".explained")) field.after(line); // a file field has a fixed height, and a border
    else field.append(line);
    mark(field, true);
    (shown[model] ??= {})[name] = { line, sentence, value: comparable(values[name]) };
  }
}

/** @param {string} model
 *  @param {string} name */
function unsay(model, name) {
  if (!shown[model]?.[name]) return;
  shown[model][name].line.remove();
  delete shown[model][name];
  const field = fieldOf(model, name);
  if (field) mark(field, false);
}

/** @param {HTMLElement} field
 *  @param {boolean} isRefused */
function mark(field, isRefused) {
  field.toggleAttribute("data-refused", isRefused);
  const control = field.querySelector("textarea, input");
  if (!control) return; // such as in a field that has a sound
  attribute(control, "aria-invalid", isRefused && "true");
  describe(control, `refusal-${field.id.slice("field-".length)}`, isRefused);
}

// Removes the errors about values that the fields no longer have.
heard.listen((model, values) => {
  for (const [name, one] of Object.entries(shown[model] ?? {})) if (one.value !== comparable(values[name])) unsay(model, name);
});

/** Shows the errors that Generate returned, in place of all others of the model.
 *  @param {string} model
 *  @param {Record<string, string>} sentences
 *  @param {Values} values */
export async function replaceErrors(model, sentences, values) {
  for (const name of Object.keys(shown[model] ?? {})) unsay(model, name);
  const names = Object.keys(sentences);
  await unfold(model, names);
  showErrors(model, sentences, values);
  for (const name of names) if (!fieldOf(model, name)) say({ text: sentences[name], tone: "bad" });
  groupOf(model)?.querySelector(".refusal")?.scrollIntoView({ block: "center", behavior: "smooth" });
}

/** @param {string} model
 *  @param {string[]} names */
async function unfold(model, names) {
  const group = groupOf(model);
  const areThere = () => names.every((name) => fieldOf(model, name)?.checkVisibility());
  const advanced = group?.querySelector(".advanced"), fold = advanced && closedFold(advanced);
  if (!fold || areThere()) return;
  fold.click();
  await until(areThere);
  /** @type {number | undefined} */
  let height;
  await until(() => height === (height = group?.offsetHeight)); // the group grows while it unfolds
}

/** @param {() => boolean | undefined} holds */
async function until(holds) {
  for (let left = MAX_FRAMES; left > 0 && !holds(); left--) await new Promise(requestAnimationFrame);
}

for (const kind of ["input", "drop"]) {
  document.addEventListener(kind, ({ target }) => {
    const field = fieldAt(target);
    if (field) unsay(field.model, field.name);
  }, true);
}
