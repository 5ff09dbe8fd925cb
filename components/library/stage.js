/* The stage: the selected job, large, with its details beside it, and the filmstrip and the queue below. */
const studio = window.studio;
const { find, h, icon, text, attribute, selection } = studio;

const UNDO_TIME = 10000; // ms for which a deletion can be undone from here
const MAX_NEIGHBOURS = 12; // jobs on each side in the filmstrip
const MAX_KNOWN = 60; // jobs whose details are cached
const STORAGE_KEY = "studio-details"; // set while the details are open

const scene = h("div", { class: "scene" });
const status = h("p", { class: "sr-only", role: "status" });
const about = h("div", { class: "details-body" });
const details = h("dialog", { class: "job-details", "aria-label": "Job details" },
  studio.iconButton("closeDetails", "close", "Close", { class: "icon-button close" }), about);
const filmstrip = h("nav", { class: "filmstrip", "aria-label": "Jobs before and after", hidden: true });
const undos = h("div", { class: "undos", role: "status" });
const waiting = studio.queueList(act);
const keys = h("dialog", { class: "keys", "aria-label": "Keys" }, h("h2", {}, "Keys"),
  h("dl", {}, ...studio.KEYS.flatMap(([shown, does]) => [h("dt", {}, ...shown.split(" ").map((key) => h("kbd", {}, key))), h("dd", {}, does)])),
  studio.textButton("closeKeys", "close", "Close", "Close"));
const section = h("section", { class: "stage", "aria-label": "Result" }, h("div", { class: "stage-main" }, scene, details), filmstrip, status, undos, waiting.element);
element.append(section, keys);

/** @type {Record<string, (job: Job) => Node>} */
const SCENES = { queued: atWork, running: atWork, completed, failed, cancelled };

/** @typedef {Card & Partial<Details>} Job As much as is known of it.
 *  @typedef {{ job: Job | null, last: Card | null, queue: Card[], paused: boolean, more: number, workspace: string, targets?: import("./send_on.js").Target[] }} Value */

/** @type {Map<string | null, { job?: Details, state: string | null | undefined }>} */
const known = new Map(); // the details of recent jobs by id, each with the state that they are of
/** @type {string | null} */
let loading = null; // the id of the job whose details are being fetched
/** @type {string | null} */
let workspace = null;
/** @type {import("./viewer.js").Viewer | null} */
let viewer = null; // of the frame's result
/** @type {HTMLElement | null} */
let strip = null; // the outputs to choose from
/** @type {{ id: string | null, place: number }} */
let chosen = { id: null, place: 0 }; // the output that is shown, of the job with this id
let isOpen = sessionStorage.getItem(STORAGE_KEY) !== null;
/** @type {Job | null} */
let drawn = null; // the job that the scene shows

function draw() {
  /** @type {Value | null} */
  const value = props.value || null;
  if (value === null) return;
  const isElsewhere = workspace !== null && workspace !== value.workspace;
  workspace = value.workspace;
  if (isElsewhere) selection.arrive(value.workspace);
  selection.follow(value.job?.id ?? null);
  studio.knowTargets(value.targets ?? []);
  const job = drawJob();
  drawDetails();
  drawFilmstrip();
  const queue = value.queue.map(studio.moving);
  waiting.draw({ ...value, queue: queue.filter((one) => one.id !== job?.id) });
  studio.form.tellQueue({ ...value, wait: studio.waitInWords() });
  studio.workGoesOn.emit(queue[0] ?? null, queue.length + value.more - 1);
}

function drawJob() {
  const job = jobInHand();
  if (job || !selection.isChosen()) drawScene(job);
  look(job);
  return job;
}

const jobInHand = () => studio.moving(selection.isChosen() ? jobBy(selection.selectedJob()) : props.value.job);

/** A job, merged from what is known of it; the most current comes last.
 *  @param {string | null} id
 *  @returns {Job | null} */
function jobBy(id) {
  const { job, queue } = /** @type {Value} */ (props.value), live = [job, ...queue].find((one) => one?.id === id), card = selection.cardOf(id), full = known.get(id)?.job;
  const newest = live ?? card ?? full;
  return newest ? { ...full, ...card, ...newest } : null;
}

/** Fetches the details of the job in hand where they are needed and not up to date.
 *  @param {Job | null} job */
