/* Survives an outage of the server or the network: Gradio's page would stop, and would reload afterwards without what was
   typed meanwhile. Here the page goes on, and its requests wait. */
import { leave } from "../form/drafts.js";
import { addressOf } from "./server.js";
import { intercept, nativeFetch } from "../kit/requests.js";
import { say } from "../kit/say.js";

const RETRY = 1000; // ms until the server is pinged again
const TIMEOUT = 30000; // ms: a request sent before a laptop slept may neither be answered nor fail
const UNAVAILABLE = [502, 503, 504]; // a proxy's statuses for a server that is down
const SAFE_EVENTS = ["tick", "load", "bring", "changed", "workspaces_changed"]; // events that change nothing on the server
/** @type {Promise<boolean> | null} */
let back = null; // a promise during an outage

/** Whether it is one of Gradio's events, or the page's look at what is new; its other requests have a timeout of their own.
 *  @param {string} address
 *  @param {RequestInit} [options] */
const isEvent = (address, options) => /\/gradio_api\/(run|queue\/join)|\/studio\/live/.test(address) && !options?.signal;

/** Whether the request may be sent twice.
 *  @param {RequestInit} [options] */
function isSafe({ body, method = "GET" } = {}) {
  if (method === "GET") return true;
  const index = typeof body === "string" ? JSON.parse(body).fn_index : null;
  const event = window.gradio_config.dependencies.find(({ id }) => id === index);
  return event?.targets.some(([, name]) => SAFE_EVENTS.includes(name)) ?? false;
}

intercept(/** @type {import("../kit/requests.js").Interceptor} */ async function send(address, options, next) {
  if (!isEvent(address, options)) return next();
  await back;
  if (!isSafe(options)) return next();
  const answer = await Promise.race([next().catch(() => null), timeout()]);
  if (!isUnavailable(answer)) return answer;
  back ??= untilBack();
  return (await back) ? send(address, options, next) : next();
});

/** @param {Response | null} answer null where there is none
 *  @returns {answer is null | Response & { ok: false }} */
const isUnavailable = (answer) => !answer || UNAVAILABLE.includes(answer.status);

/** Resolves with null after the timeout.
 *  @returns {Promise<null>} */
const timeout = () => new Promise((resolve) => setTimeout(resolve, TIMEOUT, null));

const ping = () => nativeFetch(addressOf("/app_id"), { signal: AbortSignal.timeout(TIMEOUT) }).catch(() => null);

/** Waits until the server answers; resolves with whether it had been unavailable. */
async function untilBack() {
  let answer = await ping();
  const wasUnavailable = isUnavailable(answer);
  if (wasUnavailable) say({ text: "The studio does not answer. What you type is kept as soon as it does.", tone: "warn" });
  while (isUnavailable(answer)) {
    await new Promise((resolve) => setTimeout(resolve, RETRY));
    answer = await ping();
  }
  if (answer.ok && (await answer.json()).app_id !== window.gradio_config.app_id) { // it has restarted, perhaps with other models
    await leave();
    location.reload();
    await new Promise(() => {});
  }
  back = null;
  if (wasUnavailable) say({ text: "The studio answers again.", tone: "good" });
  return wasUnavailable;
}
