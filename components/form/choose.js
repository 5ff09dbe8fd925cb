/* The Choose dialog: a table of the form's current values and those of the job, of which the ticked rows are reused. */
import { closesBeside, makeDialog, openDialog } from "../kit/dialog.js";
import { find, h, onPress, ownUrl, text } from "../kit/dom.js";
import { iconButton, swatch, thumbnail, thumbnails } from "../library/job_parts.js";
import { reuseClick, reuseDone } from "../library/reuse_click.js";
import { askForPlan, formFor } from "./plan.js";

const title = h("h2", { dir: "auto" });
const rows = h("tbody");
const all = h("input", { type: "checkbox", "aria-label": "Every row" });
const apply = h("button", { type: "button", class: "primary-button", "data-do": "apply" });
const every = h("label", {}, all, h("span", {}, "Every row")); // the text is visible where the columns have no headings
const then = h("th", { scope: "col" });
const table = h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, every), h("th", { scope: "col" }, "Parameter"),
  h("th", { scope: "col" }, "Now"), then)), rows);
const dialog = makeDialog({ class: "choose", "aria-label": "Choose what to reuse" },
  iconButton("close", "close", "Close", { class: "icon-button close" }),
  title, h("div", { class: "choose-rows" }, table),
  h("footer", {}, h("p", { class: "choose-hint", role: "status" }), apply));
/** @typedef {Values & { job_id: string }} Question What the server was asked to compare. */

/** @type {Question & { model_id: string }} */
let asked; // the arguments of the comparison
/** @type {Api.Difference[]} */
let compared = []; // the rows of its answer
/** @type {Answering<Api.Filling>} */
let endpoint; // the name of the one that reuses the ticked rows

/** Opens the table for the answer of a comparison; rows that differ come first and are ticked.
 *  @param {Question} question
 *  @param {Api.Comparison} answer
 *  @param {{ endpoint: Answering<Api.Filling>, then: string }} how */
export function choose(question, { model_id, model_name, rows: found }, how) {
  endpoint = how.endpoint;
  text(then, how.then);
  asked = { ...question, model_id };
  compared = found;
  reuseDone(asked.job_id, null);
  text(title, `Reuse in ${model_name}`);
  rows.replaceChildren(...compared.map(row));
  hint("");
  count();
  openDialog(dialog);
  find(dialog, ".choose-rows").scrollTop = 0;
}

/** @param {Api.Difference} one */
function row(one) {
  const why = `why-not-${one.name}`, isOff = Boolean(one.why_not);
  const tick = h("input", { type: "checkbox", "aria-label": one.label, value: one.name, checked: one.differs && !isOff, disabled: isOff, "aria-describedby": isOff && why });
  const id = `choose-${one.name}`;
  tick.id = id;
  return h("tr", { class: isOff ? "same nothing" : one.differs ? "differs" : "same", "data-name": one.name },
    h("td", {}, tick), h("th", { scope: "row", dir: "auto" }, h("label", { for: id }, one.label)),
    h("td", { "data-head": "Now" }, shown(one.now)), h("td", { "data-head": then.textContent }, isOff ? h("span", { id: why, class: "words", dir: "auto" }, one.why_not) : shown(one.then)));
}

/** A value given as {text, url, urls, kind}; pictures are shown as previews.
 *  @param {Api.Shown} value */
function shown(value) {
  const words = h("span", { class: "words", dir: "auto" }, value.text);
  if (ownUrl(value.url)) return h("span", { class: "file" }, thumbnail(value.url, value.kind, ""), words);
  if (value.urls.length) return h("span", { class: "file" }, thumbnails(value.urls), words);
  return value.kind === "colour" ? h("span", { class: "file" }, swatch(value.text), words) : words;
}

const ticks = () => [.../** @type {NodeListOf<HTMLInputElement>} */ (rows.querySelectorAll("input:not(:disabled)"))];
const ticked = () => new Set(ticks().filter((tick) => tick.checked).map((tick) => tick.value));
/** @param {string} name */
const parentsOf = (name) => compared.find((one) => one.name === name)?.parents ?? [];

/** Ticks the parents of a ticked row that differ, without which its input would be hidden, and unticks the dependents of a
 *  parent.
 *  @param {HTMLInputElement} changed */
function follow(changed) {
  const differing = new Map(compared.map((one) => [one.name, one.differs]));
  const moved = [];
  for (const tick of ticks()) {
    const isParent = changed.checked && parentsOf(changed.value).includes(tick.value) && differing.get(tick.value);
    const isDependent = !changed.checked && differing.get(changed.value) && parentsOf(tick.value).includes(changed.value);
    if ((isParent && !tick.checked) || (isDependent && tick.checked)) {
      tick.checked = changed.checked;
      moved.push(tick.getAttribute("aria-label"));
    }
  }
  hint(moved.length ? `${changed.checked ? "Needed too" : "Left out too"}: ${moved.join(", ")}` : "");
}

/** @param {string} words */
const hint = (words) => text(find(dialog, ".choose-hint"), words);

function count() {
  const number = ticked().size;
  apply.disabled = number === 0;
  text(apply, number === 1 ? "Reuse 1 input" : `Reuse ${number} inputs`);
  all.disabled = ticks().length === 0;
  all.checked = number > 0 && number === ticks().length;
  all.indeterminate = number > 0 && !all.checked;
}

rows.addEventListener("change", (event) => {
  follow(/** @type {HTMLInputElement} */ (event.target));
  count();
});
all.addEventListener("change", () => {
  for (const tick of ticks()) tick.checked = all.checked;
  count();
});
dialog.addEventListener("close", () => rows.replaceChildren());
onPress(dialog, {
  close: () => dialog.close(),
  apply: async () => {
    const names = [...ticked()];
    const { job_id, model_id: model } = asked;
    dialog.close();
    const click = reuseClick(job_id);
    const now = await formFor(model, { job_id, click });
    if (now) askForPlan(endpoint, { ...asked, names, now }, { click, model });
  },
});
closesBeside(dialog);
