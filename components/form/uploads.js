/* The uploads of fields in progress: which field each is for, and what happens to one that a restore overtakes. */
import { addressOf, isUpload } from "../gradio_ext/server.js";
import { fieldFile } from "../gradio_ext/fields.js";
import { encodePath } from "../kit/dom.js";
import { intercept } from "../kit/requests.js";
import { signal } from "../kit/signal.js";
import { fieldAt } from "./places.js";
import { forget } from "./reading.js";

/** @typedef {{ model?: string, name?: string, file: File, answer: Promise<Response>, withdraw: () => void }} Upload */

const nothing = () => new Response("[]"); // an answer without a file, which a field accepts silently
/** @type {Set<Upload>} */
const uploads = new Set();
/** @type {Set<string | undefined>} */
const taken = new Set(); // models that have had an upload
/** @type {{ model?: string, name?: string }} */
let used = {}; // the model and name of the field that was used last, which the next upload is for

/** Emitted with the model for which an upload has ended.
 *  @type {import("../kit/signal.js").Signal<[model: string]>} */
export const uploaded = signal();

for (const kind of ["change", "click", "drop"]) {
  document.addEventListener(kind, ({ target }) => {
    used = fieldAt(target) ?? used;
  }, true);
}

intercept(async (address, options, next) => {
  if (!isUpload(address)) return next();
  const form = /** @type {FormData} */ (options?.body);
  /** @type {PromiseWithResolvers<Response>} */
  const withdrawn = Promise.withResolvers();
  /** @type {Upload} */
  const upload = { ...used, file: /** @type {File} */ (form.get("files")), answer: next(), withdraw: () => withdrawn.resolve(nothing()) };
  uploads.add(upload);
  taken.add(upload.model);
  if (upload.model) forget(upload.model);
  try {
    return await Promise.race([upload.answer, withdrawn.promise]);
  } finally {
    setTimeout(() => { // after the field has taken the answer
      uploads.delete(upload);
      if (upload.model) uploaded.emit(upload.model);
    });
  }
});

/** Whether there is an upload for the model's form, or any form; until it ends, Gradio does not return the form's values.
 *  @param {string} [model] */
export const isUploading = (model) => [...uploads].some((upload) => model === undefined || upload.model === model);

/** Whether there was an upload for the model's form, whose values Gradio then reads too slowly for a page that closes.
 *  @param {string} model */
export const hadUpload = (model) => taken.has(model);

/** Stops fields that a restore fills from waiting for their uploads, which would overwrite the restored value. Returns these
 *  uploads, which go on.
 *  @param {import("./plan.js").Plan} plan */
export async function withdraw({ model_id, values }) {
  const late = [...uploads].filter(({ model, name = "" }) => model === model_id && name in values);
  for (const upload of late) upload.withdraw();
  if (late.length > 0) await new Promise((resolve) => setTimeout(resolve)); // until the fields have taken that
  return late;
}

/** The file of an upload in the form of a field, once it ends; null where it fails.
 *  @param {Upload} upload
 *  @returns {Promise<import("./files.js").FieldFile | null>} */
export async function fileOf({ answer, file }) {
  const [path] = await answer.then((response) => (response.ok ? response.json() : [])).catch(() => []);
  if (path === undefined) return null;
  return fieldFile({ path, url: addressOf(`/file=${encodePath(path)}`), name: file.name, size: file.size, type: file.type });
}
