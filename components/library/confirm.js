/* Asks before what nobody can undo. */
import { makeDialog, openDialog } from "../kit/dialog.js";
import { h, text } from "../kit/dom.js";

const question = h("p", { dir: "auto" });
const yes = h("button", { value: "yes", class: "text-button is-final" });
const dialog = makeDialog({ class: "confirm", "aria-labelledby": "confirm-question" },
  h("form", { method: "dialog" }, question, h("p", { class: "actions" }, h("button", { value: "", class: "text-button" }, "Cancel"), yes)));
question.id = "confirm-question";

/** Whether the user wants it; Escape and the first button mean no.
 *  @param {string} words the question
 *  @param {string} word what the button that does it is called
 *  @returns {Promise<boolean>} */
export function confirmed(words, word) {
  text(question, words);
  text(yes, word);
  dialog.returnValue = "";
  openDialog(dialog);
  return new Promise((answer) => dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true }));
}