async function look(job) {
  const id = selection.selectedJob();
  const state = job && [job.status, job.error, job.result?.url, job.labels, selection.cardOf(id) !== null].join();
  if (id === null || loading === id || known.get(id)?.state === state) return;
  if (!isOpen && (!selection.isChosen() || selection.cardOf(id))) return;
  loading = id;
  const before = known.get(id)?.job ?? (drawn?.id === id ? drawn : null);
  try {
    const full = await studio.ask("get_job", { job_id: id });
    known.delete(id);
    known.set(id, { job: full, state });
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN) known.delete(oldest);
    if (full.deleted && before && !before.deleted && leave(id)) tellOfDeletion(full);
  } catch (error) {
    known.set(id, { ...known.get(id), state });
    if (!before?.deleted) studio.say({ text: studio.errorText(error), tone: "bad" });
    if (!job || selection.cardOf(id) === null) leave(id);
  }
  loading = null;
  draw();
}

/** Lets go of a chosen job that is gone, so that the stage follows the newest again; returns whether it was chosen.
 *  @param {string} id */
function leave(id) {
  const isShown = selection.isChosen() && id === selection.selectedJob();
  if (isShown) selection.select(null);
  return isShown;
}

/** Reports that a job was deleted, unless the gallery does, which offers an Undo too.
 *  @param {Details} job */
function tellOfDeletion(job) {
  const isTold = document.querySelector(`.gallery .undo:is([data-job="${CSS.escape(job.id)}"], [data-job="chosen"]) button`);
  if (!isTold) offerUndo(job);
}

/** @param {Details} job */
function offerUndo(job) {
  const bar = h("div", { class: "undo", "data-job": job.id },
    h("span", {}, "Deleted ", h("bdi", {}, studio.nameOf(job))), h("button", { type: "button", class: "text-button", "data-do": "undelete" }, "Undo"));
  undos.replaceChildren(bar);
  setTimeout(() => bar.remove(), UNDO_TIME);
}

/** Rebuilds the scene only when its job, status or picture changes, so that a film goes on playing and a button keeps the
 *  focus.
 *  @param {Job | null} job */
function drawScene(job) {
  drawn = job;
  const isInWork = job && sceneName(job) === "running";
  const shown = job ? `${job.id}|${sceneName(job)}|${job.result?.url}|${job.preview}|${isInWork ? props.value.last?.id : ""}` : "nothing";
  if (scene.dataset.shown !== shown) {
    const focused = scene.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.do : null;
    scene.dataset.shown = shown;
    scene.className = `scene ${job ? `is-${job.status}` : "is-empty"}`;
    if (job) scene.dataset.job = job.id;
    else delete scene.dataset.job;
    viewer?.stop();
    viewer = strip = null;
    scene.replaceChildren(...(job ? [(SCENES[job.status] ?? failed)(job)] : [nothing()]));
    if (focused) scene.querySelector(`[data-do="${focused}"]`)?.focus({ preventScroll: true });
    for (const button of scene.querySelectorAll(".reuse")) studio.showBusy(button);
    text(status, job ? `${job.model_name}: ${studio.statusWord(job.status)}` : "");
  }
  showFavourite(job?.favourite);
  if (isInWork) updateWork(job);
}

/** @param {boolean} [on] */
function showFavourite(on) {
  const heart = scene.querySelector(".heart");
  if (heart) studio.showFavourite(heart, on);
}

/** @param {Job} job */
function sceneName(job) {
  return job.status === "queued" ? "running" : job.status;
}

function nothing() {
  return h("div", { class: "empty" }, icon("spark"), h("h2", {}, "Make something"),
    h("ol", { class: "first-steps" }, h("li", {}, "Choose a model."), h("li", {}, "Give it words or a file."), h("li", {}, "Press Generate.")));
}

/** @param {Job} job */
function completed(job) {
  const frame = h("div", { class: "frame", tabindex: -1 }), caption = h("figcaption", {});
  const show = (/** @type {number} */ place) => {
    chosen = { id: job.id, place };
    const shown = studio.withOutput(job, place);
    viewer?.stop();
    frame.className = `frame of-${shown.result?.kind ?? "nothing"}`;
    frame.replaceChildren();
    frame.style.removeProperty("--shape"); // of the output before
    viewer = studio.view(frame, shown);
    if (viewer === null) frame.append(h("div", { class: "empty" }, icon("check"), h("h2", {}, "Done"), h("p", {}, "This job left no file to show.")));
    frame.querySelector(".tools")?.append(studio.iconButton("fill", "full", "Fill the window"));
    caption.replaceChildren(words(shown), h("div", { class: "actions" }, studio.reuseButton(), studio.reuseMenuButton(),
      shown.result ? studio.downloadLink(shown) : "", studio.sendButton(shown) ?? "", ...tools()));
    for (const button of caption.isConnected ? caption.querySelectorAll(".reuse") : []) studio.showBusy(button);
    if (caption.isConnected) drawDetails();
  };
  show(chosen.id === job.id ? chosen.place : 0);
  strip = studio.outputStrip(job, chosen.place, show);
  studio.onSwipe(frame, (way) => (way === "left" ? go(1) : way === "right" && go(-1)), () => !frame.matches(".zoomed"));
  return h("figure", {}, frame, strip, caption);
}

