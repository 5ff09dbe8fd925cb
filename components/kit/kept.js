/* The browser's local storage, which may be disabled or full. */

/** @param {string} name
 *  @returns {string | null} Null for what is not stored. */
export function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name
 *  @param {string | null} value null removes it */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {} // then it lasts as long as this page
}
