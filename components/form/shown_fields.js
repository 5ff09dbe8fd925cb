/* Which fields show; only this module shows and hides them. */
import { visible } from "./conditions.js";
import { laidOut, rulesOf } from "./layout.js";
import { update } from "./updates.js";

/** @type {Record<string, Set<string>>} */
let showing = {}; // model → the names that show
/** @type {Record<string, Promise<void>>} */
const settling = {}; // model → the promise that Gradio is through with those of its fields that came to show last

laidOut.listen((layout) => {
  showing = Object.fromEntries(Object.entries(layout.showing).map(([model, names]) => [model, new Set(names)]));
});

/** @param {string} model
 *  @param {string} name */
export const isShowing = (model, name) => showing[model].has(name);

/** Updates for those of the fields that are to change between shown and hidden. An update costs Gradio about a quarter
 *  of a millisecond, so what stays as it is gets none.
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

/** Gradio takes two ticks to show a field for the first time, and in the second shows it whatever it was told since.
 *  @param {string} model */
function settle(model) {
  const pass = async () => {
    for (let ticks = 3; ticks > 0; ticks -= 1) await tick(); // the first of them begins before Gradio's
    if (settling[model] === through) delete settling[model];
  };
  /** @type {Promise<void>} */
  const through = pass();
  settling[model] = through;
}

/** @param {string} model */
export const isSettling = (model) => model in settling;

/** @param {string} model */
export async function settled(model) {
  while (settling[model]) await settling[model];
}

/** As long as Svelte's own tick. */
const tick = () => new Promise((resolve) => {
  requestAnimationFrame(resolve);
  setTimeout(resolve);
});

/** Updates for some dependents of a model, from the present values of their parents alone.
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
