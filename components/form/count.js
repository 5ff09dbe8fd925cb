/* How many jobs one press on Generate makes, the seed of each, and the seed that a form last ran with. */
import { signal } from "../kit/signal.js";
import { seedsOf } from "./layout.js";
import { fieldAt } from "./places.js";

export const MOST = 8;
const SEEDS = 2 ** 32; // of which the server draws one too

let count = 1;
/** @type {Record<string, number | string | null>} */
const ran = {}; // by model

/** Tells how many it is now.
 *  @type {import("../kit/signal.js").Signal<[count: number]>} */
export const counted = signal();

export const jobCount = () => count;

/** @param {number} wanted */
export function countJobs(wanted) {
  count = Math.max(1, Math.min(MOST, Math.round(wanted) || 1));
  counted.tell(count);
}

/** What each of several jobs of a form is made of: a random seed is chosen for each, one that is chosen counts up, and after
 *  the model's last one from 0.
 *  @param {string} model
 *  @param {Record<string, unknown>} values
 *  @param {number} number
 *  @returns {Record<string, unknown>[]} */
export function each(model, values, number) {
  return Array.from({ length: number }, (_, place) => {
    const seeds = seedsOf(model).map(([name, most]) => [name, later(values[name], place, BigInt(most))]);
    return { ...values, ...Object.fromEntries(seeds) };
  });
}

/** @param {unknown} seed
 *  @param {number} place
 *  @param {bigint} most */
function later(seed, place, most) {
  if (place === 0 || !/^\d+$/.test(String(seed)) || BigInt(String(seed)) > most) return seed;
  const next = (BigInt(String(seed)) + BigInt(place)) % (most + 1n);
  return next <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(next) : String(next);
}

/** A job was made of the model's form, with this seed if it has one. */
export function ranWith(model, seed) {
  ran[model] = seed;
}

/** A seed to keep in this field: the one that its form last ran with, else a new one.
 *  @param {Element} element in the field */
export function seedToKeep(element) {
  const { model, name } = fieldAt(element);
  const most = Number(seedsOf(model).find(([one]) => one === name)[1]);
  return ran[model] ?? Math.floor(Math.random() * Math.min(SEEDS, most + 1));
}
