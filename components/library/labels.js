/* Labels: the box in which jobs are labelled, and labels renamed and deleted. */
import { ask, errorText } from "../form/transport.js";
import { h, text } from "../kit/dom.js";
import { icon } from "../kit/icons.js";
import { numberOfJobs } from "../kit/format.js";
import { signal } from "../kit/signal.js";
import { say as sayInForm } from "../kit/say.js";
import { fillMenu, menuItem, openMenu, stayingItem } from "./menu.js";
import { MAX_CHOSEN } from "./choosing.js";
import { askName } from "./name_dialog.js";

/** @typedef {Api.Label} Label
 *  @typedef {{ id: string, labels?: string[] }} Labelled A job, or as much of it. */

const MAX_LENGTH = 40; // characters of a label
const MAX_ROWS = 60;

/** Emitted when the labels of jobs have changed; with the old and the new name where a label was renamed.
 *  @type {import("../kit/signal.js").Signal<[before?: string, now?: string]>} */
export const labelsChanged = signal();

export const listLabels = () => ask("list_labels");

/** The form in which labels are compared: without case and accents.
 *  @param {string} name */
const meaning = (name) => name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().split(/\s+/).filter(Boolean).join(" ");
/** @param {string} one
 *  @param {string} other */
const isSame = (one, other) => meaning(one) === meaning(other);

/** @param {Labelled} job
 *  @param {string} label */
const has = (job, label) => (job.labels ?? []).some((one) => isSame(one, label));

/** The labels with one added or removed, in alphabetical order.
 *  @param {string[]} labels
 *  @param {string} label
 *  @param {boolean} on */
export const relabelled = (labels, label, on) => [...labels.filter((one) => !isSame(one, label)), ...(on ? [label] : [])].sort((one, other) => one.localeCompare(other));

/** @param {{
 *    act: import("./chosen_jobs.js").Act,
 *    say: (words: (string | Node)[], back?: () => void) => void,
 *    relabel: (ids: string[], labels: (before: string[]) => string[], lost?: string) => void,
 *  }} gallery `act` runs requests one after the other, `say` shows what was done, with an Undo button, and `relabel` changes
 *    the labels of the gallery's cards; `lost` is a label that they no longer have */
