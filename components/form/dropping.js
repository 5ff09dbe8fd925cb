/* Files that are dragged over the page, dropped on it or pasted into it. Inputs that take them are highlighted, and the browser
   never opens one in place of the page. */
import { pageContents } from "../gradio_ext/elements.js";
import { h } from "../kit/dom.js";
import { RESULT } from "../library/drag.js";
import { selected } from "./choice.js";
import { filesIn, isText, mayBeResult } from "./dropped.js";
import { takeFiles, takeInto } from "./from_file.js";
import { filesOf } from "./layout.js";
import { fieldAt, fieldOf } from "./places.js";
import { isShowing } from "./shown_fields.js";

const DRAG_TIMEOUT = 600; // ms without an event after which a drag has left the page
const METADATA = /(^|\n|, )Steps: \d+, |^\s*\{[^]*":/; // as A1111 writes it, or JSON
const hint = h("p", { class: "drop-hint studio-ui", role: "status" });
/** @type {number | undefined} */
let timer;

/** Whether a drag carries files from outside; for Chrome a picture of the page is a file too, and drag.js handles results.
 *  @param {DataTransfer | null} data
 *  @returns {data is DataTransfer} */
const carriesFiles = (data) => data !== null && data.types.includes("Files") && !data.types.includes(RESULT);

/** The kinds of dragged files by their media types, which a browser may not know.
 *  @param {DataTransferItem[]} files */
const kindsOf = (files) => new Set(files.map(({ type }) => type.split("/")[0]));

/** The fields of the visible form that take one of the kinds.
 *  @param {Set<string>} kinds */
function takers(kinds) {
  const model = selected();
  if (model === undefined) return [];
  const isUnknown = [...kinds].some((kind) => !["image", "video", "audio"].includes(kind));
  const names = Object.entries(filesOf(model)).filter(([name, kind]) => isShowing(model, name) && (isUnknown || kinds.has(kind)));
  return names.map(([name]) => fieldOf(model, name)).filter((field) => field !== null).map((field) => field.closest(".explained") ?? field);
}

/** @param {DataTransfer} data
 *  @param {EventTarget | null} target */
function light(data, target) {
  clearTimeout(timer);
  timer = setTimeout(dim, DRAG_TIMEOUT);
  const files = [...data.items].filter(({ kind }) => kind === "file"), results = files.filter((file) => !isText(file));
  const lit = takers(kindsOf(results));
  const onto = lit.find((field) => field.contains(/** @type {Node | null} */ (target)));
  for (const field of document.querySelectorAll(".may-take")) if (!lit.includes(field)) field.classList.remove("may-take", "will-take");
  for (const field of lit) {
    field.classList.add("may-take");
    field.classList.toggle("will-take", field === onto);
  }
  hint.textContent = onto ? "Drop it into this input" : hintFor(results.length, lit.length > 0);
  if (!hint.isConnected) pageContents().append(hint);
}

/** @param {number} number
 *  @param {boolean} isInput */
function hintFor(number, isInput) {
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
  document.addEventListener(kind, (event) => {
    const { dataTransfer: data, target } = /** @type {DragEvent} */ (event);
    if (!carriesFiles(data)) return;
    event.preventDefault(); // or the browser would open a file that is dropped here
    if (isBusyElsewhere()) data.dropEffect = "none";
    else light(data, target);
  }, true);
}

document.addEventListener("drop", (event) => {
  const { dataTransfer: data, target } = event;
  if (!carriesFiles(data)) return;
  event.preventDefault();
  dim();
  const files = [...data.files], onto = fieldOnto(target);
  if (isBusyElsewhere() || files.length === 0) return event.stopImmediatePropagation();
  if (target?.closest?.(".images-box") && files.every(mayBePicture)) return; // it takes several itself
  event.stopImmediatePropagation(); // or Gradio's field would take it, or show its own error
  const result = files.find(mayBeResult) ?? files.find((file) => !isText(file));
  if (onto && result) takeInto(result, onto);
  else take(filesIn(data));
}, true);

/** @param {File[] | Promise<File[]>} files */
const take = (files) => (Array.isArray(files) ? takeFiles(files) : files.then(takeFiles));

/** @param {File} file */
const mayBePicture = ({ type }) => type === "" || type.startsWith("image/");

/** The file field that an element is in.
 *  @param {EventTarget | null} target */
function fieldOnto(target) {
  const field = fieldAt(target?.closest?.(".explained")?.querySelector(".field") ?? target);
  return field && field.name in filesOf(field.model) ? field : null;
}

document.addEventListener("paste", (event) => {
  const { clipboardData: data, target } = event, files = [...(data?.files ?? [])];
  const isTyped = target?.matches?.("input, textarea, [contenteditable]") && data?.types.includes("text/plain");
  if (isTyped || isBusyElsewhere()) return;
  const text = data?.getData("text/plain") ?? "";
  if (files.length === 0 && METADATA.test(text)) files.push(new File([text], "The pasted text", { type: "text/plain" }));
  if (files.length === 0) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  takeFiles(files);
}, true);
