/* The jobs that each form was filled from, kept until it is submitted, so that the new job is linked to them. */
import { fieldsOf } from "./layout.js";

/** @typedef {Api.FormSource} Source */

/** @type {Record<string, Source[]>} */
const byModel = {};
const MAX_SOURCES = 50;

/** @returns {Source[]}
 *  @param {string} model */
export const sourcesOf = (model) => byModel[model] ?? [];

/** Records the sources of a plan: they replace those of the form, or are added where the plan is for a part.
 *  @param {{ model_id: string, values: Record<string, unknown>, sources?: Source[] }} plan */
export function recordSources({ model_id: model, values, sources = [] }) {
  const isWhole = fieldsOf(model).every((name) => name in values);
  byModel[model] = isWhole ? sources : merged(sourcesOf(model), sources);
}

/** Both lists, in which an input has one source, and no job is named twice.
 *  @param {Source[]} old
 *  @param {Source[]} added */
function merged(old, added) {
  /** @param {Source} one */
  const isReplaced = (one) => added.some((other) => other.kind === one.kind && other.parameter === one.parameter && (one.parameter || other.job_id === one.job_id));
  return [...old.filter((one) => !isReplaced(one)), ...added].slice(-MAX_SOURCES);
}

/** Removes the sources that were submitted, unless the form was filled again meanwhile.
 *  @param {string} model
 *  @param {Source[]} submitted */
export function forgetSources(model, submitted) {
  if (byModel[model] === submitted) delete byModel[model];
}
