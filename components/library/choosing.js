/* The jobs of the gallery that are chosen, for an action on all of them. */

export const MAX_CHOSEN = 1000; // jobs that the server takes at once

/** @param {() => void} changed called after each change */
export function choosing(changed) {
  /** @type {Set<string>} */
  let ids = new Set();
  /** @type {string | null} */
  let anchor = null; // the id at which a range begins

  /** @param {string[]} list */
  function put(list) {
    ids = new Set([...list].slice(0, MAX_CHOSEN));
    changed();
  }

  return {
    get ids() {
      return ids;
    },
    /** Sets where a range begins.
     *  @param {string} id */
    beginAt(id) {
      anchor = id;
    },
    /** Adds a job, or removes it.
     *  @param {string} id */
    toggle(id) {
      anchor = id;
      put(ids.has(id) ? [...ids].filter((one) => one !== id) : [...ids, id]);
    },
    /** Chooses the range from where it begins to this job.
     *  @param {string[]} order the ids of all jobs
     *  @param {string} id */
    reach(order, id) {
      const to = order.indexOf(id), from = order.indexOf(anchor ?? id);
      put(order.slice(Math.max(0, Math.min(from, to)), Math.max(from, to) + 1));
    },
    put,
    /** Removes the jobs that are no longer listed.
     *  @param {string[]} order */
    keep(order) {
      const there = new Set(order);
      if ([...ids].some((id) => !there.has(id))) put([...ids].filter((id) => there.has(id)));
    },
  };
}
