/* A server or a network that is away for a while: Gradio's page would stop, and reloads when it is back, without
   what was typed meanwhile. Here it goes on, and what it asks waits. */
import { leave } from "../form/drafts.js";
import { addressOf } from "../form/transport.js";
import { intercept, unwatched } from "../kit/requests.js";
import { say } from "../kit/say.js";

const AGAIN = 1000; // ms until the next look whether the server is back
const LONGEST = 30000; // ms: what was asked before a laptop slept may never be answered, nor fail
const AWAY = [502, 503, 504]; // what a proxy says of a server that is away
const HARMLESS = ["tick", "load", "bring", "changed", "workspaces_changed"]; // events that change nothing
let back = null; // a promise while the server is away

/** What Gradio asks of an event's handler, and what is new; all else that this page asks itself has a limit of time. */
const isEvent = (address, options) => /\/gradio_api\/(run|queue\/join)|\/studio\/live/.test(address) && !options?.signal;

/** Whether the question does no harm when it is asked twice.
 *  @param {RequestInit} options */
function isHarmless({ body, method = "GET" }) {
  if (method === "GET") return true;
  const asked = typeof body === "string" ? JSON.parse(body).fn_index : null;
  const event = window.gradio_config.dependencies.find(({ id }) => id === asked);
  return event?.targets.some(([, name]) => HARMLESS.includes(name)) ?? false;
}

intercept(async function send(address, options, next) {
  if (!isEvent(address, options)) return next();
  await back;
  if (!isHarmless(options)) return next();
  const answer = await Promise.race([next().catch(() => null), late()]);
  if (!isAway(answer)) return answer;
  back ??= untilBack();
  return (await back) ? send(address, options, next) : next();
});

const isAway = (answer) => !answer || AWAY.includes(answer.status);

/** No answer, after a while.
 *  @returns {Promise<null>} */
const late = () => new Promise((resolve) => setTimeout(resolve, LONGEST, null));

const look = () => unwatched(addressOf("/app_id"), { signal: AbortSignal.timeout(LONGEST) }).catch(() => null);

/** Whether the server was away. */
async function untilBack() {
  let answer = await look();
  const wasAway = isAway(answer);
  if (wasAway) say({ text: "The studio does not answer. What you type is kept as soon as it does.", tone: "warn" });
  while (isAway(answer)) {
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
    answer = await look();
  }
  if (answer.ok && (await answer.json()).app_id !== window.gradio_config.app_id) { // restarted, perhaps with other models
    await leave();
    location.reload();
    await new Promise(() => {});
  }
  back = null;
  if (wasAway) say({ text: "The studio answers again.", tone: "good" });
  return wasAway;
}
