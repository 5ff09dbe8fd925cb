/* How a module tells others of a moment without knowing them. */

/** `tell` gives what the listeners answered, in the order in which they began to listen.
 *  @template {unknown[]} Told
 *  @typedef {{ listen(hear: (...told: Told) => unknown): void, tell(...told: Told): unknown[] }} Signal */

/** @template {unknown[]} Told
 *  @returns {Signal<Told>} */
export function signal() {
  /** @type {((...told: Told) => unknown)[]} */
  const listeners = [];
  return {
    listen: (hear) => void listeners.push(hear),
    tell: (...told) => listeners.map((hear) => hear(...told)),
  };
}
