/* The activity of the user's jobs in all workspaces: those that have ended since the page was opened, and the tab's title. */
import { percent } from "../kit/format.js";
import { signal } from "../kit/signal.js";

/** @typedef {{ id: string, status: string, at: string }} End A job that has finished or failed, and when.
 *  @typedef {{ running: number, progress: number | null, waiting: number, ended: End[] }} Activity As the page's tick returns it:
 *  how many jobs run, the progress of the first of them, how many wait, and those that ended last. */

const NAME = "Studio"; // of the page

/** Emitted with the jobs that have newly ended, the last one first; each once.
 *  @type {import("../kit/signal.js").Signal<[ended: End[]]>} */
export const jobsEnded = signal();

/** Emitted with the first job that runs or waits in the workspace, null for none, and the number of others.
 *  @type {import("../kit/signal.js").Signal<[job: Card | null, others: number]>} */
export const workGoesOn = signal();

/** @type {Set<string>} */
const known = new Set(); // the ids of ended jobs that were emitted
/** @type {Activity} */
let now = { running: 0, progress: null, waiting: 0, ended: [] };
/** @type {string | null} */
let opened = null; // when the last job had ended before the page was opened
/** @type {string[]} */
let unseen = []; // the statuses of jobs that ended while the page was hidden

/** @param {Activity} activity */
export function hearOf(activity) {
  now = activity;
  const since = opened ??= activity.ended[0]?.at ?? "";
  const ended = activity.ended.filter(({ id, at }) => at > since && !known.has(id));
  for (const { id, status } of ended) {
    known.add(id);
    if (document.hidden) unseen.push(status);
  }
  if (ended.length > 0) jobsEnded.emit(ended);
  showTitle();
}

function showTitle() {
  const title = [endsOf(unseen), work(now), NAME].filter(Boolean).join(" · ");
  if (document.title !== title) document.title = title;
}

/** How many have finished and how many have failed, short enough for a tab.
 *  @param {string[]} ends */
function endsOf(ends) {
  const done = ends.filter((status) => status === "completed").length, failed = ends.length - done;
  return [done && `✓ ${done} done`, failed && `✗ ${failed} failed`].filter(Boolean).join(" ");
}

/** @param {Activity} activity */
function work({ running, progress, waiting }) {
  if (running === 1 && progress !== null) return percent(progress);
  if (running > 0) return `${running} running`;
  return waiting > 0 ? `${waiting} waiting` : "";
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unseen = [];
  showTitle();
});
