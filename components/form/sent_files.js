/* Uploads of files outside of the form's fields. */
import { pageContents } from "../gradio_ext/elements.js";
import { addressOf } from "../gradio_ext/server.js";
import { h, text } from "../kit/dom.js";
import { Refusal } from "./transport.js";

const DELAY = 300; // ms after which an upload is shown

const hint = h("p", { class: "drop-hint studio-ui", role: "status" });
/** @type {number | undefined} */
let timer;

/** Shows that a file is being uploaded; null removes that.
 *  @param {File | null} file */
export function showUploading(file) {
  clearTimeout(timer);
  hint.remove();
  if (file === null) return;
  text(hint, `${file.name} is on its way…`);
  timer = setTimeout(() => pageContents().append(hint), DELAY);
}

/** Uploads a file; resolves with it as an argument for endpoints. Rejects with a Refusal where it cannot be uploaded.
 *  @param {File} file
 *  @param {typeof fetch} send */
export async function uploadFile(file, send) {
  const body = new FormData(), name = file.name || "pasted";
  body.append("files", file, name);
  const response = await send(addressOf(`/upload${location.search}`), { method: "POST", body });
  if (!response.ok && response.headers.get("content-type")?.startsWith("text/plain")) throw new Refusal(await response.text());
  const [path] = response.ok ? await response.json() : [];
  if (!path) throw new Refusal(`${name} did not arrive. Try it again.`);
  return { file: path, name };
}
