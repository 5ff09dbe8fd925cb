/* The stage: the job in hand, large, and what still waits. */
const studio = window.studio;
const { h, icon, text } = studio;

const scene = h("div", { class: "scene" });
const status = h("p", { class: "sr-only", role: "status" });
const queue = h("ol", {});
const count = h("span", { class: "count" });
const more = h("p", { class: "queue-more" });
const cancelAll = studio.textButton("cancelAll", "close", "Cancel all", "", { class: "text-button cancel-all" });
const waiting = h("section", { class: "queue", "aria-label": "Queue", hidden: true },
  h("div", { class: "queue-head" }, h("h3", {}, "In the queue"), count, cancelAll),
  h("div", { class: "queue-list" }, queue, more));
const SURE = 4000; // ms in which a second press cancels all
element.append(h("section", { class: "stage", "aria-label": "Result" }, scene, status, waiting));

const SCENES = { queued: atWork, running: atWork, completed, failed, cancelled };

function draw() {
  const value = props.value || { job: null, queue: [], more: 0 };
  drawScene(value.job);
  waiting.hidden = value.queue.length === 0;
  studio.patchList(queue, value.queue, buildWaiting, updateWaiting);
  text(count, value.queue.length + value.more);
  text(more, value.more > 0 ? `and ${value.more} more` : "");
}

/** One press asks, a second one cancels: there is no way back to a queue. */
function ask(isAsking) {
  cancelAll.toggleAttribute("data-asking", isAsking);
  text(cancelAll.querySelector("span"), isAsking ? "Press again to cancel all" : "Cancel all");
  studio.attribute(cancelAll, "aria-label", isAsking ? "Press again to cancel everything that waits or runs here" : "Cancel everything that waits or runs here");
  cancelAll.title = cancelAll.getAttribute("aria-label");
}

/** A scene is built anew only when its job, status or picture changes: a film goes on playing, a button keeps the focus. */
function drawScene(job) {
  const shown = job ? `${job.id}|${sceneName(job)}|${job.result?.url}|${job.preview}` : "nothing";
  if (scene.dataset.shown !== shown) {
    scene.dataset.shown = shown;
    scene.className = `scene ${job ? `is-${job.status}` : "is-empty"}`;
    if (job) scene.dataset.job = job.id;
    else delete scene.dataset.job;
    scene.replaceChildren(...(job ? [(SCENES[job.status] ?? failed)(job)] : [nothing()]));
    for (const button of scene.querySelectorAll(".reuse")) studio.showBusy(button);
    text(status, job ? `${job.model_name}: ${studio.statusWord(job.status)}` : "");
  }
  if (job && scene.querySelector(".progress")) updateWork(job);
}

function sceneName(job) {
  return job.status === "queued" ? "running" : job.status;
}

function nothing() {
  return h("div", { class: "empty" }, icon("spark"), h("h2", {}, "Make something"),
    h("ol", { class: "first-steps" }, h("li", {}, "Choose a model."), h("li", {}, "Give it words or a file."), h("li", {}, "Press Generate.")));
}

function completed(job) {
  const player = studio.player(job) ?? h("div", { class: "empty" }, icon("check"), h("h2", {}, "Done"), h("p", {}, "This job left no file to show."));
  return h("figure", {}, h("div", { class: "frame" }, player), h("figcaption", {}, about(job),
    h("div", { class: "actions" }, studio.reuseButton(), studio.reuseMenuButton(), job.result ? studio.downloadLink(job) : null, sendMenu())));
}

/** Where the result can go as an input; a native list, which a phone shows in its own way. */
function sendMenu() {
  const targets = props.value.targets ?? [];
  if (targets.length === 0) return null;
  const menu = h("select", { class: "send-on", "aria-label": "Use the result as an input of a model", title: "Use the result as an input" },
    h("option", { value: "" }, "Use as input…"), ...targets.map((target, index) => h("option", { value: index }, target.label)));
  menu.addEventListener("change", () => {
    const target = targets[Number(menu.value)];
    menu.value = "";
    studio.form.ask("send_on", { ...studio.reuseClick(studio.jobOf(menu)), ...target }, target.model_id);
  });
  return menu;
}

