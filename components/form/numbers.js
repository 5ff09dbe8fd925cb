/* Boxes for numbers. A browser's own drop the comma without a word, so that 2,5 becomes 25, and change at the wheel: those
   of the page are boxes of text, and what they hold is read here. */
const WHOLE = /^[+-]?\d+$/;
const REAL = /^[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?$/i;

/** The words with the signs of ASCII for those that keyboards of East Asia write, and for the true minus.
 *  @param {string} words */
function plain(words) {
  const narrow = words.replace(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
  return narrow.replace("\u2212", "-");
}

/** The number that was typed, with a point or a comma; null for nothing. What is no number, or not whole where it must
 *  be, stays as it was typed, for the server to refuse: a comma in a whole number may part its thousands. A whole one that
 *  a JavaScript number cannot hold exactly is a text of its digits, as it goes to the server and comes back.
 *  @param {string} words */
export const readNumber = (words, isWhole = false) => {
  const typed = words.trim();
  if (typed === "") return null;
  if (isWhole && WHOLE.test(plain(typed)) && !Number.isSafeInteger(Number(plain(typed)))) return String(BigInt(plain(typed)));
  const number = (isWhole ? WHOLE : REAL).test(plain(typed)) ? Number(plain(typed).replace(",", ".")) : NaN;
  return Number.isFinite(number) ? number : typed;
};

/** What a box of text for numbers has; some phones have no minus on their pad of digits.
 *  @param {number} least */
export const numberBox = (least) => ({ type: "text", inputmode: least < 0 ? "text" : "decimal", autocomplete: "off" });

/** Shows the number as the page understood it, when the box is left.
 *  @param {HTMLInputElement} box
 *  @param {boolean} [isWhole] */
export const showNumber = (box, isWhole) => {
  const number = readNumber(box.value, isWhole);
  if (number !== null) box.value = String(number);
};

const { get, set } = /** @type {Required<PropertyDescriptor>} */ (Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value"));

/** Makes a number box of Gradio's a box of text. Gradio goes on reading from it what it reads from a box for numbers: the
 *  number, or nothing. It would bring a number within its limits when the box is left; now the server says what they are.
 *  @param {HTMLInputElement} box */
function prepare(box) {
  const isWhole = () => box.closest(".whole") !== null;
  const read = () => digits(readNumber(get.call(box), isWhole()));
  for (const [name, value] of Object.entries(numberBox(Number(box.min)))) box.setAttribute(name, value);
  Object.defineProperties(box, {
    type: { get: () => "number" },
    value: { get: read, set: (/** @type {string} */ value) => value === read() || set.call(box, value) }, // nothing over words that are no number
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
