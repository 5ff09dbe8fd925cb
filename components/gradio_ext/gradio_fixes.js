/* Fixes for Gradio's own components. */
import { laidOut } from "../form/layout.js";

const LEAVE = ["Tab", "Shift"]; // keys that move the focus out of a field

// A dropdown opens its list at any key, but a moment later: by then the focus, whose loss would close it, has left already.
addEventListener("keydown", (event) => {
  if (LEAVE.includes(event.key) && event.target?.matches?.("[role=combobox]")) event.stopPropagation();
}, true);

// Gradio's "Loading…" may stay over a page that has loaded (page.css).
laidOut.listen(() => document.documentElement.setAttribute("data-laid-out", ""));

// The label of an upload button differs from its visible text, which voice control and screen readers need to match.
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) if (node instanceof Element) for (const button of node.querySelectorAll("button.upload-container")) button.removeAttribute("aria-label");
  }
}).observe(document, { childList: true, subtree: true });
