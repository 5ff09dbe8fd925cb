/* What each form was last filled with, field by field: by a job, a part of one, a result, or with the model's defaults. A tab
   keeps it through a reload, for the user whose it is. */
import { fieldsOf } from "./layout.js";

/** What a field was filled with; `from` is the title of the job that it came from, null for a default.
 *  @typedef {{ value: unknown, from: string | null }} Base
 *  @typedef {Record<string, Base>} Bases by the names of the fields */

const KEPT = "studio-bases";

/** @type {Record<string, Bases>} */
let byModel = {}; // what is missing is at its default
/** @type {string | null} */
let owner = null; // the user whose they are, when that is known

/** What the fields of the model were filled with, but for those at their defaults.
 *  @returns {Bases}
 *  @param {string} model */
export const basesOf = (model) => byModel[model] ?? {};

/** A plan comes into its form, and what differs from it is a change from now on; of a part of one, in its fields alone. An
 *  undo brings its own `bases`.
 *  @param {import("./plan.js").Plan} plan */
export function rebase({ model_id: model, values, title, bases }) {
  const brought = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, from: title || null }]));
  const isWhole = fieldsOf(model).every((name) => name in values);
  byModel[model] = bases ?? (isWhole ? brought : { ...byModel[model], ...brought });
  keep();
}

/** The page knows its user: what this tab kept is theirs, or goes. What came into a form meanwhile stays.
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
    sessionStorage.setItem(KEPT, JSON.stringify({ owner, byModel }));
  } catch {
    // It is full or switched off: after a reload the marks compare with the defaults.
  }
}

/** @returns {{ owner: string, byModel: Record<string, Bases> } | null} */
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  } catch {
    return null;
  }
}
