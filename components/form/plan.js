/* A plan is what the server makes of a job for a form: here it is asked for, and waits until its form can take it.
   Nothing is decided here but which of two clicks was the last. */
import { say, sayLoudly } from "../kit/say.js";
import { signal } from "../kit/signal.js";
import { reuseDone } from "../library/reuse_click.js";
import { atRest } from "./at_rest.js";
import { forFields, forServer } from "./files.js";
import { interacted, interactions, isLast } from "./clicks.js";
import { arrived, bring, isThere } from "./lazy_groups.js";
import { isModel, place, send } from "./layout.js";
import { groupOf } from "./places.js";
import { forget, lastLook, look } from "./reading.js";
import { NO_ANSWER, ask, errorText } from "./transport.js";
import { withdraw } from "./uploads.js";

/** What is to come into a form, of which a part may be missing. `click` is the click that it answers, null for a quiet
 *  one; `now` is what the form held before, `late` the uploads that it overtook; after other interactions than `since` it
 *  selects no model. `adds` is the input to whose list it adds; `after` is called when the values are in the fields. `title`
 *  names the job that it is of, `bases` are what an undo counts changes from.
 *  @typedef {{
 *    job_id?: string, model_id: string, type?: string, click?: number | null, select: string | null,
 *    visible: Record<string, boolean>, values: Record<string, unknown>, notice?: object, error?: string,
 *    now?: Record<string, unknown>, late?: import("./uploads.js").Upload[], sources?: import("./sources.js").Source[],
 *    adds?: string, quiet?: boolean, isDraft?: boolean, since?: number, after?: () => void, undone?: boolean,
 *    title?: string, bases?: import("./bases.js").Bases,
 *  }} Plan */

/** @type {Record<string, Plan>} */
const coming = {}; // model → the plan that is on its way into its fields

/** Asks whoever listens to bring what must be in the form of this model before a restore is.
 *  @type {import("../kit/signal.js").Signal<[model: string]>} */
export const preparing = signal();

/** Tells a plan that is in its form, which is at rest.
 *  @type {import("../kit/signal.js").Signal<[plan: Plan]>} */
export const finished = signal();

/** Tells the model whose form the user may have changed.
 *  @type {import("../kit/signal.js").Signal<[model: string]>} */
export const used = signal();

/** Asks an endpoint how to fill a form, `model` being whose form it will most likely be: what that holds now, which an undo
 *  will need, is read while the answer is on its way.
 *  @param {string} name
 *  @param {Record<string, unknown>} data
 *  @param {{ click: number, model: string, longest?: number }} about for at most `longest` ms */
export async function askForPlan(name, data, { click, model, longest }) {
  const job_id = /** @type {string | undefined} */ (data.job_id);
  const answer = ask(name, data, longest);
  if (isModel(model)) look(model);
  const adds = ["send_on", "use_file"].includes(name) ? data.parameter : undefined;
  begin(await answer.then((filling) => planOf(filling, { job_id, click, adds }), (error) => failed({ job_id, click }, errorText(error))));
}

/** The answer of an endpoint as a plan. */
function planOf({ plan, notice }, about) {
  if (plan === null) return { ...about, error: notice.text, notice };
  return { ...about, ...plan, values: forFields(plan.values), select: plan.model_id, notice };
}

/** What the form of the model holds, for the server: a part of a job goes into that. It is read once all that is on its way
 *  into the form is there.
 *  @param {string} model
 *  @param {{ job_id: string, click: number }} about
 *  @returns {Promise<Record<string, unknown> | null>} Null when another click came after this one, or the form did not. */
export async function formFor(model, about) {
  const now = await settled(model).catch(() => null);
  if (now === null) refuse(about, NO_ANSWER);
  return now && isLast(about.click) ? forServer(now) : null;
}

/** What the form of the model holds, when it is in the page and all that must be in it before a restore is. */
async function settled(model) {
  await bring(model);
  await Promise.all(preparing.tell(model));
  await isReady(model);
  return lastLook(model);
}

/** A plan has come: its model's steps follow, or the notice of what went wrong.
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
    await Promise.all(preparing.tell(model));
    await isReady(model);
    const late = await withdraw(plan);
    const now = await lastLook(model);
    if (!isWanted(plan)) return;
    coming[model] = { ...plan, values: added(plan, now), now, late };
    send(`spread_${place(model)}`);
  }
}

/** The values of a plan; what it `adds` to a list comes after the files that the form has there.
 *  @param {Plan} plan
 *  @param {Record<string, unknown>} now */
function added({ values, adds = "" }, now) {
  const there = now[adds], more = values[adds];
  return Array.isArray(there) && Array.isArray(more) ? { ...values, [adds]: [...there, ...more] } : values;
}

const isWanted = (plan) => plan && (plan.click === null || isLast(plan.click));

/** Nothing comes into a form, and why.
 *  @param {{ job_id?: string, click: number }} about */
export const refuse = (about, words) => begin(failed(about, words));

/** A plan that is none.
 *  @param {{ job_id?: string, click?: number | null }} about
 *  @returns {Plan} */
function failed({ job_id, click }, words) {
  const nothing = { model_id: "", select: null, visible: {}, values: {} };
  return { job_id, click, ...nothing, error: words, notice: { text: words, tone: "bad" } };
}

/** Resolves when no quiet plan is on its way into the model's fields, and they are at rest. */
const isReady = (model) => atRest(model, () => Boolean(coming[model]?.quiet));

/** A plan of which nobody hears. It does not come when its form is used meanwhile, and selects no model when anything
 *  was done after `since`; when it is in the fields, `after` is called. False when another plan is on its way there.
 *  @param {Plan} plan */
export function beginQuietly(plan) {
  const other = planFor(plan.model_id);
  if (other && !other.quiet) return false;
  coming[plan.model_id] = { since: interactions(), ...plan, click: null, quiet: true };
  if (isThere(plan.model_id)) send(`spread_${place(plan.model_id)}`);
  else if (plan.select) bring(plan.model_id).catch(() => {});
  return true;
}

// Fields that have come get the draft that has waited for them, and show if their model has been chosen.
arrived.listen((model) => beginQuietly(coming[model] ?? { model_id: model, select: null, visible: {}, values: {} }));

/** The user may have changed something in the model's form. Returns the quiet plan that was on its way, and comes no
 *  more. */
export function touched(model) {
  interacted();
  forget(model);
  used.tell(model);
  if (!isThere(model) || !coming[model]?.quiet) return null;
  const missed = coming[model];
  delete coming[model];
  return missed;
}

/** The plan under way for this model, if no click came after it. */
const planFor = (model) => (isWanted(coming[model]) ? coming[model] : null);

/** The same, which is under way no more.
 *  @returns {Plan | null} */
export function take(model) {
  const plan = planFor(model);
  delete coming[model];
  return plan;
}

/** The plan is in the fields; once they are at rest, the user hears of it. */
export async function finishWhenWhole(plan) {
  await isReady(plan.model_id);
  if (isWanted(plan)) finish(plan);
}

function finish(plan) {
  reuseDone(plan.job_id, plan.error ? "error" : "done");
  if (plan.error) return sayLoudly(plan.notice);
  finished.tell(plan);
  say({ ...plan.notice, model: plan.select, isQuiet: true });
  focusWhenThere(plan.select, 60);
}

/** Focus goes to the form's group, not to a field: on a phone that would open the keyboard over what came back. */
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
