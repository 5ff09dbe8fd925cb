/* A mask over another input's picture. It is drawn on a canvas of the picture's size and uploaded as a PNG, white where it is
   drawn; as long as nothing is drawn, the field keeps the file that it was given. Arrow keys move the brush too. */
const studio = window.studio;
const { h } = studio;
const TINT = "#ff2d78";
const KEYS = "Arrow keys move the brush, with Shift farther; Space begins and ends a line. [ ] smaller and larger, B brush, E eraser, I invert, F fill, Delete clear, Ctrl+Z undo.";

const picture = h("img", { alt: "", draggable: "false" });
const canvas = h("canvas", { role: "application", tabindex: 0, "aria-label": `${props.label}: arrow keys move the brush, Space draws` });
const ring = h("div", { class: "mask-ring", hidden: true }); // shows the position and size of the brush
const stage = h("div", { class: "mask-stage", hidden: true }, picture, canvas, ring);
/** @type {(action: string, words: string, attributes?: Record<string, unknown>) => HTMLButtonElement} */
const tool = (action, words, attributes = {}) => h("button", { type: "button", class: "text-button", "data-do": action, ...attributes }, words);
const brush = tool("brush", "Brush", { "aria-pressed": "true" });
const eraser = tool("eraser", "Eraser", { "aria-pressed": "false" });
const width = h("input", { class: "plain-range", type: "range", min: 1, max: 100, value: 30, "aria-label": `${props.label}: width of the brush`,
  title: "Width of the brush: [ and ] on the picture, or Ctrl and the wheel" });
const back = tool("back", "Undo");
const invert = tool("invert", "Invert");
const fill = tool("fill", "Fill", { title: "Mark the whole picture" });
const clear = tool("clear", "Clear");
const picker = h("input", { type: "file", accept: "image/*", tabindex: -1, "aria-label": `${props.label}: file` });
const open = tool("open", "From a file");
const tools = h("div", { class: "mask-tools" }, brush, eraser, width, back, invert, fill, clear, open, picker);
const told = h("p", { class: "hint", role: "status" });
const field = h("fieldset", { class: "mask-box takes-files", "aria-label": props.label }, studio.legendOf(props),
  stage, tools, told);
element.append(field);

/** @param {HTMLCanvasElement} sheet
 *  @param {CanvasRenderingContext2DSettings} [settings] */
const contextOf = (sheet, settings) => /** @type {CanvasRenderingContext2D} */ (sheet.getContext("2d", settings));

const pen = contextOf(canvas, { willReadFrequently: true });
/** @typedef {import("./files.js").FieldFile} FieldFile
 *  @typedef {[x: number, y: number]} Place
 *  @typedef {{ erases: boolean, width: number, points: Place[] }} Stroke
 *  @typedef {Stroke | "invert" | "fill" | "clear"} Action */

/** @type {FieldFile | null} */
let kept = null; // the file that the field was given
/** @type {HTMLImageElement | null} */
let base = null; // its picture
/** @type {Action[]} */
let actions = []; // what was drawn over it: strokes, "invert", "fill" and "clear"
/** @type {Place} */
let cursor = [0.5, 0.5]; // the keyboard's position of the brush, as fractions of the picture
/** @type {Stroke | null} */
let drawing = null; // the stroke that is being drawn by keys
let isErasing = false;
let version = 0; // counts the changes, so that the upload of an older one is ignored
/** @type {FieldFile | null} */
let shown = null; // the file that the canvas shows

/** @param {File} chosen */
const send = (chosen) => studio.uploadToField(upload, chosen, "The mask");
/** @returns {FieldFile | null} */
const file = () => (props.value && typeof props.value === "object" ? props.value : null);
/** @param {FieldFile | null} one
 *  @param {FieldFile | null} other */
const same = (one, other) => (one?.path ?? null) === (other?.path ?? null);

