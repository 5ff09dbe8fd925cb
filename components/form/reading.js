/* Reads the values of a model's fields, which only Gradio has, by an event in the page. */
import { signal } from "../kit/signal.js";
import { bring } from "./lazy_groups.js";
import { fieldsOf, modelIndex, send } from "./layout.js";

/** @typedef {(values: Values) => void} Hear */

/** @type {Record<string, Hear[][]>} */
const hearing = {}; // model → for each event on its way, in order, the resolvers that wait for its values
/** @type {Set<string>} */
const shared = new Set(); // models whose newest event on its way may answer further looks
/** @type {Record<string, Hear[]>} */
const hearingWords = {}; // model → the resolvers that wait for its values without files
/** @type {Record<string, Promise<Values>>} */
const seen = {}; // model → the promise of its values at the last look, until they may have changed

/** Emitted with a model and its values, unless they may have changed since the event started.
 *  @type {import("../kit/signal.js").Signal<[model: string, values: Values]>} */
export const heard = signal();

/** The current values of a model's fields, by name.
 *  @param {string} model
 *  @returns {Promise<Values>} */
export function look(model) {
  const looked = bring(model).then(() => new Promise((resolve) => {
    const events = (hearing[model] ??= []);
    if (shared.has(model)) return events.at(-1)?.push(resolve);
    shared.add(model);
    events.push([resolve]);
    send(`present_${modelIndex(model)}`);
  }));
  looked.catch(() => seen[model] === looked && delete seen[model]);
  seen[model] = looked;
  return looked;
}

/** The values at the last look, unless they may have changed since.
 *  @param {string} model */
export const lastLook = (model) => seen[model] ?? look(model);

/** Called when the fields of the model may have changed: values on their way may be out of date.
 *  @param {string} model */
export function forget(model) {
  delete seen[model];
  shared.delete(model);
}

/** Values given in the order of the fields, by name.
 *  @param {string} model
 *  @param {unknown[]} present
 *  @returns {Values} */
export const named = (model, present) => Object.fromEntries(fieldsOf(model).map((name, index) => [name, present[index] ?? null]));

/** Called by Gradio with the values of a model's fields, in their order.
 *  @param {string} model
 *  @param {unknown[]} present */
export function hear(model, present) {
  const values = named(model, present);
  const asked = hearing[model].shift() ?? [], isNewest = hearing[model].length === 0 && shared.delete(model);
  if (isNewest) heard.emit(model, values); // else they may have changed, and whoever changed them looks again
  for (const resolve of asked) resolve(values);
  return [];
}

/** The values without files, which alone can be read during an upload.
 *  @param {string} model
 *  @returns {Promise<Values>} */
function lookAtWords(model) {
  return new Promise((resolve) => {
    (hearingWords[model] ??= []).push(resolve);
    send(`words_${modelIndex(model)}`);
  });
}

/** Called by Gradio with the values of these fields of a model.
 *  @param {string} model
 *  @param {string[]} names
 *  @param {unknown[]} words */
export function hearWords(model, names, words) {
  const values = Object.fromEntries(names.map((name, index) => [name, words[index] ?? null]));
  for (const resolve of hearingWords[model].splice(0)) resolve(values);
  return [];
}

/** The current values, or with `part` those without files.
 *  @param {string} model */
export const present = (model, part = false) => (part ? lookAtWords : look)(model);
