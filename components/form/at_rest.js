/* When a model's fields are at rest: what is brought into them before that, Gradio may change once more. */
import { isOpened, openTab } from "./choice.js";
import { isThere } from "./lazy_groups.js";
import { typeOf, unfoldedOf } from "./layout.js";
import { fieldOf } from "./places.js";
import { isSettling, isShowing, settled } from "./shown_fields.js";

const LOOKS = 200; // until Gradio is taken at what it has done
const BETWEEN = 16; // ms

/** Resolves when nothing is on its way into the model's fields, and those that show are in the page. `isAwaited` says
 *  whether something else is on its way.
 *  @param {string} model
 *  @param {() => boolean} isAwaited */
export async function atRest(model, isAwaited) {
  const isThrough = () => isAtRest(model, isAwaited);
  await settled(model);
  if (isThrough()) return;
  for (let looks = LOOKS; looks > 0 && !isThrough(); looks -= 1) await pause(BETWEEN);
  await pause(0); // in the task in which a field comes into the page, Gradio still shows it whatever it is told
}

/** A tab that is not open may keep its own back until it is.
 *  @param {string} model
 *  @param {() => boolean} isAwaited */
function isAtRest(model, isAwaited) {
  if (!isThere(model)) return true;
  if (isAwaited() || isSettling(model)) return false;
  /** @param {string} name */
  const isInPage = (name) => !isShowing(model, name) || fieldOf(model, name);
  return !isOpened(model) || typeOf(model) !== openTab() || unfoldedOf(model).every(isInPage);
}

/** @param {number} time ms */
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
