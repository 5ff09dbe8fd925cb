/* The layout of the gallery's cards: in rows of equal height, each day, or another group, in rows of its own below a heading,
   which the first one lacks; short days are side by side. Nothing is drawn here, so that of a hundred thousand cards only those
   near the screen have to be. */

export const GAP = 8; // pixels between cards
export const HEADING = 36; // pixels of a day's heading
const MIN_COLUMNS = 2;

/** @typedef {{ created_at: string | null }} Dated
 *  @typedef {{ day: string, y: number, before: number, beside: number }} Day The heading of a day or another group: `before` is
 *    the index of its first card, `beside` over how many columns it extends where others are beside it, else 0.
 *  @typedef {{ columns: number, cell: number, row: number, height: number, ys: number[], across: number[], days: Day[] }} Rows
 *    `cell` is the width of a card and the height of its picture, `row` the distance between rows; `ys` and `across` are the
 *    tops of the cards and their columns. Lengths are in pixels. */

/** @type {WeakMap<Dated, string>} */
const dayOf = new WeakMap();

/** The local day on which something was made, as yyyy-mm-dd; empty where unknown.
 *  @param {Dated} card */
export function localDay(card) {
  let day = dayOf.get(card);
  if (day === undefined) {
    const date = new Date(card.created_at ?? NaN);
    const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
    day = Number.isNaN(parts[0]) ? "" : parts.map((part) => String(part).padStart(2, "0")).join("-");
    dayOf.set(card, day);
  }
  return day;
}

/** @param {Dated[]} cards in their order
 *  @param {number} width of the list
 *  @param {number} size preferred width of a card
 *  @param {number} foot height below each picture
 *  @param {(card: any) => string} group of a card, which has a heading
 *  @returns {Rows} */
export function layOut(cards, width, size, foot, group = localDay) {
  const columns = Math.max(MIN_COLUMNS, Math.floor((width + GAP) / (size + GAP)));
  const cell = Math.max(1, (width - GAP * (columns - 1)) / columns);
  const row = cell + foot + GAP;
  const ys = [], across = [], days = /** @type {Day[]} */ ([]), runs = runsOf(cards, group);
  let y = 0, column = 0;
  for (const [number, { day, before, count }] of runs.entries()) {
    const last = days.at(-1);
    const isBeside = group === localDay && number > 1 && y === (last?.y ?? 0) + HEADING && column + count <= columns;
    if (last && isBeside) {
      last.beside ||= runs[number - 1].count;
      days.push({ day, y: last.y, before, beside: count });
    } else {
      if (column > 0) y += row;
      days.push({ day, y, before, beside: 0 });
      [y, column] = [number === 0 ? 0 : y + HEADING, 0];
    }
    for (let left = count; left > 0; left -= 1) {
      if (column === columns) [y, column] = [y + row, 0];
      ys.push(y);
      across.push(column);
      column += 1;
    }
  }
  return { columns, cell, row, height: cards.length ? y + row : 0, ys, across, days };
}

/** The runs of consecutive cards of one group: the index of the first, and how many they are.
 *  @template Dated
 *  @param {Dated[]} cards
 *  @param {(card: Dated) => string} group */
function runsOf(cards, group) {
  /** @type {{ day: string, before: number, count: number }[]} */
  const runs = [];
  for (const [before, card] of cards.entries()) {
    const last = runs.at(-1), day = group(card) || (last?.day ?? ""); // a job with a damaged time belongs to the day around it
    if (last?.day === day) last.count += 1;
    else runs.push({ day, before, count: 1 });
  }
  return runs;
}

/** The indexes of the cards between two heights, as a half-open range.
 *  @param {Rows} rows
 *  @param {number} top
 *  @param {number} bottom */
export function between(rows, top, bottom) {
  return [first(rows.ys, (y) => y + rows.row > top), first(rows.ys, (y) => y >= bottom)];
}

/** The heading at a height, the first of those beside each other.
 *  @param {Rows} rows
 *  @returns {Day | null}
 *  @param {number} y */
export function dayAt(rows, y) {
  const last = rows.days[first(rows.days, (day) => day.y > y) - 1];
  return last ? rows.days[first(rows.days, (day) => day.y >= last.y)] : rows.days[0] ?? null;
}

/** The index of the card to which a key moves the focus: the same at an end, null for any other key.
 *  @param {Rows} rows
 *  @param {number} page number of rows on the screen
 *  @param {number} from
 *  @param {string} key */
export function goBy(rows, from, key, page) {
  const last = rows.ys.length - 1;
  const along = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (along) return Math.min(last, Math.max(0, from + along));
  let down = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page }[key];
  if (!down) return null;
  let index = from;
  for (; down !== 0; down -= Math.sign(down)) index = inNextRow(rows, index, Math.sign(down));
  return index;
}

/** The index of the card above or below, or of the last one in a shorter row.
 *  @param {Rows} rows
 *  @param {number} from
 *  @param {number} step */
function inNextRow({ ys, across }, from, step) {
  let index = from;
  while (ys[index] === ys[from]) index += step;
  if (ys[index] === undefined) return from;
  const y = ys[index], [begin, end] = [first(ys, (one) => one >= y), first(ys, (one) => one > y)];
  return Math.min(begin + across[from], end - 1);
}

/** Binary search: the first index for which `holds` is true, as it must be for all after it.
 *  @template One
 *  @param {One[]} list
 *  @param {(one: One) => boolean} holds */
function first(list, holds) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
