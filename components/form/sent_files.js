/* A file of the user's on its way to the server, outside of the form's fields. */
import { pageContents } from "../gradio_ext/elements.js";
import { addressOf } from "../gradio_ext/server.js";
import { h, text } from "../kit/dom.js";
import { Refusal } from "./transport.js";

const SOON = 300; // ms: what takes longer is said

const looking = h("p", { class: "drop-hint studio-ui", role: "status" });
let timer = null;

/** Says that a file is on its way; nothing when none is.
 *  @param {File | null} file */
export function sayOnItsWay(file) {
  clearTimeout(timer);
  looking.remove();
  if (file === null) return;
  text(looking, `${file.name} is on its way…`);
  timer = setTimeout(() => pageContents().append(looking), SOON);
}

/** The file as endpoints are told of it, once it is up.
 *  @param {File} file
 *  @param {typeof fetch} send */
export async function sentUp(file, send) {
  const body = new FormData(), name = file.name || "pasted";
  body.append("files", file, name);
  const response = await send(addressOf(`/upload${location.search}`), { method: "POST", body });
  if (!response.ok && response.headers.get("content-type")?.startsWith("text/plain")) throw new Refusal(await response.text());
  const [path] = response.ok ? await response.json() : [];
  if (!path) throw new Refusal(`${name} did not arrive. Try it again.`);
  return { file: path, name };
}
