/* Fooocus' log, one in each of its folders: what it says of a picture, which alone says nothing by default. */

export const LOG = "log.html";
export const LARGEST_LOG = 32 * 2 ** 20; // bytes

/** The JSON that the log's button copies for each picture, by the log's key for it.
 *  @param {string} log
 *  @returns {Map<string, string>} */
export function logged(log) {
  const found = new Map();
  for (const part of log.split('<div id="').slice(1)) {
    const key = part.split('"')[0], copied = unquoted(part.split("to_clipboard('")[1]?.split("'")[0] ?? "");
    if (copied && !found.has(key)) found.set(key, copied);
  }
  return found;
}

/** How a log calls the picture of this name.
 *  @param {string} name */
export const keyOf = (name) => name.replaceAll(".", "_");

/** @param {string} text */
function unquoted(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
