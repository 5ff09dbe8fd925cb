/* The current workspace, for modules that create something in it. */

/** @type {string | null} */
let here = null;

/** Its id; null until the page knows it. */
export const workspaceHere = () => here;

/** @param {string | null} id */
export function inWorkspace(id) {
  here = id;
}
