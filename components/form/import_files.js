/* Files that become jobs without the form: a job that a studio wrote as a ZIP, several results, or a ZIP of them. */
import { largestUpload } from "../gradio_ext/server.js";
import { nativeFetch } from "../kit/requests.js";
import { say } from "../kit/say.js";
import { select } from "../library/selection.js";
import { isText, mayBeResult } from "./dropped.js";
import { keyOf, parseLog } from "./fooocus_log.js";
import { offerImport } from "./import_panel.js";
import { importable } from "./layout.js";
import { showUploading, uploadFile } from "./sent_files.js";
import { Refusal, ask, errorText } from "./transport.js";
import { membersOf } from "./zip_members.js";

/** @typedef {import("./zip_members.js").Member} Member */

const TIMEOUT = 120000; // ms
const MANIFEST = "manifest.json"; // is in each ZIP that a studio exported

let ending = new AbortController(); // ends what was brought last

/** Ends the import that was begun last, for what is brought now takes its place. */
export function endImport() {
  ending.abort();
  showUploading(null);
}

/** @returns {AbortController} that ends the new import */
function begin() {
  endImport();
  return (ending = new AbortController());
}

/** Sends until that is ended.
 *  @param {AbortSignal} signal
 *  @returns {typeof fetch} */
const until = (signal) => (address, options) => nativeFetch(address, { ...options, signal });

/** @param {File} file */
export const isZip = ({ name, type }) => /\.zip$/i.test(name) || /^application\/(x-)?zip/.test(type);

/** Imports a ZIP that a studio exported, and shows its job; for a ZIP of other files it offers to make jobs of them.
 *  @param {File} file */
export async function takeZip(file) {
  const end = begin(), { signal } = end;
  showUploading(file);
  try {
    if (file.size > largestUpload()) return await takeMembers(file, end);
    const sent = await uploadFile(file, until(signal)), found = await ask("look_into", { file: sent }, TIMEOUT);
    if (signal.aborted) return;
    if (found.is_archive) await takeJobs(file, sent, signal);
    else offerImport({ name: file.name, number: found.files, end, answers: () => ofZip(sent), then: drawAgain });
  } catch (error) {
    if (!signal.aborted) say({ text: `${file.name}: ${errorText(error)}`, tone: "bad" });
  } finally {
    if (!signal.aborted) showUploading(null);
  }
}

/** Offers to make jobs of several files, or to look at the first alone.
 *  @param {File[]} files
 *  @param {(file: File, sidecar?: string) => void} lookAt */
export async function takeSeveral(files, lookAt) {
  const results = files.filter(mayBeResult), sidecarOf = sidecarsIn(files);
  if (results.length === 0) return say({ text: "None of these files is a picture, a film or a sound.", tone: "bad" });
  if (results.length === 1) return lookAt(results[0], await sidecarOf(results[0]) || await textOf(onlyText(files)));
  const end = begin();
  offerImport({ name: "", number: results.length, end, answers: () => ofFiles(results, files, end.signal), then: drawAgain, first: async () => lookAt(results[0], await sidecarOf(results[0])) });
}

const megabytes = () => Math.floor(largestUpload() / 1000000);

/** Offers to make jobs of what is in a ZIP that is too large to be sent as a whole.
 *  @param {File} file
 *  @param {AbortController} end */
async function takeMembers(file, end) {
  const members = await membersOf(file), results = members.filter(mayBeResult);
  if (results.length === 0) throw new Refusal(`It is larger than the ${megabytes()} MB that an upload may have, and holds no picture, no film and no sound.`);
  const words = [`The ZIP is larger than the ${megabytes()} MB that an upload may have, so its files are sent one by one.`,
    members.some(({ name }) => name === MANIFEST) ? "Its jobs come as their results say them; inputs, labels and stars stay behind." : ""];
  if (end.signal.aborted) return;
  offerImport({ name: file.name, number: results.length, words: words.join(" ").trim(), end, answers: () => ofFiles(results, members, end.signal), then: drawAgain });
}

/** @param {File} file
 *  @param {object} sent
 *  @param {AbortSignal} signal */
