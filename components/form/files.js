/* Files, as endpoints say them and as Gradio's fields hold them. A field's `path` is the key of a stored file, or where an
   upload lies. */
import { fieldFile, isFieldFile } from "../gradio_ext/fields.js";
import { say } from "../kit/say.js";

/** @typedef {{ file: string, name: string, url: string, size: number, mime_type: string }} StoredFile */

/** @param {unknown} value
 *  @returns {value is StoredFile} */
const isFile = (value) => typeof (/** @type {any} */ (value)?.file) === "string" && "mime_type" in /** @type {object} */ (value);

/** What a JS field holds of a file of the user's, once Gradio's `upload` has brought it up; null when it does not come.
 *  @param {(file: File) => Promise<{ path?: string, url?: string } | null | undefined>} upload
 *  @param {File} file
 *  @param {string} [named] how the user is told of it */
export async function broughtUp(upload, file, named = file.name) {
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

/** Values of an endpoint as the fields take them.
 *  @param {Record<string, unknown>} values */
export const forFields = (values) => changed(values, (value) => (isFile(value) ? toField(value) : value));

/** Values of fields as endpoints take them.
 *  @param {Record<string, any>} values */
export const forServer = (values) =>
  changed(values, (value) => (isFieldFile(value) ? { file: value.path, name: value.orig_name } : value));

const changed = (values, change) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value.map(change) : change(value)]));
