/* Dialogs: each is in the page once it has been opened, and goes by Escape, or by a press beside it where nothing is lost. */
import { pageContents } from "../gradio_ext/elements.js";
import { h } from "./dom.js";

/** @param {Record<string, unknown>} attributes
 *  @param {(Node | string)[]} children
 *  @returns {HTMLDialogElement} */
export const makeDialog = (attributes, ...children) => /** @type {HTMLDialogElement} */ (h("dialog", attributes, ...children));

/** @param {HTMLDialogElement} dialog */
export function openDialog(dialog) {
  if (!dialog.isConnected) pageContents().append(dialog);
  if (!dialog.open) dialog.showModal();
}

/** Lets a press beside the dialog close it.
 *  @param {HTMLDialogElement} dialog */
export const closesBeside = (dialog) => dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
