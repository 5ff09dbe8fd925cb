/* Numbers the user's actions: of two answers the form follows the one to the later click. */
import { signal } from "../kit/signal.js";

let last = 0; // the number of the last click
let touches = 0; // how often the user has touched the form

/** Emitted when there is a new last click.
 *  @type {import("../kit/signal.js").Signal<[]>} */
export const clicked = signal();

/** The number of a new click, which the form will follow in place of all earlier ones. */
export function nextClick() {
  clicked.emit();
  return (last += 1);
}

/** @param {number | null | undefined} click */
export const isLast = (click) => click === last;

/** Called when the user has touched the form. */
export const interacted = () => void (touches += 1);

/** How often the user has touched the form or clicked since the page was opened. */
export const interactions = () => touches + last;
