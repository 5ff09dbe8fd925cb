/* The details of a job, beside its result. */
import { ask, errorText } from "../form/transport.js";
import { studioAddress } from "../gradio_ext/server.js";
import { h, ownUrl, text } from "../kit/dom.js";
import { bytes, seconds, setTime, statusWord } from "../kit/format.js";
import { icon } from "../kit/icons.js";
import { carries } from "./drag.js";
import { copy, copyButton, downloadLink, isNamedByModel, nameOf, poster, previewUrl, reuseButton, seedButton, swatch, textButton, thumbnail, thumbnails } from "./job_parts.js";
import { labelBar } from "./labels.js";
import { menuItem, openMenu } from "./menu.js";
import { hasSeveral, withOutput } from "./outputs.js";
import { ratingBar } from "./rating.js";
import { showBusy } from "./reuse_click.js";
import { reuseMenuButton } from "./reuse_menu.js";

/** @typedef {Details["inputs"][number]} JobInput */

/** Fills `host`, which must be in an element with the job's id, with the details of a job and of the output at `index`.
 *  @param {HTMLElement} host
 *  @param {Details} job
 *  @param {number} index */
export function fillDetails(host, job, index) {
  const shown = withOutput(job, index);
  host.replaceChildren(heading(job), ...[ratingBar(job), job.status === "damaged" ? null : labelBar(job), problem(job), causes(job), prompt(job), h("div", { class: "actions" }, ...actions(shown)), outputs(job), inputs(job),
    linked("From", job.sources, job.source_count), linked("Used in", job.uses, job.use_count), h("section", {}, ...facts(shown)), ran(job)].filter((part) => part !== null));
  for (const button of host.querySelectorAll("[data-do^=reuse]")) showBusy(button);
}

/** All outputs of a job that made several; each can be dragged from here.
 *  @param {Details} job */
function outputs(job) {
  if (!hasSeveral(job)) return null;
  return h("section", { class: "listed" }, h("h3", {}, "Outputs"), h("ol", { "aria-label": "Outputs" }, ...job.outputs.map((output, index) => outputRow(withOutput(job, index), output))));
}

/** @param {Card} shown
 *  @param {Output} output */
function outputRow(shown, output) {
  const name = `Output ${output.place + 1}`, source = ownUrl(output.url);
  const open = h("a", { class: "thumb", href: source, target: "_blank", rel: "noopener", title: "Open the file", "aria-label": `Open ${name}` }, thumbnail(output.url, output.kind, ""));
  return h("li", { class: "listed-row" }, carries(open, shown),
    h("span", { class: "listed-words" }, output.seed === null ? h("span", {}, name) : seedButton(output.seed), h("span", { class: "meta" }, resultText(output.about) ?? "The file is missing")),
    h("a", { class: "icon-button", href: source, download: output.name, title: `Download ${name}`, "aria-label": `Download ${name}` }, icon("download")));
}

/** @param {Details} job */
function heading(job) {
  const time = h("time", { class: "ago" });
  setTime(time, job.created_at);
  return h("header", {}, h("h2", { dir: "auto" }, job.model_name),
    h("p", { class: "meta" }, h("span", { class: `status is-${job.status}` }, statusWord(job.status)), " · ", time));
}

/** @param {Details} job */
function problem(job) {
  return job.error ? h("p", { class: "problem", role: "alert", dir: "auto" }, icon("failed"), h("span", {}, job.error)) : null;
}

/** The inputs that a failure is about, and its log, folded away.
 *  @param {Details} job */
function causes(job) {
  const wrong = job.wrong ?? [];
  if (wrong.length === 0 && !job.log) return null;
  return h("div", { class: "causes" },
    wrong.length ? h("dl", { class: "facts" }, ...wrong.flatMap(factRow)) : null,
    job.log ? h("details", { class: "log" }, h("summary", {}, "Technical details"), h("pre", { dir: "ltr" }, job.log)) : null);
}

/** @param {Api.Fact} fact */
function factRow({ label, text: value }) {
  return [h("dt", { dir: "auto" }, label), h("dd", { dir: "auto" }, h("span", {}, value))];
}

/** @param {Details} job */
function ran(job) {
  if (!job.ran?.length) return null;
  return h("section", { class: "ran" }, h("h3", {}, "Ran with"), h("dl", { class: "facts" }, ...job.ran.flatMap(factRow)));
}

/** @param {Details} job */
function prompt(job) {
  if (!job.prompt) return isNamedByModel(job) ? null : h("p", { class: "details-name", dir: "auto" }, nameOf(job));
  return h("div", {},
    h("div", { class: "details-prompt" }, h("p", { dir: "auto" }, job.prompt), copyButton(job.prompt, "Copy the prompt")),
    job.resolved ? h("p", { class: "note" }, "As resolved for this seed:") : null,
    job.resolved ? h("div", { class: "details-prompt resolved-prompt" }, h("p", { dir: "auto" }, job.resolved), copyButton(job.resolved, "Copy the resolved prompt")) : null);
}

/** @param {Card} job */
function actions(job) {
  const again = job.seed === null ? null
    : textButton("reuseNewSeed", "shuffle", "New seed", "Reuse with a new seed, chosen at random", { class: "text-button reuse-new-seed" });
  return [reuseButton(), reuseMenuButton(), again, job.result ? downloadLink(job) : null];
}

/** @param {Details} job */
function inputs(job) {
  const rows = (job.inputs ?? []).filter((input) => input.name !== "prompt" || input.text !== job.prompt); // the prompt is shown above
  if (rows.length === 0) return null;
  return h("section", {}, h("h3", { class: "with-button" }, "Inputs", copyAs(), h("span", { class: "note", role: "status" })), h("dl", { class: "facts" }, ...rows.flatMap(inputRow)));
}

