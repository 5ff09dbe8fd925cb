/* Fields that follow another field's value, such as a size that can be taken from a picture. */

/** @type {Map<string, unknown>} */
const known = new Map(); // a following field's id → the other field's value
/** @type {Map<string, (value: any) => void>} */
const listeners = new Map(); // a following field's id → its listener

/** Called by Gradio when the other field's value has changed.
 *  @param {string} id
 *  @param {unknown} value */
export function followed(id, value) {
  known.set(id, value);
  listeners.get(id)?.(value);
  return [];
}

/** Calls `listener` with the other field's value: now where it is known, and whenever it changes.
 *  @param {string} id
 *  @param {(value: any) => void} listener */
export function follow(id, listener) {
  listeners.set(id, listener);
  if (known.has(id)) listener(known.get(id));
}