/** Steps through the outputs of a job, then on to the next job.
 *  @param {1 | -1} by */
const go = (by) => studio.stepOutput(strip, by) || (by > 0 ? selection.next() : selection.previous());

function tools() {
  return [
    studio.iconButton("favourite", "heart", "Favourite", { class: "icon-button heart", "aria-pressed": "false" }),
    studio.iconButton("details", "info", "Details (I)", { class: "icon-button details-toggle", "aria-pressed": String(isOpen) }),
    studio.iconButton("keys", "keys", "Keys (?)", { class: "icon-button keys-button" }),
  ];
}

/** The scene of a job that waits or runs: the last result stays until there is a live preview.
 *  @param {Job} job */
function atWork(job) {
  const last = studio.still(props.value.last);
  return h("div", { class: "at-work" },
    h("div", { class: "frame" }, last ?? h("div", { class: "first" }, icon("spark"))),
    h("div", { class: "work-line" }, h("div", { class: "work-words" }, h("p", { class: "work-text", dir: "auto" }), h("p", { class: "work-steps" })), h("p", { class: "work-percent" }), ...tools().slice(1, 2), cancelButton(job)),
    studio.progressBar(), words(job));
}

/** @param {Job} job */
function updateWork(job) {
  const running = job.status === "running";
  text(find(scene, ".work-text"), running ? job.progress_text || "Working" : job.turn || "Waiting to start");
  text(find(scene, ".work-steps"), job.steps || (running && job.turn) || "");
  studio.setMaking(find(scene, ".frame"), job.making);
  text(find(scene, ".work-percent"), running && typeof job.progress === "number" ? studio.percent(job.progress) : "");
  studio.setProgress(find(scene, ".progress"), running ? job.progress : null);
}

/** @param {Job} job */
function failed(job) {
  return ended(job, "failed", "This did not work", h("p", { class: "problem", role: "alert", dir: "auto" }, job.error || "The job ended without a reason."));
}

/** @param {Job} job */
function cancelled(job) {
  return ended(job, "cancelled", "Cancelled", h("p", {}, "Nothing is lost: Reuse brings its inputs back."));
}

/** @param {Job} job
 *  @param {string} name
 *  @param {string} title
 *  @param {Node} reason */
function ended(job, name, title, reason) {
  return h("div", { class: `empty ended-${name}` }, icon(name), h("h2", {}, title), reason,
    h("div", { class: "actions" }, studio.reuseButton(), studio.reuseMenuButton(), again(), ...tools()), words(job));
}

const again = () => studio.textButton("again", "play", "Try again", "Try again: run this job once more as it was");

/** @param {Job} job */
function words(job) {
  return h("div", { class: "about" },
    studio.isNamedByModel(job) ? null : h("p", { class: "prompt", dir: "auto" }, studio.nameOf(job)),
    h("p", { class: "meta" }, h("span", { dir: "auto" }, job.model_name), job.seed === null ? null : studio.seedButton(job.seed)));
}

/** @param {Job} job */
function cancelButton(job) {
  return studio.textButton("cancel", "close", "Cancel", `Cancel: ${studio.nameOf(job)}`.slice(0, 90), { class: "text-button cancel" });
}

/** Draws the details, which stay open while the user moves through jobs; those of the job before stay until these have loaded. */
function drawDetails() {
  const id = selection.selectedJob(), job = known.get(id)?.job;
  if (!isOpen || id === null) return closeDetails();
  if (!job) return;
  const isAnother = details.dataset.job !== id, hadFocus = about.contains(document.activeElement);
  details.dataset.job = id;
  studio.drawChanged(about, { ...job, place: chosen.id === id ? chosen.place : 0 }, (host, shown) => studio.fillDetails(host, shown, shown.place));
  details.toggleAttribute("open", true);
  section.classList.add("has-details");
  if (!isAnother) return;
  about.scrollTop = 0;
  if (hadFocus) find(details, ".close").focus({ preventScroll: true }); // the button that was pressed is gone
}

