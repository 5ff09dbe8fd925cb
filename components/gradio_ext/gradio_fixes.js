/* What Gradio's own components do wrong, put right for all of them. */
import { laidOut } from "../form/layout.js";

const LEAVE = ["Tab", "Shift"]; // the keys that take the focus out of a field

// A dropdown opens its list at any key, but only in the moment after it: by then the focus, which closes it, has left.
addEventListener("keydown", (event) => {
  if (LEAVE.includes(event.key) && event.target?.matches?.("[role=combobox]")) event.stopPropagation();
}, true);

// Its "Loading…" may stay over a page that is there (page.css).
laidOut.listen(() => document.documentElement.setAttribute("data-laid-out", ""));

// The button that takes a file is called otherwise than its own words say, for those who speak to the page or hear it.
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) if (node instanceof Element) for (const button of node.querySelectorAll("button.upload-container")) button.removeAttribute("aria-label");
  }
}).observe(document, { childList: true, subtree: true });
