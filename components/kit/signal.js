/* Events of a module, to which others listen without it knowing them. */

/** `emit` returns what the listeners returned, in the order in which they began to listen.
 *  @template {unknown[]} Arguments
 *  @typedef {{ listen(listener: (...event: Arguments) => unknown): void, emit(...event: Arguments): unknown[] }} Signal */

/** @template {unknown[]} Arguments
 *  @returns {Signal<Arguments>} */
export function signal() {
  /** @type {((...event: Arguments) => unknown)[]} */
  const listeners = [];
  return {
    listen: (listener) => void listeners.push(listener),
    emit: (...event) => listeners.map((listener) => listener(...event)),
  };
}
