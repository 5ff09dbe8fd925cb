/* How the page's scripts ask the server: its endpoints by their names, as programs do. */
import { rootPath } from "../kit/root.js";
import { laidOut } from "./layout.js";

/** @returns {Record<string, string>} Whose page asks: for another user who signs in in another tab it does nothing. */
export function pageOwner() {
  const { username } = window.gradio_config;
  return username ? { "x-studio-user": encodeURIComponent(username) } : {};
}

export const SIGNED_OUT = "You are signed out. Sign in again in another tab to go on here, or reload the page.";
export const NO_ANSWER = "The studio did not answer. Try again, or reload the page.";
const LONGEST = 20000; // ms: a server that does not answer must not end all asking
const KEPT_ALIVE = 60000; // bytes: more than 64 KiB no browser goes on sending when the page is gone

/** @type {Record<string, Record<string, unknown>>} */
let endpoints = {}; // by name the parameters in their order, and their defaults
export const session = Math.random().toString(36).slice(2); // the server keeps the drafts of one page in their order

laidOut.listen((layout) => {
  endpoints = layout.endpoints;
});

/** What the server refuses, in a sentence for the user. */
export class Refusal extends Error {}

/** What to tell the user of an error.
 *  @param {unknown} error */
export const wordsOf = (error) => (error instanceof Refusal ? error.message : NO_ANSWER);

/** Where the studio's server answers a path of Gradio's. */
export function addressOf(path) {
  return `${rootPath()}${window.gradio_config.api_prefix}${path}`;
}

/** What the endpoint of this name answers; what is not said of its parameters has its default. It is asked at its address:
 *  through Gradio, every component that the server ever wrote to would be given a new status, three times, which takes longer
 *  than the answer.
 *  @param {string} name
 *  @param {Record<string, unknown>} data
 *  @param {number} longest ms
 *  @returns {Promise<any>} Rejects with a Refusal, or when the server does not answer in time. */
export async function ask(name, data = {}, longest = LONGEST) {
  const values = Object.entries(endpoints[name]).map(([parameter, usual]) => data[parameter] ?? usual);
  const body = new TextEncoder().encode(JSON.stringify({ data: values, session_hash: session }));
  const response = await fetch(addressOf(`/run/${name}${location.search}`), {
    method: "POST",
    headers: { "content-type": "application/json", ...pageOwner() },
    body,
    keepalive: body.length <= KEPT_ALIVE,
    signal: AbortSignal.timeout(longest),
  });
  if (response.ok) return (await response.json()).data[0];
  if (response.status === 401) throw new Refusal(SIGNED_OUT);
  const { error } = await response.json().catch(() => ({}));
  if (error) throw new Refusal(error);
  console.error(`The endpoint ${name} answered ${response.status}`);
  throw new Error(`${name}: ${response.status}`);
}
