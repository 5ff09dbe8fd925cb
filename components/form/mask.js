/* A mask over another input's picture. It is drawn on a canvas of the picture's own pixels and kept as a PNG of its own, white
   where it is drawn; as long as nothing is drawn, the file stays the one that came. */
const studio = window.studio;
const { h } = studio;
const TINT = "#ff2d78";

const picture = h("img", { alt: "", draggable: "false" });
const canvas = h("canvas", { role: "img", "aria-label": `${props.label}: what is drawn` });
const stage = h("div", { class: "mask-stage", hidden: true }, picture, canvas);
const tool = (action, words, attributes = {}) => h("button", { type: "button", class: "text-button", "data-do": action, ...attributes }, words);
const brush = tool("brush", "Brush", { "aria-pressed": "true" });
const eraser = tool("eraser", "Eraser", { "aria-pressed": "false" });
const width = h("input", { class: "plain-range", type: "range", min: 1, max: 100, value: 30, "aria-label": `${props.label}: width of the brush` });
const back = tool("back", "Undo");
const invert = tool("invert", "Invert");
const clear = tool("clear", "Clear");
const picker = h("input", { type: "file", accept: "image/*", tabindex: -1, "aria-label": `${props.label}: file` });
const open = tool("open", "From a file");
const tools = h("div", { class: "mask-tools" }, brush, eraser, width, back, invert, clear, open, picker);
const told = h("p", { class: "hint", role: "status" });
const field = h("fieldset", { class: "mask-box takes-files", "aria-label": props.label }, studio.legendOf(props),
  stage, tools, told);
element.append(field);

const pen = canvas.getContext("2d", { willReadFrequently: true });
let kept = null; // the file that came, over which is drawn
let base = null; // its picture, if it fits
let acts = []; // what has been done since: strokes, "invert" and "clear"
let isErasing = false;
let made = 0; // how many masks have been made of it
let shown = null; // the file that the canvas shows

const send = (chosen) => studio.broughtUp(upload, chosen, "The mask");
const file = () => (props.value && typeof props.value === "object" ? props.value : null);
const same = (one, other) => (one?.path ?? null) === (other?.path ?? null);

async function load(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

/** The other input's picture is this now. */
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
    acts = [];
    kept = file();
  }
  show();
}

/** Draws the file that the field holds. */
async function show() {
  const now = file();
  shown = now;
  kept = now;
  acts = [];
  base = null;
  const url = studio.ownUrl(now?.url);
  const image = url && (await load(url).catch(() => null));
  if (!same(now, file())) return; // another one came meanwhile
  base = image;
  paint();
  say();
}

const isFitting = () => base === null || (base.naturalWidth === canvas.width && base.naturalHeight === canvas.height);

function say() {
  studio.attribute(field, "data-file", studio.ownUrl(file()?.url));
  const isThere = !stage.hidden;
  for (const button of [brush, eraser, invert, width]) button.disabled = !isThere || !isFitting();
  back.disabled = acts.length === 0;
  clear.disabled = file() === null && acts.length === 0;
  if (!isThere) return studio.text(told, file() ? "The picture that this mask was drawn over is not there." : "Choose the picture first, then draw over what is meant.");
  if (!isFitting()) {
    return studio.text(told, `This mask is for a picture of ${base.naturalWidth} × ${base.naturalHeight} pixels, and the picture has ${canvas.width} × ${canvas.height}: clear it and draw it anew.`);
  }
  studio.text(told, file() || acts.length ? "" : "Draw over what is meant.");
}

/** The mask's own pixels: where it is white, the tint. */
function tinted(image) {
  const layer = h("canvas", { width: canvas.width, height: canvas.height });
  const ink = layer.getContext("2d");
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
  acts.forEach(perform);
}

function perform(act) {
  if (act === "clear") return pen.clearRect(0, 0, canvas.width, canvas.height);
  if (act === "invert") {
    pen.globalCompositeOperation = "source-out";
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

/** The drawing as a PNG in black and white; null when nothing is drawn. */
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
  plate.getContext("2d").putImageData(pixels, 0, 0);
  return new Promise((resolve) => plate.toBlob(resolve, "image/png"));
}

function set(value) {
  shown = value;
  props.value = value;
  trigger("change");
  say();
}

/** Keeps what is drawn now; what was drawn meanwhile is kept instead. */
async function keep() {
  made += 1;
  const number = made;
  say();
  if (acts.length === 0) return set(kept);
  const blob = await png();
  if (number !== made) return;
  if (blob === null) return set(null);
  const sent = await send(new File([blob], "mask.png", { type: "image/png" }));
  if (sent !== null && number === made) set(sent);
}

picker.addEventListener("change", async () => {
  const [chosen] = picker.files;
  if (!chosen) return;
  made += 1;
  const number = made;
  const sent = await send(chosen);
  picker.value = ""; // or the same file could not be chosen twice
  if (sent === null || number !== made) return;
  set(sent);
  show();
});

function act(one) {
  acts.push(one);
  paint();
  keep();
}

function at({ clientX, clientY }) {
  const box = canvas.getBoundingClientRect();
  return [((clientX - box.left) * canvas.width) / box.width, ((clientY - box.top) * canvas.height) / box.height];
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || !isFitting()) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  const thick = (Number(width.value) / 200) * Math.min(canvas.width, canvas.height);
  const stroke = { erases: isErasing, width: Math.max(1, thick), points: [at(event)] };
  perform(stroke);
  const go = (moved) => {
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
  clear: () => {
    base = isFitting() ? base : null;
    kept = base === null ? null : kept;
    act("clear");
  },
  back: () => {
    acts.pop();
    paint();
    keep();
  },
});

studio.form.follow(props.field, follow);
watch("value", () => same(file(), shown) || (made += 1, show()));
show();
