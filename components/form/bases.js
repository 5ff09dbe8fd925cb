/* The base of each field: the value that the form was last filled with, from a job, a part of one, a result, or the defaults.
   The tab keeps the bases through a reload, for the same user. */
import { fieldsOf } from "./layout.js";

/** The value that a field was filled with; `from` is the title of the job that it came from, null for a default.
 *  @typedef {{ value: unknown, from: string | null }} Base
 *  @typedef {Record<string, Base>} Bases by the names of the fields */

const STORAGE_KEY = "studio-bases";

/** @type {Record<string, Bases>} */
let byModel = {}; // a field without a base was filled with its default
/** @type {string | null} */
let owner = null; // the id of their user, once known

/** The bases of a model's fields, without those at their defaults.
 *  @returns {Bases}
 *  @param {string} model */
export const basesOf = (model) => byModel[model] ?? {};

/** Takes the values of a plan as bases: those of all fields, or of the fields in a plan for a part. An undo has its own
 *  `bases`.
 *  @param {import("./plan.js").Plan} plan */
export function rebase({ model_id: model, values, title, bases }) {
  const brought = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, from: title || null }]));
  const isWhole = fieldsOf(model).every((name) => name in values);
  byModel[model] = bases ?? (isWhole ? brought : { ...byModel[model], ...brought });
  keep();
}

/** Called once the user is known: restores what this tab kept for them, below what has been filled in meanwhile.
 *  @param {string} user */
export function recallBases(user) {
  owner = user;
  const kept = read();
  if (kept && kept.owner === user) byModel = { ...kept.byModel, ...byModel };
  keep();
}

function keep() {
  if (owner === null) return;
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ owner, byModel }));
  } catch {
    // The storage is full or disabled: after a reload the marks compare with the defaults.
  }
}

/** @returns {{ owner: string, byModel: Record<string, Bases> } | null} */
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "null");
  } catch {
    return null;
  }
}
