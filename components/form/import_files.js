/* Files that become jobs without the form: a job that a studio wrote as a ZIP, several results, or a ZIP of them. */
import { unwatched } from "../kit/requests.js";
import { say } from "../kit/say.js";
import { select } from "../library/selection.js";
import { offerImport } from "./import_panel.js";
import { sayOnItsWay, sentUp } from "./sent_files.js";
import { Refusal, ask, wordsOf } from "./transport.js";

/** What `import_file` answers, as components/api_types.py describes it.
 *  @typedef {{
 *    done: number, of: number, jobs: number, there: number, silent: number, refused: { name: string, text: string }[],
 *    job_ids: string[],
 *  }} Imported */

const LONGEST = 120000; // ms
const BESIDE = [".swarm.json", ".json", ".txt"]; // what tools call the text that they lay beside a result
const LONGEST_BESIDE = 1000000;
const RESULT = /\.(png|apng|jpe?g|jfif|webp|avif|gif|bmp|tiff?|mp4|m4v|mov|webm|mkv|wav|flac|mp3|ogg|oga|opus|m4a)$/i;

/** @param {File} file */
export const isZip = ({ name, type }) => /\.zip$/i.test(name) || /^application\/(x-)?zip/.test(type);

/** @param {File} file */
const mayBeResult = ({ name, type }) => /^(image|video|audio)\//.test(type) || RESULT.test(name);

/** Takes a job that a studio wrote, and shows it; of a ZIP of other files it offers to make jobs.
 *  @param {File} file */
export async function takeZip(file) {
  sayOnItsWay(file);
  try {
    const sent = await sentUp(file, unwatched), found = await ask("look_into", { file: sent }, LONGEST);
    if (found.is_archive) await takeJobs(file, sent);
    else offerImport({ name: file.name, number: found.files, answers: () => ofZip(sent), then: drawAgain });
  } catch (error) {
    say({ text: `${file.name}: ${wordsOf(error)}`, tone: "bad" });
  } finally {
    sayOnItsWay(null);
  }
}

/** Offers to make jobs of several files, or to do with the first what is done with one.
 *  @param {File[]} files
 *  @param {(file: File) => void} lookAt */
export function takeSeveral(files, lookAt) {
  const results = files.filter(mayBeResult);
  if (results.length === 0) return say({ text: "None of these files is a picture, a film or a sound.", tone: "bad" });
  if (results.length === 1 && !textBeside(results[0], files)) return lookAt(results[0]);
  offerImport({ name: "", number: results.length, answers: () => ofFiles(results, files), then: drawAgain, first: () => lookAt(results[0]) });
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

/** @param {File} result
 *  @param {File[]} files */
const textBeside = ({ name }, files) => BESIDE.map((ending) => files.find((one) => one.name === name.replace(/\.[^.]*$/, ending)))
  .find((one) => one !== undefined && one.size <= LONGEST_BESIDE);

/** @param {File[]} files
 *  @param {File[]} all those and what may lie beside them
 *  @returns {AsyncGenerator<Imported>} */
async function* ofFiles(files, all) {
  for (const [at, file] of files.entries()) {
    const progress = { done: at + 1, of: files.length };
    const sent = await sentUp(file, unwatched).catch((error) => {
      if (error instanceof Refusal) return error;
      throw error;
    });
    if (sent instanceof Refusal) {
      yield { ...progress, jobs: 0, there: 0, silent: 0, refused: [{ name: file.name, text: sent.message }], job_ids: [] };
      continue;
    }
    const beside = await textBeside(file, all)?.text() ?? "";
    const about = { file: sent, workspace_id: here(), modified: new Date(file.lastModified).toISOString(), beside };
    yield { ...(await ask("import_file", about, LONGEST)), ...progress };
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
