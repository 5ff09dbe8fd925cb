/* The immediate feedback of a Reuse click, wherever its button stands, and the number that lets the last click win. */
import { clicked, nextClick } from "../form/clicks.js";
import { isUploading } from "../form/uploads.js";
import { attribute, jobOf } from "../kit/dom.js";

const LONGEST = 20000; // ms: a page that lost its server must not show a busy card for ever
const DONE = 1400; // ms
/** @type {string | null} */
let busy = null; // the id of the job that is reused
/** @type {number | undefined} */
let timer;
/** @type {HTMLDialogElement | null} */
let details = null; // that lie over the form, as on a phone, when the last reuse was pressed

clicked.listen(() => setBusy(null));

/** The number of the click that reuses the job. Only this job is busy now.
 *  @param {string} id */
export function reuseClick(id) {
  const click = nextClick();
  setBusy(id);
  details = [.../** @type {NodeListOf<HTMLDialogElement>} */ (document.querySelectorAll(".job-details[open]"))].find((panel) => getComputedStyle(panel).position === "fixed") ?? null;
  return click;
}

/** Whether a restore is still under way. */
export const isReusing = () => busy !== null;

/** To be called when the form is filled ("done"), could not be ("error"), or waits for the user (null).
 *  @param {string | undefined} id
 *  @param {"done" | "error" | null} end */
export function reuseDone(id, end = "done") {
  if (id !== busy) return;
  setBusy(null);
  if (!end) return;
  if (end === "done") showBeginnings();
  for (const button of buttonsOf(id)) showEnd(button, end);
  details?.close();
}

/** A box stays scrolled to where the text before was read. */
function showBeginnings() {
  for (const box of document.querySelectorAll(".studio-form textarea")) box.scrollTop = 0;
}

document.addEventListener("close", ({ target }) => {
  if (target === details) details = null;
}, true);

/** Gives a freshly drawn Reuse button the state of its job.
 *  @param {Element} button */
export function showBusy(button) {
  const isBusy = busy !== null && jobOf(button) === busy;
  button.closest("[data-job]")?.toggleAttribute("data-reusing", isBusy);
  attribute(button, "aria-busy", isBusy ? "true" : null);
}

/** @param {string | null} id */
function setBusy(id) {
  busy = id;
  clearTimeout(timer);
  if (id !== null) timer = setTimeout(() => giveUp(id), LONGEST);
  const places = document.querySelectorAll("[data-reusing]"); // their buttons may be gone
  for (const place of places) place.toggleAttribute("data-reusing", false);
  for (const button of allButtons()) showBusy(button);
}

/** A part of a job waits for the file that is on its way up into the form.
 *  @param {string} id */
function giveUp(id) {
  if (isUploading()) timer = setTimeout(() => giveUp(id), LONGEST);
  else reuseDone(id, "error");
}

/** @param {HTMLElement} button
 *  @param {string} state */
function showEnd(button, state) {
  button.dataset.end = state;
  setTimeout(() => delete button.dataset.end, DONE);
}

function allButtons() {
  return [...document.querySelectorAll("[data-job] :is([data-do=reuse], [data-do=reuseNewSeed])")];
}

/** @param {string} id */
function buttonsOf(id) {
  return allButtons().filter((button) => jobOf(button) === id);
}
