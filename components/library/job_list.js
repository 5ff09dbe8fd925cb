/* The jobs that the gallery has: a contiguous part of the server's list, which grows at both ends. */
import { ask } from "../form/transport.js";

const PAGE_SIZE = 60; // jobs of a request
const FIRST_PAGE_SIZE = 36; // of the request that begins a list, which the user waits for

/** @typedef {{ number: number, count: number, newest: string | null, oldest: string | null, after?: string | null }} Near A part of
 *    the list that is refreshed: its first `count` jobs, or as many `after` one, or those made between two times; without `oldest`,
 *    to the end. */

/** @param {() => Record<string, unknown>} question returns the arguments of `list_jobs`; where its `sort` is not by time, only
 *    the server knows the position of a job */
export function jobList(question) {
  /** @type {Card[]} */
  let cards = [];
  /** @type {{ older: string | null, newer: string | null }} */
  let cursors = { older: null, newer: null };
  let number = 0; // counts the lists and the changes made to one here: an answer for another number is ignored
  let waiting = { older: false, newer: false };

  /** @param {Card[]} list
   *  @param {string | null} older
   *  @param {string | null} newer */
  function set(list, older, newer) {
    number += 1;
    [cards, cursors, waiting] = [list, { older, newer }, { older: false, newer: false }];
  }

  /** Changes the list here, so that answers to older questions are ignored.
   *  @param {Card[]} list */
  function edit(list) {
    number += 1;
    cards = list;
  }

  const isSorted = () => (question().sort ?? "time") !== "time";

  return {
    get cards() {
      return cards;
    },
    get number() {
      return number;
    },
    /** Whether it has the newest, or the oldest, jobs of the server's list.
     *  @param {"newer" | "older"} side */
    isWhole: (side) => cursors[side] === null,

    /** Replaces the list by its first jobs.
     *  @param {Card[]} list
     *  @param {string | null} older */
    begin: (list, older) => set(list, older, null),

    /** Merges a refreshed part; `older` and `newer` are the cursors for what comes after and before it.
     *  @param {Near} near
     *  @param {Card[]} list
     *  @param {string | null} older
     *  @param {string | null} newer
     *  @returns {Set<string>} the ids that the server no longer lists, as far as the part shows */
    merge(near, list, older, newer = null) {
      const before = cards;
      if (near.number !== number) return new Set();
      if (isSorted()) {
        const begin = near.after ? cards.findIndex(({ id }) => id === near.after) + 1 : 0;
        if (!isAsBefore(cards, list, begin, older === null ? "end" : cursors.older === null ? "whole" : "part") || (near.after && begin === 0)) set(list, older, newer); // what is around it is fetched again
        else {
          if (begin + list.length === cards.length) cursors.older = older;
          cards = withChanges(cards, list);
        }
        return new Set();
      }
      if (near.newest === null) [cards, cursors.older] = first(cards, list, older, cursors.older);
      else cards = part(cards, list, older, near);
      const known = new Set(cards.map((card) => card.id)), left = before.filter((card) => !known.has(card.id));
      return new Set(left.length === before.length && older !== null ? [] : left.map((card) => card.id)); // else it was begun again
    },

    /** Fetches more jobs at one end; resolves with whether there were any. Rejects as `ask` does.
     *  @param {"newer" | "older"} side */
    async grow(side) {
      const cursor = cursors[side], mine = number;
      if (cursor === null || waiting[side]) return false;
      const waits = waiting;
      waits[side] = true;
      try {
        const page = await ask("list_jobs", { ...question(), cursor, newer: side === "newer", limit: PAGE_SIZE });
        if (mine !== number) return false;
        const known = new Set(cards.map((card) => card.id));
        const more = page.jobs.filter((card) => !known.has(card.id));
        cards = side === "newer" ? [...more, ...cards] : [...cards, ...more];
        cursors[side] = side === "newer" ? page.previous : page.next;
        return more.length > 0;
      } finally {
        waits[side] = false;
      }
    },

    /** Replaces the list: by the first jobs, by those made before the time `at`, or with `newer` by the oldest ones. Resolves
     *  with false when another list took its place meanwhile.
     *  @param {{ at?: string, newer?: boolean }} place
     *  @param {number} limit of jobs to fetch */
    async jump(place, limit = FIRST_PAGE_SIZE) {
      set(cards, null, null); // nothing may be added to the list that goes
      const mine = number;
      const page = await ask("list_jobs", { ...question(), ...place, limit });
      if (mine !== number) return false;
      set(page.jobs, page.next, page.previous);
      return true;
    },

    /** Applies changes that the server has made to cards.
     *  @param {Set<string>} ids
     *  @param {Partial<Card> | ((card: Card) => Partial<Card>)} changes */
    change(ids, changes) {
      /** @param {Card} card */
      const now = (card) => ({ ...card, ...(typeof changes === "function" ? changes(card) : changes) });
      edit(cards.map((card) => (ids.has(card.id) ? now(card) : card)));
    },

    /** Puts removed cards back, where their position is known.
     *  @param {Card[]} list */
    add(list) {
      if (isSorted()) return;
      const known = new Set(cards.map((card) => card.id));
      for (const card of list.filter(({ id, created_at }) => created_at !== null && !known.has(id))) {
        const index = insertionIndex(cards, card);
        if (index < cards.length || cursors.older === null) edit([...cards.slice(0, index), card, ...cards.slice(index)]);
      }
    },

    /** Removes cards that the server no longer lists.
     *  @param {Set<string>} ids */
    remove(ids) {
      edit(cards.filter((card) => !ids.has(card.id)));
    },
  };
}

