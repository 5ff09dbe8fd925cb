/* Which seed the one click on Reuse brings, "exact" or "new"; until the page knows it, the server does. */

/** @type {"exact" | "new" | undefined} */
let mode;

export const seedMode = () => mode;

/** @param {"exact" | "new"} preferred */
export function preferSeed(preferred) {
  mode = preferred;
}