function atWork(job) {
  const preview = studio.ownUrl(job.preview);
  return h("div", { class: "at-work" },
    h("div", { class: "frame" }, preview ? h("img", { class: "result", src: preview, alt: "Preview" }) : h("div", { class: "shimmer" }, icon("spark"))),
    h("div", { class: "work-line" }, h("div", { class: "work-words" }, h("p", { class: "work-text", dir: "auto" }), h("p", { class: "work-steps" })), h("p", { class: "work-percent" }), cancelButton(job)),
    studio.progressBar(), about(job));
}

function updateWork(job) {
  const running = job.status === "running";
  text(scene.querySelector(".work-text"), running ? job.progress_text || "Working" : "Waiting to start");
  text(scene.querySelector(".work-steps"), job.steps ?? "");
  studio.setMaking(scene.querySelector(".frame"), job.making);
  text(scene.querySelector(".work-percent"), running && typeof job.progress === "number" ? `${Math.round(job.progress * 100)} %` : "");
  studio.setProgress(scene.querySelector(".progress"), running ? job.progress : null);
}

function failed(job) {
  return ended(job, "failed", "This did not work", h("p", { class: "problem", role: "alert", dir: "auto" }, job.error || "The job ended without a reason."));
}

function cancelled(job) {
  return ended(job, "cancelled", "Cancelled", h("p", {}, "Nothing is lost: Reuse brings its inputs back."));
}

function ended(job, name, title, words) {
  return h("div", { class: `empty ended-${name}` }, icon(name), h("h2", {}, title), words, h("div", { class: "actions" }, studio.reuseButton(), studio.reuseMenuButton()), about(job));
}

function about(job) {
  return h("div", { class: "about" },
    job.prompt ? h("p", { class: "prompt", dir: "auto" }, job.prompt) : null,
    h("p", { class: "meta" }, h("span", { dir: "auto" }, job.model_name), job.seed === null ? null : studio.seedButton(job.seed)));
}

function cancelButton(job) {
  return studio.textButton("cancel", "close", "Cancel", `Cancel: ${job.prompt || job.model_name}`.slice(0, 90), { class: "text-button cancel" });
}

function buildWaiting(card) {
  return h("li", {}, h("span", { class: "thumb" }, studio.poster(card)),
    h("div", {}, h("p", { class: "prompt", dir: "auto" }), h("p", { class: "meta" }), studio.progressBar()),
    studio.iconButton("cancel", "close", `Cancel: ${card.prompt || card.model_name}`.slice(0, 90)));
}

function updateWaiting(node, card) {
  const running = card.status === "running";
  text(node.querySelector(".prompt"), card.prompt || card.model_name);
  text(node.querySelector(".meta"), [card.model_name, running ? card.steps || card.progress_text || "Running" : "Waiting"].join(" · "));
  studio.setMaking(node.querySelector(".thumb"), card.making);
  node.querySelector(".progress").hidden = !running;
  studio.setProgress(node.querySelector(".progress"), card.progress);
}

studio.onPress(element, {
  reuse: () => studio.reuse(props.value.job),
  reuseMenu: (button) => studio.openReuseMenu(button, props.value.job),
  copy: studio.copy,
  cancel: (button) => {
    button.disabled = true;
    setTimeout(() => (button.disabled = false), 4000); // ms: when the server did not answer, it can be pressed again
    trigger('cancel', { id: studio.jobOf(button) });
  },
  cancelAll: () => {
    const isSure = cancelAll.hasAttribute("data-asking");
    ask(!isSure);
    if (isSure) trigger('cancel_all', { id: props.value.workspace });
    else setTimeout(() => ask(false), SURE);
  },
});

ask(false);
watch("value", draw);
draw();
