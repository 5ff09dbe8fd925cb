/* Number boxes. A browser's own silently drop a comma, so that 2,5 becomes 25, and change with the wheel: those of the page are
   text boxes, which are parsed here. */
const WHOLE = /^[+-]?\d+$/;
const REAL = /^[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?$/i;

/** The text with full-width characters and the minus sign as ASCII.
 *  @param {string} words */
function plain(words) {
  const narrow = words.replace(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
  return narrow.replace("\u2212", "-");
}

/** The number that was typed, with a point or a comma; null for an empty text. Text that is no number, or no integer where one
 *  is needed, is returned as it is, for the server to refuse: a comma in an integer may separate thousands. An integer that a
 *  JavaScript number cannot hold exactly is a text of its digits, as on its way from and to the server.
 *  @param {string} words */
export const readNumber = (words, isWhole = false) => {
  const typed = words.trim();
  if (typed === "") return null;
  if (isWhole && WHOLE.test(plain(typed)) && !Number.isSafeInteger(Number(plain(typed)))) return String(BigInt(plain(typed)));
  const number = (isWhole ? WHOLE : REAL).test(plain(typed)) ? Number(plain(typed).replace(",", ".")) : NaN;
  return Number.isFinite(number) ? number : typed;
};

/** The attributes of a text box for numbers; the decimal keyboard of some phones has no minus.
 *  @param {number} least */
export const numberBox = (least) => ({ type: "text", inputmode: least < 0 ? "text" : "decimal", autocomplete: "off" });

/** Shows the number as the page has parsed it; called when the box loses the focus.
 *  @param {HTMLInputElement} box
 *  @param {boolean} [isWhole] */
export const showNumber = (box, isWhole) => {
  const number = readNumber(box.value, isWhole);
  if (number !== null) box.value = String(number);
};