/** @param {string} url */
async function load(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

/** Called when the other input's picture has changed.
 *  @param {FieldFile | null} value */
async function follow(value) {
  const url = studio.ownUrl(value?.url);
  stage.hidden = url === null;
  if (url === null) return say();
  picture.src = url;
  await picture.decode().catch(() => {});
  if (picture.naturalWidth === 0) {
    stage.hidden = true;
    return say();
  }
  if (canvas.width !== picture.naturalWidth || canvas.height !== picture.naturalHeight) {
    canvas.width = picture.naturalWidth;
    canvas.height = picture.naturalHeight;
    actions = [];
    kept = file();
  }
  show();
}

/** Shows the field's file. */
async function show() {
  const now = file();
  shown = now;
  kept = now;
  actions = [];
  base = null;
  const url = studio.ownUrl(now?.url);
  const image = url ? await load(url).catch(() => null) : null;
  if (!same(now, file())) return; // the field has another file by now
  base = image;
  paint();
  say();
}

const isFitting = () => base === null || (base.naturalWidth === canvas.width && base.naturalHeight === canvas.height);

function say() {
  studio.attribute(field, "data-file", studio.ownUrl(file()?.url));
  const isThere = !stage.hidden;
  for (const button of [brush, eraser, invert, fill, width]) button.disabled = !isThere || !isFitting();
  back.disabled = actions.length === 0;
  clear.disabled = file() === null && actions.length === 0;
  if (!isThere) return studio.text(told, file() ? "The picture that this mask was drawn over is not there." : "Choose the picture first, then draw over what is meant.");
  if (base && !isFitting()) {
    return studio.text(told, `This mask is for a picture of ${base.naturalWidth} × ${base.naturalHeight} pixels, and the picture has ${canvas.width} × ${canvas.height}: clear it and draw it again.`);
  }
  if (drawing) return studio.text(told, "Drawing: arrow keys draw, Space ends the line, Escape drops it.");
  if (canvas.matches(":focus-visible")) return studio.text(told, KEYS);
  studio.text(told, file() || actions.length ? "" : "Draw over what is meant.");
}

/** A mask as a layer that is tinted where the mask is white.
 *  @param {HTMLImageElement} image */
function tinted(image) {
  const layer = h("canvas", { width: canvas.width, height: canvas.height });
  const ink = contextOf(layer);
  ink.drawImage(image, 0, 0);
  const pixels = ink.getImageData(0, 0, layer.width, layer.height);
  for (let at = 0; at < pixels.data.length; at += 4) pixels.data[at + 3] = pixels.data[at] > 127 && pixels.data[at + 3] > 127 ? 255 : 0;
  ink.putImageData(pixels, 0, 0);
  ink.globalCompositeOperation = "source-in";
  ink.fillStyle = TINT;
  ink.fillRect(0, 0, layer.width, layer.height);
  return layer;
}

function paint() {
  pen.globalCompositeOperation = "source-over";
  pen.clearRect(0, 0, canvas.width, canvas.height);
  if (base !== null && isFitting()) pen.drawImage(tinted(base), 0, 0);
  actions.forEach(perform);
}

/** @param {Action} act */
function perform(act) {
  if (act === "clear") return pen.clearRect(0, 0, canvas.width, canvas.height);
  if (act === "invert") {
    pen.globalCompositeOperation = "source-out";
    pen.fillStyle = TINT;
    return pen.fillRect(0, 0, canvas.width, canvas.height);
  }
  if (act === "fill") {
    pen.globalCompositeOperation = "source-over";
    pen.fillStyle = TINT;
    return pen.fillRect(0, 0, canvas.width, canvas.height);
  }
  pen.globalCompositeOperation = act.erases ? "destination-out" : "source-over";
  pen.strokeStyle = TINT;
  pen.lineWidth = act.width;
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  const [x, y] = act.points[0];
  pen.moveTo(x, y);
  pen.lineTo(x + 0.01, y); // a line of no length is not drawn, not even as a dot
  for (const point of act.points.slice(1)) pen.lineTo(...point);
  return pen.stroke();
}

/** The drawing as a black and white PNG; null where nothing is drawn.
 *  @returns {Promise<Blob | null>} */
async function png() {
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height);
  let isEmpty = true;
  for (let at = 0; at < pixels.data.length; at += 4) {
    const level = pixels.data[at + 3] > 127 ? 255 : 0;
    isEmpty &&= level === 0;
    pixels.data.fill(level, at, at + 3);
    pixels.data[at + 3] = 255;
  }
  if (isEmpty) return null;
  const plate = h("canvas", { width: canvas.width, height: canvas.height });
  contextOf(plate).putImageData(pixels, 0, 0);
  return new Promise((resolve) => plate.toBlob(resolve, "image/png"));
}

/** @param {FieldFile | null} value */
function set(value) {
  shown = value;
  props.value = value;
  trigger("change");
  say();
}

/** Uploads the drawing into the field, unless it changes meanwhile. */
async function keep() {
  version += 1;
  const number = version;
  say();
  if (actions.length === 0) return set(kept);
  const blob = await png();
  if (number !== version) return;
  if (blob === null) return set(null);
  const sent = await send(new File([blob], "mask.png", { type: "image/png" }));
  if (sent !== null && number === version) set(sent);
}

picker.addEventListener("change", async () => {
  const [chosen] = picker.files ?? [];
  if (!chosen) return;
  version += 1;
  const number = version;
  const sent = await send(chosen);
  picker.value = ""; // so that the same file can be chosen again
  if (sent === null || number !== version) return;
  set(sent);
  show();
});

/** @param {Action} one */
function act(one) {
  actions.push(one);
  paint();
  keep();
}

/** @param {MouseEvent} event
 *  @returns {Place} */
