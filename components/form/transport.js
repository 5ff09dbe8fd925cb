/* Requests to the server's endpoints, by name, as programs make them. */
import { addressOf, userName } from "../gradio_ext/server.js";
import { laidOut } from "./layout.js";

/** What to do once a login has ended; an anonymous visitor has none to repeat. */
export const signedOut = () => `You are signed out. ${userName()?.startsWith("visitor:") ? "Reload the page to come in again." : "Sign in again in another tab to go on here, or reload the page."}`;
export const NO_ANSWER = "The studio did not answer. Try again, or reload the page.";
const TIMEOUT = 20000; // ms
const MAX_KEEPALIVE = 60000; // bytes: browsers send at most 64 KiB after the page is closed

/** @type {Record<string, Record<string, unknown>>} */
let endpoints = {}; // by name the parameters in their order, with their defaults
export const session = Math.random().toString(36).slice(2); // by which the server orders the drafts of a page

laidOut.listen((layout) => {
  endpoints = layout.endpoints;
});

/** A refusal by the server, with a sentence for the user. */
export class Refusal extends Error {}

/** The sentence to show for an error.
 *  @param {unknown} error */
export const errorText = (error) => (error instanceof Refusal ? error.message : NO_ANSWER);

/** Calls an endpoint; parameters that are not given have their defaults. It is called by its URL: through Gradio's client,
 *  every component that the server ever wrote to would get a new status, three times, which takes longer than the answer.
 *  @template {keyof Answers} Name
 *  @param {Name} name
 *  @param {Record<string, unknown>} data
 *  @param {number} longest ms
 *  @returns {Promise<Answers[Name]>} Rejects with a Refusal, or where the server fails or does not answer in time. */
export async function ask(name, data = {}, longest = TIMEOUT) {
  const values = Object.entries(endpoints[name]).map(([parameter, usual]) => data[parameter] ?? usual);
  const body = new TextEncoder().encode(JSON.stringify({ data: values, session_hash: session }));
  const response = await fetch(addressOf(`/run/${name}${location.search}`), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    keepalive: body.length <= MAX_KEEPALIVE,
    signal: AbortSignal.timeout(longest),
  });
  if (response.ok) return (await response.json()).data[0];
  if (response.status === 401) throw new Refusal(signedOut());
  const { error } = await response.json().catch(() => ({}));
  if (error) throw new Refusal(error);
  console.error(`The endpoint ${name} answered ${response.status}`);
  throw new Error(`${name}: ${response.status}`);
}
