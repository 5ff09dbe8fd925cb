/* What a drop carries: its files, and those in its folders and their subfolders. */
import { importable } from "./layout.js";

const MAX_FILES = 5000; // of folders

/** Whether it is a picture, a film or a sound, by its media type or its extension.
 *  @param {{ name: string, type: string }} file */
export const mayBeResult = ({ name, type }) =>
  /^(image|video|audio)\//.test(type) || importable().extensions.includes(/\.([^.]*)$/.exec(name)?.[1].toLowerCase() ?? "");

/** Whether it is the text or JSON of a tool, which no input takes.
 *  @param {{ name?: string, type: string }} file */
export const isText = ({ name = "", type }) => type === "text/plain" || type === "application/json" || /\.(txt|json)$/i.test(name);

/** Must be called in the handler of the drop itself: afterwards browsers give no access to its entries.
 *  @param {DataTransfer} data
 *  @returns {File[] | Promise<File[]>} at once where there is no folder */
export function filesIn(data) {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry !== null && entry !== undefined);
  return entries.some(({ isDirectory }) => isDirectory) ? walk(entries) : [...data.files];
}

/** @param {FileSystemEntry[]} entries */
async function walk(entries) {
  const files = [];
  for (let next = [...entries]; next.length && files.length < MAX_FILES;) {
    const entry = /** @type {FileSystemEntry} */ (next.shift());
    if (entry.isDirectory) next = [...(await children(/** @type {FileSystemDirectoryEntry} */ (entry))), ...next];
    else files.push(await fileOf(/** @type {FileSystemFileEntry} */ (entry)));
  }
  return files.filter((file) => file !== null);
}

/** The entries of a folder, which browsers return in batches, an empty one last.
 *  @param {FileSystemDirectoryEntry} folder */
async function children(folder) {
  const reader = folder.createReader(), found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (some.length === 0) return found.sort((one, other) => one.name.localeCompare(other.name));
    found.push(...some);
  }
}

/** The file of an entry, with the path that browsers set for a folder that is chosen, but not for one that is dropped.
 *  @param {FileSystemFileEntry} entry
 *  @returns {Promise<File | null>} null for one that cannot be read */
const fileOf = (entry) => new Promise((resolve) => entry.file(
  (file) => resolve(Object.defineProperty(file, "webkitRelativePath", { value: entry.fullPath.slice(1) })), () => resolve(null)));
