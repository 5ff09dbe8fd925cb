/* Where a model's form and its fields are in the page: generation_form.py gives them their ids. */

/** The model whose form this is in, if any.
 *  @param {EventTarget | null | undefined} target
 *  @returns {string | undefined} */
export const modelAt = (target) => target?.closest?.(".model-group")?.id.slice("group-".length);

/** @typedef {{ model: string, name: string }} Field */

/** The field that this is in, by its model and name; null outside of all.
 *  @param {EventTarget | null | undefined} target
 *  @returns {Field | null} */
export function fieldAt(target) {
  const field = target?.closest?.(".field[id^='field-']"), model = field && modelAt(field);
  return model ? { model, name: field.id.slice(`field-${model}-`.length) } : null;
}

/** @param {string} model */
export const groupOf = (model) => document.getElementById(`group-${model}`);
/** @param {string} model
 *  @param {string} name */
export const fieldOf = (model, name) => document.getElementById(`field-${model}-${name}`);
