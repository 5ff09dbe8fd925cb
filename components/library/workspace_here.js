/* The workspace that the page is in, for whoever makes something that belongs to one. */

/** @type {string | null} */
let here = null;

/** Its id; null until the page knows it. */
export const workspaceHere = () => here;

/** @param {string | null} id */
export function inWorkspace(id) {
  here = id;
}
