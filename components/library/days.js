/* Parses a day, month or year that was typed. */

/** The begin and end of a date in local time; null where it is not valid. An empty text has no bounds.
 *  @param {string} text such as 2026-11-30, 2026-11 or 2026
 *  @returns {[begin: Date | null, end: Date | null] | null} */
export function spanOf(text) {
  if (text.trim() === "") return [null, null];
  const parts = /^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?$/.exec(text.trim());
  if (!parts) return null;
  const [year, month = 1, day = 1] = parts.slice(1).filter((part) => part !== undefined).map(Number);
  const begin = new Date(year, month - 1, day);
  const isReal = begin.getFullYear() === year && begin.getMonth() === month - 1 && begin.getDate() === day;
  if (!isReal || year === 9999) return null; // its end would be in a year of five digits
  return [begin, parts[3] ? new Date(year, month - 1, day + 1) : parts[2] ? new Date(year, month, 1) : new Date(year + 1, 0, 1)];
}
