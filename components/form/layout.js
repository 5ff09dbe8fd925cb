/* The form's layout as the server made it, and how the scripts trigger its events. */
import { signal } from "../kit/signal.js";

/** @typedef {import("./conditions.js").Rule} Rule
 *  @typedef {{
 *    tabs: string[],
 *    types: string[],
 *    models: [id: string, type: string, name: string][],
 *    fields: Record<string, string[]>,
 *    unfolded: Record<string, string[]>,
 *    rules: Record<string, [name: string, rule: Rule | null][]>,
 *    showing: Record<string, string[]>,
 *    seeds: Record<string, [name: string, maximum: string][]>,
 *    chosen: Record<string, string>,
 *    tab: string,
 *    later: string[],
 *    files: Record<string, Record<string, string>>,
 *    endpoints: Record<string, Record<string, unknown>>,
 *    importable: { extensions: string[], sidecars: string[], maxSidecar: number, log: string, maxLog: number },
 *    notSetUp?: string[],
 *  }} Layout As `page_layout` of generation_form.py makes it. `tabs` are the types that have a tab, `types` those that have models.
 *  By model, `fields` are the names of all its fields, `unfolded` of those outside of the fold, and `showing` of those that are
 *  visible at first. `later` are the models whose fields are loaded later, `files` the kinds of the fields that take files,
 *  `endpoints` the server's endpoints with their parameters and defaults. `importable` is described in importable.py; `notSetUp`
 *  are the models that cannot run here yet. */

/** @type {Layout} */
let layout = {
  tabs: [], types: [], models: [], fields: {}, unfolded: {}, rules: {}, showing: {}, seeds: {}, chosen: {}, tab: "", later: [], files: {}, endpoints: {},
  importable: { extensions: [], sidecars: [], maxSidecar: 0, log: "", maxLog: 0 },
};
/** @type {(event: string, data?: object) => void} */
let trigger = () => {};

/** Emitted with the layout, once it is known.
 *  @type {import("../kit/signal.js").Signal<[Layout]>} */
export const laidOut = signal();

/** @param {Layout} made
 *  @param {(event: string, data?: object) => void} start */
export function setLayout(made, start) {
  layout = made;
  trigger = start;
  laidOut.emit(made);
}

/** Triggers one of the form's events.
 *  @param {string} event
 *  @param {object} [data] */
export const send = (event, data) => trigger(event, data);

/** @param {string | null | undefined} id
 *  @returns {id is string} */
export const isModel = (id) => Object.hasOwn(layout.fields, id ?? "");
export const tabs = () => layout.tabs;
/** The types that have models. */
export const types = () => layout.types;
/** @param {string} model */
export const fieldsOf = (model) => layout.fields[model];
/** @param {string} model */
export const rulesOf = (model) => layout.rules[model];
/** The kinds of the model's fields that take files, by their names.
 *  @param {string} model */
export const filesOf = (model) => layout.files[model];
export const importable = () => layout.importable;
/** @param {string} model */
export const seedsOf = (model) => layout.seeds[model];
/** @param {string} model */
export const unfoldedOf = (model) => layout.unfolded[model];
export const models = () => layout.models.map(([id, type, name]) => ({ id, type, name }));
/** @param {string} model */
export const modelIndex = (model) => layout.models.findIndex(([one]) => one === model);
/** @param {string} model */
export const typeOf = (model) => layout.models[modelIndex(model)][1];
