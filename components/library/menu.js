/* A menu beside a button: things to choose from, by the pointer or the keys. There is one at a time. */
import { h } from "../kit/dom.js";

const menu = h("div", { class: "reuse-menu", popover: "auto", role: "menu" });
let opener = null;
let isOpen = false;

/** @typedef {string | Node | (string | Node)[]} Words */

/** Opens the menu for a button.
 *  @param {string} label
 *  @param {Node[]} children its items are what `menuItem` and `stayingItem` make, also further inside
 *  @param {"menu" | "dialog"} role a dialog where there is something to type: then no item has the role of one */
export function openMenu(button, label, children, role = "menu") {
  opener = button;
  menu.setAttribute("aria-label", label);
  menu.setAttribute("role", role);
  button.closest("dialog, .contain, body").append(menu); // outside an open dialog it could not be used
  menu.showPopover();
  fillMenu(children);
}

/** Puts other items into the open menu, and the focus on the first that `begin` finds.
 *  @param {Node[]} children */
export function fillMenu(children, begin = "input, button:not(:disabled)") {
  menu.replaceChildren(...children);
  menu.scrollTop = 0;
  place();
  menu.querySelector(begin)?.focus({ preventScroll: true });
}

/** Whether the menu is open for this button. */
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

/** Those that up and down go through: one beside another is a step to the side of it. */
const isStop = (item) => !item.matches("[data-beside]");

/** It stays where it is when its button is not in the page any more. */
const place = () => opener.isConnected && placeBy(menu, opener);

/** Below what it belongs to, or above it where there is no room, and in line with one of its sides; never off the screen.
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
  menu.remove(); // or what makes the rest of the page inert would make it so too
});

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** The place that an arrow leads to. */
function stepped(all, key) {
  let at = all.indexOf(document.activeElement);
  if (at < 0 && STEPS[key] < 0) at = 0; // from a box above them
  do at = (at + STEPS[key] + all.length) % all.length;
  while (["ArrowUp", "ArrowDown"].includes(key) && !isStop(all[at]));
  return at;
}

menu.addEventListener("keydown", (event) => {
  const all = items(), isTyping = event.target instanceof HTMLInputElement;
  if (all.length === 0 || (isTyping && !["ArrowUp", "ArrowDown", "Tab"].includes(event.key))) return;
  const ends = { Home: 0, End: all.length - 1 };
  const to = event.key in STEPS ? stepped(all, event.key) : ends[event.key];
  if (event.key === "Tab") menu.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  all[to].focus();
});

for (const moved of ["scroll", "resize"]) addEventListener(moved, () => isOpen && place(), true);
