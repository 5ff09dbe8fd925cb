/* Which models the workers have loaded, so that a job of theirs begins at once. The lists of models say it too, and which
   ones cannot run here yet. */
import { optionOf } from "../gradio_ext/elements.js";
import { signal } from "../kit/signal.js";
import { laidOut, models } from "./layout.js";

/** @typedef {{ model_id: string, device: string | null, megabytes: number, gpu_megabytes: number, worker: string }} Loaded */

/** @type {Loaded[]} */
let loaded = [];
let mayUnload = false;
/** @type {string[]} */
let notSetUp = []; // as the page was made
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
  draw();
  loadedChanged.tell();
}

laidOut.listen((layout) => {
  notSetUp = layout.notSetUp ?? [];
  draw();
});

function draw() {
  sheet.textContent = noteAt(notSetUp, "not set up", "var(--studio-warn)") + noteAt(loaded.map(({ model_id: id }) => id), "loaded");
  if (!sheet.isConnected) document.head.append(sheet);
}

/** The rule that writes a note at these models in the lists. */
function noteAt(ids, note, colour = "var(--studio-accent-text)") {
  const names = models().filter(({ id }) => ids.includes(id)).map(({ name }) => `.model-tabs ${optionOf(name)}::after`);
  return names.length ? `${names.join(", ")} { content: "${note}"; color: ${colour}; }` : "";
}

export const loadedOf = (model) => loaded.filter(({ model_id: id }) => id === model);
export const canUnload = () => mayUnload;
