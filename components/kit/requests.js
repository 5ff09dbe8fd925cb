/* The one place where requests of the page are intercepted, Gradio's and its own alike. */

/** @typedef {() => Promise<Response>} Next Sends the request on as it is.
 *  @typedef {(address: string, options: RequestInit | undefined, next: Next) => Promise<Response>} Interceptor */

/** @type {Interceptor[]} */
const interceptors = [];

/** The browser's own `fetch`. */
export const nativeFetch = window.fetch.bind(window);

/** From now on every request passes through this too: it sees the request after those that were there before, and the
 *  answer before them.
 *  @param {Interceptor} interceptor */
export const intercept = (interceptor) => void interceptors.push(interceptor);

window.fetch = (asked, options) => {
  const address = String(asked instanceof Request ? asked.url : asked);

  /** Through the interceptors from this place on. */
  function pass(place) {
    if (place === interceptors.length) return nativeFetch(asked, options);
    return interceptors[place](address, options, () => pass(place + 1));
  }

  return pass(0);
};
