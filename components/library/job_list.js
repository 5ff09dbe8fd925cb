/* The jobs that the gallery has: a part of the server's list without a gap, which grows at both of its ends. */
import { ask } from "../form/transport.js";

const PAGE = 60; // jobs that are asked for at once
const FIRST = 36; // and where the list begins again, for they are waited for

/** @typedef {{ id: string, created_at: string | null, model_id: string | null, favourite: boolean, deleted: boolean, rating?: number | null, labels?: string[] }} Card
 *  @typedef {{ number: number, count: number, newest: string | null, oldest: string | null, after?: string | null }} Near A part of
 *    it that is looked at again: its first `count` jobs, or as many `after` one, or those made between two times; without `oldest`,
 *    to the end. */

/** @param {() => Record<string, unknown>} question which jobs are wanted, as `list_jobs` is asked; where its `sort` is none
 *    by the time, the place of a job is known to the server alone */
export function jobList(question) {
  /** @type {Card[]} */
  let cards = [];
  /** @type {{ older: string | null, newer: string | null }} */
  let cursors = { older: null, newer: null };
  let number = 0; // counts the lists, and what is changed in one here: an answer for another one is none for this
  let waiting = { older: false, newer: false };

  function set(list, older, newer) {
    number += 1;
    [cards, cursors, waiting] = [list, { older, newer }, { older: false, newer: false }];
  }

  /** The list is not as the server has said it: what it answers to an older question is none for this. */
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
    /** Whether the list's newest, or its oldest, are among them.
     *  @param {"newer" | "older"} side */
    isWhole: (side) => cursors[side] === null,

    /** From now on these are the first jobs. */
    begin: (list, older) => set(list, older, null),

    /** Takes in how a part is now; `older` and `newer` are the cursors of what comes after and before it.
     *  @param {Near} near */
    merge(near, list, older, newer = null) {
      if (near.number !== number) return;
      if (isSorted()) {
        const begin = near.after ? cards.findIndex(({ id }) => id === near.after) + 1 : 0;
        if (!isAsBefore(cards, list, begin, older === null ? "end" : cursors.older === null ? "whole" : "part") || (near.after && begin === 0)) return set(list, older, newer); // what is around it is asked for again
        if (begin + list.length === cards.length) cursors.older = older;
        cards = withChanges(cards, list);
      }
      else if (near.newest === null) [cards, cursors.older] = first(cards, list, older, cursors.older);
      else cards = part(cards, list, older, near);
    },

    /** Asks for more at one end; true when there are. Rejects as `ask` does.
     *  @param {"newer" | "older"} side */
    async grow(side) {
      const cursor = cursors[side], mine = number;
      if (cursor === null || waiting[side]) return false;
      const waits = waiting;
      waits[side] = true;
      try {
        const page = await ask("list_jobs", { ...question(), cursor, newer: side === "newer", limit: PAGE });
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

    /** Begins again: with the first jobs, those made before the time `at`, or the oldest ones, which are `newer` than none.
     *  False when another beginning came in between.
     *  @param {{ at?: string, newer?: boolean }} place
     *  @param {number} limit how many are waited for */
    async jump(place, limit = FIRST) {
      set(cards, null, null); // nothing is added to what goes
      const mine = number;
      const page = await ask("list_jobs", { ...question(), ...place, limit });
      if (mine !== number) return false;
      set(page.jobs, page.next, page.previous);
      return true;
    },

    /** Changes cards as the server is known to have changed them.
     *  @param {Set<string>} ids
     *  @param {Partial<Card> | ((card: Card) => Partial<Card>)} changes */
    change(ids, changes) {
      const now = (card) => ({ ...card, ...(typeof changes === "function" ? changes(card) : changes) });
      edit(cards.map((card) => (ids.has(card.id) ? now(card) : card)));
    },

    /** Puts cards back that were taken away, where their place is known.
     *  @param {Card[]} list */
    add(list) {
      if (isSorted()) return;
      const known = new Set(cards.map((card) => card.id));
      for (const card of list.filter(({ id, created_at }) => created_at !== null && !known.has(id))) {
        const place = placeOfAfter(cards, card);
        if (place < cards.length || cursors.older === null) edit([...cards.slice(0, place), card, ...cards.slice(place)]);
      }
    },

    /** Takes cards away that the server is known to list no more. */
    remove(ids) {
      edit(cards.filter((card) => !ids.has(card.id)));
    },
  };
}

/** The list with its first jobs as they are now, and the cursor of what comes after it. */
function first(cards, list, older, cursor) {
  const last = list.at(-1), known = new Set(cards.map((card) => card.id));
  const isElsewhere = cards.length > 0 && !list.some((card) => known.has(card.id)); // more new ones than it looked at
  if (older === null || isElsewhere) return [list, older];
  const end = cards.findIndex((card) => card.id === last.id);
  const rest = end < 0 ? cards.slice(placeOfAfter(cards, last)) : cards.slice(end + 1);
  return [[...list, ...rest], rest.length ? cursor : older];
}

/** Whether the cards from a place on are these, in their order.
 *  @param {"end" | "whole" | "part"} how whether there are no more, or there were none to come after the cards, or were */
function isAsBefore(cards, list, begin, how) {
  const known = cards.slice(begin, begin + list.length), left = cards.length - begin - list.length;
  return known.every((card, place) => card.id === list[place].id) && (how === "end" ? left === 0 : how === "whole" ? left >= 0 : true);
}

function withChanges(cards, list) {
  const now = new Map(list.map((card) => [card.id, card]));
  return cards.map((card) => now.get(card.id) ?? card);
}

/** The list with one part as it is now. */
function part(cards, list, older, { newest, oldest }) {
  const begin = cards.findIndex(({ created_at }) => created_at !== null && created_at <= newest);
  if (begin < 0) return cards;
  let end = oldest === null ? cards.length : cards.findLastIndex(({ created_at }) => created_at !== null && created_at >= oldest) + 1;
  if (older !== null && list.length) end = Math.min(end, placeOfAfter(cards, list.at(-1))); // it did not look at all of them
  return [...cards.slice(0, begin), ...list, ...cards.slice(Math.max(begin, end))];
}

function placeOfAfter(cards, { created_at, id }) {
  const place = cards.findIndex((card) => card.created_at !== null && (card.created_at < created_at || (card.created_at === created_at && card.id < id)));
  return place < 0 ? cards.length : place;
}
