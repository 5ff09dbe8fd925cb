/* What the form is made of, as the server laid it out, and how an event of it starts in the page. */
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
 *    notSetUp?: string[],
 *    sidecars: string[],
 *  }} Layout As `page_layout` of generation_form.py makes it: the types that have a tab, those that have models, by model the names of its fields, of those outside of the
 *  fold, and of those that show at first; `later` are the models whose fields do not come with the page, `files`
 *  which fields take files, of which kind, `endpoints` what the server can be
 *  asked. `notSetUp` are the models that cannot run here yet, `sidecars` the endings of the texts that tools lay beside a
 *  result. */

/** @type {Layout} */
let layout = {
  tabs: [], types: [], models: [], fields: {}, unfolded: {}, rules: {}, showing: {}, seeds: {}, chosen: {}, tab: "", later: [], files: {}, endpoints: {}, sidecars: [],
};
/** @type {(event: string, data?: object) => void} */
let trigger = () => {};

/** Tells the layout, when it is known.
 *  @type {import("../kit/signal.js").Signal<[Layout]>} */
export const laidOut = signal();

/** @param {Layout} made
 *  @param {(event: string, data?: object) => void} start */
export function setLayout(made, start) {
  layout = made;
  trigger = start;
  laidOut.tell(made);
}

/** Starts one of the form's events in the page. */
export const send = (event, data) => trigger(event, data);

export const isModel = (id) => Object.hasOwn(layout.fields, id);
export const tabs = () => layout.tabs;
/** The types that have models. */
export const types = () => layout.types;
export const fieldsOf = (model) => layout.fields[model];
export const rulesOf = (model) => layout.rules[model];
/** The fields of the model that take files, and of which kind. */
export const filesOf = (model) => layout.files[model];
export const sidecars = () => layout.sidecars;
export const seedsOf = (model) => layout.seeds[model];
export const unfoldedOf = (model) => layout.unfolded[model];
export const models = () => layout.models.map(([id, type, name]) => ({ id, type, name }));
export const place = (model) => layout.models.findIndex(([one]) => one === model);
export const typeOf = (model) => layout.models[place(model)][1];
