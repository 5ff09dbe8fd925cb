/* The dialog that imports files as jobs: how many there are, the progress, and the outcome. Names and sentences are drawn as
   text. */
import { makeDialog, openDialog } from "../kit/dialog.js";
import { h, onPress, text } from "../kit/dom.js";
import { numberOfJobs } from "../kit/format.js";
import { say } from "../kit/say.js";
import { iconButton, progressBar, setProgress } from "../library/job_parts.js";
import { errorText } from "./transport.js";

const MAX_LISTED = 50;

const title = h("h2", { id: "import-panel-title", dir: "auto" });
const words = h("p", { class: "import-words", dir: "auto" });
const bar = progressBar();
const left = h("ul", { class: "import-left" });
const leftWords = h("summary", {});
const why = h("details", {}, leftWords, left);
const first = h("button", { type: "button", class: "text-button", "data-do": "first" }, "Only look at the first");
const stop = h("button", { type: "button", class: "text-button", "data-do": "stop" }, "Stop");
const start = h("button", { type: "button", class: "primary-button", "data-do": "start" });
const end = h("button", { type: "button", class: "primary-button", "data-do": "end" }, "Close");
const dialog = makeDialog({ class: "import-panel studio-ui", "aria-labelledby": "import-panel-title" },
  iconButton("end", "close", "Close", { class: "icon-button close" }),
  title, h("div", { class: "import-body", role: "status" }, words, bar, why), h("footer", {}, first, stop, start, end));

/** @typedef {{ name: string, number: number, words?: string, end: AbortController, answers: () => AsyncGenerator<Api.ImportedFiles>, then: () => void, first?: () => void }} Offer
 *  @type {Offer} */
let offered;

/** @param {Offer} offer `name` is that of a ZIP, `words` are further words about it, `end` ends it, `answers` imports the files and
 *    yields their outcomes; `then` is called when jobs were added, `first` only looks at the first file */
export function offerImport(offer) {
  offered = offer;
  const { number, name } = offer, files = number === 1 ? "1 file" : `${number} files`;
  text(title, name || files);
  const more = offer.words ? ` ${offer.words}` : "";
  text(words, `Each file that says how it was made becomes a finished job in this workspace. Those that are here already are left out.${more}`);
  text(start, `Import ${files} as jobs`);
  show({ start: true, first: offer.first !== undefined });
  openDialog(dialog);
  start.focus();
}

/** @param {{ first?: boolean, start?: boolean, bar?: boolean, stop?: boolean, end?: boolean, why?: boolean }} which */
function show({ first: isFirst = false, start: isStart = false, bar: isBar = false, stop: isStop = false, end: isEnd = false, why: isWhy = false }) {
  for (const [node, is] of /** @type {[HTMLElement, boolean][]} */ ([[first, isFirst], [start, isStart], [bar, isBar], [stop, isStop], [end, isEnd], [why, isWhy]])) node.hidden = !is;
}

async function run() {
  const offer = offered, { signal } = offer.end;
  const sum = { done: 0, of: offer.number, jobs: 0, there: 0, silent: 0, refused: /** @type {Api.LeftOut[]} */ ([]) };
  const isShown = () => dialog.open && offer === offered;
  let problem = "";
  show({ bar: true, stop: true });
  stop.focus();
  tell(sum);
  try {
    for await (const { done, of, refused, ...counts } of offer.answers()) {
      for (const name of /** @type {const} */ (["jobs", "there", "silent"])) sum[name] += counts[name];
      Object.assign(sum, { done, of });
      sum.refused.push(...refused);
      if (isShown()) tell(sum);
      if (counts.jobs > 0) offer.then();
      if (signal.aborted) break;
    }
  } catch (error) {
    if (!signal.aborted) problem = errorText(error);
  }
  if (isShown()) finish(sum, problem);
  else say({ text: summary(sum, problem), tone: "warn" });
}

/** @param {{ done: number, of: number, jobs: number }} sum */
function tell({ done, of, jobs }) {
  setProgress(bar, of ? done / of : null);
  text(words, `${done} of ${of} files · ${numberOfJobs(jobs)}`);
}

/** @param {Omit<Api.ImportedFiles, "job_ids">} sum
 *  @param {string} problem */
function summary({ done, of, jobs, there, silent, refused }, problem) {
  const rest = [
    there ? `${there} ${there === 1 ? "was" : "were"} here already` : "",
    silent ? `${silent} ${silent === 1 ? "does" : "do"} not say how ${silent === 1 ? "it was" : "they were"} made` : "",
    refused.length ? `${refused.length} cannot be taken` : "",
  ].filter(Boolean);
  const unfinished = done < of ? `Ended after ${done} of ${of} files; brought once more, it goes on from there.` : "";
  return [problem, unfinished, `${numberOfJobs(jobs)} came into this workspace.`, rest.length ? `${rest.join(", ")}.` : ""].filter(Boolean).join(" ");
}

/** @param {Omit<Api.ImportedFiles, "job_ids">} sum
 *  @param {string} problem */
function finish(sum, problem) {
  const { refused } = sum;
  text(words, summary(sum, problem));
  left.replaceChildren(...refused.slice(0, MAX_LISTED).map((one) => h("li", { dir: "auto" }, h("b", {}, one.name), ` ${one.text}`)));
  text(leftWords, refused.length > MAX_LISTED ? `The first ${MAX_LISTED} that cannot be taken` : "What cannot be taken, and why");
  show({ end: true, why: refused.length > 0 });
  end.focus();
}

onPress(dialog, {
  first: () => {
    dialog.close();
    offered.first?.();
  },
  start: run,
  stop: () => {
    offered.end.abort();
    text(words, "Stopping…"); // what the server has begun it ends
  },
  end: () => dialog.close(),
});
dialog.addEventListener("close", () => offered.end.abort());
