/* Fields that show their value with another field's, such as a size with the picture that it may be taken from. */

/** @type {Map<string, unknown>} */
const known = new Map(); // a following field's id → the other's value
/** @type {Map<string, (value: any) => void>} */
const hearing = new Map(); // the same id → the field's own function

/** Gradio calls this when the other field's value has changed to this one.
 *  @param {string} id
 *  @param {unknown} value */
export function followed(id, value) {
  known.set(id, value);
  hearing.get(id)?.(value);
  return [];
}

/** Calls `heard` with the other field's value, now if it is known and whenever it changes.
 *  @param {string} id
 *  @param {(value: any) => void} heard */
export function follow(id, heard) {
  hearing.set(id, heard);
  if (known.has(id)) heard(known.get(id));
}
