/* A plan is how the server would fill a form from a job. It is requested here, and waits until its form can take it. The only
   decision made here is which of two clicks was the last. */
import { say, sayLoudly } from "../kit/say.js";
import { signal } from "../kit/signal.js";
import { reuseDone } from "../library/reuse_click.js";
import { atRest } from "./at_rest.js";
import { forFields, forServer } from "./files.js";
import { interacted, interactions, isLast } from "./clicks.js";
import { arrived, bring, isThere } from "./lazy_groups.js";
import { isModel, modelIndex, send } from "./layout.js";
import { groupOf } from "./places.js";
import { forget, lastLook, look } from "./reading.js";
import { NO_ANSWER, ask, errorText } from "./transport.js";
import { withdraw } from "./uploads.js";

/** @typedef {{ job_id?: string, click: number }} About The click that is answered, and what is reused. */

/** How to fill a form. `click` is the number of the click that it answers, null for a quiet plan; `now` are the form's values
 *  before, `late` the uploads that it overtook; it selects no model when there were interactions after `since`. `adds` is the
 *  input to whose list it appends; `after` is called when the values are in the fields. `title` is that of the job, `bases` are
 *  the bases that an undo restores.
 *  @typedef {{
 *    job_id?: string, model_id: string, type?: string, click?: number | null, select: string | null,
 *    visible: Record<string, boolean>, values: Values, notice?: import("../kit/say.js").Notice, error?: string,
 *    now?: Values, late?: import("./uploads.js").Upload[], sources?: import("./sources.js").Source[],
 *    adds?: string, quiet?: boolean, isDraft?: boolean, since?: number, after?: () => void, undone?: boolean,
 *    title?: string, bases?: import("./bases.js").Bases,
 *  }} Plan */

const NOTHING = { model_id: "", select: null, visible: {}, values: {} }; // is in a plan that is none
/** @type {Record<string, Plan>} */
const coming = {}; // model → the plan that is on its way into its fields

/** Emitted with a model before its form is filled; the listeners' promises are awaited.
 *  @type {import("../kit/signal.js").Signal<[model: string]>} */
export const preparing = signal();

/** Emitted with a plan once it is in its form, which is at rest.
 *  @type {import("../kit/signal.js").Signal<[plan: Plan]>} */
export const finished = signal();

/** Emitted with the model whose form the user may have changed.
 *  @type {import("../kit/signal.js").Signal<[model: string]>} */
export const used = signal();

/** Requests a plan from an endpoint and carries it out. `model` is the one whose form will most likely be filled: its values,
 *  which an undo will need, are read meanwhile.
 *  @param {Answering<Api.Filling>} name
 *  @param {Values} data
 *  @param {{ click: number, model: string, longest?: number }} about for at most `longest` ms */
export async function askForPlan(name, data, { click, model, longest }) {
  const job_id = /** @type {string | undefined} */ (data.job_id);
  const answer = ask(name, data, longest);
  if (isModel(model)) look(model);
  const adds = ["send_on", "use_file"].includes(name) ? /** @type {string} */ (data.parameter) : undefined;
  begin(await answer.then((filling) => planOf(filling, { job_id, click, adds }), (error) => failed({ job_id, click }, errorText(error))));
}

/** An endpoint's answer as a plan.
 *  @param {Api.Filling} filling
 *  @param {About & { adds?: string }} about
 *  @returns {Plan} */
function planOf({ plan, notice }, about) {
  if (plan === null) return { ...about, ...NOTHING, error: notice.text, notice };
  return { ...about, ...plan, values: forFields(plan.values), select: plan.model_id, notice };
}

/** The values of the model's form for the server, which a part of a job is merged into. They are read once everything on its
 *  way into the form is there.
 *  @param {string} model
 *  @param {About} about
 *  @returns {Promise<Values | null>} Null where there was a later click, or the form did not load. */
export async function formFor(model, about) {
  const now = await settled(model).catch(() => null);
  if (now === null) refuse(about, NO_ANSWER);
  return now && isLast(about.click) ? forServer(now) : null;
}

/** The values of the model's form, once it is loaded and ready for a restore.
 *  @param {string} model */
async function settled(model) {
  await bring(model);
  await Promise.all(preparing.emit(model));
  await isReady(model);
  return lastLook(model);
}

/** Carries out a plan, or shows its error.
 *  @param {Plan} plan */
