/* Interceptors of all requests of the page, Gradio's and its own alike. Each request says whose page asks: after another user
   has signed in in another tab, the server refuses it. */
import { userName } from "../gradio_ext/server.js";

/** @typedef {() => Promise<Response>} Next Passes the request on.
 *  @typedef {(address: string, options: RequestInit | undefined, next: Next) => Promise<Response>} Interceptor */

/** @type {Interceptor[]} */
const interceptors = [];

const browserFetch = window.fetch.bind(window);

/** The browser's own `fetch`, past all interceptors.
 *  @type {typeof fetch} */
export const nativeFetch = (resource, options) => {
  const isRequest = resource instanceof Request, user = userName();
  if (!user || new URL(isRequest ? resource.url : resource, document.baseURI).origin !== location.origin) return browserFetch(resource, options);
  const headers = new Headers(options?.headers ?? (isRequest ? resource.headers : undefined));
  headers.set("x-studio-user", encodeURIComponent(user));
  return browserFetch(resource, { ...options, headers });
};

/** Adds an interceptor, which sees a request after those that were added before it, and the response before them.
 *  @param {Interceptor} interceptor */
export const intercept = (interceptor) => void interceptors.push(interceptor);

window.fetch = (resource, options) => {
  const address = String(resource instanceof Request ? resource.url : resource);

  /** Passes the request through the interceptors from this index on.
   *  @param {number} index
   *  @returns {Promise<Response>} */
  function pass(index) {
    if (index === interceptors.length) return nativeFetch(resource, options);
    return interceptors[index](address, options, () => pass(index + 1));
  }

  return pass(0);
};
