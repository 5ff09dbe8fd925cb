/* The jobs that each form was filled from: kept beside its fields until it is submitted, so that the new job knows them. */
import { fieldsOf } from "./layout.js";

/** @typedef {Api.FormSource} Source */

/** @type {Record<string, Source[]>} */
const byModel = {};
const MOST = 50;

/** @returns {Source[]}
 *  @param {string} model */
export const sourcesOf = (model) => byModel[model] ?? [];

/** A plan comes into its form: a whole one takes the place of what was there, a part of one joins it.
 *  @param {{ model_id: string, values: Record<string, unknown>, sources?: Source[] }} plan */
export function follow({ model_id: model, values, sources = [] }) {
  const isWhole = fieldsOf(model).every((name) => name in values);
  byModel[model] = isWhole ? sources : joined(sourcesOf(model), sources);
}

/** An input has one source, and no job is named twice.
 *  @param {Source[]} old
 *  @param {Source[]} added */
function joined(old, added) {
  /** @param {Source} one */
  const isReplaced = (one) => added.some((other) => other.kind === one.kind && other.parameter === one.parameter && (one.parameter || other.job_id === one.job_id));
  return [...old.filter((one) => !isReplaced(one)), ...added].slice(-MOST);
}

/** A job was made of the form, which comes from nowhere now unless it was filled meanwhile.
 *  @param {string} model
 *  @param {Source[]} submitted */
export function forgetSources(model, submitted) {
  if (byModel[model] === submitted) delete byModel[model];
}
