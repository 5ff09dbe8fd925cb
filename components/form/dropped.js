/* What a drop carries: its files, and those in its folders and the folders below them. */

const MOST = 5000; // files of folders
const RESULT = /\.(png|apng|jpe?g|jfif|webp|avif|gif|bmp|tiff?|mp4|m4v|mov|webm|mkv|wav|flac|mp3|ogg|oga|opus|m4a)$/i;

/** @param {{ name: string, type: string }} file */
export const mayBeResult = ({ name, type }) => /^(image|video|audio)\//.test(type) || RESULT.test(name);

/** Whether it is the text or JSON of a tool, which no input takes.
 *  @param {{ name?: string, type: string }} file */
export const isText = ({ name = "", type }) => type === "text/plain" || type === "application/json" || /\.(txt|json)$/i.test(name);

/** To be called while the drop is told of: afterwards a browser says nothing of it.
 *  @param {DataTransfer} data
 *  @returns {File[] | Promise<File[]>} at once where there is no folder */
export function filesIn(data) {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry !== null && entry !== undefined);
  return entries.some(({ isDirectory }) => isDirectory) ? walk(entries) : [...data.files];
}

/** @param {FileSystemEntry[]} entries */
async function walk(entries) {
  const files = [];
  for (let next = [...entries]; next.length && files.length < MOST;) {
    const entry = /** @type {FileSystemEntry} */ (next.shift());
    if (entry.isDirectory) next = [...(await children(/** @type {FileSystemDirectoryEntry} */ (entry))), ...next];
    else files.push(await fileOf(/** @type {FileSystemFileEntry} */ (entry)));
  }
  return files.filter((file) => file !== null);
}

/** A browser tells of a folder in parts, the last of which is empty.
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

/** With its path, which a browser tells of a folder that was chosen, and not of one that was dropped.
 *  @param {FileSystemFileEntry} entry
 *  @returns {Promise<File | null>} null for one that cannot be read */
const fileOf = (entry) => new Promise((resolve) => entry.file(
  (file) => resolve(Object.defineProperty(file, "webkitRelativePath", { value: entry.fullPath.slice(1) })), () => resolve(null)));
