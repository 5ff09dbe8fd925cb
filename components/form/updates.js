/* What Gradio takes as a change of a component. */

/** @param {{ visible?: boolean, value?: unknown, selected?: string }} change */
export const update = (change) => ({ __type__: "update", ...change });
