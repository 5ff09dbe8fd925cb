/* The files on their way up: which field waits for each, and what becomes of one that a restore overtakes. */
import { addressOf, isUpload } from "../gradio_ext/server.js";
import { fieldFile } from "../gradio_ext/fields.js";
import { encoded } from "../kit/dom.js";
import { intercept } from "../kit/requests.js";
import { signal } from "../kit/signal.js";
import { fieldAt } from "./places.js";
import { forget } from "./reading.js";

/** @typedef {{ model?: string, name?: string, file: File, answer: Promise<Response>, withdraw: () => void }} Upload */

const nothing = () => new Response("[]"); // for a field the answer that there is no file, and nothing is wrong
/** @type {Set<Upload>} */
const uploads = new Set();
const taken = new Set(); // the models of which a field has had an upload
let used = {}; // the field that the user used last, by its model and name: a file that goes up now is for it

/** Tells of the model for which one file less is on its way up.
 *  @type {import("../kit/signal.js").Signal<[model: string]>} */
export const uploaded = signal();

for (const kind of ["change", "click", "drop"]) {
  document.addEventListener(kind, ({ target }) => {
    used = fieldAt(target) ?? used;
  }, true);
}

intercept(async (address, options, next) => {
  if (!isUpload(address)) return next();
  const form = /** @type {FormData} */ (options.body);
  let withdraw;
  const withdrawn = new Promise((resolve) => {
    withdraw = () => resolve(nothing());
  });
  /** @type {Upload} */
  const upload = { ...used, file: /** @type {File} */ (form.get("files")), answer: next(), withdraw };
  uploads.add(upload);
  taken.add(upload.model);
  forget(upload.model);
  try {
    return await Promise.race([upload.answer, withdrawn]);
  } finally {
    setTimeout(() => { // after the field has taken what came back
      uploads.delete(upload);
      uploaded.tell(upload.model);
    });
  }
});

/** Whether a file is on its way up, for any form or this one; until it is there, Gradio does not say what its form
 *  holds. */
export const isUploading = (model) => [...uploads].some((upload) => model === undefined || upload.model === model);

/** Whether a file has gone up for the model's form: to read its field, Gradio needs longer than a page has that goes. */
export const hasTaken = (model) => taken.has(model);

/** A field takes its file whenever it comes, and hides what came meanwhile: where a restore brings another value, it
 *  waits no longer. Returns those uploads, which go on. */
export async function withdraw({ model_id, values }) {
  const late = [...uploads].filter(({ model, name }) => model === model_id && name in values);
  for (const upload of late) upload.withdraw();
  if (late.length > 0) await new Promise((resolve) => setTimeout(resolve)); // until the fields have heard of it
  return late;
}

/** The file of an upload as its field would hold it, once it is there; null when it does not come. */
export async function fileOf({ answer, file }) {
  const [path] = await answer.then((response) => (response.ok ? response.json() : [])).catch(() => []);
  if (path === undefined) return null;
  return fieldFile({ path, url: addressOf(`/file=${encoded(path)}`), name: file.name, size: file.size, type: file.type });
}
