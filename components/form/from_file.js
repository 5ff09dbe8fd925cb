/* A file of the user's that comes to the page, wherever it is dropped, pasted or chosen: the server looks at it, and what it
   says of how it was made is offered; else it goes into the one input that takes it. */
import { nativeFetch } from "../kit/requests.js";
import { reuseClick, reuseDone } from "../library/reuse_click.js";
import { seedMode } from "../library/seed_mode.js";
import { selected } from "./choice.js";
import { choose } from "./choose.js";
import { isLast } from "./clicks.js";
import { showFound } from "./file_panel.js";
import { isZip, takeSeveral, takeZip } from "./import_files.js";
import { models } from "./layout.js";
import { askForPlan, formFor, refuse } from "./plan.js";
import { showUploading, uploadFile } from "./sent_files.js";
import { isShowing } from "./shown_fields.js";
import { ask, errorText } from "./transport.js";

/** What `read_file` answers, as components/api_types.py describes it.
 *  @typedef {{ parameter: string, label: string }} FileInput
 *  @typedef {{ label: string, text: string }} Fact
 *  @typedef {{
 *    file: import("./files.js").StoredFile | null, kind: string | null, refusal: string, model_id: string, words: string,
 *    says: { tool: string, prompt: string | null, model: string | null, facts: Fact[], rest: Fact[] } | null,
 *    inputs: FileInput[], elsewhere: string[],
 *  }} Found */

const FILE = "a file"; // stands where a reuse has the id of its job
const LONGEST = 120000; // ms: the server decodes a film as a whole
const CALLED = { image: "picture", video: "film", audio: "sound" };

/** Takes what the user brings without a place for it: a file is looked at, of several it is offered to make jobs.
 *  @param {File[]} files */
export function takeFiles(files) {
  if (files.length > 1) return takeSeveral(files, takeFile);
  return files.length === 0 ? undefined : isZip(files[0]) ? takeZip(files[0]) : takeFile(files[0]);
}

/** Looks at a file and offers what there is in it, or in the text that its tool laid beside it.
 *  @param {File} file
 *  @param {string} [beside] */
async function takeFile(file, beside = "") {
  const about = begin(), model = selected();
  showUploading(file);
  try {
    const sent = await uploadFile(file, nativeFetch);
    const found = await ask("read_file", { ...told(sent, beside), model_id: model }, LONGEST);
    if (!isLast(about.click)) return;
    offer(file, { ...found, file: found.file ?? sent }, beside, model, about);
  } catch (error) {
    refuse(about, errorText(error));
  } finally {
    if (isLast(about.click)) showUploading(null);
  }
}

/** Puts a file into the field that the user meant, in place of what is there.
 *  @param {File} file
 *  @param {{ model: string, name: string }} field */
export async function takeInto(file, { model, name }) {
  const about = begin();
  showUploading(file);
  try {
    put(await uploadFile(file, fetch), name, { model, shows: true, click: about.click });
  } catch (error) {
    refuse(about, errorText(error));
  } finally {
    if (isLast(about.click)) showUploading(null);
  }
}

/** Until its end Generate waits. */
const begin = () => ({ job_id: FILE, click: reuseClick(FILE) });

/** @param {File} file
 *  @param {Found & { file: object }} found
 *  @param {string} beside
 *  @param {string} model */
function offer({ name }, found, beside, model, about) {
  const showing = found.inputs.filter(({ parameter }) => isShowing(model, parameter));
  const shows = showing.length > 0, places = shows ? showing : found.inputs;
  const said = told(found.file, beside);
  const use = ({ parameter }) => put(found.file, parameter, { model, shows });
  if (!found.says && places.length === 0) return refuse(about, whyNot(name, found, model));
  if (!found.says && places.length === 1) return put(found.file, places[0].parameter, { model, shows, click: about.click });
  reuseDone(FILE, null);
  showFound({ name, found, places, use, nowhere: places.length ? "" : whyNot(name, found, model), fill: (into) => fill(said, into), pick: (into) => pick(said, into) });
}

/** @param {string} name
 *  @param {Found} found
 *  @param {string} model */
function whyNot(name, { kind, refusal, elsewhere }, model) {
  if (kind === null) return `${name} says nothing of how something was made, and is no input: ${refusal}`;
  const called = models().find(({ id }) => id === model)?.name;
  const others = elsewhere.length ? ` ${elsewhere.join(", ")} ${elsewhere.length === 1 ? "does" : "do"}.` : "";
  return `${called} takes no ${CALLED[kind]}.${others}`;
}

/** @param {object} file
 *  @param {string} parameter
 *  @param {{ model: string, shows: boolean, click?: number }} how */
function put(file, parameter, { model, shows, click = begin().click }) {
  askForPlan("use_file", { job_id: FILE, file, model_id: model, parameter, shows }, { click, model, longest: LONGEST });
}

/** Fills the form of a model with what the file says. */
async function fill(said, model) {
  const about = begin(), now = await formFor(model, about);
  if (now) askForPlan("reuse_file", { ...asked(said, model), now }, { click: about.click, model });
}

/** Lets the user choose what of it. */
async function pick(said, model) {
  const about = begin(), now = await formFor(model, about);
  if (now === null) return;
  try {
    const question = { ...asked(said, model), now }, table = await ask("compare_file", question);
    if (isLast(about.click)) choose(question, table, { endpoint: "reuse_file", then: "In the file" });
  } catch (error) {
    refuse(about, errorText(error));
  }
}

const told = (file, beside) => (beside ? { file, beside } : { file });

const asked = (said, model) => ({ job_id: FILE, ...said, model_id: model, seed: seedMode() });
