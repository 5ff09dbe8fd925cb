/* What this browser keeps for all pages of the studio, as texts by name; it may keep nothing. */

/** @param {string} name
 *  @returns {string | null} Null for what is not kept. */
export function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name
 *  @param {string | null} value null to keep it no more */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {} // then it is for this page alone
}
