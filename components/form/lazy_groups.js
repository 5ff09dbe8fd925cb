/* Loads the fields of models when they are needed; those of the first model come with the page. */
import { signal } from "../kit/signal.js";
import { isModel, laidOut, send } from "./layout.js";

/** @type {Set<string>} */
const there = new Set(); // the models whose fields are in the page
/** @type {Record<string, PromiseWithResolvers<void>>} */
const arrivals = {}; // model → the promise of its fields, with its resolvers

/** Emitted with a model whose fields have been loaded.
 *  @type {import("../kit/signal.js").Signal<[model: string]>} */
export const arrived = signal();

laidOut.listen(({ models, later }) => {
  for (const [model] of models) if (!later.includes(model)) there.add(model);
});

/** @param {string} model */
export const isThere = (model) => there.has(model);

/** Loads the model's fields; resolves when they are in the page, rejects where the server does not send them.
 *  @param {string} model */
export async function bring(model) {
  if (there.has(model)) return;
  if (!(model in arrivals)) {
    arrivals[model] = Promise.withResolvers();
    arrivals[model].promise.catch(() => {});
    send("bring", { name: model });
  }
  await arrivals[model].promise;
}

/** Called by Gradio when the fields of a model have come. `bring` resolves only after the listeners have filled them.
 *  @param {string} model */
export function arrive(model) {
  there.add(model);
  arrived.emit(model);
  setTimeout(arrivals[model].resolve);
  return [];
}

/** Called by Gradio when loading has failed; another `bring` tries again. */
export function stayedAway() {
  for (const [model, { reject }] of Object.entries(arrivals)) {
    if (there.has(model)) continue;
    delete arrivals[model];
    reject(new Error(model));
  }
  return [];
}

/** Preloads the fields that a click on Reuse may need, one model after another, while the page is idle.
 *  @param {(string | null)[]} models */
export async function expect(models) {
  for (const model of models) {
    if (!isModel(model) || there.has(model)) continue;
    await new Promise((resolve) => (window.requestIdleCallback ?? setTimeout)(resolve));
    await bring(model).catch(() => {});
  }
}
