/* A file that is dropped, pasted or chosen: the server reads how it was made, and the user is offered to fill the form from it;
   a file without metadata goes into the only input that takes it. */
import { nativeFetch } from "../kit/requests.js";
import { reuseClick, reuseDone } from "../library/reuse_click.js";
import { seedMode } from "../library/seed_mode.js";
import { selected } from "./choice.js";
import { choose } from "./choose.js";
import { isLast } from "./clicks.js";
import { showFound } from "./file_panel.js";
import { endImport, isZip, takeSeveral, takeZip } from "./import_files.js";
import { models } from "./layout.js";
import { askForPlan, formFor, refuse } from "./plan.js";
import { showUploading, uploadFile } from "./sent_files.js";
import { isShowing } from "./shown_fields.js";
import { ask, errorText } from "./transport.js";

/** @typedef {{ file: object, beside?: string }} Told A file, and the text of its tool beside it, as endpoints are told of them.
 *  @typedef {Omit<Api.ReadFile, "file"> & { file: { file: string, name: string, url?: string } }} Found What there is in a file that was sent.
 *  @typedef {import("./plan.js").About} About */

const A_FILE = "a file"; // in place of the id of the reused job
const TIMEOUT = 120000; // ms: the server decodes a whole film
const KIND_WORDS = { image: "picture", video: "film", audio: "sound" };

/** Handles files that are not meant for an input: a single one is read, several can become jobs.
 *  @param {File[]} files */
export function takeFiles(files) {
  if (files.length > 1) return takeSeveral(files, takeFile);
  return files.length === 0 ? undefined : isZip(files[0]) ? takeZip(files[0]) : takeFile(files[0]);
}

/** Reads a file, or its sidecar, and offers what it finds.
 *  @param {File} file
 *  @param {string} [sidecar] */
async function takeFile(file, sidecar = "") {
  const about = begin(), model = selected() ?? models()[0]?.id; // the open tab may have no model
  endImport();
  showUploading(file);
  try {
    const sent = await uploadFile(file, nativeFetch);
    const found = await ask("read_file", { ...withSidecar(sent, sidecar), model_id: model }, TIMEOUT);
    if (!isLast(about.click)) return;
    offer(file, { ...found, file: found.file ?? sent }, sidecar, model, about);
  } catch (error) {
    refuse(about, errorText(error));
  } finally {
    if (isLast(about.click)) showUploading(null);
  }
}

/** Puts a file into a field, in place of its value.
 *  @param {File} file
 *  @param {import("./places.js").Field} field */
export async function takeInto(file, { model, name }) {
  const about = begin();
  endImport();
  showUploading(file);
  try {
    put(await uploadFile(file, fetch), name, { model, shows: true, click: about.click });
  } catch (error) {
    refuse(about, errorText(error));
  } finally {
    if (isLast(about.click)) showUploading(null);
  }
}

/** Begins a reuse, until whose end Generate waits. */
const begin = () => ({ job_id: A_FILE, click: reuseClick(A_FILE) });

/** @param {File} file
 *  @param {Found} found
 *  @param {string} sidecar
 *  @param {string} model
 *  @param {About} about */
function offer({ name }, found, sidecar, model, about) {
  const showing = found.inputs.filter(({ parameter }) => isShowing(model, parameter));
  const shows = showing.length > 0, places = shows ? showing : found.inputs;
  const read = withSidecar(found.file, sidecar);
  const use = (/** @type {Api.FileInput} */ { parameter }) => put(found.file, parameter, { model, shows });
  if (!found.says && places.length === 0) return refuse(about, whyNot(name, found, model));
  if (!found.says && places.length === 1) return put(found.file, places[0].parameter, { model, shows, click: about.click });
  reuseDone(A_FILE, null);
  showFound({ name, found, places, use, nowhere: places.length ? "" : whyNot(name, found, model), fill: (into) => fill(read, into), pick: (into) => pick(read, into) });
}

/** @param {string} name
 *  @param {Found} found
 *  @param {string} model */
function whyNot(name, { kind, refusal, elsewhere }, model) {
  if (kind === null) return `${name} says nothing of how something was made, and is no input: ${refusal}`;
  const called = models().find(({ id }) => id === model)?.name;
  const others = elsewhere.length ? ` ${elsewhere.join(", ")} ${elsewhere.length === 1 ? "does" : "do"}.` : "";
  return `${called} takes no ${KIND_WORDS[kind]}.${others}`;
}

/** @param {object} file
 *  @param {string} parameter
 *  @param {{ model: string, shows: boolean, click?: number }} how */
function put(file, parameter, { model, shows, click = begin().click }) {
  askForPlan("use_file", { job_id: A_FILE, file, model_id: model, parameter, shows }, { click, model, longest: TIMEOUT });
}

/** Fills the form of a model from the file.
 *  @param {Told} read
 *  @param {string} model */
async function fill(read, model) {
  const about = begin(), now = await formFor(model, about);
  if (now) askForPlan("reuse_file", { ...question(read, model), now }, { click: about.click, model });
}

/** Lets the user choose what to fill in.
 *  @param {Told} read
 *  @param {string} model */
async function pick(read, model) {
  const about = begin(), now = await formFor(model, about);
  if (now === null) return;
  try {
    const asked = { ...question(read, model), now }, table = await ask("compare_file", asked);
    if (isLast(about.click)) choose(asked, table, { endpoint: "reuse_file", then: "In the file" });
  } catch (error) {
    refuse(about, errorText(error));
  }
}

/** @param {object} file
 *  @param {string} sidecar
 *  @returns {Told} */
const withSidecar = (file, sidecar) => (sidecar ? { file, beside: sidecar } : { file });

/** @param {Told} read
 *  @param {string} model */
const question = (read, model) => ({ job_id: A_FILE, ...read, model_id: model, seed: seedMode() });
