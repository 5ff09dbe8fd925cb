/* Files that are dragged over the page, dropped on it or pasted into it. The inputs that take them light up, and the browser
   never leaves the page for one. */
import { pageContents } from "../gradio_ext/elements.js";
import { h } from "../kit/dom.js";
import { RESULT } from "../library/drag.js";
import { selected } from "./choice.js";
import { filesIn, isText, mayBeResult } from "./dropped.js";
import { takeFiles, takeInto } from "./from_file.js";
import { filesOf } from "./layout.js";
import { fieldAt, fieldOf } from "./places.js";
import { isShowing } from "./shown_fields.js";

const RESTING = 600; // ms without a word of the drag, which has left the page then
const GENERATED = /(^|\n|, )Steps: \d+, |^\s*\{[^]*":/; // as A1111 writes it, or JSON
const hint = h("p", { class: "drop-hint studio-ui", role: "status" });
let timer = null;

/** Chrome says of a picture of the page that it is a file; a result goes its own way.
 *  @param {DataTransfer | null} data */
const carriesFiles = (data) => data !== null && data.types.includes("Files") && !data.types.includes(RESULT);

/** The kinds of the files of a drag, as far as the browser says them; others may be anything. Texts are about them. */
const kindsOf = (files) => new Set(files.map(({ type }) => type.split("/")[0]));

/** Of the shown form the fields that take one of the kinds. */
function takers(kinds) {
  const model = selected();
  if (model === undefined) return [];
  const isUnknown = [...kinds].some((kind) => !["image", "video", "audio"].includes(kind));
  const names = Object.entries(filesOf(model)).filter(([name, kind]) => isShowing(model, name) && (isUnknown || kinds.has(kind)));
  return names.map(([name]) => fieldOf(model, name)).filter(Boolean).map((field) => field.closest(".explained") ?? field);
}

function light(data, target) {
  clearTimeout(timer);
  timer = setTimeout(dim, RESTING);
  const files = [...data.items].filter(({ kind }) => kind === "file"), results = files.filter((file) => !isText(file));
  const lit = takers(kindsOf(results));
  const onto = lit.find((field) => field.contains(target));
  for (const field of document.querySelectorAll(".may-take")) if (!lit.includes(field)) field.classList.remove("may-take", "will-take");
  for (const field of lit) {
    field.classList.add("may-take");
    field.classList.toggle("will-take", field === onto);
  }
  hint.textContent = onto ? "Drop it into this input" : words(results.length, lit.length > 0);
  if (!hint.isConnected) pageContents().append(hint);
}

function words(number, isInput) {
  if (number > 1) return "Drop them to make jobs of them";
  return isInput ? "Drop it into an input, or anywhere to see how it was made" : "Drop it to see how it was made";
}

function dim() {
  clearTimeout(timer);
  hint.remove();
  for (const field of document.querySelectorAll(".may-take")) field.classList.remove("may-take", "will-take");
}

const isBusyElsewhere = () => document.querySelector("dialog[open]:not(.file-panel)") !== null;

for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (/** @type {DragEvent} */ event) => {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault(); // or the browser would open what is dropped here
    if (isBusyElsewhere()) event.dataTransfer.dropEffect = "none";
    else light(event.dataTransfer, event.target);
  }, true);
}

document.addEventListener("drop", (/** @type {DragEvent} */ event) => {
  if (!carriesFiles(event.dataTransfer)) return;
  event.preventDefault();
  dim();
  const files = [...event.dataTransfer.files], onto = fieldOnto(event.target);
  if (isBusyElsewhere() || files.length === 0) return event.stopImmediatePropagation();
  if (event.target.closest?.(".images-box") && files.every(mayBePicture)) return; // it takes several, in their order
  event.stopImmediatePropagation(); // or Gradio's field would take it, or say so in its own words
  const result = files.find(mayBeResult) ?? files.find((file) => !isText(file));
  if (onto && result) takeInto(result, onto);
  else take(filesIn(event.dataTransfer));
}, true);

/** @param {File[] | Promise<File[]>} files */
const take = (files) => (Array.isArray(files) ? takeFiles(files) : files.then(takeFiles));

const mayBePicture = ({ type }) => type === "" || type.startsWith("image/");

/** The field of files that this is in.
 *  @param {EventTarget} target */
function fieldOnto(target) {
  const field = fieldAt(target.closest?.(".explained")?.querySelector(".field") ?? target);
  return field && field.name in filesOf(field.model) ? field : null;
}

document.addEventListener("paste", (event) => {
  const { clipboardData: data, target } = event, files = [...(data?.files ?? [])];
  const isTyped = target.matches?.("input, textarea, [contenteditable]") && data?.types.includes("text/plain");
  if (isTyped || isBusyElsewhere()) return;
  const text = data?.getData("text/plain") ?? "";
  if (files.length === 0 && GENERATED.test(text)) files.push(new File([text], "The pasted text", { type: "text/plain" }));
  if (files.length === 0) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  takeFiles(files);
}, true);
