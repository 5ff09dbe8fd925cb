/* The details of one job in a native dialog: it opens when a value arrives and empties the value when it closes. */
const studio = window.studio;
const { h, icon, text } = studio;

const body = h("div", { class: "details-body" });
const dialog = h("dialog", { class: "job-details", "aria-label": "Job details" },
  studio.iconButton("close", "close", "Close", { class: "icon-button close" }), body);
element.append(dialog);

function draw() {
  const job = props.value || null;
  if (job === null) return dialog.open ? dialog.close() : undefined;
  dialog.dataset.job = job.id;
  studio.drawChanged(body, job, fill);
  if (!dialog.open) dialog.showModal();
}

function fill(host, job) {
  host.replaceChildren(media(job), h("div", { class: "details-side" }, heading(job), problem(job), causes(job), prompt(job), actions(job), inputs(job), facts(job), ran(job)));
  for (const button of host.querySelectorAll("[data-do^=reuse]")) studio.showBusy(button);
}

function media(job) {
  return h("div", { class: `details-media is-${job.status}` }, studio.player(job) ?? studio.poster(job));
}

function heading(job) {
  const time = h("time", { class: "ago" });
  studio.setTime(time, job.created_at);
  return h("header", {}, h("h2", { dir: "auto" }, job.model_name),
    h("p", { class: "meta" }, h("span", { class: `status is-${job.status}` }, studio.statusWord(job.status)), " · ", time));
}

function problem(job) {
  return job.error ? h("p", { class: "problem", role: "alert", dir: "auto" }, icon("failed"), h("span", {}, job.error)) : null;
}

/** Which inputs a failure is about, and under a fold the log of it. */
function causes(job) {
  const wrong = job.wrong ?? [];
  if (wrong.length === 0 && !job.log) return null;
  return h("div", { class: "causes" },
    wrong.length ? h("dl", { class: "facts" }, ...wrong.flatMap(factRow)) : null,
    job.log ? h("details", { class: "log" }, h("summary", {}, "Details for whoever mends it"), h("pre", { dir: "ltr" }, job.log)) : null);
}

function factRow({ label, text: value }) {
  return [h("dt", { dir: "auto" }, label), h("dd", { dir: "auto" }, h("span", {}, value))];
}

function ran(job) {
  if (!job.ran?.length) return null;
  return h("section", { class: "ran" }, h("h3", {}, "Ran with"), h("dl", { class: "facts" }, ...job.ran.flatMap(factRow)));
}

function prompt(job) {
  if (!job.prompt) return null;
  return h("div", {},
    h("div", { class: "details-prompt" }, h("p", { dir: "auto" }, job.prompt), studio.copyButton(job.prompt, "Copy the prompt")),
    job.drawn ? h("p", { class: "note" }, "As it was drawn for this seed:") : null,
    job.drawn ? h("div", { class: "details-prompt drawn-prompt" }, h("p", { dir: "auto" }, job.drawn), studio.copyButton(job.drawn, "Copy the prompt as it was drawn")) : null);
}

function actions(job) {
  const again = job.seed === null ? null
    : studio.textButton("reuseNewSeed", "shuffle", "New seed", "Reuse with a new random seed", { class: "text-button reuse-new-seed" });
  return h("div", { class: "actions" }, studio.reuseButton(), studio.reuseMenuButton(), again, job.result ? studio.downloadLink(job) : null);
}

function inputs(job) {
  const rows = (job.inputs ?? []).filter((input) => input.name !== "prompt" || input.text !== job.prompt); // it stands above
  if (rows.length === 0) return null;
  return h("section", {}, h("h3", {}, "Inputs"), h("dl", { class: "facts" }, ...rows.flatMap(inputRow)));
}

function inputRow(input) {
  const state = input.hidden ? "hidden-input" : null;
  const note = input.hidden ? h("span", { class: "note" }, "not used") : null;
  return [h("dt", { class: state, dir: "auto" }, input.label), h("dd", { class: state, dir: "auto" }, inputMedia(input), h("span", {}, input.text), note), ...drawnRow(input)];
}

function drawnRow(input) {
  if (typeof input.drawn !== "string") return [];
  return [h("dt", { dir: "auto" }, `${input.label}, as it was drawn`), h("dd", { dir: "auto" }, h("span", {}, input.drawn))];
}

function inputMedia(input) {
  const source = studio.ownUrl(input.url);
  if (!source) return null;
  const link = (child) => h("a", { href: source, target: "_blank", rel: "noopener", title: "Open the file" }, child);
  if (input.kind === "image") return link(studio.thumbnail(input.url, "image", input.label));
  if (input.kind === "video") return h("video", { src: source, poster: studio.previewUrl(input.url), controls: true, preload: "none", playsinline: true });
  if (input.kind === "audio") return h("audio", { src: source, controls: true, preload: "metadata" });
  return link("Open the file");
}

function facts(job) {
  const rows = [
    ["Seed", job.seed, job.seed === null ? null : studio.copyButton(String(job.seed), "Copy the seed")],
    ["Result", resultText(job.about), null],
    ["Took", typeof job.duration_s === "number" ? studio.seconds(job.duration_s) : null, null],
    ["Started", absolute(job.created_at), null],
    ["Finished", absolute(job.finished_at), null],
    ["Deleted", absolute(job.deleted_at), null],
    ["Job", job.id, studio.copyButton(job.id, "Copy the job's id")],
  ].filter(([, value]) => value !== null && value !== "");
  return h("section", {}, h("h3", {}, "About"), h("dl", { class: "facts" },
    ...rows.flatMap(([name, value, extra]) => [h("dt", {}, name), h("dd", {}, h("span", {}, String(value)), extra)])));
}

function resultText(found) {
  if (!found) return null;
  const size = found.width && found.height ? `${found.width} × ${found.height}` : null;
  const length = typeof found.duration === "number" ? studio.seconds(found.duration) : null;
  const weight = typeof found.size === "number" ? studio.bytes(found.size) : null;
  return [size, length, weight].filter(Boolean).join(" · ");
}

function absolute(iso) {
  const date = new Date(iso ?? NaN);
  return Number.isNaN(date.getTime()) ? null : date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

dialog.addEventListener("close", () => {
  body.replaceChildren(); // stops what plays
  studio.forget(body);
  props.value = null; // or the same job could not be opened twice: an equal value is no change
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});

studio.onPress(element, {
  close: () => dialog.close(),
  copy: studio.copy,
  reuse: () => studio.reuse(props.value),
  reuseMenu: (button) => studio.openReuseMenu(button, props.value),
  reuseNewSeed: () => studio.reuse(props.value, { seed: "new" }),
});

watch("value", draw);
draw();
