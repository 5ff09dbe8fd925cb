/* Generate: its key, what it waits for, and the jobs that it makes. */
import { sayLoudly, unsay } from "../kit/say.js";
import { isReusing } from "../library/reuse_click.js";
import { select } from "../library/selection.js";
import { touch } from "./drafts.js";
import { replaceErrors } from "./field_errors.js";
import { each, jobCount, ranWith } from "./count.js";
import { forServer } from "./files.js";
import { modelAt } from "./places.js";
import { named } from "./reading.js";
import { forgetSources, sourcesOf } from "./sources.js";
import { ask, errorText } from "./transport.js";
import { isUploading } from "./uploads.js";

const TIMEOUT = 600000; // ms: the server stores the job's files first
const submitting = new Set(); // models whose form is being submitted

/** Called by Gradio when Generate is pressed, with the workspace and the values of the fields.
 *  @returns {Promise<[string] | []>} The id of the first new job, if there is one.
 *  @param {string} model
 *  @param {string | null} workspace_id
 *  @param {unknown[]} present */
export async function submit(model, workspace_id, ...present) {
  if (submitting.has(model)) return [];
  submitting.add(model);
  unsay(() => true);
  const jobs = each(model, named(model, present), jobCount()), sources = sourcesOf(model);
  /** @type {string[]} */
  const made = [];
  try {
    for (const values of jobs) {
      const { job_id, seed, problems } = await ask("submit_job", { model_id: model, values: forServer(values), workspace_id, sources }, TIMEOUT);
      if (made.length === 0) replaceErrors(model, problems, values);
      if (!job_id) break;
      if (made.push(job_id) === 1) ranWith(model, seed);
    }
  } catch (error) {
    const text = made.length > 0 ? `${made.length} of ${jobs.length} started.` : "Not started.";
    sayLoudly({ text: `${text} ${errorText(error)}`, tone: "bad", model });
  } finally {
    submitting.delete(model);
  }
  if (made.length === 0) return [];
  select(null); // the stage follows the new job
  if (sources.length > 0) {
    forgetSources(model, sources);
    touch(model);
  }
  return [made[0]];
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || document.querySelector("dialog:modal")) return;
  const buttons = [...document.querySelectorAll("button.generate")];
  buttons.find((button) => button.offsetParent !== null)?.click();
});

/** Delays a click on Generate during a reuse or an upload into its form. */
document.addEventListener("click", (event) => {
  const button = event.target?.closest?.("button.generate");
  const isBusy = () => isUploading(modelAt(button)) || isReusing();
  if (!button || !isBusy()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const goOn = () => {
    if (isBusy()) return requestAnimationFrame(goOn);
    button.removeAttribute("aria-busy");
    button.click(); // even where another form is shown by now
  };
  goOn();
}, true);
