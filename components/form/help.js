/* Help behind a mark: a "?" beside a field's label shows it when pointed at, focused or tapped. The text stays in the page,
   where it describes the field to a screen reader. */
import { attribute, describe, h, text } from "../kit/dom.js";

const GAP = 6; // px between a mark and its bubble
const EDGE = 8; // px that the bubble keeps from the window's
const bubble = h("div", { class: "help-bubble", popover: "manual", "aria-hidden": "true", dir: "auto" });
let shown = null; // the mark whose help is open
let pressed = null; // the mark that was open as a finger came down on it
let counted = 0;

/** The label of a field that a script draws, and its help.
 *  @param {string} id of the control
 *  @param {Record<string, any>} field its props */
export const labelOf = (id, { label, hint }) => h("div", { class: "field-head" }, h("label", { for: id }, label), helpOf(hint));

/** The same of a field of several controls; its fieldset has the name itself, for a legend would give the mark's too.
 *  @param {Record<string, any>} field its props */
export const legendOf = ({ label, hint }) => h("legend", { class: "field-head" }, h("span", {}, label), helpOf(hint));

/** @param {string | undefined} hint */
export const helpOf = (hint) => (hint ? h("p", { class: "info-text", dir: "auto" }, hint) : null);

/** Gives a help its mark, where it has none yet, or lost it with the label that Gradio rendered again.
 *  @param {Element} help */
function equip(help) {
  const field = help.closest(".field") ?? help.closest(".explained")?.querySelector(".field");
  if (!field) return;
  const label = field.querySelector("[data-testid=block-label]"); // of a file
  help.id ||= `help-${(counted += 1)}`;
  if (!document.querySelector(`[aria-describedby="${help.id}"].help-mark`)) {
    const mark = h("button", { type: "button", class: "help-mark", "aria-label": "Help", "aria-describedby": help.id }, "?");
    if (label) label.append(mark);
    else help.before(mark);
  }
  for (const control of controlsOf(field)) describe(control, help.id);
  const named = field.querySelector(":scope > label > [data-testid=block-info]"); // its label holds the mark too
  if (!named) return;
  named.id ||= `${help.id}-of`;
  attribute(field.querySelector("textarea, input"), "aria-labelledby", named.id);
}

/** What a screen reader reads the help at.
 *  @param {Element} field */
function controlsOf(field) {
  const group = field.matches("fieldset") ? field : field.querySelector("fieldset");
  return group ? [group] : field.querySelectorAll("textarea, input:not([type=file]), select, .upload-container[tabindex]");
}

/** @param {HTMLElement} mark */
function show(mark) {
  shown = mark;
  text(bubble, document.getElementById(mark.getAttribute("aria-describedby"))?.textContent.trim());
  if (bubble.parentElement !== document.body) document.body.append(bubble);
  bubble.showPopover();
  place();
}

function hide() {
  if (shown === null) return;
  shown = null;
  bubble.hidePopover();
}

/** Below the mark, above it where there is no room; never off the screen. */
function place() {
  if (!shown?.isConnected) return hide();
  const at = shown.getBoundingClientRect(), { offsetWidth: width, offsetHeight: height } = bubble;
  const left = Math.min(at.left - GAP, innerWidth - width - EDGE);
  const isBelow = at.bottom + GAP + height <= innerHeight - EDGE;
  bubble.style.left = `${Math.max(EDGE, left)}px`;
  bubble.style.top = `${isBelow ? at.bottom + GAP : Math.max(EDGE, at.top - GAP - height)}px`;
}

const markAt = (target) => target.closest?.(".help-mark") ?? null;
const isFocused = (mark) => mark === document.activeElement;

document.addEventListener("pointerover", ({ target, pointerType }) => {
  const mark = markAt(target);
  if (mark && pointerType === "mouse") show(mark);
  else if (shown && pointerType === "mouse" && !isFocused(shown)) hide();
});
document.addEventListener("focusin", ({ target }) => {
  const mark = markAt(target);
  if (mark) setTimeout(() => isFocused(mark) && show(mark)); // while another popover closes none can open
  else hide();
});
document.addEventListener("focusout", ({ target }) => markAt(target) && hide());
document.addEventListener("pointerdown", ({ target }) => {
  pressed = shown && markAt(target) === shown ? shown : null;
  if (!markAt(target)) hide();
}, true);
document.addEventListener("click", (event) => {
  const mark = markAt(event.target);
  if (!mark) return;
  event.preventDefault(); // it stands in the label of its field
  if (pressed === mark && /** @type {PointerEvent} */ (event).pointerType === "touch") hide();
  else show(mark);
});
document.addEventListener("keydown", ({ key }) => key === "Escape" && hide());
for (const moved of ["scroll", "resize"]) addEventListener(moved, () => shown && place(), true);

new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) {
      if (!(node instanceof Element)) continue;
      node.querySelectorAll(".studio-form .info-text").forEach(equip);
      if (node.matches(".studio-form .info-text")) equip(node);
      else if (node.closest(".explained")) node.closest(".explained").querySelectorAll(".info-text").forEach(equip); // a label drawn again
    }
  }
}).observe(document, { childList: true, subtree: true });
