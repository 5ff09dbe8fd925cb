/* Converts files between the form of the endpoints and that of Gradio's fields. A field's `path` is the key of a stored file,
   or the path of an upload. */
import { fieldFile, isFieldFile } from "../gradio_ext/fields.js";
import { say } from "../kit/say.js";

/** @typedef {{ file: string, name: string, url: string, size: number, mime_type: string }} StoredFile */

/** @param {unknown} value
 *  @returns {value is StoredFile} */
const isStoredFile = (value) => typeof (/** @type {any} */ (value)?.file) === "string" && "mime_type" in /** @type {object} */ (value);

/** @typedef {ReturnType<typeof fieldFile>} FieldFile */

/** Uploads a file for a JS field; resolves with the file in the form of a field, or null where the upload fails, of which it
 *  tells the user.
 *  @param {(file: File) => Promise<{ path?: string, url?: string } | null | undefined>} upload Gradio's
 *  @param {File} file
 *  @param {string} [named] its name for the user */
export async function uploadToField(upload, file, named = file.name) {
  try {
    const { path, url = "" } = (await upload(file)) ?? {};
    return path ? fieldFile({ path, url, name: file.name, size: file.size, type: file.type }) : null;
  } catch {
    say({ text: `${named} did not arrive. Try it again.`, tone: "bad" });
    return null;
  }
}

/** @param {StoredFile} file */
const toField = ({ file: path, mime_type: type, ...file }) => fieldFile({ ...file, path, type });

/** Values from an endpoint, for the fields.
 *  @param {Record<string, unknown>} values */
export const forFields = (values) => changed(values, (value) => (isStoredFile(value) ? toField(value) : value));

/** Values of fields, for an endpoint.
 *  @param {Record<string, any>} values */
export const forServer = (values) =>
  changed(values, (value) => (isFieldFile(value) ? { file: value.path, name: value.orig_name } : value));

/** @param {Values} values
 *  @param {(value: any) => unknown} change */
const changed = (values, change) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value.map(change) : change(value)]));
