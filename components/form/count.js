/* The number of jobs that Generate makes at once, their seeds, and the seed that each form last ran with. */
import { signal } from "../kit/signal.js";
import { seedsOf } from "./layout.js";
import { fieldAt } from "./places.js";

export const MAX_JOBS = 8;
const SEEDS = 2 ** 32; // random seeds are below it, as on the server

let count = 1;
/** @type {Record<string, number | string | null>} */
const ran = {}; // by model

/** Emitted with the new number of jobs.
 *  @type {import("../kit/signal.js").Signal<[count: number]>} */
export const counted = signal();

export const jobCount = () => count;

/** @param {number} wanted */
export function countJobs(wanted) {
  count = Math.max(1, Math.min(MAX_JOBS, Math.round(wanted) || 1));
  counted.emit(count);
}

/** The values of each of several jobs of a form: a chosen seed counts up, from 0 again after the model's largest; a random one
 *  stays random.
 *  @param {string} model
 *  @param {Record<string, unknown>} values
 *  @param {number} number
 *  @returns {Record<string, unknown>[]} */
export function each(model, values, number) {
  return Array.from({ length: number }, (_, index) => {
    const seeds = seedsOf(model).map(([name, most]) => [name, seedAfter(values[name], index, BigInt(most))]);
    return { ...values, ...Object.fromEntries(seeds) };
  });
}

/** The seed that comes so many after a seed; a text where a JavaScript number cannot hold it exactly.
 *  @param {unknown} seed
 *  @param {number} steps
 *  @param {bigint} most */
function seedAfter(seed, steps, most) {
  if (steps === 0 || !/^\d+$/.test(String(seed)) || BigInt(String(seed)) > most) return seed;
  const next = (BigInt(String(seed)) + BigInt(steps)) % (most + 1n);
  return next <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(next) : String(next);
}

/** Records the seed of a job that was made of the model's form, null for none.
 *  @param {string} model
 *  @param {number | string | null} seed */
export function ranWith(model, seed) {
  ran[model] = seed;
}

/** The seed to keep in a field: the one that its form last ran with, else a random one.
 *  @param {Element} element in the field */
export function seedToKeep(element) {
  const { model, name } = /** @type {import("./places.js").Field} */ (fieldAt(element));
  const most = Number(seedsOf(model).find(([one]) => one === name)?.[1]);
  return ran[model] ?? Math.floor(Math.random() * Math.min(SEEDS, most + 1));
}
