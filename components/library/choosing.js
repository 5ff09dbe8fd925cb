/* Which jobs of the gallery are chosen, for one action on all of them. */

const MOST = 1000; // the server takes no more at once

/** @param {() => void} changed called after each change */
export function choosing(changed) {
  /** @type {Set<string>} */
  let ids = new Set();
  /** @type {string | null} */
  let begin = null; // where a range begins

  /** @param {string[]} list */
  function put(list) {
    ids = new Set([...list].slice(0, MOST));
    changed();
  }

  return {
    get ids() {
      return ids;
    },
    /** A range that is chosen from now on begins here.
     *  @param {string} id */
    beginAt(id) {
      begin = id;
    },
    /** Chooses one more, or one less.
     *  @param {string} id */
    toggle(id) {
      begin = id;
      put(ids.has(id) ? [...ids].filter((one) => one !== id) : [...ids, id]);
    },
    /** Chooses all from where the range begins up to here.
     *  @param {string[]} order ids of all there are
     *  @param {string} id */
    reach(order, id) {
      const to = order.indexOf(id), from = order.indexOf(begin ?? id);
      put(order.slice(Math.max(0, Math.min(from, to)), Math.max(from, to) + 1));
    },
    put,
    /** Lets go what is not there any more.
     *  @param {string[]} order */
    keep(order) {
      const there = new Set(order);
      if ([...ids].some((id) => !there.has(id))) put([...ids].filter((id) => there.has(id)));
    },
  };
}