/** @type {Record<string, string>} */
const NOTATIONS = { json: "JSON", a1111: "A1111 text", python: "Python call" };

function copyAs() {
  return textButton("copyAs", "copy", "Copy as", "Copy as a text: the inputs", { class: "text-button copy-as", "aria-haspopup": "menu", "aria-expanded": "false" });
}

/** Opens a menu of the notations in which the job's inputs can be copied.
 *  @param {HTMLElement} button
 *  @param {string} job_id */
export const copyInputsAs = (button, job_id) =>
  openMenu(button, "Copy the inputs as", Object.entries(NOTATIONS).map(([notation, word]) => menuItem(word, () => copyInputs(button, job_id, notation))));

/** Copies the inputs, and says so beside the button: a notice would be behind the details.
 *  @param {HTMLElement} button
 *  @param {string} job_id
 *  @param {string} notation */
async function copyInputs(button, job_id, notation) {
  const note = /** @type {Element} */ (button.nextElementSibling);
  try {
    const written = await ask("write_job", { job_id, notation, address: studioAddress() });
    if (written === "") return text(note, "A1111 knows nothing of what this job has.");
    button.dataset.copy = written;
    await copy(button);
    text(note, button.dataset.end === "done" ? `Copied as ${NOTATIONS[notation]}` : "");
  } catch (error) {
    text(note, errorText(error));
  }
}

/** @param {JobInput} input */
function inputRow(input) {
  const state = input.hidden ? "hidden-input" : null;
  const note = input.hidden ? h("span", { class: "note" }, "not used") : null;
  return [h("dt", { class: state, dir: "auto" }, input.label), h("dd", { class: state, dir: "auto" }, inputMedia(input), h("span", {}, input.text), note), ...resolvedRow(input)];
}

/** @param {JobInput} input */
function resolvedRow(input) {
  if (typeof input.resolved !== "string") return [];
  return [h("dt", { dir: "auto" }, `${input.label}, as resolved`), h("dd", { dir: "auto" }, h("span", {}, input.resolved))];
}

/** @param {JobInput} input */
function inputMedia(input) {
  if (input.kind === "colour") return swatch(input.text);
  if (input.urls.length) return thumbnails(input.urls);
  const source = ownUrl(input.url);
  if (!source) return null;
  /** @param {Node | string} child */
  const link = (child) => h("a", { href: source, target: "_blank", rel: "noopener", title: "Open the file" }, child);
  if (input.kind === "image" || input.kind === "mask") return link(thumbnail(input.url, "image", input.label));
  if (input.kind === "video") return h("video", { src: source, poster: previewUrl(input.url), controls: true, preload: "none", playsinline: true });
  if (input.kind === "audio") return h("audio", { src: source, controls: true, preload: "metadata" });
  return link("Open the file");
}

/** The jobs that this one came from, or that came from it; a press opens the details of one.
 *  @param {string} title
 *  @param {LinkedJob[]} jobs
 *  @param {number} total */
function linked(title, jobs, total) {
  if (!jobs?.length) return null;
  const more = total - jobs.reduce((sum, one) => sum + one.how.length, 0);
  return h("section", { class: "listed" }, h("h3", {}, title),
    h("ul", { "aria-label": title }, ...jobs.map(linkedJob)), more > 0 ? h("p", { class: "note" }, `and ${more} more`) : null);
}

/** @param {LinkedJob} job */
function linkedJob(job) {
  const how = job.deleted ? [...job.how, "Deleted"] : job.how;
  return h("li", { "data-job": job.id }, h("button", { type: "button", class: "listed-row linked-job", "data-do": "open" },
    h("span", { class: "thumb" }, poster(job)),
    h("span", { class: "listed-words" }, h("span", { class: "prompt", dir: "auto" }, nameOf(job)),
      h("span", { class: "meta", dir: "auto" }, [isNamedByModel(job) ? null : job.model_name, ...how].filter(Boolean).join(" · ")))));
}

/** @param {Details & { about?: Output["about"] }} job */
function facts(job) {
  /** @type {[name: string, value: string | number | null, extra: Node | null][]} */
  const all = [
    ["Seed", job.seed, job.seed === null ? null : copyButton(String(job.seed), "Copy the seed")],
    ["Result", resultText(job.about), null],
    ["Took", typeof job.duration_s === "number" ? seconds(job.duration_s) : null, null],
    ["Started", absolute(job.created_at), null],
    ["Finished", absolute(job.finished_at), null],
    ["Deleted", absolute(job.deleted_at), null],
    ["Job", job.id, copyButton(job.id, "Copy the job's id")],
  ];
  const rows = all.filter(([, value]) => value !== null && value !== "");
  return [h("h3", {}, "About"), h("dl", { class: "facts" },
    ...rows.flatMap(([name, value, extra]) => [h("dt", {}, name), h("dd", {}, h("span", {}, String(value)), extra)]))];
}

/** @param {Output["about"]} found */
function resultText(found) {
  if (!found) return null;
  const size = found.width && found.height ? `${found.width} × ${found.height}` : null;
  const length = typeof found.duration === "number" ? seconds(found.duration) : null;
  const weight = typeof found.size === "number" ? bytes(found.size) : null;
  return [size, length, weight].filter(Boolean).join(" · ");
}

/** @param {string | null} iso */
function absolute(iso) {
  const date = new Date(iso ?? NaN);
  return Number.isNaN(date.getTime()) ? null : date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}
