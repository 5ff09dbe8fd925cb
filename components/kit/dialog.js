/* Dialogs: each is added to the page when it is first opened. Escape closes it, and a press beside it where nothing is lost. */
import { pageContents } from "../gradio_ext/elements.js";
import { h } from "./dom.js";

/** @param {Record<string, unknown>} attributes
 *  @param {(Node | string)[]} children */
export const makeDialog = (attributes, ...children) => h("dialog", attributes, ...children);

/** @param {HTMLDialogElement} dialog */
export function openDialog(dialog) {
  if (!dialog.isConnected) pageContents().append(dialog);
  if (!dialog.open) dialog.showModal();
}

/** Lets a press beside the dialog close it.
 *  @param {HTMLDialogElement} dialog */
export const closesBeside = (dialog) => dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
