/* The selected job, which the stage shows and whose card is highlighted. Modules that change it and modules that show it only
   know this one. */
import { signal } from "../kit/signal.js";

/** @typedef {{ card(jobId: string | null): Card | null, neighbour(jobId: string | null, step: 1 | -1): string | null }} Order */

/** Emitted with the id of the newly selected job, null for none.
 *  @type {import("../kit/signal.js").Signal<[string | null]>} */
export const selected = signal();

/** Emitted when the gallery's jobs or their order have changed.
 *  @type {import("../kit/signal.js").Signal<[]>} */
export const ordered = signal();

const STORAGE_KEY = "studio-selected-job";

/** @type {Order} */
let order = { card: () => null, neighbour: () => null };
let current = sessionStorage.getItem(STORAGE_KEY);
let isByChoice = current !== null;

/** Registers the gallery's order of jobs.
 *  @param {Order} galleryOrder */
export function orderBy(galleryOrder) {
  order = galleryOrder;
}

/** The id of the selected job, null for none. */
export const selectedJob = () => current;

/** The gallery's card of a job, null where it has none.
 *  @param {string | null} jobId */
export const cardOf = (jobId) => order.card(jobId);

/** The id of the job before or after one in the gallery's order, null at an end.
 *  @param {string | null} jobId
 *  @param {1 | -1} step */
export const neighbour = (jobId, step) => order.neighbour(jobId, step);

/** Whether the user has selected the job, so that another one that finishes does not replace it. */
export const isChosen = () => isByChoice;

/** Selects a job by its id on behalf of the user, which the tab keeps; null selects none.
 *  @param {string | null} jobId */
export function select(jobId) {
  isByChoice = jobId !== null;
  if (jobId === null) sessionStorage.removeItem(STORAGE_KEY);
  else sessionStorage.setItem(STORAGE_KEY, jobId);
  change(jobId);
}

/** @type {{ workspace: string, jobId: string } | null} */
let arrival = null;

/** Has a job selected once the page is in a workspace.
 *  @param {string} workspace
 *  @param {string} jobId */
export function selectIn(workspace, jobId) {
  arrival = { workspace, jobId };
}

/** Called when the page is in another workspace: selects the job of `selectIn`, or none.
 *  @param {string} workspace */
export function arrive(workspace) {
  select(arrival?.workspace === workspace ? arrival.jobId : null);
  arrival = null;
}

/** Selects the job that runs or finished last, unless the user has selected one.
 *  @param {string | null} jobId */
export function follow(jobId) {
  if (!isByChoice) change(jobId);
}

/** @param {string | null} jobId */
function change(jobId) {
  if (jobId === current) return;
  current = jobId;
  selected.emit(jobId);
}

/** Selects the job after the selected one in the gallery's order; false at its end. */
export const next = () => step(1);

/** Selects the job before it; false at the beginning. */
export const previous = () => step(-1);

/** @param {1 | -1} by */
function step(by) {
  const neighbour = order.neighbour(current, by);
  if (neighbour !== null) select(neighbour);
  return neighbour !== null;
}
