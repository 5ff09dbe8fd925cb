/* The viewer of a result: a picture to zoom and pan, a film to step through frame by frame, a sound with its waveform. */
import { attribute, h, ownUrl } from "../kit/dom.js";
import { carries } from "./drag.js";
import { iconButton, kindOf, nameOf, poster, previewUrl } from "./job_parts.js";
import { fitting, moved, settled, whole, zoomed } from "./zoom.js";

const ZOOM_STEP = 1.25; // the factor of one press
const RETRIES = [0, 250, 500, 1000, 2000, 4000, 8000]; // ms until a preview as large as the screen is requested, and again
const MAY_BE_ANIMATED = /\.(gif|webp|avif)$/; // and therefore has no large preview
const DEFAULT_FRAME = 1 / 24; // seconds, where the browser does not tell the duration of a frame

/** @typedef {{ stop(): void, zoom?(by: number): void, toggle?(): void, play?(): void, step?(by: 1 | -1): void }} Viewer The
 *  controls of what a frame shows.
 *  @typedef {import("./zoom.js").Point} Point */

/** Shows the result of a card in a frame; null where it has none.
 *  @returns {Viewer | null}
 *  @param {HTMLElement} frame
 *  @param {Card} card */
export function view(frame, card) {
  const { result } = card, source = ownUrl(result?.url);
  if (!result || !source) return null;
  return { image: picture, video: film, audio: sound }[kindOf(result.kind)](frame, card, source);
}

/** A still picture of a card's result, shown while the next job runs.
 *  @param {Card | null} card */
export function still(card) {
  const result = card?.result, source = ownUrl(result?.url);
  if (!result || !source) return null;
  const image = h("img", { class: "last", alt: "The last result", draggable: "false", src: `${source}?preview=large` });
  image.addEventListener("error", () => attribute(image, "src", previewUrl(result.url)), { once: true }); // the large one is not rendered yet
  return image;
}

/** Shows first the small preview, then one as large as the screen, and the file itself once it is zoomed, saved or copied.
 *  @param {HTMLElement} frame
 *  @param {Card} card
 *  @param {string} source
 *  @returns {Viewer} */
