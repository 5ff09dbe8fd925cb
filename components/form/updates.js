/* Gradio's updates of components. */

/** @param {{ visible?: boolean, value?: unknown, selected?: string }} change */
export const update = (change) => ({ __type__: "update", ...change });