export async function begin(plan) {
  if (!isWanted(plan)) return;
  if (plan.error) {
    finish(plan);
  } else {
    const model = plan.model_id;
    try {
      await bring(model);
    } catch {
      return begin(failed(plan, NO_ANSWER));
    }
    await Promise.all(preparing.emit(model));
    await isReady(model);
    const late = await withdraw(plan);
    const now = await lastLook(model);
    if (!isWanted(plan)) return;
    coming[model] = { ...plan, values: added(plan, now), now, late };
    send(`spread_${modelIndex(model)}`);
  }
}

/** The values of a plan; those that it `adds` to a list come after the files in the form.
 *  @param {Plan} plan
 *  @param {Record<string, unknown>} now */
function added({ values, adds = "" }, now) {
  const there = now[adds], more = values[adds];
  return Array.isArray(there) && Array.isArray(more) ? { ...values, [adds]: [...there, ...more] } : values;
}

/** @param {Plan | undefined} plan
 *  @returns {plan is Plan} */
const isWanted = (plan) => plan !== undefined && (plan.click === null || isLast(plan.click));

/** Ends a reuse with an error.
 *  @param {About} about
 *  @param {string} words */
export const refuse = (about, words) => begin(failed(about, words));

/** A plan that only has an error.
 *  @param {{ job_id?: string, click?: number | null }} about
 *  @returns {Plan}
 *  @param {string} words */
function failed({ job_id, click }, words) {
  return { job_id, click, ...NOTHING, error: words, notice: { text: words, tone: "bad" } };
}

/** Resolves when no quiet plan is on its way into the model's fields, and they are at rest.
 *  @param {string} model */
const isReady = (model) => atRest(model, () => Boolean(coming[model]?.quiet));

/** Carries out a plan without a message. It is dropped when its form is used meanwhile, and selects no model when there were
 *  interactions after `since`; `after` is called when it is in the fields. Returns false where another plan is on its way
 *  there.
 *  @param {Plan} plan */
export function beginQuietly(plan) {
  const other = planFor(plan.model_id);
  if (other && !other.quiet) return false;
  coming[plan.model_id] = { since: interactions(), ...plan, click: null, quiet: true };
  if (isThere(plan.model_id)) send(`spread_${modelIndex(plan.model_id)}`);
  else if (plan.select) bring(plan.model_id).catch(() => {});
  return true;
}

// Newly loaded fields get the draft that has waited for them, and are shown if their model is chosen.
arrived.listen((model) => beginQuietly(coming[model] ?? { model_id: model, select: null, visible: {}, values: {} }));

/** Called when the user may have changed the model's form. Returns the quiet plan that was on its way, which is dropped.
 *  @param {string} model */
export function touched(model) {
  interacted();
  forget(model);
  used.emit(model);
  if (!isThere(model) || !coming[model]?.quiet) return null;
  const missed = coming[model];
  delete coming[model];
  return missed;
}

/** The plan on its way to this model, unless there was a later click.
 *  @param {string} model */
const planFor = (model) => (isWanted(coming[model]) ? coming[model] : null);

/** Takes the plan on its way to this model, which is about to be in the fields.
 *  @returns {Plan | null}
 *  @param {string} model */
export function take(model) {
  const plan = planFor(model);
  delete coming[model];
  return plan;
}

/** Called when the plan is in the fields: shows its report once they are at rest.
 *  @param {Plan} plan */
export async function finishWhenWhole(plan) {
  await isReady(plan.model_id);
  if (isWanted(plan)) finish(plan);
}

/** @param {Plan} plan */
function finish(plan) {
  reuseDone(plan.job_id, plan.error ? "error" : "done");
  const { notice = { text: "" }, select } = plan;
  if (plan.error) return sayLoudly(notice);
  finished.emit(plan);
  say({ ...notice, model: select, isQuiet: true });
  if (select) focusWhenThere(select, 60);
}

/** Focuses the form's group once it is visible; focusing a field would open a phone's keyboard over the form.
 *  @param {string} model
 *  @param {number} frames */
function focusWhenThere(model, frames) {
  const group = groupOf(model);
  if (group === null || group.offsetParent === null) {
    if (frames > 0) requestAnimationFrame(() => focusWhenThere(model, frames - 1));
    return;
  }
  group.tabIndex = -1;
  group.focus({ preventScroll: true });
  group.scrollIntoView({ block: "start", behavior: "smooth" });
}