function closeDetails() {
  details.toggleAttribute("open", false);
  section.classList.remove("has-details");
  about.replaceChildren(); // stops what plays
  studio.forget(about);
}

/** @param {boolean} isWanted */
function openDetails(isWanted) {
  const hadFocus = details.contains(document.activeElement);
  isOpen = isWanted;
  if (isOpen) sessionStorage.setItem(STORAGE_KEY, "open");
  else sessionStorage.removeItem(STORAGE_KEY);
  const toggle = scene.querySelector(".details-toggle");
  if (toggle) attribute(toggle, "aria-pressed", String(isOpen));
  if (!isOpen && hadFocus) toggle?.focus({ preventScroll: true });
  draw();
}

/** Draws the jobs around the selected one, in the gallery's order; Tab stops only at that one, the arrow keys move on. */
function drawFilmstrip() {
  const id = selection.selectedJob(), here = selection.cardOf(id);
  const around = here ? [...walk(id, -1).reverse(), here, ...walk(id, 1)] : [];
  const hadFocus = filmstrip.contains(document.activeElement);
  filmstrip.hidden = around.length < 2;
  studio.patchList(filmstrip, around.map((card) => pick(card, id)), buildThumb, updateThumb);
  const thumb = filmstrip.querySelector("[aria-current]");
  if (!thumb) return;
  filmstrip.scrollLeft = thumb.offsetLeft - (filmstrip.clientWidth - thumb.offsetWidth) / 2;
  if (hadFocus) thumb.focus({ preventScroll: true });
}

/** @param {Card} card
 *  @param {string | null} here */
function pick({ id, status: state, type, preview, prompt, title, model_name }, here) {
  return { id, status: state, type, preview, name: studio.nameOf({ prompt, title, model_name }), isHere: id === here };
}

/** @param {string | null} id
 *  @param {1 | -1} step */
function walk(id, step) {
  /** @type {Card[]} */
  const found = [];
  for (let next = selection.neighbour(id, step); next !== null && found.length < MAX_NEIGHBOURS; next = selection.neighbour(next, step)) {
    const card = selection.cardOf(next);
    if (!card || found.includes(card)) break;
    found.push(card);
  }
  return found;
}

function buildThumb() {
  return h("button", { type: "button", class: "thumb", "data-do": "go" });
}

/** @param {HTMLElement} node
 *  @param {ReturnType<typeof pick>} card */
function updateThumb(node, card) {
  attribute(node, "aria-current", card.isHere ? "true" : null);
  attribute(node, "tabindex", card.isHere ? 0 : -1);
  attribute(node, "aria-label", `${studio.statusWord(card.status)}: ${card.name.slice(0, 80)}`);
  const shown = `${card.preview}|${card.status}`;
  if (node.dataset.shown === shown) return;
  node.dataset.shown = shown;
  node.replaceChildren(studio.poster(card));
}

/** Calls an endpoint, then refreshes the page.
 *  @param {keyof Answers} name
 *  @param {Values} data */
async function act(name, data) {
  await studio.ask(name, data).catch((error) => studio.say({ text: studio.errorText(error), tone: "bad" }));
  trigger('changed');
}

function favour() {
  const job = jobInHand();
  if (!job || job.status === "damaged") return;
  const favourite = scene.querySelector(".heart")?.getAttribute("aria-pressed") !== "true";
  showFavourite(favourite);
  act("set_favourite", { job_id: job.id, favourite });
}

function remove() {
  const job = jobInHand();
  if (!job || job.deleted || job.deleted_at) return;
  if (!selection.next() && !selection.previous()) selection.select(null);
  offerUndo(job);
  act("delete_job", { job_id: job.id });
}

/** Opens the labels of the job in hand. */
function label() {
  const job = jobInHand();
  if (!job || job.status === "damaged") return;
  const button = () => /** @type {HTMLElement | null} */ (details.querySelector(".label-add") ?? scene.querySelector(".details-toggle"));
  studio.gallery?.labels.open(button, [{ id: job.id, labels: job.labels ?? known.get(job.id)?.job?.labels }]);
}

/** Marks all cached details as out of date. */
function invalidate() {
  for (const one of known.values()) one.state = null;
  if (props.value) draw();
}

/** @type {Set<HTMLElement>} */
const outside = new Set(); // elements made inert while the stage fills the window