export function labelling({ act, say, relabel }) {
  /** Labels jobs, or removes the label.
   *  @param {string[]} ids
   *  @param {string} label */
  function put(ids, label, on = true) {
    act(() => inBatches(ids, (job_ids) => ask("label_jobs", { job_ids, label, on })), (changed) => {
      relabel(changed, (before) => relabelled(before, label, on), on ? undefined : label);
      labelsChanged.emit();
      const words = on ? ["Labelled ", numberOfJobs(changed.length), ": "] : ["Took a label from ", numberOfJobs(changed.length), ": "];
      if (changed.length) say([...words, h("bdi", {}, label)], () => put(changed, label, !on));
    });
  }

  /** Opens the box beside a button.
   *  @param {() => HTMLElement | null} button finds it: what shows a job may be drawn again before the labels have come
   *  @param {Labelled[]} jobs */
  async function open(button, jobs) {
    const all = await listLabels().catch((error) => sayInForm({ text: errorText(error), tone: "bad" }));
    const below = button();
    if (all && below) openMenu(below, "Labels", choices(jobs, all), "dialog");
  }

  /** @param {Labelled[]} jobs
   *  @param {Label[]} all */
  function choices(jobs, all) {
    const box = h("input", { type: "text", class: "label-box", maxlength: MAX_LENGTH, dir: "auto", autocomplete: "off", spellcheck: "false", enterkeyhint: "done",
      "aria-label": "Label", placeholder: all.length ? "Find or make a label" : "Make a label" });
    const found = h("div", { class: "label-choices" });
    const ids = jobs.map(({ id }) => id);
    const draw = () => {
      const typed = box.value.trim();
      const fitting = all.filter(({ name }) => meaning(name).includes(meaning(typed))).sort((one, other) => Number(isSame(other.name, typed)) - Number(isSame(one.name, typed)));
      const isNew = typed !== "" && !all.some(({ name }) => isSame(name, typed));
      found.replaceChildren(
        ...fitting.slice(0, MAX_ROWS).map((label) => row(jobs, label)),
        ...(isNew ? [menuItem([icon("plus"), h("span", { class: "label-name" }, "New label ", h("bdi", {}, typed))], () => put(ids, typed), { role: false })] : []));
    };
    box.addEventListener("input", draw);
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      if (box.value.trim()) found.querySelector("button")?.click();
    });
    draw();
    return [box, found];
  }

  /** @param {Labelled[]} jobs
   *  @param {Label} label */
  function row(jobs, label) {
    const { name, jobs: number } = label, isOn = jobs.every((job) => has(job, name));
    const words = [icon("check"), h("span", { class: "label-name", dir: "auto" }, name), h("span", { class: "how-much" }, String(number))];
    const more = stayingItem(icon("dots"), () => fillMenu(acts(label)), { role: false, class: "preset-more", "aria-label": `More of ${name}`, title: "More", "data-beside": true });
    return h("div", { class: "preset-row" },
      menuItem(words, () => put(jobs.map(({ id }) => id), name, !isOn), { role: false, "aria-pressed": String(isOn), title: `${name}: ${numberOfJobs(number)}`, dir: false }), more);
  }

  /** @param {Label} label */
  function acts({ name, jobs }) {
    return [
      h("p", { class: "menu-title", dir: "auto" }, name),
      menuItem("Rename…", () => askName(`Another name for the label “${name}”`, name, (now) => rename(name, now.trim())), { role: false }),
      menuItem(`Delete it from ${numberOfJobs(jobs)}`, () => remove(name), { role: false }),
    ];
  }

  /** Rejects with a message for a name that the server refuses.
   *  @param {string} before
   *  @param {string} now */
  async function rename(before, now) {
    renamed(before, now, await ask("rename_label", { label: before, name: now }));
    say(["The label ", h("bdi", {}, before), " is called ", h("bdi", {}, now)], () => act(() => ask("rename_label", { label: now, name: before }), (ids) => renamed(now, before, ids)));
  }

  /** @param {string} before
   *  @param {string} now
   *  @param {string[]} ids */
  function renamed(before, now, ids) {
    labelsChanged.emit(before, now);
    relabel(ids, (labels) => relabelled(relabelled(labels, before, false), now, true));
  }

  /** @param {string} label */
  function remove(label) {
    act(() => ask("delete_label", { label }), (ids) => {
      relabel(ids, (before) => relabelled(before, label, false), label);
      labelsChanged.emit(label);
      say(["Deleted the label ", h("bdi", {}, label)], () => put(ids, label));
    });
  }

  return { put, open };
}

/** Runs a request for as many jobs at a time as the server takes; the answers together.
 *  @param {string[]} ids
 *  @param {(ids: string[]) => Promise<string[]>} request */
async function inBatches(ids, request) {
  const answers = [];
  for (let at = 0; at < ids.length; at += MAX_CHOSEN) answers.push(...(await request(ids.slice(at, at + MAX_CHOSEN))));
  return answers;
}

/** The labels of a job in its details: each can be searched for or removed, and others added.
 *  @param {Card} job */
export function labelBar(job) {
  /** @param {string} label */
  const chip = (label) => h("li", { class: "label-chip" },
    h("button", { type: "button", class: "label-find", "data-do": "findLabel", dir: "auto", title: "Show the jobs that have it" }, label),
    h("button", { type: "button", class: "label-off", "data-do": "takeLabel", "data-label": label, title: "Take this label away", "aria-label": `Take the label away: ${label}` }, icon("close")));
  const labels = job.labels ?? [];
  const add = h("button", { type: "button", class: "label-add", "data-do": "label", "aria-haspopup": "dialog", "aria-expanded": "false", title: "Labels (L)", "aria-label": "Labels" }, icon("tag"), labels.length ? "" : h("span", {}, "Labels"));
  return h("div", { class: "labels" }, labels.length ? h("ul", { "aria-label": "Labels" }, ...labels.map(chip)) : null, add);
}

/** Shows the labels of a card on one line.
 *  @param {Node} node
 *  @param {Card} card */
export const showLabels = (node, card) => text(node, (card.labels ?? []).join(" · "));
