/* The progress of jobs that wait or run, which the page gets each second, apart from the rest of what it shows of them. */
import { signal } from "../kit/signal.js";

/** @typedef {{ jobs: Record<string, Move>, wait: string }} Moves By the jobs' ids; `wait` says when all will be done. */

/** Emitted when the progress of jobs has changed.
 *  @type {import("../kit/signal.js").Signal<[]>} */
export const moved = signal();

/** @type {Moves} */
let latest = { jobs: {}, wait: "" };
/** @type {Moves} */
let shown = latest;

/** @param {Moves} moves */
export function tellMoves(moves) {
  latest = moves;
  const now = document.hidden ? withPicturesOf(shown, moves) : moves; // a hidden page loads no live previews
  if (JSON.stringify(now) === JSON.stringify(shown)) return;
  shown = now;
  moved.emit();
}

/** @param {Moves} before
 *  @param {Moves} moves */
function withPicturesOf(before, { jobs, wait }) {
  const still = Object.entries(jobs).map(([id, move]) => [id, { ...move, making: before.jobs[id]?.making ?? null }]);
  return { jobs: Object.fromEntries(still), wait };
}

/** A card with its current progress.
 *  @template {Card | null} Shown
 *  @param {Shown} card
 *  @returns {Shown} */
export const moving = (card) => (card?.status === "running" || card?.status === "queued" ? { ...card, ...shown.jobs[card.id] } : card);

/** When all waiting jobs will be done, in words; empty where unknown. */
export const waitInWords = () => shown.wait;

/** The progress of a running job, null where there is none or it is unknown. */
export const progressOfOne = () => Object.values(shown.jobs).find(({ progress }) => progress !== null)?.progress ?? null;

document.addEventListener("visibilitychange", () => !document.hidden && tellMoves(latest));
