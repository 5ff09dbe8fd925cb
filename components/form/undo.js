/* Undo of the last restore, and redo. */
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
let before = null; // the form before the last restore, as a plan

/** Emitted when there is something to undo; `isAgain` where that is an undo.
 *  @type {import("../kit/signal.js").Signal<[isAgain: boolean]>} */
export const undoable = signal();

/** Restores the form as it was before the last restore; after an undo, this redoes the restore. */
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

finished.listen((plan) => undoable.emit(Boolean(plan.undone)));

/** Adds a file that was being uploaded to what an undo restores, even where it has been restored already.
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
