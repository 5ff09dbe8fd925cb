/* Fills a plan into the fields, by updates that Gradio takes in the plan's event. */
import { update } from "../gradio_ext/fields.js";
import { signal } from "../kit/signal.js";
import { rebase } from "./bases.js";
import { chosenIn, open, openTab, pressTab, select } from "./choice.js";
import { interactions } from "./clicks.js";
import { visible } from "./conditions.js";
import { fieldsOf, rulesOf, types } from "./layout.js";
import { finishWhenWhole, take } from "./plan.js";
import { forget } from "./reading.js";
import { change, isShowing } from "./shown_fields.js";
import { recordSources } from "./sources.js";

/** Emitted with a plan that is about to be filled into its form.
 *  @type {import("../kit/signal.js").Signal<[plan: import("./plan.js").Plan]>} */
export const spreading = signal();

/** Emitted with the model whose fields a plan has filled, and with their values where these are known.
 *  @type {import("../kit/signal.js").Signal<[model: string, values: Record<string, unknown> | null]>} */
export const filled = signal();

/** Called by Gradio: updates for the tabs, the pickers, the model's group, and its fields twice, for an input must be shown
 *  before it gets its value, and get its value before it is hidden.
 *  @param {string} model */
export function spread(model) {
  const plan = take(model);
  if (plan === null) return [];
  forget(model);
  if (!plan.quiet) {
    spreading.emit(plan);
    rebase(plan);
  }
  recordSources(plan);
  const wanted = plan.quiet && plan.since !== interactions() ? null : plan.select;
  setTimeout(() => endSpread(plan, wanted)); // after the values are in the fields
  const fields = fieldUpdates(plan);
  const around = wanted ? choiceUpdates(plan, wanted) : [undefined, ...types().map(() => undefined)];
  return [...around, open(model), ...fields];
}

/** @param {import("./plan.js").Plan} plan
 *  @param {string | null} wanted */
function endSpread(plan, wanted) {
  forget(plan.model_id);
  if (wanted && openTab() !== plan.type) pressTab(); // another tab was opened meanwhile
  plan.after?.();
  filled.emit(plan.model_id, plan.now ? { ...plan.now, ...plan.values } : null);
  if (!plan.quiet) finishWhenWhole(plan);
}

/** @param {import("./plan.js").Plan} plan */
function fieldUpdates({ model_id: model, now, values: brought, visible: said }) {
  const names = fieldsOf(model);
  // Not as the plan says where it is for a part: the form may have changed since its values were sent.
  const shown = now ? visible(rulesOf(model), { ...now, ...brought }) : null;
  const shows = change(model, names, (name) => shown?.has(name) ?? said[name] ?? isShowing(model, name));
  const values = names.map((name) => (name in brought ? update({ value: brought[name] }) : undefined));
  const goes = shows.map((change) => change?.visible === false);
  return [
    ...names.map((_, index) => (goes[index] ? values[index] : shows[index])),
    ...names.map((_, index) => (goes[index] ? shows[index] : values[index])),
  ];
}

/** @param {import("./plan.js").Plan} plan
 *  @param {string} model */
function choiceUpdates({ type = "" }, model) {
  const tabs = type === openTab() ? undefined : update({ selected: type });
  const isPicked = chosenIn(type) === model;
  const pickers = types().map((one) => (one === type && !isPicked ? update({ value: model }) : undefined));
  select(type, model);
  return [tabs, ...pickers];
}
