/* What the page has to say to the user; the form's notice says it, once it is there. */
/** @typedef {{ text: string, tone?: string, lines?: Api.Line[], kept?: string[], left?: string[], what?: string, model?: string | null,
 *    isQuiet?: boolean, undo?: () => void }} Notice As form/notice.js describes it; `undo` takes back what it tells. */

/** @type {((notice: Notice) => void) | null} */
let show = null;
/** @type {((isDone: (model: string | null | undefined) => boolean) => void) | null} */
let take = null;
/** @type {(() => void) | null} */
let reopen = null;
let saidAt = 0; // when the last was said, in ms of the page's clock
/** @type {string | null | undefined} */
let reported; // the model of whose form the last report is

/** @param {Notice} notice */
export function say(notice) {
  if (notice.isQuiet) reported = notice.lines?.length || notice.kept?.length ? notice.model : undefined;
  saidAt = performance.now();
  show?.(notice);
}

/** The same, and shows it where the form is out of sight.
 *  @param {Notice} notice */
export function sayLoudly(notice) {
  say(notice);
  document.querySelector(".notice")?.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

/** What was said is dealt with, where it is about such a form, or was said at such a time.
 *  @param {(model: string | null | undefined, at: number) => boolean} isDone */
export const unsay = (isDone) => take?.((model) => isDone(model, saidAt));

/** The model of whose form there is a report to read. */
export const reportedOf = () => reported;

export const openReport = () => reopen?.();

/** The notice gives how it says something, how that goes, and how its report is read again.
 *  @param {(notice: Notice) => void} how
 *  @param {(isDone: (model: string | null | undefined) => boolean) => void} away
 *  @param {() => void} again */
export function sayWith(how, away, again) {
  show = how;
  take = away;
  reopen = again;
}
