/* The dialog that asks for a name, and says what is wrong with it. */
import { errorText } from "../form/transport.js";
import { closesBeside, makeDialog, openDialog } from "../kit/dialog.js";
import { h, text } from "../kit/dom.js";

const MAX_LENGTH = 80; // characters of a name

const label = h("label", { for: "name-dialog-box", id: "name-dialog-title" });
const box = h("input", { id: "name-dialog-box", type: "text", maxlength: MAX_LENGTH, dir: "auto", autocomplete: "off", spellcheck: "false", "aria-describedby": "name-dialog-wrong" });
const wrong = h("p", { id: "name-dialog-wrong", class: "name-wrong", role: "alert", dir: "auto" });
const cancel = h("button", { type: "button", class: "text-button" }, "Cancel");
const save = h("button", { class: "text-button is-main" }, "Save");
const form = h("form", { method: "dialog" }, label, box, wrong, h("p", { class: "actions" }, cancel, save));
const dialog = makeDialog({ class: "confirm name-dialog studio-ui", "aria-labelledby": "name-dialog-title" }, form);

/** @type {(name: string) => Promise<void>} */
let keep;

/** Asks for a name until `saveName` accepts one, or the user cancels.
 *  @param {string} words that label the box
 *  @param {string} name to start with
 *  @param {(name: string) => Promise<void>} saveName rejects with a message for a name that is refused */
export function askName(words, name, saveName) {
  keep = saveName;
  text(label, words);
  text(wrong, "");
  box.value = name;
  openDialog(dialog);
  box.select();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (save.hasAttribute("disabled")) return;
  save.toggleAttribute("disabled", true);
  text(wrong, "");
  try {
    await keep(box.value);
    dialog.close();
  } catch (error) {
    text(wrong, errorText(error));
    box.focus();
  } finally {
    save.toggleAttribute("disabled", false);
  }
});
cancel.addEventListener("click", () => dialog.close());
closesBeside(dialog);
