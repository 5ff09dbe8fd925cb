/* Files that become jobs without the form: a job that a studio wrote as a ZIP, several results, or a ZIP of them. */
import { unwatched } from "../kit/requests.js";
import { say } from "../kit/say.js";
import { select } from "../library/selection.js";
import { isText, mayBeResult } from "./dropped.js";
import { LARGEST_LOG, LOG, keyOf, logged } from "./fooocus_log.js";
import { offerImport } from "./import_panel.js";
import { sayOnItsWay, sentUp } from "./sent_files.js";
import { Refusal, ask, wordsOf } from "./transport.js";
import { membersOf } from "./zip_members.js";

/** @typedef {import("./zip_members.js").Member} Member */

/** What `import_file` answers, as components/api_types.py describes it.
 *  @typedef {{
 *    done: number, of: number, jobs: number, there: number, silent: number, refused: { name: string, text: string }[],
 *    job_ids: string[],
 *  }} Imported */

const LONGEST = 120000; // ms
const BESIDE = [".swarm.json", ".json", ".txt"]; // what tools call the text that they lay beside a result
const LONGEST_BESIDE = 1000000;
const OF_STUDIO = "manifest.json"; // is in each ZIP that a studio wrote

let ending = new AbortController(); // ends what was brought last

/** What is brought now takes the place of what was brought before it: one import at a time.
 *  @returns {AbortController} that ends it */
function begin() {
  ending.abort();
  sayOnItsWay(null);
  return (ending = new AbortController());
}

/** Sends until that is ended.
 *  @param {AbortSignal} signal
 *  @returns {typeof fetch} */
const until = (signal) => (address, options) => unwatched(address, { ...options, signal });

/** @param {File} file */
export const isZip = ({ name, type }) => /\.zip$/i.test(name) || /^application\/(x-)?zip/.test(type);

/** Takes a job that a studio wrote, and shows it; of a ZIP of other files it offers to make jobs.
 *  @param {File} file */
export async function takeZip(file) {
  const end = begin(), { signal } = end;
  sayOnItsWay(file);
  try {
    if (file.size > mostSent()) return await takeMembers(file, end);
    const sent = await sentUp(file, until(signal)), found = await ask("look_into", { file: sent }, LONGEST);
    if (signal.aborted) return;
    if (found.is_archive) await takeJobs(file, sent);
    else offerImport({ name: file.name, number: found.files, end, answers: () => ofZip(sent), then: drawAgain });
  } catch (error) {
    if (!signal.aborted) say({ text: `${file.name}: ${wordsOf(error)}`, tone: "bad" });
  } finally {
    if (!signal.aborted) sayOnItsWay(null);
  }
}

/** Offers to make jobs of several files, or to do with the first what is done with one.
 *  @param {File[]} files
 *  @param {(file: File, beside?: string) => void} lookAt */
export async function takeSeveral(files, lookAt) {
  const results = files.filter(mayBeResult), beside = besideIn(files);
  if (results.length === 0) return say({ text: "None of these files is a picture, a film or a sound.", tone: "bad" });
  if (results.length === 1) return lookAt(results[0], await beside(results[0]) || await textOf(onlyText(files)));
  const end = begin();
  offerImport({ name: "", number: results.length, end, answers: () => ofFiles(results, files, end.signal), then: drawAgain, first: async () => lookAt(results[0], await beside(results[0])) });
}

/** Bytes that an upload may have. */
const mostSent = () => window.gradio_config.max_file_size ?? Infinity;

const megabytes = () => Math.floor(mostSent() / 1000000);

/** Offers to make jobs of what is in a ZIP that is too large to be sent as a whole.
 *  @param {File} file
 *  @param {AbortController} end */
async function takeMembers(file, end) {
  const members = await membersOf(file), results = members.filter(mayBeResult);
  if (results.length === 0) throw new Refusal(`It is larger than the ${megabytes()} MB that an upload may have, and holds no picture, no film and no sound.`);
  const words = [`The ZIP is larger than the ${megabytes()} MB that an upload may have, so its files are sent one by one.`,
    members.some(({ name }) => name === OF_STUDIO) ? "Its jobs come as their results say them; inputs, labels and stars stay behind." : ""];
  if (end.signal.aborted) return;
  offerImport({ name: file.name, number: results.length, words: words.join(" ").trim(), end, answers: () => ofFiles(results, members, end.signal), then: drawAgain });
}