function picture(frame, card, source) {
  const small = ownUrl(card.preview);
  const image = carries(h("img", { class: "result", alt: `Result: ${nameOf(card)}`, decoding: "sync" }), card);
  const percent = h("button", { type: "button", class: "percent", "data-do": "toggleZoom", title: "100 % or the whole picture (0)" });
  const tools = h("div", { class: "tools" }, iconButton("zoomOut", "minus", "Smaller"), percent, iconButton("zoomIn", "plus", "Larger"));
  const watcher = new ResizeObserver(() => place());
  /** @type {Map<number, Point>} */
  const pointers = new Map(); // the position of each pointer that is down, by its id
  /** @type {import("./zoom.js").Size | null} */
  let size = null; // of the picture that is shown
  let room = { width: 0, height: 0 }; // of the frame
  /** @type {import("./zoom.js").View | null} */
  let shown = null; // the view, null for the whole picture
  let isFile = false; // whether the file itself is shown or loading
  let isExact = false; // whether the file has loaded, so that its size is known
  /** @type {PromiseWithResolvers<void>} */
  const exact = Promise.withResolvers();
  let isStopped = false;

  frame.append(image, tools);
  watcher.observe(frame);

  /** Replaces the picture by another rendition of it, once that is decoded.
   *  @param {string} address */
  async function bring(address) {
    const next = new Image();
    next.src = address;
    await next.decode();
    if (!isStopped && !isFile) take(next, address);
  }

  /** @param {HTMLImageElement} next
   *  @param {string} address */
  function take({ naturalWidth: width, naturalHeight: height }, address) {
    if (shown && size) shown = { ...shown, scale: (shown.scale * size.width) / width };
    size = { width, height };
    if (image.getAttribute("src") !== address) image.src = address;
    frame.style.setProperty("--shape", `${width} / ${height}`);
    place();
  }

  async function begin() {
    if (small) await bring(small).catch(() => {});
    for (const wait of MAY_BE_ANIMATED.test(source) ? [] : RETRIES) {
      if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
      if (isStopped || isFile) return;
      const there = await bring(`${source}?preview=large${wait ? `&again=${wait}` : ""}`).then(() => true, () => false);
      if (there) return isTooSmall() && file();
    }
    return file();
  }

  const dot = () => 1 / devicePixelRatio;
  const isTooSmall = () => size === null || now().scale > dot() * 1.01;
  const now = () => shown ?? whole(room, /** @type {import("./zoom.js").Size} */ (size)); // asked once there is one

  /** Loads the file itself. */
  function file() {
    if (isFile) return;
    isFile = true;
    image.addEventListener("load", () => {
      if (isStopped) return;
      isExact = true;
      take(image, source);
      exact.resolve();
    }, { once: true });
    image.src = source;
  }

  function place() {
    room = { width: frame.clientWidth, height: frame.clientHeight };
    if (!size || !room.width || !room.height) return;
    if (shown) shown = settled(shown, room, size);
    const { x, y, scale } = now();
    Object.assign(image.style, { left: `${x}px`, top: `${y}px`, width: `${size.width * scale}px`, height: `${size.height * scale}px` });
    image.classList.add("placed");
    image.classList.toggle("pixels", scale >= 3 * dot());
    frame.classList.toggle("zoomed", shown !== null);
    attribute(image, "draggable", shown ? "false" : "true"); // a zoomed picture is panned instead
    percent.textContent = shown === null ? "Fit" : isExact ? `${Math.round((scale / dot()) * 100)} %` : "…";
  }

  const middle = () => ({ x: room.width / 2, y: room.height / 2 });

  /** @param {number} scale */
  function zoomTo(scale, at = middle()) {
    if (!size) return;
    const wanted = zoomed(now(), scale, at, room, size, dot());
    shown = Math.abs(wanted.scale - fitting(room, size)) < 1e-4 ? null : wanted;
    file();
    place();
  }

  /** Switches between the whole picture and its actual size, for which the file has to be loaded. */
  async function toggle(at = middle()) {
    if (!size) return;
    if (shown) {
      shown = null;
      return place();
    }
    file();
    await exact.promise;
    zoomTo(Math.abs(dot() - now().scale) < 1e-4 ? 2 * dot() : dot(), at);
  }

  /** @param {MouseEvent} event */
  const inFrame = ({ clientX, clientY }) => {
    const { left, top } = frame.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };

  /** Zooms with the wheel; where the wheel would scroll the page, only with Ctrl.
   *  @param {WheelEvent} event */
  function wheel(event) {
    if (!size || event.target?.closest?.(".tools")) return;
    if (!event.ctrlKey && !shown && !isAlone(frame)) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    zoomTo(now().scale * Math.exp((-event.deltaY * lines) / 300), inFrame(event));
  }

  /** @param {PointerEvent} event */
  function press(event) {
    if (event.target?.closest?.(".tools") || event.button !== 0) return;
    pointers.set(event.pointerId, inFrame(event));
    if (shown || pointers.size > 1) for (const id of pointers.keys()) frame.setPointerCapture(id);
    if (pointers.size > 1) file();
  }

  /** @param {PointerEvent} event */
  function move(event) {
    const from = pointers.get(event.pointerId), to = inFrame(event);
    if (!from || !size) return;
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, to);
    if (other) pinch(from, to, other);
    else if (shown) shown = moved(shown, to.x - from.x, to.y - from.y, room, size);
    else return;
    place();
  }

  /** @param {Point} from
   *  @param {Point} to
   *  @param {Point} other */
  function pinch(from, to, other) {
    /** @param {Point} point */
    const apart = (point) => Math.hypot(point.x - other.x, point.y - other.y);
    zoomTo((now().scale * apart(to)) / Math.max(1, apart(from)), { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 });
    if (shown && size) shown = moved(shown, (to.x - from.x) / 2, (to.y - from.y) / 2, room, size);
  }

  /** @param {PointerEvent} event */
  const release = (event) => void pointers.delete(event.pointerId);
  frame.addEventListener("pointerdown", press);
  frame.addEventListener("pointermove", move);
  for (const ended of /** @type {const} */ (["pointerup", "pointercancel"])) frame.addEventListener(ended, release);
  frame.addEventListener("wheel", wheel, { passive: false });
  frame.addEventListener("dblclick", (event) => event.target?.closest?.(".tools") || toggle(inFrame(event)));
  image.addEventListener("contextmenu", file); // the browser's menu must save and copy the file, not a preview
  begin();
  return {
    zoom: (by) => size && zoomTo(now().scale * ZOOM_STEP ** by),
    toggle: () => toggle(),
    stop: () => {
      isStopped = true;
      watcher.disconnect();
    },
  };
}

