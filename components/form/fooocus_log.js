/* Reads Fooocus' log, one in each of its folders, as interchange/fooocus_log.py does: by default its pictures have no metadata
   of their own. */

/** The settings of each picture as JSON, by the id that the log has for it.
 *  @param {string} log
 *  @returns {Map<string, string>} */
export function parseLog(log) {
  const found = new Map();
  for (const part of log.split('<div id="').slice(1)) {
    const key = part.split('"')[0], copied = decoded(part.split("to_clipboard('")[1]?.split("'")[0] ?? "");
    if (copied && !found.has(key)) found.set(key, copied);
  }
  return found;
}

/** The id that a log has for the picture of this name.
 *  @param {string} name */
export const keyOf = (name) => name.replaceAll(".", "_");

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