/** The list with its first jobs refreshed, and the cursor for what comes after it.
 *  @param {Card[]} cards
 *  @param {Card[]} list
 *  @param {string | null} older
 *  @param {string | null} cursor
 *  @returns {[cards: Card[], cursor: string | null]} */
function first(cards, list, older, cursor) {
  const last = list.at(-1), known = new Set(cards.map((card) => card.id));
  const isElsewhere = cards.length > 0 && !list.some((card) => known.has(card.id)); // there are more new jobs than were refreshed
  if (older === null || isElsewhere || !last) return [list, older];
  const end = cards.findIndex((card) => card.id === last.id);
  const rest = end < 0 ? cards.slice(insertionIndex(cards, last)) : cards.slice(end + 1);
  return [[...list, ...rest], rest.length ? cursor : older];
}

/** Whether the cards from `begin` on are those of `list`, in its order.
 *  @param {"end" | "whole" | "part"} how "end" where the server has no more after `list`, else "whole" where the cards went to
 *    the end of the server's list before, else "part"
 *  @param {Card[]} cards
 *  @param {Card[]} list
 *  @param {number} begin */
function isAsBefore(cards, list, begin, how) {
  const known = cards.slice(begin, begin + list.length), left = cards.length - begin - list.length;
  return known.every((card, index) => card.id === list[index].id) && (how === "end" ? left === 0 : how === "whole" ? left >= 0 : true);
}

/** @param {Card[]} cards
 *  @param {Card[]} list */
function withChanges(cards, list) {
  const now = new Map(list.map((card) => [card.id, card]));
  return cards.map((card) => now.get(card.id) ?? card);
}

/** The list with a part refreshed.
 *  @param {Card[]} cards
 *  @param {Card[]} list
 *  @param {string | null} older
 *  @param {Near} near */
function part(cards, list, older, { newest, oldest }) {
  const begin = cards.findIndex(({ created_at }) => created_at !== null && newest !== null && created_at <= newest);
  if (begin < 0) return cards;
  let end = oldest === null ? cards.length : cards.findLastIndex(({ created_at }) => created_at !== null && created_at >= oldest) + 1;
  const last = list.at(-1);
  if (older !== null && last) end = Math.min(end, insertionIndex(cards, last)); // the part was not refreshed to its end
  return [...cards.slice(0, begin), ...list, ...cards.slice(Math.max(begin, end))];
}

/** The index of the first card that comes after a job, newest first.
 *  @param {Card[]} cards
 *  @param {Card} card */
function insertionIndex(cards, { created_at, id }) {
  const index = cards.findIndex((card) => card.created_at !== null && (card.created_at < (created_at ?? "") || (card.created_at === created_at && card.id < id)));
  return index < 0 ? cards.length : index;
}
