/* What becomes of the user's jobs, in whichever workspace: which have ended since the page was opened, and the tab's title. */
import { signal } from "../kit/signal.js";

/** @typedef {{ id: string, status: string, at: string }} End A job that has finished or failed, and when.
 *  @typedef {{ running: number, progress: number | null, waiting: number, ended: End[] }} Activity As the page's tick tells it:
 *  how many jobs run, how far the first of them is, how many wait, and what has ended last. */

const NAME = "Studio"; // of the page

/** Tells the jobs that have ended since the last time, the last first; none twice.
 *  @type {import("../kit/signal.js").Signal<[ended: End[]]>} */
export const jobsEnded = signal();

/** Tells the first job that runs or waits in the workspace, null for none, and how many more do.
 *  @type {import("../kit/signal.js").Signal<[job: Card | null, others: number]>} */
export const workGoesOn = signal();

/** @type {Set<string>} */
const told = new Set();
/** @type {Activity} */
let now = { running: 0, progress: null, waiting: 0, ended: [] };
/** @type {string | null} */
let opened = null; // when what had ended last before the page was opened
/** @type {string[]} */
let unseen = []; // how those have ended that nobody has looked at

/** @param {Activity} activity */
export function hearOf(activity) {
  now = activity;
  const since = opened ??= activity.ended[0]?.at ?? "";
  const ended = activity.ended.filter(({ id, at }) => at > since && !told.has(id));
  for (const { id, status } of ended) {
    told.add(id);
    if (document.hidden) unseen.push(status);
  }
  if (ended.length > 0) jobsEnded.tell(ended);
  showTitle();
}

function showTitle() {
  const title = [endsOf(unseen), work(now), NAME].filter(Boolean).join(" · ");
  if (document.title !== title) document.title = title;
}

/** How many have come to which end, in as few signs as a tab has room for.
 *  @param {string[]} ends */
function endsOf(ends) {
  const done = ends.filter((status) => status === "completed").length, failed = ends.length - done;
  return [done && `✓ ${done} done`, failed && `✗ ${failed} failed`].filter(Boolean).join(" ");
}

/** @param {Activity} activity */
function work({ running, progress, waiting }) {
  if (running === 1 && progress !== null) return `${Math.round(progress * 100)} %`;
  if (running > 0) return `${running} running`;
  return waiting > 0 ? `${waiting} waiting` : "";
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unseen = [];
  showTitle();
});
