/* News of jobs that are out of sight: a notice about those that have ended, on a phone a bar with the one that runs, and the
   browser's notifications while the page itself is hidden. */
const studio = window.studio;
const { attribute, find, h, icon, selection, text } = studio;

const NOTICE_TIME = 8000; // ms for which a finished job's notice is shown; that of a failed job stays
const STORAGE_KEY = "studio-notify"; // set where the user wants notifications
const MIN_VISIBLE = 80; // pixels of the stage that make it count as in sight

const bell = studio.iconButton("notify", "bell", "Tell me of jobs that end while this page is out of sight", { class: "icon-button bell", hidden: true });
const said = h("p", { class: "news-words", role: "status" });
const show = h("button", { type: "button", class: "news-job", "data-do": "show", title: "Show it" });
const notice = h("div", { class: "news", hidden: true }, show, said, studio.iconButton("dismiss", "close", "Dismiss"));
const work = h("div", { class: "work-bar", hidden: true },
  h("button", { type: "button", class: "news-job", "data-do": "toStage", title: "Show it" },
    h("span", { class: "thumb" }), h("span", { class: "news-lines" }, h("span", { class: "news-name", dir: "auto" }), h("span", { class: "meta" }))),
  studio.iconButton("cancel", "close", "Cancel"), studio.progressBar());
const area = h("aside", { class: "news-area", "aria-label": "Jobs" }, notice, work);
element.append(bell, area);

/** @type {{ id: string, status: string }[]} */
let noticed = []; // the jobs that the notice is about, the last one first
/** @typedef {import("./news.js").End} End */

/** @type {number | undefined} */
let timer; // until the notice is dismissed
/** @type {Card | null} */
let atWork = null; // the job that the bar is about

// --- what has ended

/** @param {End[]} ended */
async function tell(ended) {
  await new Promise((resolve) => setTimeout(resolve)); // the stage is drawn from the same answer
  if (document.hidden) notify(ended);
  const elsewhere = ended.filter(({ id }) => !isInSight(id));
  if (elsewhere.length === 0) return;
  const job = await studio.ask("get_job", { job_id: elsewhere[0].id }).catch(() => null);
  if (!job || isInSight(job.id)) return;
  noticed = [...elsewhere, ...noticed];
  notice.dataset.job = job.id;
  attribute(notice, "data-workspace", job.workspace_id);
  notice.dataset.tone = noticed.some(({ status }) => status === "failed") ? "bad" : "good";
  show.replaceChildren(h("span", { class: "thumb" }, studio.poster(job)));
  text(said, "");
  said.append(icon(noticed[0].status === "failed" ? "failed" : "check"), h("span", {}, howMany(noticed)), h("bdi", { class: "news-name" }, studio.nameOf(job)));
  attribute(show, "aria-label", `Show it: ${studio.nameOf(job).slice(0, 80)}`);
  open();
}

/** Shows a sentence in the notice.
 *  @param {string} words */
function say(words) {
  noticed = [];
  delete notice.dataset.job;
  notice.dataset.tone = "bad";
  text(said, "");
  open();
  setTimeout(() => text(said, words)); // a screen reader reads what changes in a notice that is there
}

function open() {
  show.hidden = noticed.length === 0;
  notice.hidden = false;
  stay();
}

/** Starts the time after which the notice is dismissed, which does not pass while the page is hidden. */
function stay() {
  clearTimeout(timer);
  if (notice.dataset.tone === "good" && !document.hidden) timer = setTimeout(() => (notice.matches(":hover, :focus-within") ? stay() : dismiss()), NOTICE_TIME);
}

function dismiss() {
  clearTimeout(timer);
  notice.hidden = true;
  noticed = [];
}

/** @param {Pick<End, "status">[]} ends */
function howMany(ends) {
  const failed = ends.filter(({ status }) => status === "failed").length, done = ends.length - failed;
  if (ends.length === 1) return failed ? "Failed" : "Done";
  return [done && `${done} done`, failed && `${failed} failed`].filter(Boolean).join(", ");
}

const scene = () => find(document, ".scene");

function isStageInSight() {
  const { top, bottom } = scene().getBoundingClientRect();
  return top < innerHeight - MIN_VISIBLE && bottom > MIN_VISIBLE;
}

/** @param {string} id */
const isInSight = (id) => selection.selectedJob() === id && isStageInSight();

/** @param {string} id
 *  @param {string | null} [workspace] where the gallery is to show it */
function toStage(id, workspace) {
  if (workspace && workspace !== studio.gallery?.here() && !studio.filters().everywhere) {
    selection.selectIn(workspace, id);
    studio.gallery?.goTo(workspace);
  } else if (selection.selectedJob() !== id) selection.select(id);
  if (!isStageInSight()) find(document, ".studio-stage").scrollIntoView({ block: "start", behavior: "smooth" });
}

// --- what runs, where the stage is out of sight

