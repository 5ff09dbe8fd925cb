/* Makes text boxes of Gradio's number boxes; form/numbers.js reads what is typed. */
import { numberBox, readNumber } from "../form/numbers.js";

const { get, set } = /** @type {Required<PropertyDescriptor>} */ (Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value"));

/** Makes a text box of Gradio's number box. Gradio still reads a number or an empty text from it. It would clamp the number
 *  when the box loses the focus; now the server refuses it instead.
 *  @param {HTMLInputElement} box */
function prepare(box) {
  const isWhole = () => box.closest(".whole") !== null;
  const read = () => digits(readNumber(get.call(box), isWhole()));
  for (const [name, value] of Object.entries(numberBox(Number(box.min)))) box.setAttribute(name, value);
  Object.defineProperties(box, {
    type: { get: () => "number" },
    value: { get: read, set: (/** @type {string} */ value) => value === read() || set.call(box, value) }, // does not overwrite text that is no number
    // A number box has no caret position, which Svelte would restore, though within the text that it reads.
    selectionStart: { get: () => null },
    selectionEnd: { get: () => null },
  });
  box.addEventListener("blur", (event) => {
    event.stopImmediatePropagation();
    if (box.value !== "") set.call(box, box.value);
  }, true);
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowUp" || event.key === "ArrowDown") step(box, event);
  });
}

/** @param {number | string | null} number */
const digits = (number) => (typeof number === "number" ? String(number) : "");

/** @param {HTMLInputElement} box
 *  @param {KeyboardEvent} event */
function step(box, event) {
  event.preventDefault();
  const { min, max, step, value } = box;
  const counter = Object.assign(document.createElement("input"), { type: "number", min, max, step, value });
  counter[event.key === "ArrowUp" ? "stepUp" : "stepDown"]();
  set.call(box, counter.value);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

const BOXES = "input[type=number][data-testid=number-input]";

new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) if (node instanceof Element) /** @type {NodeListOf<HTMLInputElement>} */ (node.querySelectorAll(BOXES)).forEach(prepare);
  }
}).observe(document, { childList: true, subtree: true });
