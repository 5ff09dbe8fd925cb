/* Numbers and times as people read them. */
import { text } from "./dom.js";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
/** @type {Record<string, string>} */
const STATUS = {
  queued: "Waiting",
  running: "Running",
  completed: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
  damaged: "Damaged",
};

/** @param {string} status */
export const statusWord = (status) => STATUS[status] ?? String(status);

/** @param {Date} date */
export const ago = (date) => {
  const seconds = Math.max(0, (Date.now() - date.getTime()) / 1000);
  if (seconds < MINUTE) return "just now";
  if (seconds < HOUR) return relative.format(-Math.floor(seconds / MINUTE), "minute");
  if (seconds < DAY) return relative.format(-Math.floor(seconds / HOUR), "hour");
  if (seconds < 7 * DAY) return relative.format(-Math.floor(seconds / DAY), "day");
  return date.toLocaleDateString(undefined, { dateStyle: "medium" });
};

/** @param {number} value */
export const seconds = (value) => {
  if (value < 10) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  return whole < MINUTE ? `${whole} s` : `${Math.floor(whole / MINUTE)} min ${whole % MINUTE} s`;
};

/** @param {number} value */
export const bytes = (value) => {
  const steps = ["bytes", "kB", "MB", "GB"];
  let step = 0;
  while (value >= 1000 && step < steps.length - 1) [value, step] = [value / 1000, step + 1];
  return `${step && value < 100 ? value.toFixed(1) : Math.round(value)} ${steps[step]}`;
};

/** A fraction from 0 to 1 in percent.
 *  @param {number} fraction */
export const percent = (fraction) => `${Math.round(fraction * 100)} %`;

/** "1 job", "2 jobs".
 *  @param {number} number */
export const numberOfJobs = (number) => (number === 1 ? "1 job" : `${number} jobs`);

/** Sets a <time> from an ISO date: how long ago it is, with the full date as its title.
 *  @param {HTMLTimeElement} node
 *  @param {string | null | undefined} iso */
export const setTime = (node, iso) => {
  const date = new Date(iso ?? NaN);
  if (Number.isNaN(date.getTime())) return text(node, "an unknown time ago");
  node.dateTime = date.toISOString();
  node.title = date.toLocaleString(undefined, { dateStyle: "full", timeStyle: "medium" });
  text(node, ago(date));
};

setInterval(() => {
  const times = /** @type {Iterable<HTMLTimeElement>} */ (document.querySelectorAll("time.ago[datetime]"));
  for (const node of times) text(node, ago(new Date(node.dateTime)));
}, 30000);
