/* The rating of a job in stars. */
import { ask, errorText } from "../form/transport.js";
import { attribute, h, text } from "../kit/dom.js";
import { say } from "../kit/say.js";

const MAX_STARS = 5;

/** The rating as text, empty for none.
 *  @param {number | null} rating */
export const stars = (rating) => "★".repeat(rating ?? 0);

/** The rating that a key gives, null for 0; undefined for another key.
 *  @param {KeyboardEvent} event */
export const starsOfKey = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[0-5]$/.test(event.key)) return undefined;
  return Number(event.key) || null;
};

/** Five stars to press; pressing the last one again removes the rating.
 *  @param {Card} job */
export function ratingBar(job) {
  let rating = job.rating ?? null;
  const buttons = Array.from({ length: MAX_STARS }, () => h("button", { type: "button", class: "star" }));
  const bar = h("div", { class: "rating", role: "group", "aria-label": "Rating" }, ...buttons);
  const show = () => buttons.forEach((button, place) => {
    const isOn = place < (rating ?? 0), number = place + 1;
    text(button, isOn ? "★" : "☆");
    attribute(button, "aria-pressed", String(number === rating));
    button.title = number === rating ? "Take the stars away" : `${number} ${number === 1 ? "star" : "stars"}`;
    attribute(button, "aria-label", button.title);
  });
  buttons.forEach((button, place) => button.addEventListener("click", () => {
    const before = rating;
    rating = place + 1 === rating ? null : place + 1;
    show();
    ask("rate_job", { job_id: job.id, rating }).catch((error) => {
      rating = before;
      show();
      say({ text: errorText(error), tone: "bad" });
    });
  }));
  show();
  return bar;
}
