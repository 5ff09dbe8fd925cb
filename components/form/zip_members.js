/* Reads a ZIP in the browser, for one that is too large to be uploaded. */
import { Refusal } from "./transport.js";

const END_OF_DIRECTORY = 0x06054b50, DIRECTORY_ENTRY = 0x02014b50; // signatures
const MAX_END = 65557; // bytes of the end record with its comment
const ZIP64 = 0xffffffff; // in place of a number that needs more than 32 bits
const ENCRYPTED = 1, UTF_8 = 0x800, STORED = 0, DEFLATED = 8;
const CUT = "This is no ZIP that can be read. It may be cut short: bring it once more.";
const DAMAGED = "It is damaged in this ZIP.";

/** A file in a ZIP, unpacked by `open`; its path has the same name as in a `File` of a folder.
 *  @typedef {{ name: string, webkitRelativePath: string, type: string, size: number, lastModified: number, open: () => Promise<File> }} Member */

/** The files in a ZIP. Rejects with a Refusal where it is damaged or needs ZIP64.
 *  @param {File} zip
 *  @returns {Promise<Member[]>} */
export async function membersOf(zip) {
  const list = await directoryOf(zip), found = [];
  for (let at = 0; at + 46 <= list.byteLength && list.getUint32(at, true) === DIRECTORY_ENTRY;) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => list.getUint16(at + offset, true));
    const path = decoded(list, at + 46, name, list.getUint16(at + 8, true));
    if (!path.endsWith("/")) found.push(memberOf(zip, path, list, at));
    at += 46 + name + extra + comment;
  }
  return found;
}

/** @param {File} zip */
async function directoryOf(zip) {
  const tail = await bytesOf(zip, Math.max(0, zip.size - MAX_END), zip.size);
  let at = tail.byteLength - 22;
  while (at >= 0 && tail.getUint32(at, true) !== END_OF_DIRECTORY) at -= 1;
  if (at < 0) throw new Refusal(CUT);
  const size = tail.getUint32(at + 12, true), start = tail.getUint32(at + 16, true);
  if (size === ZIP64 || start === ZIP64) throw new Refusal("This ZIP has more than 4 GB: unpack it and bring its folder.");
  if (start + size > zip.size) throw new Refusal(CUT);
  return bytesOf(zip, start, start + size);
}

/** @returns {Member}
 *  @param {File} zip
 *  @param {string} path
 *  @param {DataView} list
 *  @param {number} at */
function memberOf(zip, path, list, at) {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const flags = list.getUint16(at + 8, true), method = list.getUint16(at + 10, true), start = list.getUint32(at + 42, true);
  const compressed = list.getUint32(at + 20, true), size = list.getUint32(at + 24, true), lastModified = modified(list, at);
  const open = async () => {
    if (flags & ENCRYPTED || ![STORED, DEFLATED].includes(method) || [compressed, size, start].includes(ZIP64)) {
      throw new Refusal("It is packed in a way that a browser cannot unpack.");
    }
    const head = await bytesOf(zip, start, start + 30);
    if (head.byteLength < 30) throw new Refusal(DAMAGED);
    const from = start + 30 + head.getUint16(26, true) + head.getUint16(28, true), part = zip.slice(from, from + compressed);
    return new File([method === STORED ? part : await inflated(part)], name, { lastModified });
  };
  return { name, webkitRelativePath: path, type: "", size, lastModified, open };
}

/** @param {Blob} part */
async function inflated(part) {
  try {
    return await new Response(part.stream().pipeThrough(new DecompressionStream("deflate-raw"))).blob();
  } catch {
    throw new Refusal(DAMAGED);
  }
}

/** @param {Blob} file
 *  @param {number} start
 *  @param {number} end */
const bytesOf = async (file, start, end) => new DataView(await file.slice(start, end).arrayBuffer());

/** @param {DataView} list
 *  @param {number} at
 *  @param {number} length
 *  @param {number} flags */
function decoded(list, at, length, flags) {
  const bytes = new Uint8Array(list.buffer, list.byteOffset + at, Math.min(length, list.byteLength - at));
  return new TextDecoder(flags & UTF_8 ? "utf-8" : "windows-1252").decode(bytes);
}

/** When a member was modified, which a ZIP has in local time and with a resolution of two seconds.
 *  @param {DataView} list
 *  @param {number} at */
function modified(list, at) {
  const time = list.getUint16(at + 12, true), day = list.getUint16(at + 14, true);
  return new Date(1980 + (day >> 9), (day >> 5 & 15) - 1, day & 31, time >> 11, time >> 5 & 63, (time & 31) * 2).getTime();
}
