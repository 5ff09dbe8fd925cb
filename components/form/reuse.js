/* Reuse of a job or a preset: the whole, a part, or what the user chooses from a table. */
import { reuseClick } from "../library/reuse_click.js";
import { select } from "../library/selection.js";
import { seedMode } from "../library/seed_mode.js";
import { selected } from "./choice.js";
import { choose } from "./choose.js";
import { isLast } from "./clicks.js";
import { isModel, models } from "./layout.js";
import { askForPlan, formFor, refuse } from "./plan.js";
import { ask, errorText } from "./transport.js";

/** The parts of a job or a preset that can be reused, with their labels in the menus. */
export const PARTS = {
  all: "Everything",
  prompt: "Prompt only",
  settings: "Settings only",
  all_but_seed: "All but the seed",
  media: "Media only",
  choose: "Choose…",
};

const A_PRESET = "a preset"; // in place of the id of the reused job
/** @typedef {{ endpoint: Answering<Api.Filling>, comparison: Answering<Api.Comparison>, then: string }} Source */

/** @type {Source} */
const JOB = { endpoint: "reuse_job", comparison: "compare_job", then: "In the job" };
/** @type {Source} */
const PRESET = { endpoint: "reuse_preset", comparison: "compare_preset", then: "In the preset" };

/** Reuses the job of a card: by default the whole job in its own model. In another model's form the other inputs keep their
 *  values, or with `fromDefaults` get their defaults.
 *  @param {{ id: string, model_id: string | null }} card
 *  @param {{ part?: string, seed?: string, text?: string, model_id?: string, fromDefaults?: boolean }} wanted */
export async function reuse(card, { part = "all", fromDefaults = false, ...wanted } = {}) {
  const about = { job_id: card.id, click: reuseClick(card.id) };
  select(card.id); // so that the stage shows what the form is filled from
  const asked = { job_id: card.id, seed: seedMode(), ...wanted };
  await bringBack(JOB, asked, { about, part, fromDefaults, own: card.model_id, model_id: wanted.model_id });
}

/** Reuses a preset as a job.
 *  @param {{ id: string, model_id: string }} preset
 *  @param {{ part?: string, model_id?: string }} wanted */
export async function reusePreset(preset, { part = "all", ...wanted } = {}) {
  const about = { job_id: A_PRESET, click: reuseClick(A_PRESET) };
  const asked = { job_id: A_PRESET, preset_id: preset.id, ...wanted };
  await bringBack(PRESET, asked, { about, part, fromDefaults: false, own: preset.model_id, model_id: wanted.model_id });
}

/** @param {Source} kind
 *  @param {import("./choose.js").Question} asked
 *  @param {{ about: import("./plan.js").About, part: string, fromDefaults: boolean, own: string | null, model_id?: string }} how
 *    `own` is the model that it was made with, `model_id` the model to reuse it in */
async function bringBack(kind, asked, { about, part, fromDefaults, own, model_id }) {
  const model = model_id ?? (isModel(own) ? own : selected() ?? models()[0]?.id);
  const question = { instead: selected() ?? model, ...asked };
  if (part === "all" && (model_id === undefined || fromDefaults)) return askForPlan(kind.endpoint, question, { click: about.click, model });
  const now = await formFor(model, about);
  if (now === null) return;
  if (part === "choose") return compare(kind, { ...question, now }, about);
  askForPlan(kind.endpoint, { ...question, part, now }, { click: about.click, model });
}

/** @param {Source} source
 *  @param {import("./choose.js").Question} asked
 *  @param {import("./plan.js").About} about */
async function compare({ endpoint, comparison, then }, asked, about) {
  try {
    const table = await ask(comparison, asked);
    if (isLast(about.click)) choose(asked, table, { endpoint, then });
  } catch (error) {
    refuse(about, errorText(error));
  }
}