async function takeJobs(file, sent, signal) {
  const { job_ids, jobs, there } = await ask("import_file", { file: sent, workspace_id: here() }, TIMEOUT);
  drawAgain();
  if (signal.aborted) return;
  if (job_ids.length) select(job_ids[0]);
  const words = jobs === 0 ? `What is in ${file.name} is here already.`
    : `${jobs === 1 ? "A job came" : `${jobs} jobs came`} into this workspace from ${file.name}.${there ? ` ${there} were here already.` : ""}`;
  say({ text: words, tone: "good" });
}

/** @param {File | Member} file */
const pathOf = (file) => file.webkitRelativePath || file.name;

/** Finds a result's sidecar among the files: the text of its name, or its settings in Fooocus' log; an empty text where there
 *  is none or it cannot be read.
 *  @param {(File | Member)[]} files
 *  @returns {(result: File | Member) => Promise<string>} */
function sidecarsIn(files) {
  const byPath = new Map(files.map((file) => [pathOf(file), file]));
  /** @type {Map<File | Member, Promise<Map<string, string>>>} */
  const logs = new Map();
  return async (result) => {
    const { sidecars, maxSidecar, log: logName, maxLog } = importable();
    const path = pathOf(result), stem = path.replace(/\.[^./]*$/, "");
    const text = sidecars.map((suffix) => byPath.get(stem + suffix)).find((one) => one !== undefined && one.size <= maxSidecar);
    if (text) return textOf(text);
    const log = byPath.get(path.slice(0, -result.name.length) + logName);
    if (!log || log.size > maxLog) return "";
    if (!logs.has(log)) logs.set(log, textOf(log).then(parseLog));
    return (await logs.get(log))?.get(keyOf(result.name)) ?? "";
  };
}

/** The only text beside an only result, which is its sidecar whatever its name.
 *  @param {File[]} files */
function onlyText(files) {
  const texts = files.filter((file) => isText(file) && file.size <= importable().maxSidecar);
  return texts.length === 1 ? texts[0] : undefined;
}

/** @param {File | Member} file */
const unpacked = async (file) => ("open" in file ? file.open() : file);

/** The text of a file; an empty one where there is none or it cannot be read.
 *  @param {File | Member} [file] */
async function textOf(file) {
  try {
    return file ? await (await unpacked(file)).text() : "";
  } catch {
    return "";
  }
}

/** The file itself, unpacked. Rejects with a Refusal where it is too large for an upload.
 *  @param {File | Member} file
 *  @returns {Promise<File>} */
async function opened(file) {
  if (file.size > largestUpload()) throw new Refusal(`This is larger than the ${megabytes()} MB that an upload may have.`);
  return unpacked(file);
}

/** Imports files one by one.
 *  @param {(File | Member)[]} files
 *  @param {(File | Member)[]} all those and their sidecars
 *  @param {AbortSignal} signal
 *  @returns {AsyncGenerator<Api.ImportedFiles>} */
async function* ofFiles(files, all, signal) {
  const sidecarOf = sidecarsIn(all);
  for (const [at, file] of files.entries()) {
    const progress = { done: at + 1, of: files.length };
    const sent = await opened(file).then((whole) => uploadFile(whole, until(signal))).catch((error) => {
      if (error instanceof Refusal) return error;
      throw error;
    });
    if (sent instanceof Refusal) {
      yield { ...progress, jobs: 0, there: 0, silent: 0, refused: [{ name: file.name, text: sent.message }], job_ids: [] };
      continue;
    }
    const beside = await sidecarOf(file), modified = new Date(file.lastModified).toISOString();
    yield { ...(await ask("import_file", { file: sent, workspace_id: here(), modified, beside }, TIMEOUT)), ...progress };
  }
}

/** Imports an uploaded ZIP, a batch of its files with each answer.
 *  @returns {AsyncGenerator<Api.ImportedFiles>}
 *  @param {object} sent */
async function* ofZip(sent) {
  for (let start = 0, of = 1; start < of;) {
    const answer = await ask("import_file", { file: sent, workspace_id: here(), start }, TIMEOUT);
    ({ done: start, of } = answer);
    yield answer;
  }
}

const here = () => window.studio.gallery?.here() ?? null;

const drawAgain = () => window.studio.gallery?.drawAgain();
