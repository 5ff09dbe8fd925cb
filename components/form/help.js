/* The help of a field: a tooltip, shown when the "?" beside its label is pointed at, focused or tapped. The text itself stays
   in the page, where it describes the field to screen readers. */
import { controlsOf, fileLabelOf, nameOf } from "../gradio_ext/elements.js";
import { attribute, describe, find, h, text } from "../kit/dom.js";

const GAP = 6; // px between a mark and its bubble
const EDGE = 8; // px between the bubble and the window's edge
const bubble = h("div", { class: "help-bubble", popover: "manual", "aria-hidden": "true", dir: "auto" });
/** @type {HTMLElement | null} */
let shown = null; // the mark whose help is open
/** @type {HTMLElement | null} */
let pressed = null; // the mark that was open when it was pressed
let counted = 0;

/** The label of a field that a script draws, and its help.
 *  @param {string} id of the control
 *  @param {Record<string, any>} field its props */
export const labelOf = (id, { label, hint }) => h("div", { class: "field-head" }, h("label", { for: id }, label), helpOf(hint));

/** The same for a field of several controls, whose fieldset needs an `aria-label`, for this legend contains the mark.
 *  @param {Record<string, any>} field its props */
export const legendOf = ({ label, hint }) => h("legend", { class: "field-head" }, h("span", {}, label), helpOf(hint));

/** @param {string | undefined} hint */
export const helpOf = (hint) => (hint ? h("p", { class: "info-text", dir: "auto" }, hint) : null);

/** Adds the mark of a help, where it has none yet, or lost it because Gradio rendered the label again.
 *  @param {Element} help */
function equip(help) {
  const field = help.closest(".field") ?? help.closest(".explained")?.querySelector(".field");
  if (!field) return;
  const label = fileLabelOf(field);
  help.id ||= `help-${(counted += 1)}`;
  if (!document.querySelector(`[aria-describedby="${help.id}"].help-mark`)) {
    const mark = h("button", { type: "button", class: "help-mark", "aria-label": "Help", "aria-describedby": help.id }, "?");
    if (label) label.append(mark);
    else help.before(mark);
  }
  for (const control of controlsOf(field)) describe(control, help.id);
  const named = nameOf(field); // the label around it contains the mark too
  if (!named) return;
  named.id ||= `${help.id}-of`;
  attribute(find(field, "textarea, input"), "aria-labelledby", named.id);
}

/** @param {HTMLElement} mark */
function show(mark) {
  shown = mark;
  text(bubble, document.getElementById(mark.getAttribute("aria-describedby") ?? "")?.textContent.trim());
  if (bubble.parentElement !== document.body) document.body.append(bubble);
  bubble.showPopover();
  place();
}

function hide() {
  if (shown === null) return;
  shown = null;
  bubble.hidePopover();
}

/** Places the bubble below the mark, or above it where there is no room, within the window. */
function place() {
  if (!shown?.isConnected) return hide();
  const at = shown.getBoundingClientRect(), { offsetWidth: width, offsetHeight: height } = bubble;
  const left = Math.min(at.left - GAP, innerWidth - width - EDGE);
  const isBelow = at.bottom + GAP + height <= innerHeight - EDGE;
  bubble.style.left = `${Math.max(EDGE, left)}px`;
  bubble.style.top = `${isBelow ? at.bottom + GAP : Math.max(EDGE, at.top - GAP - height)}px`;
}

/** @param {EventTarget | null} target */
const markAt = (target) => target?.closest?.(".help-mark") ?? null;
/** @param {Element} mark */
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
  event.preventDefault(); // the mark is in the label, which would focus the field
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
      else node.closest(".explained")?.querySelectorAll(".info-text").forEach(equip); // a label that was rendered again
    }
  }
}).observe(document, { childList: true, subtree: true });
