/* Messages of the page to its user, which form/notice.js shows once it is there. */
/** @typedef {{ text: string, tone?: string, lines?: Api.Line[], kept?: string[], left?: string[], what?: string, model?: string | null,
 *    isQuiet?: boolean, undo?: () => void }} Notice As form/notice.js describes it; `undo` takes back what it tells. */

/** @type {((notice: Notice) => void) | null} */
let show = null;
/** @type {((isDone: (model: string | null | undefined) => boolean) => void) | null} */
let dismiss = null;
/** @type {(() => void) | null} */
let reopen = null;
let saidAt = 0; // when the last message came, in ms of the page's clock
/** @type {string | null | undefined} */
let reported; // the model whose form the last report is about

/** @param {Notice} notice */
export function say(notice) {
  if (notice.isQuiet) reported = notice.lines?.length || notice.kept?.length ? notice.model : undefined;
  saidAt = performance.now();
  show?.(notice);
}

/** The same, and scrolls to it where the form is out of sight.
 *  @param {Notice} notice */
export function sayLoudly(notice) {
  say(notice);
  document.querySelector(".notice")?.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

/** Removes the message where `isDone` holds for the model that it is about and for when it came.
 *  @param {(model: string | null | undefined, at: number) => boolean} isDone */
export const unsay = (isDone) => dismiss?.((model) => isDone(model, saidAt));

/** The model whose form there is a report about. */
export const reportedOf = () => reported;

export const openReport = () => reopen?.();

/** Registers the notice: how it shows a message, dismisses it, and opens its report again.
 *  @param {(notice: Notice) => void} showMessage
 *  @param {(isDone: (model: string | null | undefined) => boolean) => void} dismissMessage
 *  @param {() => void} openAgain */
export function sayWith(showMessage, dismissMessage, openAgain) {
  show = showMessage;
  dismiss = dismissMessage;
  reopen = openAgain;
}