async function takeJobs(file, sent) {
  /** @type {Imported} */
  const { job_ids, jobs, there } = await ask("import_file", { file: sent, workspace_id: here() }, LONGEST);
  drawAgain();
  if (job_ids.length) select(job_ids[0]);
  const words = jobs === 0 ? `What is in ${file.name} is here already.`
    : `${jobs === 1 ? "A job came" : `${jobs} jobs came`} into this workspace from ${file.name}.${there ? ` ${there} were here already.` : ""}`;
  say({ text: words, tone: "good" });
}

/** @param {File | Member} file */
const pathOf = (file) => file.webkitRelativePath || file.name;

/** Finds what lies beside a result among the files: a text of its name, or its part of Fooocus' log, as JSON that its button
 *  copies; nothing where that cannot be read.
 *  @param {(File | Member)[]} files
 *  @returns {(result: File | Member) => Promise<string>} */
function besideIn(files) {
  const byPath = new Map(files.map((file) => [pathOf(file), file]));
  /** @type {Map<File | Member, Promise<Map<string, string>>>} */
  const logs = new Map();
  return async (result) => {
    const path = pathOf(result), stem = path.replace(/\.[^./]*$/, "");
    const text = BESIDE.map((ending) => byPath.get(stem + ending)).find((one) => one !== undefined && one.size <= LONGEST_BESIDE);
    if (text) return textOf(text);
    const log = byPath.get(path.slice(0, -result.name.length) + LOG);
    if (!log || log.size > LARGEST_LOG) return "";
    if (!logs.has(log)) logs.set(log, textOf(log).then(logged));
    return (await logs.get(log)).get(keyOf(result.name)) ?? "";
  };
}

/** What lies beside the only result is about it, whatever it is called.
 *  @param {File[]} files */
function onlyText(files) {
  const texts = files.filter((file) => isText(file) && file.size <= LONGEST_BESIDE);
  return texts.length === 1 ? texts[0] : undefined;
}

/** @param {File | Member} file */
const unpacked = async (file) => ("open" in file ? file.open() : file);

/** What a file says, which is nothing where it cannot be read.
 *  @param {File | Member} [file] */
async function textOf(file) {
  try {
    return file ? await (await unpacked(file)).text() : "";
  } catch {
    return "";
  }
}

/** @param {File | Member} file
 *  @returns {Promise<File>} */
async function opened(file) {
  if (file.size > mostSent()) throw new Refusal(`This is larger than the ${megabytes()} MB that an upload may have.`);
  return unpacked(file);
}

/** @param {(File | Member)[]} files
 *  @param {(File | Member)[]} all those and what may lie beside them
 *  @param {AbortSignal} signal
 *  @returns {AsyncGenerator<Imported>} */
async function* ofFiles(files, all, signal) {
  const besideOf = besideIn(all);
  for (const [at, file] of files.entries()) {
    const progress = { done: at + 1, of: files.length };
    const sent = await opened(file).then((whole) => sentUp(whole, until(signal))).catch((error) => {
      if (error instanceof Refusal) return error;
      throw error;
    });
    if (sent instanceof Refusal) {
      yield { ...progress, jobs: 0, there: 0, silent: 0, refused: [{ name: file.name, text: sent.message }], job_ids: [] };
      continue;
    }
    const beside = await besideOf(file), modified = new Date(file.lastModified).toISOString();
    yield { ...(await ask("import_file", { file: sent, workspace_id: here(), modified, beside }, LONGEST)), ...progress };
  }
}

/** @returns {AsyncGenerator<Imported>} */
async function* ofZip(sent) {
  for (let start = 0, of = 1; start < of;) {
    /** @type {Imported} */
    const answer = await ask("import_file", { file: sent, workspace_id: here(), start }, LONGEST);
    ({ done: start, of } = answer);
    yield answer;
  }
}

const here = () => window.studio.gallery?.here() ?? null;

const drawAgain = () => window.studio.gallery?.drawAgain();
