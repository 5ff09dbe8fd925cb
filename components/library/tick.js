/* Polls the server once a second: for the progress of jobs, and for the number of other changes, after which the page refreshes
   what it shows. */
import { rootPath } from "../gradio_ext/server.js";
import { tellMoves } from "./moves.js";

const INTERVAL = 1000; // ms

/** @typedef {import("./moves.js").Moves & { changes: number | null, loaded: import("../form/loaded_models.js").Loaded[], may_unload: boolean }} Told `changes` alone,
 *    as null during an outage of the database. */

/** @typedef {{ workspace(): string | null, hear(told: Told): void }} Asker */

/** @type {Asker | null} */
let begun = null; // the page's callbacks, once polling has begun

/** Starts polling.
 *  @param {Asker} page */
export function beginToAsk(page) {
  begun = page;
  askNow();
}

/** @type {{ tag: string | null, told: Told } | null} */
let last = null;
let isAsking = false;
/** @type {number | undefined} */
let next; // the timer of the next poll

/** Polls now, and again a second later. */
export async function askNow() {
  if (isAsking || !begun) return;
  isAsking = true;
  clearTimeout(next);
  try {
    await tick(begun);
  } catch (error) { // such as a proxy's page in place of JSON
    console.warn(error);
  } finally {
    isAsking = false;
    next = setTimeout(askNow, INTERVAL);
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
