/* The menu that takes the gallery to its newest jobs, its oldest, or those of a month. */
import { ask } from "../form/transport.js";
import { h } from "../kit/dom.js";
import { menuItem, openMenu } from "./menu.js";
import { localDay } from "./rows.js";

const MONTHS = Array.from({ length: 12 }, (_, month) => month);

/** The name of a day given as yyyy-mm-dd, such as Today.
 *  @param {string} day */
export function dayName(day, isShort = false) {
  if (day === "") return "At an unknown time";
  const [year, month, date] = day.split("-").map(Number);
  const then = new Date(year, month - 1, date), today = new Date();
  const before = Math.round((new Date(today.getFullYear(), today.getMonth(), today.getDate()).getTime() - then.getTime()) / 86400000);
  if (before === 0) return "Today";
  if (before === 1) return "Yesterday";
  return then.toLocaleDateString(undefined, { weekday: isShort ? undefined : "long", day: "numeric", month: isShort ? "short" : "long", year: year === today.getFullYear() ? undefined : "numeric" });
}

/** Opens the menu of the months since the oldest job; `choose` gets the year and the month, 1 to 12.
 *  @param {HTMLElement} button
 *  @param {string} label
 *  @param {(year: number, month: number) => void} choose */
export async function openMonths(button, label, choose) {
  const since = await oldestDay({});
  openMenu(button, label, years(since || localDay({ created_at: new Date().toISOString() }), choose));
}

/** @param {Values} question */
async function oldestDay(question) {
  const oldest = await ask("list_jobs", { ...question, newer: true, limit: 1 }).catch(() => ({ jobs: [] }));
  return localDay(oldest.jobs[0] ?? { created_at: null });
}

/** Opens the menu; `jump` gets the chosen place as arguments of `list_jobs`.
 *  @param {() => Record<string, unknown>} question returns the arguments of `list_jobs` for the gallery's list
 *  @param {HTMLElement} button
 *  @param {(place: { at?: string, newer?: boolean }) => void} jump */
export async function openJumpMenu(button, question, jump) {
  const since = await oldestDay(question());
  /** @type {(year: number, month: number) => void} */
  const toMonth = (year, month) => jump({ at: new Date(year, month, 1).toISOString() });
  openMenu(button, "Go to", [menuItem("Newest", () => jump({})), menuItem("Oldest", () => jump({ newer: true })), ...(since ? years(since, toMonth) : [])]);
}

/** @param {string} since
 *  @param {(year: number, month: number) => void} choose */
function years(since, choose) {
  const [first, begin] = since.split("-").map(Number), now = new Date();
  const all = Array.from({ length: now.getFullYear() - first + 1 }, (_, before) => now.getFullYear() - before);
  return all.flatMap((year) => [
    h("p", { class: "menu-title" }, String(year)),
    h("div", { class: "months" }, ...MONTHS.map((month) => {
      const date = new Date(year, month, 1), isThere = (year > first || month + 1 >= begin) && date <= now;
      const word = date.toLocaleDateString(undefined, { month: "short" });
      return menuItem(word, () => choose(year, month + 1), { "aria-label": `${word} ${year}`, title: date.toLocaleDateString(undefined, { month: "long", year: "numeric" }), disabled: !isThere });
    })),
  ]);
}
