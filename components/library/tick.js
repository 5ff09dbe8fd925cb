/* Asks the server once a second what is new: how far the jobs are, which it says at once, and how often they have changed
   besides, after which the page looks again. */
import { pageOwner } from "../form/transport.js";
import { rootPath } from "../kit/root.js";
import { tellMoves } from "./moves.js";

const EVERY = 1000; // ms

/** @typedef {import("./moves.js").Moves & { changes: number | null, loaded: any[], may_unload: boolean }} Told `changes` alone,
 *    and that null, while the database is away. */

let begun = null; // what to ask with, and who hears

/** Begins to ask.
 *  @param {{ workspace(): string | null, hear(told: Told): void }} page */
export function beginToAsk(page) {
  begun = page;
  askNow();
}

/** @type {{ tag: string | null, told: Told } | null} */
let last = null;
let isAsking = false;
let next; // the timer of the next question

/** Asks now, and a second later again. */
export async function askNow() {
  if (isAsking || !begun) return;
  isAsking = true;
  clearTimeout(next);
  try {
    await tick();
  } catch (error) { // such as a proxy's page in place of an answer
    console.warn(error);
  } finally {
    isAsking = false;
    next = setTimeout(askNow, EVERY);
  }
}

async function tick() {
  const query = new URLSearchParams(location.search);
  query.set("workspace", begun.workspace() ?? "");
  const answer = await fetch(`${rootPath()}/studio/live?${query}`, { headers: { ...pageOwner(), ...(last?.tag ? { "If-None-Match": last.tag } : {}) } }).catch(() => null);
  if (answer?.ok) last = { tag: answer.headers.get("etag"), told: await answer.json() };
  else if (answer?.status !== 304) return;
  if (last.told.changes !== null) tellMoves(last.told);
  begun.hear(last.told);
}

document.addEventListener("visibilitychange", () => !document.hidden && askNow());
