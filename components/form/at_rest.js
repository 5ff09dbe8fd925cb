/* Waits until a model's fields are at rest: before that, Gradio may still overwrite their values. */
import { isOpened, openTab } from "./choice.js";
import { isThere } from "./lazy_groups.js";
import { typeOf, unfoldedOf } from "./layout.js";
import { fieldOf } from "./places.js";
import { isSettling, isShowing, settled } from "./shown_fields.js";

const MAX_POLLS = 200; // after which the fields count as at rest
const POLL = 16; // ms

/** Resolves when nothing is on its way into the model's fields, and the visible ones are in the page. `isAwaited` returns
 *  whether something else is on its way.
 *  @param {string} model
 *  @param {() => boolean} isAwaited */
export async function atRest(model, isAwaited) {
  const isReady = () => isAtRest(model, isAwaited);
  await settled(model);
  if (isReady()) return;
  for (let polls = MAX_POLLS; polls > 0 && !isReady(); polls -= 1) await pause(POLL);
  await pause(0); // in the task in which Gradio adds a field to the page, it shows it even where it was told to hide it
}

/** Fields in a tab that is not open may not be in the page yet.
 *  @param {string} model
 *  @param {() => boolean} isAwaited */
function isAtRest(model, isAwaited) {
  if (!isThere(model)) return true;
  if (isAwaited() || isSettling(model)) return false;
  /** @param {string} name */
  const isInPage = (name) => !isShowing(model, name) || fieldOf(model, name);
  return !isOpened(model) || typeOf(model) !== openTab() || unfoldedOf(model).every(isInPage);
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
