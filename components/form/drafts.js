/* Drafts: the server keeps what is typed for each model, and the page restores it after a reload. */
import { say } from "../kit/say.js";
import { isReusing } from "../library/reuse_click.js";
import { preferSeed } from "../library/seed_mode.js";
import { recallBases } from "./bases.js";
import { picked, selected } from "./choice.js";
import { showErrors } from "./field_errors.js";
import { modelAt } from "./places.js";
import { beginQuietly, preparing, touched } from "./plan.js";
import { present } from "./reading.js";
import { sourcesOf } from "./sources.js";
import { spreading } from "./spread.js";
import { ask, session } from "./transport.js";
import { forFields, forServer } from "./files.js";
import { laidOut, typeOf } from "./layout.js";
import { hadUpload, isUploading, uploaded } from "./uploads.js";

const DEBOUNCE = 400; // ms without a touch before a draft is sent
const RETRY = 3000; // ms until a failed request, for keeping or for recalling drafts, is repeated
const RECALL_TIMEOUT = 120000; // ms: the server needs long to give up on a bucket that is down
const RESTORE_WAIT = 5000; // ms for which a restore waits for the drafts
const POLL = 100; // ms until the server is asked again whether it has the drafts that the previous page sent as it closed
const MAX_POLLS = 50;
const STORAGE_KEY = "studio-sent"; // under which a tab keeps the drafts on their way, for its next page

/** @type {Set<string>} */
const used = new Set(); // models that have been used since the page was opened
/** @type {Set<string>} */
const replaced = new Set(); // models with a restore in their form, which no draft may overwrite
/** @type {Set<string>} */
const waiting = new Set(); // models whose form has to be sent
/** @type {Set<string>} */
const given = new Set(); // models whose draft, if any, has come
/** @type {string[]} */
let away = []; // models whose draft cannot come yet, and must not be overwritten
/** @type {Record<string, { values: Values, sources: Api.FormSource[], first: Promise<Values> }>} */
const late = {}; // model → the values and sources of a draft that came when its form was in use, and the form's first values
let recalled = false; // until then, sending would overwrite the drafts that the server has
/** @type {PromiseWithResolvers<void>} */
const come = Promise.withResolvers(); // resolved with the server's first drafts
/** @type {string | null} */
let keeping = null; // the model whose draft is being sent
let sent = 0; // the number of the last draft, by which the server knows the newest
/** @type {Record<string, number>} */
const unanswered = {}; // model → the number of its newest draft on its way
/** @type {number | undefined} */
let timer;
let told = ""; // what the user was last told about drafts that are not kept

/** A restore is about to be in the form of the model. */
spreading.listen(({ model_id: model }) => {
  replaced.add(model);
  touch(model);
  delete late[model];
});

/** The form of the model has changed, or may have.
 *  @param {string} model */
export function touch(model) {
  used.add(model);
  const missed = touched(model);
  if (missed?.isDraft) comesLate(missed);
  keepSoon(model);
}

/** @param {import("./plan.js").Plan} draft */
function comesLate({ model_id, values, sources = [] }) {
  const first = firstOf(model_id);
  first.catch(() => {}); // `join` asks again
  late[model_id] = { values, sources, first };
}

/** The values of the model's form before it is used.
 *  @param {string} model */
const firstOf = async (model) => (await ask("reset_form", { model_id: model })).plan?.values ?? {};

/** @param {string} [model] */
function keepSoon(model) {
  if (model) waiting.add(model);
  keepIn(DEBOUNCE);
}

/** The models whose form can be sent now. */
const ready = () => [...waiting].filter((one) => !away.includes(one));

/** @param {number} time ms */
function keepIn(time) {
  clearTimeout(timer);
  timer = setTimeout(keep, time);
}

/** Sends one draft at a time, and none during a reuse. */
async function keep() {
  const [model] = ready();
  if (!recalled || keeping !== null || model === undefined) return;
  if (isReusing()) return keepIn(DEBOUNCE);
  keeping = model;
  waiting.delete(model);
  const isDone = await (late[model] && !isUploading(model) ? join(model) : send(model)).catch(() => false);
  keeping = null;
  if (!isDone) waiting.add(model);
  keepIn(isDone ? DEBOUNCE : RETRY);
}

/** Sends the draft of a model; resolves with whether it need not be sent again. For a model that was only looked at, no values
 *  are sent, for another tab may have its form. With `part`, as during an upload, files are left out.
 *  @param {string} model */
async function send(model, part = isUploading(model)) {
  const number = (sent += 1);
  const now = used.has(model) ? await valuesOf(model, part).catch(() => null) : undefined;
  if (now === null) return true; // its fields did not load
  const sources = [...(late[model]?.sources ?? []), ...sourcesOf(model)];
  const told = { model_id: model, now: now && forServer(now), part, sources, selected: selected(), number };
  const { fault, refused } = await awaited(model, number, ask("keep_draft", told));
  if (now && !part) showErrors(model, refused, now);
  return hear(fault);
}

/** Waits for the answer to a draft, and meanwhile keeps for the next page of this tab that it is on its way: that page must not
 *  open with what the server had before.
 *  @template Answer
 *  @param {string} model
 *  @param {number} number
 *  @param {Promise<Answer>} answer */
