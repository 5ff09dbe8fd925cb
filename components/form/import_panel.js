/* The dialog about files that may become jobs: how many there are, how far it is, and what became of them. Names and
   sentences are drawn as text. */
import { makeDialog, openDialog } from "../kit/dialog.js";
import { h, onPress, text } from "../kit/dom.js";
import { say } from "../kit/say.js";
import { iconButton, progressBar, setProgress } from "../library/job_parts.js";
import { wordsOf } from "./transport.js";

const MOST_NAMED = 50;

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

/** @typedef {import("./import_files.js").Imported} Imported
 *  @typedef {{ name: string, number: number, words?: string, end: AbortController, answers: () => AsyncGenerator<Imported>, then: () => void, first?: () => void }} Offer
 *  @type {Offer} */
let offered;

/** @param {Offer} offer `name` is that of a ZIP, `words` say what is particular, `end` ends it, `answers` says file by file what became of them;
 *    `then` is called when there are other jobs, `first` looks at the first file only */
export function offerImport(offer) {
  offered = offer;
  const { number, name } = offer, files = number === 1 ? "1 file" : `${number} files`;
  text(title, name || files);
  const more = offer.words ? ` ${offer.words}` : "";
  text(words, `What says how it was made becomes a finished job in this workspace. What is here already is not taken twice.${more}`);
  text(start, `Import ${files} as jobs`);
  show({ start: true, first: offer.first !== undefined });
  openDialog(dialog);
  start.focus();
}

function show({ first: isFirst = false, start: isStart = false, bar: isBar = false, stop: isStop = false, end: isEnd = false, why: isWhy = false }) {
  for (const [node, is] of /** @type {[HTMLElement, boolean][]} */ ([[first, isFirst], [start, isStart], [bar, isBar], [stop, isStop], [end, isEnd], [why, isWhy]])) node.hidden = !is;
}

async function run() {
  const offer = offered, { signal } = offer.end;
  const sum = { done: 0, of: offer.number, jobs: 0, there: 0, silent: 0, refused: /** @type {Imported["refused"]} */ ([]) };
  const isShown = () => dialog.open && offer === offered;
  let problem = "";
  show({ bar: true, stop: true });
  stop.focus();
  tell(sum);
  try {
    for await (const { done, of, refused, ...counts } of offer.answers()) {
      for (const name of ["jobs", "there", "silent"]) sum[name] += counts[name];
      Object.assign(sum, { done, of });
      sum.refused.push(...refused);
      if (isShown()) tell(sum);
      if (counts.jobs > 0) offer.then();
      if (signal.aborted) break;
    }
  } catch (error) {
    if (!signal.aborted) problem = wordsOf(error);
  }
  if (isShown()) finish(sum, problem);
  else say({ text: summary(sum, problem), tone: "warn" });
}

function tell({ done, of, jobs }) {
  setProgress(bar, of ? done / of : null);
  text(words, `${done} of ${of} files · ${several(jobs)}`);
}

const several = (number) => (number === 1 ? "1 job" : `${number} jobs`);

function summary({ done, of, jobs, there, silent, refused }, problem) {
  const rest = [
    there ? `${there} ${there === 1 ? "was" : "were"} here already` : "",
    silent ? `${silent} ${silent === 1 ? "does" : "do"} not say how ${silent === 1 ? "it was" : "they were"} made` : "",
    refused.length ? `${refused.length} cannot be taken` : "",
  ].filter(Boolean);
  const unfinished = done < of ? `Ended after ${done} of ${of} files; brought once more, it goes on from there.` : "";
  return [problem, unfinished, `${several(jobs)} came into this workspace.`, rest.length ? `${rest.join(", ")}.` : ""].filter(Boolean).join(" ");
}

function finish(sum, problem) {
  const { refused } = sum;
  text(words, summary(sum, problem));
  left.replaceChildren(...refused.slice(0, MOST_NAMED).map((one) => h("li", { dir: "auto" }, h("b", {}, one.name), ` ${one.text}`)));
  text(leftWords, refused.length > MOST_NAMED ? `The first ${MOST_NAMED} that cannot be taken` : "What cannot be taken, and why");
  show({ end: true, why: refused.length > 0 });
  end.focus();
}

onPress(dialog, {
  first: () => {
    dialog.close();
    offered.first?.();
  },
  start: run,
  stop: () => offered.end.abort(),
  end: () => dialog.close(),
});
dialog.addEventListener("close", () => offered.end.abort());
