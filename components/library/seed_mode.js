/* The seed that Reuse brings by default, "exact" or "new"; undefined until the page has it from the server, which then decides. */

/** @type {"exact" | "new" | undefined} */
let mode;

export const seedMode = () => mode;

/** @param {"exact" | "new"} preferred */
export function preferSeed(preferred) {
  mode = preferred;
}
