/* Gradio's boxes for numbers as boxes of text, which numbers.js reads. */
import { numberBox, readNumber } from "../form/numbers.js";

const { get, set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");

/** Makes a number box of Gradio's a box of text. Gradio goes on reading from it what it reads from a box for numbers: the
 *  number, or nothing. It would bring a number within its limits when the box is left; now the server says what they are. */
function prepare(box) {
  const isWhole = () => box.closest(".whole") !== null;
  const read = () => digits(readNumber(get.call(box), isWhole()));
  for (const [name, value] of Object.entries(numberBox(Number(box.min)))) box.setAttribute(name, value);
  Object.defineProperties(box, {
    type: { get: () => "number" },
    value: { get: read, set: (value) => value === read() || set.call(box, value) }, // nothing over words that are no number
    // A box for numbers does not say where its caret is: Svelte would bring it back to there, within what it reads.
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

const digits = (number) => (typeof number === "number" ? String(number) : "");

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
    for (const node of addedNodes) if (node instanceof Element) node.querySelectorAll(BOXES).forEach(prepare);
  }
}).observe(document, { childList: true, subtree: true });
