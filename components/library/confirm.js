/* A dialog before an action that cannot be undone. */
import { makeDialog, openDialog } from "../kit/dialog.js";
import { h, text } from "../kit/dom.js";

const question = h("p", { dir: "auto" });
const yes = h("button", { value: "yes", class: "text-button is-final" });
const dialog = makeDialog({ class: "confirm", "aria-labelledby": "confirm-question" },
  h("form", { method: "dialog" }, question, h("p", { class: "actions" }, h("button", { value: "", class: "text-button" }, "Cancel"), yes)));
question.id = "confirm-question";

/** Resolves with whether the user confirms; Escape and Cancel mean no.
 *  @param {string} words the question
 *  @param {string} label of the button that confirms
 *  @returns {Promise<boolean>} */
export function confirmed(words, label) {
  text(question, words);
  text(yes, label);
  dialog.returnValue = "";
  openDialog(dialog);
  return new Promise((answer) => dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true }));
}
