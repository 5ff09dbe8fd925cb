/* What a field does not take, said in a line below it for as long as the field holds just that. */
import { closedFold } from "../gradio_ext/elements.js";
import { attribute, describe, h } from "../kit/dom.js";
import { icon } from "../kit/icons.js";
import { say } from "../kit/say.js";
import { fieldAt, fieldOf, groupOf } from "./places.js";
import { heard } from "./reading.js";

const FRAMES = 60; // in which what was folded away comes
const said = {}; // model → name → what was said at that field, and its value then

/** To compare: of a file its path alone, for of the rest there are several accounts. */
const comparable = (value) => JSON.stringify(value?.path ?? value ?? null);

/** Says the sentences, by the names of the fields, which hold these values. */
export function sayAt(model, sentences, values) {
  for (const [name, sentence] of Object.entries(sentences)) {
    const field = fieldOf(model, name);
    const before = said[model]?.[name];
    if (!field || (before?.sentence === sentence && before.line.isConnected)) continue;
    unsay(model, name);
    const id = `refusal-${model}-${name}`;
    const line = h("p", { id, class: "refusal", role: "alert", dir: "auto" }, icon("failed"), h("span", {}, sentence));
    if (field.closest(".explained")) field.after(line); // a field of a file has its height, and a border around it
    else field.append(line);
    mark(field, true);
    (said[model] ??= {})[name] = { line, sentence, value: comparable(values[name]) };
  }
}

function unsay(model, name) {
  if (!said[model]?.[name]) return;
  said[model][name].line.remove();
  delete said[model][name];
  const field = fieldOf(model, name);
  if (field) mark(field, false);
}

function mark(field, isRefused) {
  field.toggleAttribute("data-refused", isRefused);
  const control = field.querySelector("textarea, input");
  if (!control) return; // a sound that is there
  attribute(control, "aria-invalid", isRefused && "true");
  describe(control, `refusal-${field.id.slice("field-".length)}`, isRefused);
}

// The fields of the model hold these values now: what was said of others goes.
heard.listen((model, values) => {
  for (const [name, one] of Object.entries(said[model] ?? {})) if (one.value !== comparable(values[name])) unsay(model, name);
});

/** The answer to Generate: in place of what was said before. */
export async function sayAnew(model, sentences, values) {
  for (const name of Object.keys(said[model] ?? {})) unsay(model, name);
  const names = Object.keys(sentences);
  await unfold(model, names);
  sayAt(model, sentences, values);
  for (const name of names) if (!fieldOf(model, name)) say({ text: sentences[name], tone: "bad" });
  groupOf(model).querySelector(".refusal")?.scrollIntoView({ block: "center", behavior: "smooth" });
}

async function unfold(model, names) {
  const group = groupOf(model);
  const areThere = () => names.every((name) => fieldOf(model, name)?.checkVisibility());
  const advanced = group.querySelector(".advanced"), fold = advanced && closedFold(advanced);
  if (!fold || areThere()) return;
  fold.click();
  await until(areThere);
  let height = null;
  await until(() => height === (height = group.offsetHeight)); // it grows while it unfolds
}

async function until(holds) {
  for (let left = FRAMES; left > 0 && !holds(); left--) await new Promise(requestAnimationFrame);
}

for (const kind of ["input", "drop"]) {
  document.addEventListener(kind, ({ target }) => {
    const field = fieldAt(target);
    if (field) unsay(field.model, field.name);
  }, true);
}
