/* Asks for a name, and says beside it what is wrong with one. */
import { errorText } from "../form/transport.js";
import { closesBeside, makeDialog, openDialog } from "../kit/dialog.js";
import { h, text } from "../kit/dom.js";

const LONGEST = 80; // characters: more no name has

const label = h("label", { for: "name-dialog-box", id: "name-dialog-title" });
const box = /** @type {HTMLInputElement} */ (h("input", { id: "name-dialog-box", type: "text", maxlength: LONGEST, dir: "auto", autocomplete: "off", spellcheck: "false", "aria-describedby": "name-dialog-wrong" }));
const wrong = h("p", { id: "name-dialog-wrong", class: "name-wrong", role: "alert", dir: "auto" });
const cancel = h("button", { type: "button", class: "text-button" }, "Cancel");
const save = h("button", { class: "text-button is-main" }, "Save");
const form = h("form", { method: "dialog" }, label, box, wrong, h("p", { class: "actions" }, cancel, save));
const dialog = makeDialog({ class: "confirm name-dialog studio-ui", "aria-labelledby": "name-dialog-title" }, form);

/** @type {(name: string) => Promise<void>} */
let keep;

/** Asks for a name until `how` takes one, or the user does not want to.
 *  @param {string} words what is to be named
 *  @param {string} name the one to begin with
 *  @param {(name: string) => Promise<void>} how rejects with what there is to say of a name that is not taken */
export function askName(words, name, how) {
  keep = how;
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
