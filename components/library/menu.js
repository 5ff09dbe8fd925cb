/* The menu beside a button, for pointer and keys; only one is open at a time. */
import { pageContents } from "../gradio_ext/elements.js";
import { h } from "../kit/dom.js";

const menu = h("div", { class: "reuse-menu", popover: "auto", role: "menu" });
/** @type {HTMLElement | null} */
let opener = null;
let isOpen = false;

/** @typedef {string | Node | (string | Node)[]} Words */

/** Opens the menu for a button.
 *  @param {HTMLElement} button
 *  @param {string} label
 *  @param {(Node | string)[]} children in which the items are those that `menuItem` and `stayingItem` make
 *  @param {"menu" | "dialog"} role a dialog where something can be typed: then its items must not have the role of menu items */
export function openMenu(button, label, children, role = "menu") {
  opener = button;
  menu.setAttribute("aria-label", label);
  menu.setAttribute("role", role);
  (button.closest("dialog") ?? pageContents())?.append(menu); // outside an open dialog it could not be used
  menu.showPopover();
  fillMenu(children);
}

/** Replaces the items of the open menu, and focuses the first that matches the selector `begin`.
 *  @param {(Node | string)[]} children */
export function fillMenu(children, begin = "input, button:not(:disabled)") {
  menu.replaceChildren(...children);
  menu.scrollTop = 0;
  place();
  menu.querySelector(begin)?.focus({ preventScroll: true });
}

/** Whether the menu is open for this button.
 *  @param {HTMLElement} button */
export const isMenuOf = (button) => isOpen && opener === button;

/** An item that closes the menu and acts.
 *  @param {Words} words
 *  @param {() => void} act
 *  @param {Record<string, unknown>} attributes */
export function menuItem(words, act, attributes = {}) {
  return stayingItem(words, () => {
    menu.hidePopover();
    act();
  }, attributes);
}

/** An item that leaves the menu open, such as one that fills it with others.
 *  @param {Words} words
 *  @param {(button: HTMLElement) => void} act
 *  @param {Record<string, unknown>} attributes */
export function stayingItem(words, act, attributes = {}) {
  const button = h("button", { type: "button", role: "menuitem", tabindex: -1, dir: "auto", ...attributes }, ...[words].flat());
  button.addEventListener("click", () => act(button));
  return button;
}

const items = () => [...menu.querySelectorAll("button:not(:disabled)")];

/** Whether Up and Down stop at an item: one beside another is reached by Left and Right.
 *  @param {Element} item */
const isStop = (item) => !item.matches("[data-beside]");

/** It stays where it is when its button is no longer in the page. */
const place = () => opener?.isConnected && placeBy(menu, opener);

/** Places a popover below its anchor, or above it where there is no room, aligned with one of its sides and within the window.
 *  @param {HTMLElement} popover
 *  @param {HTMLElement} anchor */
export function placeBy(popover, anchor, gap = 4) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = at.bottom + gap + height <= innerHeight;
  const left = at.left + width <= innerWidth - 8 ? at.left : at.right - width;
  popover.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  popover.style.top = `${Math.max(8, below ? at.bottom + gap : at.top - height - gap)}px`;
}

menu.addEventListener("toggle", (event) => {
  isOpen = event.newState === "open";
  opener?.setAttribute("aria-expanded", String(isOpen));
  if (isOpen) return;
  if (menu.contains(document.activeElement)) opener?.focus({ preventScroll: true });
  menu.remove(); // where it stays, it would become inert with the rest of the page
});

/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** The index of the item that an arrow key moves to.
 *  @param {HTMLElement[]} all
 *  @param {string} key */
function stepped(all, key) {
  let at = all.findIndex((item) => item === document.activeElement);
  if (at < 0 && STEPS[key] < 0) at = 0; // from a box above them
  do at = (at + STEPS[key] + all.length) % all.length;
  while (["ArrowUp", "ArrowDown"].includes(key) && !isStop(all[at]));
  return at;
}

menu.addEventListener("keydown", (event) => {
  const all = items(), isTyping = event.target instanceof HTMLInputElement;
  if (all.length === 0 || (isTyping && !["ArrowUp", "ArrowDown", "Tab"].includes(event.key))) return;
  const to = event.key in STEPS ? stepped(all, event.key) : { Home: 0, End: all.length - 1 }[event.key];
  if (event.key === "Tab") menu.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  all[to].focus();
});

for (const moved of ["scroll", "resize"]) addEventListener(moved, () => isOpen && place(), true);