/** @param {Card | null} job the first of those that run or wait, null for none
 *  @param {number} others how many more there are */
function follow(job, others) {
  atWork = job;
  place();
  if (job) drawWork(job, others);
  studio.setMaking(find(work, ".thumb"), work.checkVisibility() ? job?.making : null); // loaded only where it is visible
}

/** @param {Card} job
 *  @param {number} others */
function drawWork(job, others) {
  watcher.observe(scene());
  const isRunning = job.status === "running", percent = isRunning && typeof job.progress === "number" ? studio.percent(job.progress) : "";
  work.dataset.job = job.id;
  studio.drawChanged(find(work, ".thumb"), { preview: job.preview, status: job.status, type: job.type }, (host, shown) => host.replaceChildren(studio.poster(shown)));
  text(find(work, ".news-name"), studio.nameOf(job));
  text(find(work, ".meta"), [percent || (isRunning ? "Running" : "Waiting"), job.left || job.turn, others > 0 && `${others} more`].filter(Boolean).join(" · "));
  attribute(find(work, "[data-do=cancel]"), "aria-label", `Cancel: ${studio.nameOf(job)}`.slice(0, 90));
  studio.setProgress(find(work, ".progress"), isRunning ? job.progress : null);
}

function place() {
  work.hidden = atWork === null || isStageInSight();
}

const watcher = new IntersectionObserver(place, { rootMargin: `-${MIN_VISIBLE}px 0px`, threshold: [0, 0.01] });

// At the lower edge of a phone everything else is above it.
studio.shareHeight(area, "--news");

// --- the browser's own notifications

const canNotify = () => window.isSecureContext && "Notification" in window;
const wantsToBeTold = () => studio.kept(STORAGE_KEY) !== null && Notification.permission === "granted";

/** Shows a notification, without prompts: others may look at the screen.
 *  @param {End[]} ended */
function notify(ended) {
  if (!canNotify() || !wantsToBeTold()) return;
  try {
    const notification = new Notification("Studio", { body: howMany(ended), tag: `studio-${ended[0].id}` });
    notification.addEventListener("click", () => {
      window.focus();
      notification.close();
      studio.ask("get_job", { job_id: ended[0].id }).then((job) => toStage(job.id, job.workspace_id), (error) => say(studio.errorText(error)));
    });
  } catch {
    studio.keep(STORAGE_KEY, null); // some mobile browsers allow notifications only from service workers
    drawBell();
  }
}

async function toggleBell() {
  if (wantsToBeTold()) studio.keep(STORAGE_KEY, null);
  else if ((await Notification.requestPermission()) === "granted") studio.keep(STORAGE_KEY, "on");
  else say("The browser lets this page tell nothing: allow notifications in its settings of this site, then press the bell again.");
  drawBell();
}

function drawBell() {
  bell.hidden = !canNotify();
  if (!bell.hidden) attribute(bell, "aria-pressed", String(wantsToBeTold()));
}

studio.sayInHeader = say;
studio.onPress(element, {
  notify: toggleBell,
  dismiss,
  show: () => {
    const { job, workspace } = notice.dataset;
    dismiss();
    if (job) toStage(job, workspace);
  },
  toStage: () => atWork && toStage(atWork.id),
  cancel: (button) => {
    button.disabled = true;
    studio.ask("cancel_job", { job_id: work.dataset.job }).catch((error) => say(studio.errorText(error))).finally(() => (button.disabled = false));
  },
});
document.addEventListener("visibilitychange", () => !notice.hidden && stay());
selection.selected.listen((id) => !notice.hidden && id === notice.dataset.job && dismiss());
studio.jobsEnded.listen(tell);
studio.workGoesOn.listen(follow);
const hear = () => props.value && studio.hearOf({ ...props.value, progress: studio.progressOfOne() });

let isLooking = false; // whether the last poll led to a refresh

/** Refreshes gallery and stage where something is new, and as long as an outage is shown.
 *  @param {import("./tick.js").Told} told */
function lookFor({ changes }) {
  isLooking = changes !== props.value?.changes || Boolean(studio.gallery?.isBehind(props.value.shown)) || Boolean(document.querySelector(".outage")?.textContent);
  if (isLooking) trigger("tick");
}

/** @type {string | null} */
let workspaces = null; // a digest of those that can be chosen

watch("value", () => {
  hear();
  if (workspaces !== null && workspaces !== props.value.workspaces) studio.gallery?.listWorkspaces();
  workspaces = props.value.workspaces;
  if (!isLooking) studio.askNow(); // an action of the user has led to this answer
});
studio.moved.listen(hear);
studio.beginToAsk({
  workspace: () => studio.gallery?.here() ?? null,
  hear: (told) => {
    if (told.changes !== null) studio.form.tellLoaded(told);
    if (studio.gallery) lookFor(told);
  },
});
hear();
drawBell();
