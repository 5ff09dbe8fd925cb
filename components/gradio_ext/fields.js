/* How an event of Gradio's says that a component changes, and how its fields hold files. */

/** A change of a component.
 *  @param {{ visible?: boolean, value?: unknown, selected?: string }} change */
export const update = (change) => ({ __type__: "update", ...change });

const FILE = "gradio.FileData";

/** A file as a field holds it.
 *  @param {{ path: string, url: string, name: string, size: number, type: string }} file */
export const fieldFile = ({ path, url, name, size, type }) =>
  ({ path, url, orig_name: name, size, mime_type: type, meta: { _type: FILE } });

/** Whether what a field holds is a file.
 *  @param {any} value */
export const isFieldFile = (value) => typeof value?.path === "string" && value.meta?._type === FILE;

/** Resolves when fields that an update made show are in the page, and take what further updates say: Gradio needs two
 *  ticks of Svelte's for that, and in the second shows a field whatever it was told since. */
export async function untilShown() {
  for (let ticks = 3; ticks > 0; ticks -= 1) await tick(); // the first of them begins before Gradio's
}

/** Lasts as long as Svelte's own tick. */
const tick = () => new Promise((resolve) => {
  requestAnimationFrame(resolve);
  setTimeout(resolve);
});
