/* The parts of a job that several components draw: buttons, its picture, its progress. */
import { attribute, h, ownUrl } from "../kit/dom.js";
import { icon } from "../kit/icons.js";
import { say } from "../kit/say.js";

/** A button with an icon only; its label is also its tooltip.
 *  @param {string} action
 *  @param {string} name
 *  @param {string} label */
export const iconButton = (action, name, label, attributes = {}) =>
  h("button", { type: "button", class: "icon-button", "data-do": action, "aria-label": label, title: label, ...attributes }, icon(name));

/** A button with an icon and a word; `label` is its accessible name and tooltip.
 *  @param {string} action
 *  @param {string} name
 *  @param {string} word
 *  @param {string | null} label */
export const textButton = (action, name, word, label, attributes = {}) =>
  h("button", { type: "button", class: "text-button", "data-do": action, "aria-label": label, title: label, ...attributes },
    icon(name), h("span", {}, word));

/** The Reuse button, which also shows that it is busy and that it is done. */
export const reuseButton = () => {
  const button = textButton("reuse", "reuse", "Reuse", "Reuse: fill the form with everything of this job", { class: "text-button reuse" });
  button.append(icon("check"));
  return button;
};

/** Sets a progress bar to a fraction from 0 to 1; null is indeterminate.
 *  @param {HTMLElement} bar
 *  @param {number | null | undefined} fraction */
export const setProgress = (bar, fraction) => {
  const isKnown = typeof fraction === "number";
  const percent = isKnown ? Math.round(Math.min(1, Math.max(0, fraction)) * 100) : null;
  attribute(bar, "aria-valuenow", percent);
  bar.style.setProperty("--done", isKnown ? `${percent}%` : "0%");
  bar.classList.toggle("unknown", !isKnown);
};

export const progressBar = () =>
  h("div", { class: "progress", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 }, h("i"));

/** The URL of a stored file's preview; the server renders it on the first request.
 *  @param {string | null} url */
export const previewUrl = (url) => {
  const source = ownUrl(url);
  return source && `${source}?preview`;
};

const RETRIES = [500, 1500, 4000, 10000, 20000, 40000, 80000, 160000]; // ms until a preview that is not rendered yet is requested again

/** A preview, with an icon in its place until it has loaded. The stylesheet keeps it out of the browser's context menu, which
 *  would save or copy it in place of the file.
 *  @param {string | null} source
 *  @param {string} name
 *  @param {Record<string, unknown>} attributes */
function smallPicture(source, name, attributes) {
  const image = h("img", { ...attributes, src: source, loading: "lazy", decoding: "async", draggable: "false", "data-small": true });
  const blank = h("span", { class: "poster poster-blank" }, icon(name));
  const waits = [...RETRIES];
  image.addEventListener("load", () => blank.replaceWith(image));
  image.addEventListener("error", () => {
    image.replaceWith(blank);
    image.loading = "eager"; // a lazy image does not load while it is not in the document
    if (waits.length) setTimeout(() => blank.isConnected && (image.src = `${source}&again=${waits.length}`), waits.shift());
  });
  return image;
}

/** The preview of a stored file of this kind.
 *  @param {string | null} url
 *  @param {string | null} kind
 *  @param {string} alt */
export const thumbnail = (url, kind, alt) => smallPicture(previewUrl(url), kindOf(kind), { alt });

/** The previews of several pictures.
 *  @param {string[]} urls */
export const thumbnails = (urls) => h("span", { class: "pictures" }, ...urls.filter(ownUrl).map((url) => thumbnail(url, "image", "")));

/** A colour as a small square; null where the text is no colour.
 *  @param {string} text */
