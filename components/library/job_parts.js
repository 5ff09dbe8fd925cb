/* What several components draw of a job: buttons, its picture, its progress. */
import { attribute, h, ownUrl } from "../kit/dom.js";
import { icon } from "../kit/icons.js";
import { say } from "../kit/say.js";

/** A button with an icon only; its name is its tooltip too. */
export const iconButton = (action, name, label, attributes = {}) =>
  h("button", { type: "button", class: "icon-button", "data-do": action, "aria-label": label, title: label, ...attributes }, icon(name));

/** A button with an icon and a word; `label` is the full name. */
export const textButton = (action, name, word, label, attributes = {}) =>
  h("button", { type: "button", class: "text-button", "data-do": action, "aria-label": label, title: label, ...attributes },
    icon(name), h("span", {}, word));

/** The Reuse button: it also holds the sign that it is working, and that it is done. */
export const reuseButton = () => {
  const button = textButton("reuse", "reuse", "Reuse", "Reuse: fill the form with everything of this job", { class: "text-button reuse" });
  button.append(icon("check"));
  return button;
};

/** Draws a progress bar: a fraction 0 to 1, or null when nobody knows. */
export const setProgress = (bar, fraction) => {
  const known = typeof fraction === "number";
  const percent = known ? Math.round(Math.min(1, Math.max(0, fraction)) * 100) : null;
  attribute(bar, "aria-valuenow", percent);
  bar.style.setProperty("--done", known ? `${percent}%` : "0%");
  bar.classList.toggle("unknown", !known);
};

export const progressBar = () =>
  h("div", { class: "progress", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 }, h("i"));

/** Where the small picture of a stored file is; asking for it has it drawn where it is not there. */
export const previewUrl = (url) => {
  const source = ownUrl(url);
  return source && `${source}?preview`;
};

const AGAIN = [500, 1500, 4000, 10000, 20000, 40000, 80000, 160000]; // ms until a picture that is not drawn yet is asked for again

/** A small picture, and an icon in its place until it is there. The stylesheet keeps it from a browser's menu, which would
 *  save or copy it in place of the file. */
function smallPicture(source, name, attributes) {
  const image = h("img", { ...attributes, src: source, loading: "lazy", decoding: "async", draggable: "false", "data-small": true });
  const blank = h("span", { class: "poster poster-blank" }, icon(name));
  const waits = [...AGAIN];
  image.addEventListener("load", () => blank.replaceWith(image));
  image.addEventListener("error", () => {
    image.replaceWith(blank);
    image.loading = "eager"; // or it would not load outside of the page
    if (waits.length) setTimeout(() => blank.isConnected && (image.src = `${source}&again=${waits.length}`), waits.shift());
  });
  return image;
}

/** The small picture of a stored file of this kind. */
export const thumbnail = (url, kind, alt) => smallPicture(previewUrl(url), kindOf(kind), { alt });

/** Those of several pictures.
 *  @param {string[]} urls */
export const thumbnails = (urls) => h("span", { class: "pictures" }, ...urls.filter(ownUrl).map((url) => thumbnail(url, "image", "")));

/** A colour as a small square; nothing where the text is none. */
export const swatch = (text) => {
  if (!/^#[0-9a-f]{6}([0-9a-f]{2})?$/.test(text)) return null;
  const square = h("span", { class: "swatch", "aria-hidden": "true" });
  square.style.setProperty("--colour", text);
  return square;
};

/** The small picture of a job: its preview, or the icon of its status or kind. */
export const poster = (card) => {
  const preview = ownUrl(card.preview);
  return preview ? smallPicture(preview, blankIcon(card), { class: "poster", alt: "" })
    : h("span", { class: "poster poster-blank" }, icon(blankIcon(card)));
};

/** Shows the live preview over what stands there, and lets it change without a blink. */
export const setMaking = (host, url) => {
  const source = ownUrl(url);
  let image = host.querySelector(".making");
  if (!source) return image?.remove();
  if (!image) {
    image = h("img", { class: "making", alt: "The live preview" });
    image.addEventListener("error", () => image.remove()); // the job has just ended
  }
  if (image.dataset.source !== source) image.src = image.dataset.source = source;
  if (!image.isConnected) host.append(image);
};

function blankIcon(card) {
  if (card.status === "damaged") return "failed";
  if (["failed", "cancelled", "queued"].includes(card.status)) return card.status;
  return kindOf(card.type);
}

/** What it is drawn as. */
export function kindOf(kind) {
  return ["video", "audio"].includes(kind) ? kind : "image";
}

/** What a job is called: by its prompt, else by what it did. */
export const nameOf = (card) => card.prompt || card.title || card.model_name;

/** Whether that is the name of its model, which need not be said again. */
export const isNamedByModel = (card) => !card.prompt && nameOf(card) === card.model_name;

/** Downloads the result as it is, and beside that a copy of it that does not say how it was made. */
export function downloadLink(card) {
  const links = document.createDocumentFragment(), name = card.result?.name, href = ownUrl(card.result?.url);
  links.append(h("a", { class: "text-button", href, download: name ?? true, title: "Download the result", "aria-label": "Download the result" },
    icon("download"), h("span", {}, "Download")));
  if (href) links.append(plainLink(href, name ?? ""));
  return links;
}

/** The server makes the copy, and names it. */
function plainLink(href, name) {
  const plain = new URL(href);
  plain.searchParams.set("download", name);
  plain.searchParams.set("plain", "");
  return h("a", { class: "icon-button", href: plain.href, title: "Download without metadata", "aria-label": "Download without metadata" }, icon("plain"));
}

/** A text that can be copied with one click. */
export const copyButton = (value, label) => {
  const button = iconButton("copy", "copy", label, { class: "icon-button copy" });
  button.append(icon("check"));
  button.dataset.copy = value;
  return button;
};

/** The seed that a job ran with; a click copies it. */
export const seedButton = (seed) => {
  const button = h("button", { type: "button", class: "seed-copy", "data-do": "copy", title: "Copy the seed", "aria-label": `Copy the seed ${seed}` },
    `Seed ${seed}`, icon("copy"), icon("check"));
  button.dataset.copy = String(seed);
  return button;
};

export const copy = async (button) => {
  const copied = await copies(button);
  button.dataset.end = copied ? "done" : "error";
  setTimeout(() => delete button.dataset.end, 1400);
  if (!copied) leaveToUser(button);
};

/** Browsers have the clipboard only for pages from this machine or over https, and may refuse it to them too. */
async function copies(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    return true;
  } catch {
    return copiesFromBox(button);
  }
}

/** Copies as a key would: from a box beside the button, for outside of an open dialog nothing can be selected. */
function copiesFromBox(button) {
  const box = h("textarea", { class: "sr-only", readonly: true });
  box.value = button.dataset.copy;
  button.after(box);
  box.focus({ preventScroll: true });
  box.select();
  const copied = document.execCommand("copy");
  box.remove();
  button.focus({ preventScroll: true });
  return copied;
}

/** In the details the text stands beside its button; of a seed's button nothing can be selected. */
function leaveToUser(button) {
  if (button.closest("dialog")) getSelection().selectAllChildren(button.previousElementSibling);
  else say({ text: `This browser does not let the page copy. The seed is ${button.dataset.copy}.`, tone: "bad" });
}
