/* Labels: the box from which jobs get them, and where they are called something else or deleted. */
import { ask, wordsOf } from "../form/transport.js";
import { h, text } from "../kit/dom.js";
import { icon } from "../kit/icons.js";
import { signal } from "../kit/signal.js";
import { say as sayInForm } from "../kit/say.js";
import { fillMenu, menuItem, openMenu, stayingItem } from "./menu.js";
import { askName } from "./name_dialog.js";

/** @typedef {{ name: string, jobs: number }} Label As `list_labels` answers it.
 *  @typedef {{ id: string, labels?: string[] }} Labelled A job, or as much of it. */

const LONGEST = 40; // characters: more no label has
const AT_ONCE = 1000; // jobs that the server takes
const SHOWN = 60;

/** Tells that jobs have other labels by now; of one that is called something else how it was called and is.
 *  @type {import("../kit/signal.js").Signal<[before?: string, now?: string]>} */
export const labelsChanged = signal();

export const listLabels = () => /** @type {Promise<Label[]>} */ (ask("list_labels"));

const several = (number) => (number === 1 ? "1 job" : `${number} jobs`);

/** As labels are told from each other: without case and accents. */
const meaning = (name) => name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().split(/\s+/).filter(Boolean).join(" ");
const isSame = (one, other) => meaning(one) === meaning(other);

/** @param {Labelled} job
 *  @param {string} label */
const has = (job, label) => (job.labels ?? []).some((one) => isSame(one, label));

/** The labels of a job that has one more, or one less.
 *  @param {string[]} labels */
export const relabelled = (labels, label, on) => [...labels.filter((one) => !isSame(one, label)), ...(on ? [label] : [])].sort((one, other) => one.localeCompare(other));

/** @param {{
 *    act: (asks: () => Promise<any>, then: (answer: any) => void) => void,
 *    say: (words: (string | Node)[], back?: () => void) => void,
 *    relabel: (ids: string[], labels: (before: string[]) => string[], lost?: string) => void,
 *  }} gallery `act` has one thing done after the other, `say` tells what was done and how to undo it, and `relabel` changes
 *    the labels of the cards that are there, which have `lost` one */
export function labelling({ act, say, relabel }) {
  /** Gives jobs a label, or takes it away.
   *  @param {string[]} ids */
  function put(ids, label, on = true) {
    act(() => inParts(ids, (job_ids) => ask("label_jobs", { job_ids, label, on })), (changed) => {
      relabel(changed, (before) => relabelled(before, label, on), on ? undefined : label);
      labelsChanged.tell();
      const words = on ? ["Labelled ", several(changed.length), ": "] : ["Took a label from ", several(changed.length), ": "];
      if (changed.length) say([...words, h("bdi", {}, label)], () => put(changed, label, !on));
    });
  }

  /** Opens the box below a button.
   *  @param {() => HTMLElement | null} button finds it: what shows a job may be drawn again before the labels have come
   *  @param {Labelled[]} jobs */
  async function open(button, jobs) {
    const all = await listLabels().catch((error) => sayInForm({ text: wordsOf(error), tone: "bad" }));
    const below = button();
    if (all && below) openMenu(below, "Labels", choices(jobs, all), "dialog");
  }

  /** @param {Labelled[]} jobs
   *  @param {Label[]} all */
  function choices(jobs, all) {
    const box = /** @type {HTMLInputElement} */ (h("input", { type: "text", class: "label-box", maxlength: LONGEST, dir: "auto", autocomplete: "off", spellcheck: "false", enterkeyhint: "done",
      "aria-label": "Label", placeholder: all.length ? "Find or make a label" : "Make a label" }));
    const found = h("div", { class: "label-choices" });
    const ids = jobs.map(({ id }) => id);
    const draw = () => {
      const typed = box.value.trim();
      const fitting = all.filter(({ name }) => meaning(name).includes(meaning(typed))).sort((one, other) => Number(isSame(other.name, typed)) - Number(isSame(one.name, typed)));
      const isNew = typed !== "" && !all.some(({ name }) => isSame(name, typed));
      found.replaceChildren(
        ...fitting.slice(0, SHOWN).map((label) => row(jobs, label)),
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
      menuItem(words, () => put(jobs.map(({ id }) => id), name, !isOn), { role: false, "aria-pressed": String(isOn), title: `${name}: ${several(number)}`, dir: false }), more);
  }

  /** @param {Label} label */
  function acts({ name, jobs }) {
    return [
      h("p", { class: "menu-title", dir: "auto" }, name),
      menuItem("Rename…", () => askName(`Another name for the label “${name}”`, name, (now) => rename(name, now.trim())), { role: false }),
      menuItem(`Delete it from ${several(jobs)}`, () => remove(name), { role: false }),
    ];
  }

  /** Rejects with what there is to say of a name that is not taken. */
  async function rename(before, now) {
    renamed(before, now, await ask("rename_label", { label: before, name: now }));
    say(["The label ", h("bdi", {}, before), " is called ", h("bdi", {}, now)], () => act(() => ask("rename_label", { label: now, name: before }), (ids) => renamed(now, before, ids)));
  }

  function renamed(before, now, ids) {
    labelsChanged.tell(before, now);
    relabel(ids, (labels) => relabelled(relabelled(labels, before, false), now, true));
  }

  function remove(label) {
    act(() => ask("delete_label", { label }), (ids) => {
      relabel(ids, (before) => relabelled(before, label, false), label);
      labelsChanged.tell(label);
      say(["Deleted the label ", h("bdi", {}, label)], () => put(ids, label));
    });
  }

  return { put, open };
}

/** What an endpoint answers for so many jobs at a time.
 *  @param {string[]} ids
 *  @param {(ids: string[]) => Promise<string[]>} asks */
async function inParts(ids, asks) {
  const answers = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) answers.push(...(await asks(ids.slice(at, at + AT_ONCE))));
  return answers;
}

/** The labels of a job in its details: each can be looked for, or taken away, and others given. */
export function labelBar(job) {
  const chip = (label) => h("li", { class: "label-chip" },
    h("button", { type: "button", class: "label-find", "data-do": "findLabel", dir: "auto", title: "Show the jobs that have it" }, label),
    h("button", { type: "button", class: "label-off", "data-do": "takeLabel", "data-label": label, title: "Take this label away", "aria-label": `Take the label away: ${label}` }, icon("close")));
  const labels = job.labels ?? [];
  const add = h("button", { type: "button", class: "label-add", "data-do": "label", "aria-haspopup": "dialog", "aria-expanded": "false", title: "Labels (L)", "aria-label": "Labels" }, icon("tag"), labels.length ? "" : h("span", {}, "Labels"));
  return h("div", { class: "labels" }, labels.length ? h("ul", { "aria-label": "Labels" }, ...labels.map(chip)) : null, add);
}

/** The labels of a card, in short. */
export const showLabels = (node, card) => text(node, (card.labels ?? []).join(" · "));
