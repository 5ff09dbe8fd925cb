/* The fields of a model come into the page when they are wanted; those of the first one are there when it opens. */
import { signal } from "../kit/signal.js";
import { isModel, laidOut, send } from "./layout.js";

/** @type {Set<string>} */
const there = new Set(); // the models whose fields are in the page
/** @type {Record<string, PromiseWithResolvers<void>>} */
const arrivals = {}; // model → the promise of its fields, and what keeps or breaks it

/** Tells of the model whose fields have come.
 *  @type {import("../kit/signal.js").Signal<[model: string]>} */
export const arrived = signal();

laidOut.listen(({ models, later }) => {
  for (const [model] of models) if (!later.includes(model)) there.add(model);
});

/** @param {string} model */
export const isThere = (model) => there.has(model);

/** Resolves when the model's fields are in the page.
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

/** The fields of a model have come: who waits for them hears it after those who listen have put theirs into them.
 *  @param {string} model */
export function arrive(model) {
  there.add(model);
  arrived.tell(model);
  setTimeout(arrivals[model].resolve);
  return [];
}

/** The server did not bring what it was asked for; whoever wants it again asks again. */
export function stayedAway() {
  for (const [model, { reject }] of Object.entries(arrivals)) {
    if (there.has(model)) continue;
    delete arrivals[model];
    reject(new Error(model));
  }
  return [];
}

/** Brings the fields that one click may ask for, one model after another, while the page has nothing else to do.
 *  @param {(string | null)[]} models */
export async function expect(models) {
  for (const model of models) {
    if (!isModel(model) || there.has(model)) continue;
    await new Promise((resolve) => (window.requestIdleCallback ?? setTimeout)(resolve));
    await bring(model).catch(() => {});
  }
}
