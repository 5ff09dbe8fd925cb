/* Undo of the last restore, and of the undo. */
import { signal } from "../kit/signal.js";
import { basesOf } from "./bases.js";
import { openTab, selected } from "./choice.js";
import { nextClick } from "./clicks.js";
import { visible } from "./conditions.js";
import { touch } from "./drafts.js";
import { rulesOf } from "./layout.js";
import { begin, beginQuietly, finished } from "./plan.js";
import { look } from "./reading.js";
import { sourcesOf } from "./sources.js";
import { spreading } from "./spread.js";
import { fileOf } from "./uploads.js";

/** @typedef {import("./plan.js").Plan & { isBack?: boolean }} State */

/** @type {State | null} */
let before = null; // what the form held before the last restore, as a plan

/** Tells that there is something to undo, and whether that is an undo.
 *  @type {import("../kit/signal.js").Signal<[isAgain: boolean]>} */
export const undoable = signal();

/** Brings the form back as it was before the last restore; taken back itself, it is the restore again. */
export function undo() {
  if (before === null) return;
  before.isBack = true;
  look(before.model_id);
  begin({ ...before, click: nextClick() });
}

spreading.listen((plan) => {
  const { now: values = {}, late = [] } = plan;
  const shown = visible(rulesOf(plan.model_id), values);
  const text = plan.undone ? "Restored again." : "Undone: the form is as it was before.";
  before = {
    ...plan,
    select: selected() ?? null,
    type: openTab(),
    values,
    sources: sourcesOf(plan.model_id),
    bases: basesOf(plan.model_id),
    visible: Object.fromEntries(Object.keys(values).map((name) => [name, shown.has(name)])),
    notice: { text },
    undone: !plan.undone,
  };
  for (const upload of late) giveLate(before, upload);
});

finished.listen((plan) => undoable.tell(Boolean(plan.undone)));

/** A file that was on its way up belongs to what an undo brings back, also when that has been brought back already.
 *  @param {State} state
 *  @param {import("./uploads.js").Upload} upload */
async function giveLate(state, upload) {
  const { model_id, values } = state;
  const { name = "" } = upload;
  const was = JSON.stringify(values[name]);
  const file = await fileOf(upload);
  if (file === null) return;
  values[name] = Array.isArray(values[name]) ? [...values[name], file] : file;
  if (!state.isBack || JSON.stringify((await look(model_id))[name]) !== was) return;
  beginQuietly({ model_id, select: null, visible: {}, values: { [name]: values[name] }, after: () => touch(model_id) });
}
