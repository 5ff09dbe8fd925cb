/* Interceptors of all requests of the page, Gradio's and its own alike. */

/** @typedef {() => Promise<Response>} Next Passes the request on.
 *  @typedef {(address: string, options: RequestInit | undefined, next: Next) => Promise<Response>} Interceptor */

/** @type {Interceptor[]} */
const interceptors = [];

/** The browser's own `fetch`. */
export const nativeFetch = window.fetch.bind(window);

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
