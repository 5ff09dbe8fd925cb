/* The immediate feedback of a click on Reuse, wherever its button is, and the number by which the last click wins. */
import { clicked, nextClick } from "../form/clicks.js";
import { isUploading } from "../form/uploads.js";
import { attribute, jobOf } from "../kit/dom.js";

const TIMEOUT = 20000; // ms after which a card is no longer busy, should the server not answer
const FEEDBACK_TIME = 1400; // ms
/** @type {string | null} */
let busy = null; // the id of the job that is reused
/** @type {number | undefined} */
let timer;
/** @type {HTMLDialogElement | null} */
let details = null; // the details that covered the form, as on a phone, at the last click

clicked.listen(() => setBusy(null));

/** The number of a click that reuses the job, which alone is busy now.
 *  @param {string} id */
export function reuseClick(id) {
  const click = nextClick();
  setBusy(id);
  details = [.../** @type {NodeListOf<HTMLDialogElement>} */ (document.querySelectorAll(".job-details[open]"))].find((panel) => getComputedStyle(panel).position === "fixed") ?? null;
  return click;
}

/** Whether a restore is still under way. */
export const isReusing = () => busy !== null;

/** Must be called when the form is filled ("done"), could not be ("error"), or waits for the user (null).
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

/** Scrolls text boxes up, which would keep the scroll position of their text before. */
function showBeginnings() {
  for (const box of document.querySelectorAll(".studio-form textarea")) box.scrollTop = 0;
}

document.addEventListener("close", ({ target }) => {
  if (target === details) details = null;
}, true);

/** Shows the state of its job at a newly drawn Reuse button.
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
  if (id !== null) timer = setTimeout(() => giveUp(id), TIMEOUT);
  const hosts = document.querySelectorAll("[data-reusing]"); // their buttons may have been removed
  for (const host of hosts) host.toggleAttribute("data-reusing", false);
  for (const button of allButtons()) showBusy(button);
}

/** Gives up waiting, unless the reuse waits for an upload into the form.
 *  @param {string} id */
function giveUp(id) {
  if (isUploading()) timer = setTimeout(() => giveUp(id), TIMEOUT);
  else reuseDone(id, "error");
}

/** @param {HTMLElement} button
 *  @param {string} state */
function showEnd(button, state) {
  button.dataset.end = state;
  setTimeout(() => delete button.dataset.end, FEEDBACK_TIME);
}

function allButtons() {
  return [...document.querySelectorAll("[data-job] :is([data-do=reuse], [data-do=reuseNewSeed])")];
}

/** @param {string} id */
function buttonsOf(id) {
  return allButtons().filter((button) => jobOf(button) === id);
}
