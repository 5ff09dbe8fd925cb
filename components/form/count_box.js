/* The box for the number of jobs that Generate makes at once. */
const { h, text } = window.studio;
const { counted, countJobs, jobCount, MAX_JOBS } = window.studio.form.count;

const words = h("output", { class: "count-words", tabindex: 0, role: "spinbutton", "aria-label": "Jobs to make", "aria-valuemin": 1, "aria-valuemax": MAX_JOBS });
/** @param {string} action
 *  @param {string} sign
 *  @param {string} label */
const step = (action, sign, label) => h("button", { type: "button", "data-do": action, "aria-label": label, title: label, tabindex: -1 }, sign);
const fewer = step("fewer", "−", "One job fewer"), more = step("more", "+", "One job more");
element.append(h("div", { class: "count-box", title: "Jobs that Generate makes, each with a seed of its own: a seed that is kept counts up" }, fewer, words, more));

function draw() {
  const count = jobCount();
  text(words, `× ${count}`);
  window.studio.attribute(words, "aria-valuenow", count);
  fewer.disabled = count === 1;
  more.disabled = count === MAX_JOBS;
}

window.studio.onPress(element, {
  fewer: () => countJobs(jobCount() - 1),
  more: () => countJobs(jobCount() + 1),
});

words.addEventListener("keydown", (event) => {
  const next = { ArrowUp: jobCount() + 1, ArrowRight: jobCount() + 1, ArrowDown: jobCount() - 1, ArrowLeft: jobCount() - 1, Home: 1, End: MAX_JOBS }[event.key]
    ?? (/^[1-8]$/.test(event.key) ? Number(event.key) : undefined);
  if (next === undefined) return;
  event.preventDefault();
  countJobs(next);
});

counted.listen(draw);
draw();
