/* Which fields show; only this module shows and hides them. */
import { untilShown, update } from "../gradio_ext/fields.js";
import { visible } from "./conditions.js";
import { laidOut, rulesOf } from "./layout.js";

let showing = {}; // model → the names that show
const settling = {}; // model → the promise that Gradio is through with those of its fields that came to show last

laidOut.listen((layout) => {
  showing = Object.fromEntries(Object.entries(layout.showing).map(([model, names]) => [model, new Set(names)]));
});

export const isShowing = (model, name) => showing[model].has(name);

/** Updates for those of the fields that are to change between shown and hidden. An update costs Gradio about a quarter
 *  of a millisecond, so what stays as it is gets none. */
export function change(model, names, isShown) {
  const changes = names.map((name) => {
    const wanted = isShown(name);
    if (wanted === showing[model].has(name)) return undefined;
    showing[model][wanted ? "add" : "delete"](name);
    return update({ visible: wanted });
  });
  if (changes.some((one) => one?.visible)) settle(model);
  return changes;
}

function settle(model) {
  const through = untilShown().then(() => {
    if (settling[model] === through) delete settling[model];
  });
  settling[model] = through;
}

export const isSettling = (model) => model in settling;

export async function settled(model) {
  while (settling[model]) await settling[model];
}

/** Updates for some dependents of a model, from the present values of their parents alone. */
export async function show(model, parents, dependents, present) {
  await settled(model);
  const values = Object.fromEntries(parents.map((name, index) => [name, present[index]]));
  const shown = visible(rulesOf(model), values);
  return change(model, dependents, (name) => shown.has(name));
}