export const swatch = (text) => {
  if (!/^#[0-9a-f]{6}([0-9a-f]{2})?$/.test(text)) return null;
  const square = h("span", { class: "swatch", "aria-hidden": "true" });
  square.style.setProperty("--colour", text);
  return square;
};

/** The preview of a job, or the icon of its status or kind.
 *  @param {Pick<Card, "preview" | "status" | "type">} card */
export const poster = (card) => {
  const preview = ownUrl(card.preview);
  return preview ? smallPicture(preview, blankIcon(card), { class: "poster", alt: "" })
    : h("span", { class: "poster poster-blank" }, icon(blankIcon(card)));
};

/** Shows a running job's live preview over the host's content; a new one replaces it without flicker.
 *  @param {HTMLElement} host
 *  @param {string | null | undefined} url */
export const setMaking = (host, url) => {
  const source = ownUrl(url);
  /** @type {HTMLImageElement | null} */
  let image = host.querySelector(".making");
  if (!source) return image?.remove();
  if (!image) {
    image = h("img", { class: "making", alt: "The live preview" });
    image.addEventListener("error", () => image?.remove()); // the job has just ended
  }
  if (image.dataset.source !== source) image.src = image.dataset.source = source;
  if (!image.isConnected) host.append(image);
};

/** @param {Pick<Card, "status" | "type">} card */
function blankIcon(card) {
  if (card.status === "damaged") return "failed";
  if (["failed", "cancelled", "queued"].includes(card.status)) return card.status;
  return kindOf(card.type);
}

/** The kind as which it is drawn: anything that is neither video nor audio as an image.
 *  @param {string | null} kind */
export function kindOf(kind) {
  return kind === "video" || kind === "audio" ? kind : "image";
}

/** @typedef {Pick<Card, "prompt" | "title" | "model_name">} Named */

/** The name of a job: its prompt, else its title or the name of its model.
 *  @param {Named} card
 *  @returns {string} */
export const nameOf = (card) => card.prompt || card.title || card.model_name;

/** Whether that is the name of its model, which need not be shown again.
 *  @param {Named} card */
export const isNamedByModel = (card) => !card.prompt && nameOf(card) === card.model_name;

/** Links that download the result, and a copy of it without metadata.
 *  @param {Card} card */
export function downloadLink(card) {
  const links = document.createDocumentFragment(), name = card.result?.name, href = ownUrl(card.result?.url);
  links.append(h("a", { class: "text-button", href, download: name ?? true, title: "Download the result", "aria-label": "Download the result" },
    icon("download"), h("span", {}, "Download")));
  if (href) links.append(plainLink(href, name ?? ""));
  return links;
}

/** The server makes and names the copy.
 *  @param {string} href
 *  @param {string} name */
function plainLink(href, name) {
  const plain = new URL(href);
  plain.searchParams.set("download", name);
  plain.searchParams.set("plain", "");
  return h("a", { class: "icon-button", href: plain.href, title: "Download without metadata", "aria-label": "Download without metadata" }, icon("plain"));
}

/** A button that copies a text.
 *  @param {string} value
 *  @param {string} label */
export const copyButton = (value, label) => {
  const button = iconButton("copy", "copy", label, { class: "icon-button copy" });
  button.append(icon("check"));
  button.dataset.copy = value;
  return button;
};

/** A button that shows the seed of a job and copies it.
 *  @param {number | string | null} seed */
export const seedButton = (seed) => {
  const button = h("button", { type: "button", class: "seed-copy", "data-do": "copy", title: "Copy the seed", "aria-label": `Copy the seed ${seed}` },
    `Seed ${seed}`, icon("copy"), icon("check"));
  button.dataset.copy = String(seed);
  return button;
};

/** @param {HTMLElement} button */
export const copy = async (button) => {
  const copied = await copies(button);
  button.dataset.end = copied ? "done" : "error";
  setTimeout(() => delete button.dataset.end, 1400);
  if (!copied) leaveToUser(button);
};

/** Browsers allow the clipboard only to pages of localhost or over HTTPS, and may deny it to these too.
 *  @param {HTMLElement} button */
async function copies(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy ?? "");
    return true;
  } catch {
    return copiesFromBox(button);
  }
}

/** Copies as Ctrl+C would: from a box beside the button, for outside of an open dialog nothing can be selected.
 *  @param {HTMLElement} button */
function copiesFromBox(button) {
  const box = h("textarea", { class: "sr-only", readonly: true });
  box.value = button.dataset.copy ?? "";
  button.after(box);
  box.focus({ preventScroll: true });
  box.select();
  const copied = document.execCommand("copy");
  box.remove();
  button.focus({ preventScroll: true });
  return copied;
}

/** Selects the text beside its button in the details; a seed, which cannot be selected in its button, is shown in a message.
 *  @param {HTMLElement} button */
function leaveToUser(button) {
  const before = button.closest("dialog") && button.previousElementSibling;
  if (before) getSelection()?.selectAllChildren(before);
  else say({ text: `This browser does not let the page copy. The seed is ${button.dataset.copy}.`, tone: "bad" });
}