async function awaited(model, number, answer) {
  unanswered[model] = number;
  keepSent();
  try {
    return await answer;
  } finally {
    if (unanswered[model] === number) delete unanswered[model];
    keepSent();
  }
}

function keepSent() {
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ page: session, sent: unanswered }));
  } catch {
    // The storage is full or disabled: the next page takes what the server has.
  }
}

/** @returns {{ page?: string, sent?: Record<string, number> }} */
function takeSent() {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "{}");
  } catch {
    return {};
  }
}

/** Shows `fault`, the reason why the server could not keep a draft, or that drafts are kept again. Returns whether it was kept.
 *  @param {string} fault */
function hear(fault) {
  if (fault && fault !== told) say({ text: `What you type is not kept yet. ${fault}`, tone: "warn" });
  if (!fault && told) say({ text: "What you type is kept again.", tone: "good" });
  told = fault;
  return !fault;
}

/** The form's values, with those that a late draft has for it.
 *  @param {string} model
 *  @param {boolean} part */
async function valuesOf(model, part) {
  const now = await present(model, part);
  return late[model] ? { ...now, ...(await missing(model, now)) } : now;
}

/** The values of a late draft for fields that still have their first value.
 *  @param {string} model
 *  @param {Values} now */
async function missing(model, now) {
  const { values, first } = late[model];
  const was = await first;
  /** @param {string} name */
  const isFirst = (name) => JSON.stringify(now[name] ?? null) === JSON.stringify(was[name] ?? null);
  return Object.fromEntries(Object.entries(values).filter(([name]) => isFirst(name)));
}

/** Fills a late draft into its form.
 *  @param {string} model */
async function join(model) {
  late[model].first = late[model].first.catch(() => firstOf(model));
  const now = await present(model);
  const values = await missing(model, now);
  const { sources } = late[model];
  const after = () => {
    delete late[model];
    touch(model);
  };
  return beginQuietly({ model_id: model, select: null, visible: {}, values, sources, now, after });
}

/** Sends all waiting drafts at once, as the page closes or may close; the browser finishes sending after that. */
export async function leave() {
  if (!recalled) return;
  if (keeping !== null) waiting.add(keeping);
  const left = ready();
  for (const model of left) waiting.delete(model);
  return Promise.all(left.map(async (model) => {
    if (hadUpload(model)) send(model, true).catch(() => {}); // there may be no time for the whole form
    const isDone = await send(model).catch(() => false);
    if (!isDone || late[model]) keepSoon(model);
  }));
}

/** Fetches the drafts of this user: again where the server cannot answer or some drafts wait for their files, and soon while
 *  the drafts that the previous page sent, `before`, have not arrived.
 *  @param {{ page?: string, sent?: Record<string, number> }} before
 *  @returns {Promise<unknown>} */
async function remember(before = {}, polls = 0) {
  const memory = await ask("recall_drafts", before, RECALL_TIMEOUT).catch(() => null);
  if (memory?.is_early && polls > 0) return setTimeout(remember, POLL, before, polls - 1);
  if (memory) recall(memory);
  if (!memory || memory.waiting.length > 0) setTimeout(remember, RETRY, before, polls);
}

laidOut.listen(() => remember(takeSent(), MAX_POLLS));

/** The drafts as plans, first that of the model to be selected, which is selected even without a draft.
 *  @param {Api.Recalled} memory
 *  @returns {import("./plan.js").Plan[]} */
function plansOf({ drafts, model_id: chosen }) {
  const untouched = chosen && !drafts.some((draft) => draft.model_id === chosen)
    ? [{ model_id: chosen, type: typeOf(chosen), visible: {}, values: {} }] : [];
  return [...untouched, ...drafts].map((draft) => ({
    ...draft,
    values: forFields(draft.values),
    select: draft.model_id === chosen ? chosen : null,
  }));
}

/** @param {Api.Recalled} memory */
function recall(memory) {
  if (!recalled) {
    preferSeed(memory.seed);
    recallBases(memory.user_id);
    if (memory.notice) say(memory.notice);
  }
  recalled = true;
  away = memory.waiting;
  for (const plan of plansOf(memory)) {
    if (replaced.has(plan.model_id) || given.has(plan.model_id)) continue;
    if (!away.includes(plan.model_id)) given.add(plan.model_id);
    if (used.has(plan.model_id)) comesLate(plan);
    else beginQuietly({ ...plan, since: 0, isDraft: true });
  }
  keepSoon();
  come.resolve();
}

/** Has the draft of the model in its form before a restore, so that an undo brings it back. */
preparing.listen(async (model) => {
  if (!recalled) await Promise.race([come.promise, new Promise((resolve) => setTimeout(resolve, RESTORE_WAIT))]);
  if (late[model]) await join(model).catch(() => {});
});

picked.listen(keepSoon);
uploaded.listen(touch);

/** Whether all drafts that can be sent have been kept. */
export const areKept = () => recalled && keeping === null && ready().length === 0;

// A list of choices takes a choice on mousedown, and may be gone before the click.
for (const kind of ["input", "change", "mousedown", "click", "keyup", "drop"]) {
  document.addEventListener(kind, (event) => {
    const model = modelAt(event.target);
    if (model) touch(model);
  }, true); // in the capture phase: the button that removes a file is removed with it
}
addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => document.hidden && leave());
