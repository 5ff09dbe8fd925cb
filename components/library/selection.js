/* Which job is selected: the one that the stage shows and whose card has the ring. Whoever changes it and whoever shows it
   know this module alone. */
import { signal } from "../kit/signal.js";

/** @typedef {{ card(jobId: string | null): Card | null, neighbour(jobId: string | null, step: 1 | -1): string | null }} Order */

/** Tells the id of the job that is selected now, null for none.
 *  @type {import("../kit/signal.js").Signal<[string | null]>} */
export const selected = signal();

/** Tells that the gallery knows other jobs, or in another order.
 *  @type {import("../kit/signal.js").Signal<[]>} */
export const ordered = signal();

const KEPT = "studio-selected-job";

/** @type {Order} */
let order = { card: () => null, neighbour: () => null };
let current = sessionStorage.getItem(KEPT);
let isByChoice = current !== null;

/** The gallery says which job comes after which.
 *  @param {Order} known */
export function orderBy(known) {
  order = known;
}

/** The id of the selected job, null for none. */
export const selectedJob = () => current;

/** What the gallery knows of a job, null where it is not among those it has.
 *  @param {string | null} jobId */
export const cardOf = (jobId) => order.card(jobId);

/** The id of the job before or after one in the gallery's order, null at an end.
 *  @param {string | null} jobId
 *  @param {1 | -1} step */
export const neighbour = (jobId, step) => order.neighbour(jobId, step);

/** Whether the user has chosen the job that is selected: another one that finishes does not take its place then. */
export const isChosen = () => isByChoice;

/** Selects a job by the user's choice, which the tab keeps, by its id; null for none.
 *  @param {string | null} jobId */
export function select(jobId) {
  isByChoice = jobId !== null;
  if (jobId === null) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, jobId);
  change(jobId);
}

/** @type {{ workspace: string, jobId: string } | null} */
let arrival = null;

/** Which job to select once the page is in a workspace.
 *  @param {string} workspace
 *  @param {string} jobId */
export function selectIn(workspace, jobId) {
  arrival = { workspace, jobId };
}

/** The page is in another workspace, where none is selected unless one was meant to be.
 *  @param {string} workspace */
export function arrive(workspace) {
  select(arrival?.workspace === workspace ? arrival.jobId : null);
  arrival = null;
}

/** Selects the job that is made or was made last, unless the user has chosen one.
 *  @param {string | null} jobId */
export function follow(jobId) {
  if (!isByChoice) change(jobId);
}

/** @param {string | null} jobId */
function change(jobId) {
  if (jobId === current) return;
  current = jobId;
  selected.tell(jobId);
}

/** Selects the job after the selected one in the gallery's order; false at its end. */
export const next = () => step(1);

/** Selects the job before it; false at the beginning. */
export const previous = () => step(-1);

/** @param {1 | -1} by */
function step(by) {
  const there = order.neighbour(current, by);
  if (there !== null) select(there);
  return there !== null;
}