/** @param {boolean} isFull */
function fill(isFull) {
  if (section.classList.toggle("is-full", isFull)) {
    for (let node = element; node !== document.body && node.parentElement; node = node.parentElement) {
      for (const one of /** @type {HTMLCollectionOf<HTMLElement>} */ (node.parentElement.children)) if (one !== node && !one.inert) outside.add(one);
    }
    for (const one of outside) one.inert = true;
    scene.querySelector(".frame")?.focus({ preventScroll: true });
  } else {
    for (const one of outside) one.inert = false;
    outside.clear();
  }
}

const isFull = () => section.classList.contains("is-full");

function close() {
  if (isFull()) return fill(false);
  if (isOpen) openDetails(false);
}

/** @param {Parameters<typeof studio.reuse>[1]} [wanted] */
function reuse(wanted) {
  fill(false); // it would cover the form
  studio.reuse(jobInHand(), wanted);
}

/** @type {Record<string, () => unknown>} */
const ON_KEY = {
  previous: selection.previous,
  next: selection.next,
  space: () => (viewer?.play ? viewer.play() : viewer && fill(!isFull())),
  larger: () => viewer?.zoom?.(1),
  smaller: () => viewer?.zoom?.(-1),
  whole: () => viewer?.toggle?.(),
  back: () => viewer?.step?.(-1),
  on: () => viewer?.step?.(1),
  reuse: () => jobInHand() && reuse(),
  favourite: favour,
  details: () => openDetails(!isOpen),
  label,
  delete: remove,
  leave: close,
  keys: () => keys.showModal(),
};

const OF_A_JOB = new Set(["space", "reuse", "favourite", "details", "label", "delete"]);

document.addEventListener("keydown", (event) => {
  const action = studio.actionOf(event);
  if (!action || !element.isConnected) return;
  if (action !== "leave") event.preventDefault();
  const card = event.target?.closest?.(".card"), job = card ? studio.jobOf(card) : null;
  const isOther = job !== null && OF_A_JOB.has(action) && job !== selection.selectedJob();
  if (isOther) selection.select(job); // the one that has the focus is meant, not the one that was looked at
  if (!(isOther && isOpen && action === "details")) ON_KEY[action]();
});

studio.onPress(element, {
  go: (button) => selection.select(studio.jobOf(button)),
  open: (button) => selection.select(studio.jobOf(button)),
  reuse: () => reuse(),
  reuseNewSeed: () => reuse({ seed: "new" }),
  reuseMenu: (button) => studio.openReuseMenu(button, { ...jobInHand(), ...(button.closest(".scene") ? studio.withOutput(jobInHand(), chosen.place) : null) }),
  sendMenu: (button) => studio.openSendMenu(button, studio.withOutput(jobInHand(), chosen.place)),
  copy: studio.copy,
  copyAs: (button) => studio.copyInputsAs(button, studio.jobOf(button)),
  again: (button) => act("run_job_again", { job_id: studio.jobOf(button) }),
  zoomIn: ON_KEY.larger,
  zoomOut: ON_KEY.smaller,
  toggleZoom: ON_KEY.whole,
  frameBack: ON_KEY.back,
  frameOn: ON_KEY.on,
  fill: () => fill(!isFull()),
  favourite: favour,
  details: ON_KEY.details,
  closeDetails: () => openDetails(false),
  label,
  findLabel: (button) => studio.findLabel?.(button.textContent),
  takeLabel: (button) => studio.gallery?.labels.put([studio.jobOf(button)], button.dataset.label ?? "", false),
  keys: ON_KEY.keys,
  closeKeys: () => keys.close(),
  undelete: (button) => {
    const job_id = studio.jobOf(button);
    button.closest(".undo")?.remove();
    act("undelete_job", { job_id }).then(() => selection.select(job_id));
  },
  cancel: (button) => {
    button.disabled = true;
    setTimeout(() => (button.disabled = false), 4000); // ms after which it can be pressed again, should the server not have answered
    act("cancel_job", { job_id: studio.jobOf(button) });
  },
});
keys.addEventListener("click", ({ target }) => target === keys && keys.close());
details.addEventListener("close", () => openDetails(false));
studio.onSwipe(details, (way) => way === "down" && openDetails(false), () => about.scrollTop <= 0 && getComputedStyle(details).position === "fixed");

selection.selected.listen(() => props.value && draw());
studio.labelsChanged.listen(invalidate);
studio.moved.listen(() => props.value && draw());
selection.ordered.listen(() => {
  if (!props.value) return;
  drawJob(); // which may have gone from the gallery
  drawFilmstrip();
});
watch("value", draw);
draw();
