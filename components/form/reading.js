/* What the fields of a model hold; only Gradio knows it, and tells it by an event in the page. */
import { signal } from "../kit/signal.js";
import { bring } from "./lazy_groups.js";
import { fieldsOf, place, send } from "./layout.js";

/** @typedef {(values: Values) => void} Hear */

/** @type {Record<string, Hear[][]>} */
const hearing = {}; // model → who waits to hear what its fields hold, for each event on its way, in their order
/** @type {Set<string>} */
const shared = new Set(); // the models of which the newest of these answers whoever looks now
/** @type {Record<string, Hear[]>} */
const hearingWords = {}; // model → who waits to hear what its fields hold, but for those of files
/** @type {Record<string, Promise<Values>>} */
const seen = {}; // model → what its fields held at the last look, until they change

/** Tells a model and what its fields hold, unless they have changed since they were asked.
 *  @type {import("../kit/signal.js").Signal<[model: string, values: Values]>} */
export const heard = signal();

/** What the fields of a model hold now, by name.
 *  @param {string} model
 *  @returns {Promise<Values>} */
export function look(model) {
  const looked = bring(model).then(() => new Promise((resolve) => {
    const events = (hearing[model] ??= []);
    if (shared.has(model)) return events.at(-1)?.push(resolve);
    shared.add(model);
    events.push([resolve]);
    send(`present_${place(model)}`);
  }));
  looked.catch(() => seen[model] === looked && delete seen[model]);
  seen[model] = looked;
  return looked;
}

/** What they held at the last look, if they have not changed since.
 *  @param {string} model */
export const lastLook = (model) => seen[model] ?? look(model);

/** The fields of the model have changed, or may have: what is on its way may be what they held before.
 *  @param {string} model */
export function forget(model) {
  delete seen[model];
  shared.delete(model);
}

/** Values in the order of the fields, by name.
 *  @param {string} model
 *  @param {unknown[]} present
 *  @returns {Values} */
export const named = (model, present) => Object.fromEntries(fieldsOf(model).map((name, index) => [name, present[index] ?? null]));

/** @param {string} model
 *  @param {unknown[]} present */
export function hear(model, present) {
  const values = named(model, present);
  const asked = hearing[model].shift() ?? [], isNewest = hearing[model].length === 0 && shared.delete(model);
  if (isNewest) heard.tell(model, values); // else they may hold something else by now, and whoever changed it looks again
  for (const resolve of asked) resolve(values);
  return [];
}

/** All that can be read while a file is on its way up.
 *  @param {string} model
 *  @returns {Promise<Values>} */
function lookAtWords(model) {
  return new Promise((resolve) => {
    (hearingWords[model] ??= []).push(resolve);
    send(`words_${place(model)}`);
  });
}

/** @param {string} model
 *  @param {string[]} names
 *  @param {unknown[]} words */
export function hearWords(model, names, words) {
  const values = Object.fromEntries(names.map((name, index) => [name, words[index] ?? null]));
  for (const resolve of hearingWords[model].splice(0)) resolve(values);
  return [];
}

/** What the fields hold, or `part` of it.
 *  @param {string} model */
export const present = (model, part = false) => (part ? lookAtWords : look)(model);