function at({ clientX, clientY }) {
  const box = canvas.getBoundingClientRect();
  return [((clientX - box.left) * canvas.width) / box.width, ((clientY - box.top) * canvas.height) / box.height];
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || !isFitting()) return;
  event.preventDefault();
  endLine();
  canvas.setPointerCapture(event.pointerId);
  const stroke = { erases: isErasing, width: thickness(), points: [at(event)] };
  perform(stroke);
  const go = (/** @type {PointerEvent} */ moved) => {
    for (const one of moved.getCoalescedEvents?.() ?? [moved]) stroke.points.push(at(one));
    perform({ ...stroke, points: stroke.points.slice(-16) });
  };
  const stops = new AbortController();
  const end = () => {
    stops.abort();
    act(stroke);
  };
  canvas.addEventListener("pointermove", go, stops);
  canvas.addEventListener("pointerup", end, stops);
  canvas.addEventListener("pointercancel", end, stops);
});

/** The width of a stroke in pixels of the picture. */
const thickness = () => Math.max(1, (Number(width.value) / 200) * Math.min(canvas.width, canvas.height));

// --- the brush, by pointer and by keys

/** @param {Place} place */
function showRing([x, y]) {
  ring.hidden = false;
  ring.style.inlineSize = `${(100 * thickness()) / canvas.width}%`;
  ring.style.left = `${(100 * x) / canvas.width}%`;
  ring.style.top = `${(100 * y) / canvas.height}%`;
}

/** @returns {Place} */
const here = () => [cursor[0] * canvas.width, cursor[1] * canvas.height];

canvas.addEventListener("pointermove", (event) => {
  if (event.pointerType !== "touch" && isFitting()) showRing(at(event));
});
canvas.addEventListener("pointerleave", () => (ring.hidden = true));
canvas.addEventListener("focus", () => {
  if (canvas.matches(":focus-visible")) showRing(here());
  say();
});
canvas.addEventListener("blur", () => {
  endLine();
  ring.hidden = true;
  say();
});

/** Changes the width of the brush, by steps of a tenth.
 *  @param {number} steps */
function resize(steps) {
  width.value = String(Number(width.value) + steps * Math.max(1, Math.round(Number(width.value) / 10)));
}

canvas.addEventListener("wheel", (event) => {
  if (!event.ctrlKey || event.deltaY === 0) return;
  event.preventDefault();
  resize(event.deltaY < 0 ? 1 : -1);
  showRing(at(event));
}, { passive: false });

/** @param {number} across
 *  @param {number} down
 *  @param {boolean} farther */
function move(across, down, farther) {
  const far = (farther ? 2 : 0.5) * thickness();
  /** @param {number} value */
  const within = (value) => Math.min(1, Math.max(0, value));
  cursor = [within(cursor[0] + (across * far) / canvas.width), within(cursor[1] + (down * far) / canvas.height)];
  if (!drawing) return;
  drawing.points.push(here());
  perform({ ...drawing, points: drawing.points.slice(-2) });
}

function beginLine() {
  drawing = { erases: isErasing, width: thickness(), points: [here()] };
  perform(drawing);
}

function endLine() {
  const line = drawing;
  drawing = null;
  if (line) act(line);
}

function dropLine() {
  drawing = null;
  paint();
}

/** @type {Record<string, (far: boolean) => void>} */
const ON_KEY = {
  ArrowLeft: (far) => move(-1, 0, far), ArrowRight: (far) => move(1, 0, far), ArrowUp: (far) => move(0, -1, far), ArrowDown: (far) => move(0, 1, far),
  " ": () => (drawing ? endLine() : beginLine()), "[": () => resize(-1), "]": () => resize(1), b: () => choose(false), e: () => choose(true),
  i: () => invert.click(), f: () => fill.click(), Delete: () => clear.click(), Backspace: () => clear.click(),
};

canvas.addEventListener("keydown", (event) => {
  const { key } = event, name = key.length === 1 ? key.toLowerCase() : key;
  const isUndo = name === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
  const isDrop = key === "Escape" && drawing !== null;
  const wanted = isUndo ? () => back.click() : isDrop ? dropLine : !event.ctrlKey && !event.metaKey && !event.altKey && ON_KEY[name];
  if (!wanted || !isFitting()) return;
  event.preventDefault(); // nor does the stage take it
  if (!isDrop && name !== " " && !key.startsWith("Arrow")) endLine();
  wanted(event.shiftKey);
  showRing(here());
  say();
});

/** @param {boolean} erases */
function choose(erases) {
  isErasing = erases;
  brush.setAttribute("aria-pressed", String(!erases));
  eraser.setAttribute("aria-pressed", String(erases));
}

studio.onPress(element, {
  brush: () => choose(false),
  eraser: () => choose(true),
  open: () => picker.click(),
  invert: () => act("invert"),
  fill: () => act("fill"),
  clear: () => {
    base = isFitting() ? base : null;
    kept = base === null ? null : kept;
    act("clear");
  },
  back: () => {
    actions.pop();
    paint();
    keep();
  },
});

studio.form.follow(props.field, follow);
watch("value", () => same(file(), shown) || (version += 1, show()));
show();
