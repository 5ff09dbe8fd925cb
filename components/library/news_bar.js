/* What the page says of jobs that are out of sight: the notice of those that have ended, on a phone a bar of the one that
   runs, and whether the browser tells of them while the page itself is out of sight. */
const studio = window.studio;
const { attribute, h, icon, selection, text } = studio;

const STAYS = 8000; // ms that a finished job is told of to who looks; one that has failed stays
const NOTIFY = "studio-notify"; // in the browser's storage where its user wants to be told
const EDGE = 80; // pixels of the stage that are in sight at least, where it is

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
let told = []; // what the notice is about, the last first
let leaving = null;
let atWork = null; // the job that the bar is about

// --- what has ended

async function tell(ended) {
  await new Promise((resolve) => setTimeout(resolve)); // the stage is drawn by the same answer
  if (document.hidden) notify(ended);
  const elsewhere = ended.filter(({ id }) => !isInSight(id));
  if (elsewhere.length === 0) return;
  const job = await studio.ask("get_job", { job_id: elsewhere[0].id }).catch(() => null);
  if (!job || isInSight(job.id)) return;
  told = [...elsewhere, ...told];
  notice.dataset.job = job.id;
  attribute(notice, "data-workspace", job.workspace_id);
  notice.dataset.tone = told.some(({ status }) => status === "failed") ? "bad" : "good";
  show.replaceChildren(h("span", { class: "thumb" }, studio.poster(job)));
  text(said, "");
  said.append(icon(told[0].status === "failed" ? "failed" : "check"), h("span", {}, howMany(told)), h("bdi", { class: "news-name" }, studio.nameOf(job)));
  attribute(show, "aria-label", `Show it: ${studio.nameOf(job).slice(0, 80)}`);
  open();
}

/** A sentence in place of jobs. */
function say(words) {
  told = [];
  delete notice.dataset.job;
  notice.dataset.tone = "bad";
  text(said, words);
  open();
}

function open() {
  show.hidden = told.length === 0;
  notice.hidden = false;
  stay();
}

/** It goes after a while in which it can have been read. */
function stay() {
  clearTimeout(leaving);
  if (notice.dataset.tone === "good" && !document.hidden) leaving = setTimeout(() => (notice.matches(":hover, :focus-within") ? stay() : dismiss()), STAYS);
}

function dismiss() {
  clearTimeout(leaving);
  notice.hidden = true;
  told = [];
}

function howMany(ends) {
  const failed = ends.filter(({ status }) => status === "failed").length, done = ends.length - failed;
  if (ends.length === 1) return failed ? "Failed" : "Done";
  return [done && `${done} done`, failed && `${failed} failed`].filter(Boolean).join(", ");
}

const scene = () => document.querySelector(".scene");

function isStageInSight() {
  const { top, bottom } = scene().getBoundingClientRect();
  return top < innerHeight - EDGE && bottom > EDGE;
}

const isInSight = (id) => selection.selectedJob() === id && isStageInSight();

/** @param {string} id
 *  @param {string | null} [workspace] where the gallery is to show it */
function toStage(id, workspace) {
  if (workspace && workspace !== studio.gallery.here() && !studio.filters().everywhere) {
    selection.selectIn(workspace, id);
    studio.gallery.goTo(workspace);
  } else if (selection.selectedJob() !== id) selection.select(id);
  if (!isStageInSight()) document.querySelector(".studio-stage").scrollIntoView({ block: "start", behavior: "smooth" });
}

// --- what runs, where the stage is out of sight

/** @param {any} job the first of those that run or wait, null for none
 *  @param {number} others how many more there are */
function follow(job, others) {
  atWork = job;
  place();
  if (job) drawWork(job, others);
  studio.setMaking(work.querySelector(".thumb"), work.checkVisibility() ? job.making : null); // fetched for who sees it alone
}

function drawWork(job, others) {
  watcher.observe(scene());
  const isRunning = job.status === "running", percent = isRunning && typeof job.progress === "number" ? `${Math.round(job.progress * 100)} %` : "";
  work.dataset.job = job.id;
  studio.drawChanged(work.querySelector(".thumb"), { preview: job.preview, status: job.status, type: job.type }, (host, shown) => host.replaceChildren(studio.poster(shown)));
  text(work.querySelector(".news-name"), studio.nameOf(job));
  text(work.querySelector(".meta"), [percent || (isRunning ? "Running" : "Waiting"), job.left || job.turn, others > 0 && `${others} more`].filter(Boolean).join(" · "));
  attribute(work.querySelector("[data-do=cancel]"), "aria-label", `Cancel: ${studio.nameOf(job)}`.slice(0, 90));
  studio.setProgress(work.querySelector(".progress"), isRunning ? job.progress : null);
}

function place() {
  work.hidden = atWork === null || isStageInSight();
}

const watcher = new IntersectionObserver(place, { rootMargin: `-${EDGE}px 0px`, threshold: [0, 0.01] });

// Where it stands at the lower edge, all else there stands above it.
new ResizeObserver(() => document.documentElement.style.setProperty("--news", `${area.offsetHeight}px`)).observe(area);

// --- the browser's own notifications

const canNotify = () => window.isSecureContext && "Notification" in window;
const wantsToBeTold = () => studio.kept(NOTIFY) !== null && Notification.permission === "granted";

/** What was typed does not leave the page: others may look at the screen. */
function notify(ended) {
  if (!canNotify() || !wantsToBeTold()) return;
  try {
    const notification = new Notification("Studio", { body: howMany(ended), tag: `studio-${ended[0].id}` });
    notification.addEventListener("click", () => {
      window.focus();
      notification.close();
      studio.ask("get_job", { job_id: ended[0].id }).then((job) => toStage(job.id, job.workspace_id), (error) => say(studio.wordsOf(error)));
    });
  } catch {
    studio.keep(NOTIFY, null); // some browsers on phones have them for service workers alone
    drawBell();
  }
}

async function toggleBell() {
  if (wantsToBeTold()) studio.keep(NOTIFY, null);
  else if ((await Notification.requestPermission()) === "granted") studio.keep(NOTIFY, "on");
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
    toStage(job, workspace);
  },
  toStage: () => toStage(atWork.id),
  cancel: (button) => {
    button.disabled = true;
    studio.ask("cancel_job", { job_id: work.dataset.job }).catch((error) => say(studio.wordsOf(error))).finally(() => (button.disabled = false));
  },
});
document.addEventListener("visibilitychange", () => !notice.hidden && stay());
selection.selected.listen((id) => !notice.hidden && id === notice.dataset.job && dismiss());
studio.jobsEnded.listen(tell);
studio.workGoesOn.listen(follow);
const hear = () => props.value && studio.hearOf({ ...props.value, progress: studio.progressOfOne() });

let isLooking = false; // since the last question to the server

/** What is new is looked at; again and again while the server says why it cannot be. */
function lookFor({ changes }) {
  isLooking = changes !== props.value?.changes || studio.gallery.isBehind(props.value.shown) || Boolean(document.querySelector(".outage")?.textContent);
  if (isLooking) trigger("tick");
}

let workspaces = null; // a digest of those that can be chosen

watch("value", () => {
  hear();
  if (workspaces !== null && workspaces !== props.value.workspaces) studio.gallery.listWorkspaces();
  workspaces = props.value.workspaces;
  if (!isLooking) studio.askNow(); // the user has done something
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
