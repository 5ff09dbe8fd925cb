/* How far the jobs are that wait or run. The page is told that each second, apart from what else it shows of them. */
import { signal } from "../kit/signal.js";

/** @typedef {{ jobs: Record<string, Move>, wait: string }} Moves By the jobs' ids; `wait` says when all will be done. */

/** Tells that jobs have moved.
 *  @type {import("../kit/signal.js").Signal<[]>} */
export const moved = signal();

/** @type {Moves} */
let told = { jobs: {}, wait: "" };
/** @type {Moves} */
let shown = told;

/** @param {Moves} moves */
export function tellMoves(moves) {
  told = moves;
  const now = document.hidden ? withPicturesOf(shown, moves) : moves; // fetched for who sees them alone
  if (JSON.stringify(now) === JSON.stringify(shown)) return;
  shown = now;
  moved.tell();
}

/** @param {Moves} before
 *  @param {Moves} moves */
function withPicturesOf(before, { jobs, wait }) {
  const still = Object.entries(jobs).map(([id, move]) => [id, { ...move, making: before.jobs[id]?.making ?? null }]);
  return { jobs: Object.fromEntries(still), wait };
}

/** A card as it is now.
 *  @template {Card | null} Shown
 *  @param {Shown} card
 *  @returns {Shown} */
export const moving = (card) => (card?.status === "running" || card?.status === "queued" ? { ...card, ...shown.jobs[card.id] } : card);

/** When all that waits will be done, in words; empty where nobody knows. */
export const waitInWords = () => shown.wait;

/** How far a job is that runs, null where none is known to be. */
export const progressOfOne = () => Object.values(shown.jobs).find(({ progress }) => progress !== null)?.progress ?? null;

document.addEventListener("visibilitychange", () => !document.hidden && tellMoves(told));
