/* Boxes for numbers. A browser's own drop the comma without a word, so that 2,5 becomes 25, and change at the wheel: those
   of the page are boxes of text, and what they hold is read here. */
const WHOLE = /^[+-]?\d+$/;
const REAL = /^[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?$/i;

/** The words with the signs of ASCII for those that keyboards of East Asia write, and for the true minus. */
function plain(words) {
  const narrow = words.replace(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
  return narrow.replace("\u2212", "-");
}

/** The number that was typed, with a point or a comma; null for nothing. What is no number, or not whole where it must
 *  be, stays as it was typed, for the server to refuse: a comma in a whole number may part its thousands. A whole one that
 *  a JavaScript number cannot hold exactly is a text of its digits, as it goes to the server and comes back. */
export const readNumber = (words, isWhole = false) => {
  const typed = words.trim();
  if (typed === "") return null;
  if (isWhole && WHOLE.test(plain(typed)) && !Number.isSafeInteger(Number(plain(typed)))) return String(BigInt(plain(typed)));
  const number = (isWhole ? WHOLE : REAL).test(plain(typed)) ? Number(plain(typed).replace(",", ".")) : NaN;
  return Number.isFinite(number) ? number : typed;
};

/** What a box of text for numbers has; some phones have no minus on their pad of digits. */
export const numberBox = (least) => ({ type: "text", inputmode: least < 0 ? "text" : "decimal", autocomplete: "off" });

/** Shows the number as the page understood it, when the box is left. */
export const showNumber = (box, isWhole) => {
  const number = readNumber(box.value, isWhole);
  if (number !== null) box.value = String(number);
};
