/* What the user did last: of two answers the form follows the one to the later click. */
import { signal } from "../kit/signal.js";

let wanted = 0; // the number of the click that the form is to follow
let acts = 0; // how often the user has touched the form

/** Tells that another click is the last one.
 *  @type {import("../kit/signal.js").Signal<[]>} */
export const clicked = signal();

/** The number of a click that the form is to follow: every earlier one has lost, and nothing waits for it any more. */
export function nextClick() {
  clicked.tell();
  return (wanted += 1);
}

/** @param {number | null | undefined} click */
export const isLast = (click) => click === wanted;

/** The user has touched the form. */
export const interacted = () => void (acts += 1);

/** A number that changes with everything that the user does to the form; 0 as the page was opened. */
export const interactions = () => acts + wanted;
