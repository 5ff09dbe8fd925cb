/* The visible fields; only this module shows and hides them. */
import { untilShown, update } from "../gradio_ext/fields.js";
import { visible } from "./conditions.js";
import { laidOut, rulesOf } from "./layout.js";

/** @type {Record<string, Set<string>>} */
let showing = {}; // model → the names of its visible fields
/** @type {Record<string, Promise<void>>} */
const settling = {}; // model → a promise, until Gradio has rendered the fields that were shown last

laidOut.listen((layout) => {
  showing = Object.fromEntries(Object.entries(layout.showing).map(([model, names]) => [model, new Set(names)]));
});

/** @param {string} model
 *  @param {string} name */
export const isShowing = (model, name) => showing[model].has(name);

/** Updates that show or hide fields; fields that stay as they are get none, for an update costs Gradio a quarter of a
 *  millisecond.
 *  @param {string} model
 *  @param {string[]} names
 *  @param {(name: string) => boolean} isShown */
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

/** @param {string} model */
function settle(model) {
  /** @type {Promise<void>} */
  const done = untilShown().then(() => {
    if (settling[model] === done) delete settling[model];
  });
  settling[model] = done;
}

/** @param {string} model */
export const isSettling = (model) => model in settling;

/** @param {string} model */
export async function settled(model) {
  while (settling[model]) await settling[model];
}

/** Called by Gradio: updates for some dependents of a model, from the current values of their parents.
 *  @param {string} model
 *  @param {string[]} parents
 *  @param {string[]} dependents
 *  @param {unknown[]} present */
export async function show(model, parents, dependents, present) {
  await settled(model);
  const values = Object.fromEntries(parents.map((name, index) => [name, present[index]]));
  const shown = visible(rulesOf(model), values);
  return change(model, dependents, (name) => shown.has(name));
}
