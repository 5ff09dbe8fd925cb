/* The keyboard shortcuts of the stage, which work unless a text is being typed or a dialog or menu is open. */

const TAKES_KEYS = "input, textarea, select, [contenteditable]:not([contenteditable=false]), [role=menu], [role=listbox], [role=slider], [role=tab]";
const PRESSED = "button, a, summary, audio, video, [role=button]"; // elements that Space presses

/** @type {[shown: string, does: string][]} */
export const KEYS = [
  ["← →", "The job before and after"],
  ["Space", "Fill the window with a picture, play a film or a sound"],
  ["+ −", "Larger and smaller"],
  ["0", "The whole picture, or its own size"],
  [", .", "One frame of a film back and on"],
  ["R", "Reuse"],
  ["F", "Favourite"],
  ["L", "Labels"],
  ["I", "Details"],
  ["Del", "Delete"],
  ["Esc", "Leave the full window, close the details"],
  ["?", "This list"],
];

/** @type {Record<string, string>} */
const ACTIONS = {
  ArrowLeft: "previous", ArrowRight: "next", " ": "space", "+": "larger", "=": "larger", "-": "smaller", "−": "smaller", 0: "whole",
  ",": "back", ".": "on", r: "reuse", f: "favourite", i: "details", l: "label", Delete: "delete", Escape: "leave", "?": "keys",
};

/** The action of a key; undefined where the key is meant for something else.
 *  @param {KeyboardEvent} event
 *  @returns {string | undefined} */
export function actionOf(event) {
  const { key, target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return undefined;
  if (target?.closest?.(TAKES_KEYS) || document.querySelector("dialog:modal")) return undefined;
  if (key.startsWith("Arrow") && target?.closest?.("audio, video")) return undefined;
  if (key === " " && target?.closest?.(PRESSED) && !target.closest(".card .open, .filmstrip")) return undefined;
  return ACTIONS[key.length === 1 ? key.toLowerCase() : key];
}
