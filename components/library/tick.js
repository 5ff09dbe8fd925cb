/* Asks the server once a second what is new: how far the jobs are, which it says at once, and how often they have changed
   besides, after which the page looks again. */
import { rootPath } from "../kit/root.js";
import { tellMoves } from "./moves.js";

const EVERY = 1000; // ms

/** @typedef {import("./moves.js").Moves & { changes: number | null, loaded: import("../form/loaded_models.js").Loaded[], may_unload: boolean }} Told `changes` alone,
 *    and that null, while the database is away. */

/** @typedef {{ workspace(): string | null, hear(told: Told): void }} Asker */

/** @type {Asker | null} */
let begun = null; // what to ask with, and who hears

/** Begins to ask.
 *  @param {Asker} page */
export function beginToAsk(page) {
  begun = page;
  askNow();
}

/** @type {{ tag: string | null, told: Told } | null} */
let last = null;
let isAsking = false;
/** @type {number | undefined} */
let next; // the timer of the next question

/** Asks now, and a second later again. */
export async function askNow() {
  if (isAsking || !begun) return;
  isAsking = true;
  clearTimeout(next);
  try {
    await tick(begun);
  } catch (error) { // such as a proxy's page in place of an answer
    console.warn(error);
  } finally {
    isAsking = false;
    next = setTimeout(askNow, EVERY);
  }
}

/** @param {Asker} page */
async function tick(page) {
  const query = new URLSearchParams(location.search);
  query.set("workspace", page.workspace() ?? "");
  const answer = await fetch(`${rootPath()}/studio/live?${query}`, { headers: last?.tag ? { "If-None-Match": last.tag } : {} }).catch(() => null);
  if (answer?.ok) last = { tag: answer.headers.get("etag"), told: await answer.json() };
  else if (answer?.status !== 304 || !last) return;
  if (last.told.changes !== null) tellMoves(last.told);
  page.hear(last.told);
}

document.addEventListener("visibilitychange", () => !document.hidden && askNow());
