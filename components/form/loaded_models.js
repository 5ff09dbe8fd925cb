/* The models that workers have loaded, whose jobs start at once. The lists of models mark them, and those that cannot run here
   yet. */
import { optionOf } from "../gradio_ext/elements.js";
import { signal } from "../kit/signal.js";
import { laidOut, models } from "./layout.js";

/** @typedef {{ model_id: string, device: string | null, megabytes: number, gpu_megabytes: number, worker: string }} Loaded */

/** @type {Loaded[]} */
let loaded = [];
let mayUnload = false;
/** @type {string[]} */
let notSetUp = []; // the ids of models that could not run when the page was made
const sheet = document.createElement("style");

/** Emitted when other models are loaded than before.
 *  @type {import("../kit/signal.js").Signal<[]>} */
export const loadedChanged = signal();

/** Takes what the page's tick returns.
 *  @param {{ loaded: Loaded[], may_unload: boolean }} told */
export function tellLoaded(told) {
  if (JSON.stringify(told.loaded) === JSON.stringify(loaded) && told.may_unload === mayUnload) return;
  loaded = told.loaded;
  mayUnload = told.may_unload;
  draw();
  loadedChanged.emit();
}

laidOut.listen((layout) => {
  notSetUp = layout.notSetUp ?? [];
  draw();
});

function draw() {
  sheet.textContent = noteAt(notSetUp, "not set up", "var(--studio-warn)") + noteAt(loaded.map(({ model_id: id }) => id), "loaded");
  if (!sheet.isConnected) document.head.append(sheet);
}

/** The CSS rule that adds a note to these models in the lists.
 *  @param {string[]} ids
 *  @param {string} note */
function noteAt(ids, note, colour = "var(--studio-accent-text)") {
  const names = models().filter(({ id }) => ids.includes(id)).map(({ name }) => `.model-tabs ${optionOf(name)}::after`);
  return names.length ? `${names.join(", ")} { content: "${note}"; color: ${colour}; }` : "";
}

/** @param {string} model */
export const loadedOf = (model) => loaded.filter(({ model_id: id }) => id === model);
export const canUnload = () => mayUnload;
