/* Where in the page Gradio draws what the scripts look for. */

/** What a script adds to the page goes here: the stylesheet counts below it alone.
 *  @returns {HTMLElement} */
export const pageContents = () => document.querySelector(".gradio-container .contain") ?? document.body;

/** The name of a field of files, which has no label around it.
 *  @param {Element} field */
export const fileLabelOf = (field) => field.querySelector("[data-testid=block-label]");

/** The element that holds nothing but a field's name, where its label holds the control too.
 *  @param {Element} field */
export const nameOf = (field) => field.querySelector(":scope > label > [data-testid=block-info]");

/** What people use of a field.
 *  @param {Element} field
 *  @returns {Iterable<HTMLElement>} */
export function controlsOf(field) {
  const group = field.matches("fieldset") ? field : field.querySelector("fieldset");
  return group ? [/** @type {HTMLElement} */ (group)] : field.querySelectorAll("textarea, input:not([type=file]), select, .upload-container[tabindex]");
}

/** The button that opens an accordion which is closed.
 *  @param {Element} accordion
 *  @returns {HTMLElement | null} */
export const closedFold = (accordion) => accordion.querySelector(":scope > button:not(.open)");

/** Those that have no place beside the others Gradio puts into a menu. */
const TAB_BUTTONS = "[role=tab], .overflow-dropdown > button";

/** @param {ParentNode} tabs */
export const tabButtons = (tabs) => [...tabs.querySelectorAll(TAB_BUTTONS)];

/** @param {EventTarget} target
 *  @returns {HTMLElement | null} */
export const tabButtonAt = (target) => /** @type {Element} */ (target).closest(TAB_BUTTONS);

/** Which of the `ids` the tab of a button has; one in the menu is known by its place among the names that Gradio keeps to
 *  measure them.
 *  @param {HTMLElement} tabs
 *  @param {HTMLElement} button
 *  @param {string[]} ids */
export function tabOf(tabs, button, ids) {
  const names = [...tabs.querySelectorAll(".visually-hidden > button")].map((one) => one.textContent);
  return button.dataset.tabId ?? ids[names.indexOf(button.textContent)];
}

/** The selector of these words in an open dropdown's list.
 *  @param {string} words */
export const optionOf = (words) => `[role=option][aria-label=${CSS.escape(words)}]`;
