/* The visible fields; only this module shows and hides them. */
import { visible } from "./conditions.js";
import { laidOut, rulesOf } from "./layout.js";
import { update } from "./updates.js";

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

/** Waits for Gradio, which takes two ticks to show a field for the first time, and in the second ignores a newer update.
 *  @param {string} model */
function settle(model) {
  const pass = async () => {
    for (let ticks = 3; ticks > 0; ticks -= 1) await tick(); // the first of them begins before Gradio's
    if (settling[model] === done) delete settling[model];
  };
  /** @type {Promise<void>} */
  const done = pass();
  settling[model] = done;
}

/** @param {string} model */
export const isSettling = (model) => model in settling;

/** @param {string} model */
export async function settled(model) {
  while (settling[model]) await settling[model];
}

/** Lasts as long as Svelte's own tick. */
const tick = () => new Promise((resolve) => {
  requestAnimationFrame(resolve);
  setTimeout(resolve);
});

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
