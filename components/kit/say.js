/* Messages of the page to its user, which form/notice.js shows once it is there. */
let show = null;
let dismiss = null;
let reopen = null;
let saidAt = 0; // when the last message came, in ms of the page's clock
let reported; // the model whose form the last report is about

/** @param {{ text: string, tone?: string, lines?: object[], kept?: string[], model?: string, isQuiet?: boolean, undo?: () => void }} notice
 *  as form/notice.js describes it; `undo` reverts what it reports */
export function say(notice) {
  if (notice.isQuiet) reported = notice.lines?.length || notice.kept?.length ? notice.model : undefined;
  saidAt = performance.now();
  show?.(notice);
}

/** The same, and scrolls to it where the form is out of sight. */
export function sayLoudly(notice) {
  say(notice);
  document.querySelector(".notice")?.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

/** Removes the message where `isDone` holds for the model that it is about and for when it came.
 *  @param {(model: string | undefined, at: number) => boolean} isDone */
export const unsay = (isDone) => dismiss?.((model) => isDone(model, saidAt));

/** The model whose form there is a report about. */
export const reportedOf = () => reported;

export const openReport = () => reopen?.();

/** Registers the notice: how it shows a message, dismisses it, and opens its report again. */
export function sayWith(showMessage, dismissMessage, openAgain) {
  show = showMessage;
  dismiss = dismissMessage;
  reopen = openAgain;
}