/** Whether the wheel would scroll nothing else: the columns fill the window, or the stage does.
 *  @param {Element} frame */
const isAlone = (frame) => frame.closest(".is-full") !== null || matchMedia("(min-width: 1180px)").matches;

/** @param {HTMLElement} frame
 *  @param {Card} card
 *  @param {string} source
 *  @returns {Viewer} */
function film(frame, card, source) {
  const video = h("video", { class: "result", src: source, poster: ownUrl(card.preview), controls: true, loop: true, playsinline: true, preload: "metadata" });
  video.addEventListener("loadedmetadata", () => frame.style.setProperty("--shape", `${video.videoWidth} / ${video.videoHeight}`));
  frame.append(video, h("div", { class: "tools" }, iconButton("frameBack", "newer", "One frame back (,)"), iconButton("frameOn", "older", "One frame on (.)")));
  /** @type {Promise<number> | undefined} */
  let length;

  /** @param {1 | -1} by */
  async function step(by) {
    video.pause();
    length ??= frameLength(source);
    const seconds = await length;
    const frames = Math.floor(video.currentTime / seconds + 0.01) + by;
    video.currentTime = Math.max(0, Math.min((frames + 0.5) * seconds, video.duration - seconds / 2)); // the middle of a frame
  }

  return { step, play: () => void (video.paused ? video.play() : video.pause()), stop: () => video.pause() };
}

/** The duration of a film's frame in seconds, measured by playing its beginning out of sight.
 *  @param {string} source */
async function frameLength(source) {
  const film = document.createElement("video");
  if (!film.requestVideoFrameCallback) return DEFAULT_FRAME;
  Object.assign(film, { src: source, muted: true });
  /** @type {number[]} */
  const times = [];
  const measured = new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
    /** @type {VideoFrameRequestCallback} */
    const note = (_, { mediaTime }) => void (times.push(mediaTime) < 4 ? film.requestVideoFrameCallback(note) : resolve());
    film.requestVideoFrameCallback(note);
    film.addEventListener("ended", resolve);
    film.addEventListener("error", resolve);
    setTimeout(resolve, 2000);
  });
  await film.play().catch(() => {});
  await measured;
  film.pause();
  film.removeAttribute("src");
  const lengths = times.slice(1).map((time, index) => time - times[index]).filter((seconds) => seconds > 0.001);
  return lengths.length ? Math.min(...lengths) : DEFAULT_FRAME;
}

/** The waveform is the preview that the server renders: nothing is decoded here, however long the sound.
 *  @param {HTMLElement} frame
 *  @param {Card} card
 *  @param {string} source
 *  @returns {Viewer} */
function sound(frame, card, source) {
  const audio = h("audio", { src: source, controls: true, preload: "metadata" });
  const played = h("div", { class: "played" });
  const wave = h("div", { class: "wave", title: "Jump to this place" }, poster(card), played);
  const part = () => (audio.duration > 0 ? audio.currentTime / audio.duration : 0);
  const draw = () => played.style.setProperty("--played", `${part() * 100}%`);

  /** @param {MouseEvent} event */
  function jump(event) {
    if (event.buttons !== 1 || !Number.isFinite(audio.duration)) return;
    const { left, width } = wave.getBoundingClientRect();
    audio.currentTime = Math.min(1, Math.max(0, (event.clientX - left) / width)) * audio.duration;
    draw();
  }

  function run() {
    draw();
    if (!audio.paused && audio.isConnected) requestAnimationFrame(run);
  }

  wave.addEventListener("load", ({ target }) => (played.style.maskImage = `url("${/** @type {HTMLImageElement} */ (target).src}")`), true);
  for (const kind of /** @type {const} */ (["pointerdown", "pointermove"])) wave.addEventListener(kind, jump);
  audio.addEventListener("play", run);
  audio.addEventListener("timeupdate", draw);
  frame.append(h("div", { class: "result sound" }, wave, audio));
  return { play: () => void (audio.paused ? audio.play() : audio.pause()), stop: () => audio.pause() };
}
