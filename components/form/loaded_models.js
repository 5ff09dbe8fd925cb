/* Which models the workers have loaded, so that a job of theirs begins at once. The lists of models say it too. */
import { signal } from "../kit/signal.js";
import { models } from "./layout.js";

/** @typedef {{ model_id: string, device: string | null, megabytes: number, gpu_megabytes: number, worker: string }} Loaded */

/** @type {Loaded[]} */
let loaded = [];
let mayUnload = false;
const sheet = document.createElement("style");

/** Tells that other models are loaded than before.
 *  @type {import("../kit/signal.js").Signal<[]>} */
export const loadedChanged = signal();

/** As the page's tick says it.
 *  @param {{ loaded: Loaded[], may_unload: boolean }} told */
export function tellLoaded(told) {
  if (JSON.stringify(told.loaded) === JSON.stringify(loaded) && told.may_unload === mayUnload) return;
  loaded = told.loaded;
  mayUnload = told.may_unload;
  const ids = new Set(loaded.map(({ model_id: id }) => id));
  const names = models().filter(({ id }) => ids.has(id)).map(({ name }) => `.model-tabs [role=option][aria-label=${CSS.escape(name)}]::after`);
  sheet.textContent = names.length ? `${names.join(", ")} { content: "loaded"; }` : "";
  if (!sheet.isConnected) document.head.append(sheet);
  loadedChanged.tell();
}

export const loadedOf = (model) => loaded.filter(({ model_id: id }) => id === model);
export const canUnload = () => mayUnload;
