/* Finds a model's form and its fields in the page, by the ids that generation_form.py gives them. */

/** The model whose form an element is in, if any.
 *  @param {EventTarget | null | undefined} target
 *  @returns {string | undefined} */
export const modelAt = (target) => target?.closest?.(".model-group")?.id.slice("group-".length);

/** @typedef {{ model: string, name: string }} Field */

/** The model and name of the field that an element is in; null outside of fields.
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
