/* Drafts: what is typed for each model goes to the server, and comes back after a reload. */
import { say } from "../kit/say.js";
import { isReusing } from "../library/reuse_click.js";
import { preferSeed } from "../library/seed_mode.js";
import { recallBases } from "./bases.js";
import { picked, selected } from "./choice.js";
import { sayAt } from "./field_errors.js";
import { modelAt } from "./places.js";
import { beginQuietly, preparing, touched } from "./plan.js";
import { present } from "./reading.js";
import { sourcesOf } from "./sources.js";
import { spreading } from "./spread.js";
import { ask, session } from "./transport.js";
import { forFields, forServer } from "./files.js";
import { laidOut, typeOf } from "./layout.js";
import { hadUpload, isUploading, uploaded } from "./uploads.js";

const REST = 400; // ms without a touch before a draft is kept
const AGAIN = 3000; // ms until a draft that could not be kept is sent again, and what did not come is asked for again
const UNHURRIED = 120000; // ms: a bucket that is away takes the server long to give up
const LONGEST = 5000; // ms for which a restore waits for the drafts
const SOON = 100; // ms until the server is asked again whether it has what the page before sent as it went
const PATIENCE = 50; // times that it is
const SENT = "studio-sent"; // where a tab keeps what is on its way, for its next page

const used = new Set(); // models that have been used since the page was opened
const replaced = new Set(); // those in which a restore has been: no draft belongs in it
const waiting = new Set(); // models whose form has not been kept yet
const given = new Set(); // those whose draft has come, if they have any
let away = []; // those whose draft cannot come yet: it is not written over
const late = {}; // model → the values and sources of the draft that came when its form was in use already, and the form's first ones
let recalled = false; // before that, keeping would write over what the server remembers
const come = Promise.withResolvers(); // kept with the first answer of what the server remembers
let keeping = null; // the model whose draft is on its way
let sent = 0; // how many have been sent: their numbers tell the server which is the newer one
const unanswered = {}; // model → the number of the newest draft of it that is on its way
let timer = null;
let told = ""; // what the user was told of drafts that are not kept

/** A restore is in the form of the model. */
spreading.listen(({ model_id: model }) => {
  replaced.add(model);
  touch(model);
  delete late[model];
});

/** The form of the model has changed, or may have. */
export function touch(model) {
  used.add(model);
  const missed = touched(model);
  if (missed?.isDraft) comesLate(missed);
  keepSoon(model);
}

/** @param {import("./plan.js").Plan} draft */
function comesLate({ model_id, values, sources }) {
  const first = firstOf(model_id);
  first.catch(() => {}); // it is asked again
  late[model_id] = { values, sources, first };
}

/** What the form of the model holds before it is used. */
const firstOf = async (model) => (await ask("reset_form", { model_id: model })).plan.values;

function keepSoon(model) {
  if (model) waiting.add(model);
  keepIn(REST);
}

/** The models whose form can be kept now. */
const ready = () => [...waiting].filter((one) => !away.includes(one));

function keepIn(time) {
  clearTimeout(timer);
  timer = setTimeout(keep, time);
}

/** One at a time, and none while the user is at it. */
async function keep() {
  const [model] = ready();
  if (!recalled || keeping !== null || model === undefined) return;
  if (isReusing()) return keepIn(REST);
  keeping = model;
  waiting.delete(model);
  const isDone = await (late[model] && !isUploading(model) ? join(model) : send(model)).catch(() => false);
  keeping = null;
  if (!isDone) waiting.add(model);
  keepIn(isDone ? REST : AGAIN);
}

/** Whether the server need not be told again. Of a model that was only looked at it is told nothing but that; another
 *  tab may have a form of it. While a file is on its way up, it is told the rest. */
async function send(model, part = isUploading(model)) {
  const number = (sent += 1);
  const now = used.has(model) ? await valuesOf(model, part).catch(() => null) : undefined;
  if (now === null) return true; // its fields did not come
  const sources = [...(late[model]?.sources ?? []), ...sourcesOf(model)];
  const told = { model_id: model, now: now && forServer(now), part, sources, selected: selected(), number };
  const { fault, refused } = await awaited(model, number, ask("keep_draft", told));
  if (now && !part) sayAt(model, refused, now);
  return hear(fault);
}

/** Keeps for the next page of this tab, until there is an answer, that a draft is on its way: what the server remembered
 *  before is not what that page is to open with. */
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
    sessionStorage.setItem(SENT, JSON.stringify({ page: session, sent: unanswered }));
  } catch {
    // It is full or switched off: the next page takes what there is.
  }
}

function takeSent() {
  try {
    return JSON.parse(sessionStorage.getItem(SENT)) ?? {};
  } catch {
    return {};
  }
}

/** The server has answered; `fault` says why it could not keep the draft just now. */
function hear(fault) {
  if (fault && fault !== told) say({ text: `What you type is not kept yet. ${fault}`, tone: "warn" });
  if (!fault && told) say({ text: "What you type is kept again.", tone: "good" });
  told = fault;
  return !fault;
}

/** What the form holds, with what a late draft has for it. */
async function valuesOf(model, part) {
  const now = await present(model, part);
  return late[model] ? { ...now, ...(await missing(model, now)) } : now;
}

/** Of a late draft the values of the fields that are as they were at first. */
async function missing(model, now) {
  const { values, first } = late[model];
  const was = await first;
  const isFirst = (name) => JSON.stringify(now[name] ?? null) === JSON.stringify(was[name] ?? null);
  return Object.fromEntries(Object.entries(values).filter(([name]) => isFirst(name)));
}

/** Brings a late draft into its form. */
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

/** The page goes, or may go: what waits is sent at once, and the browser goes on sending it when the page is gone. */
export async function leave() {
  if (!recalled) return;
  if (keeping !== null) waiting.add(keeping);
  const left = ready();
  for (const model of left) waiting.delete(model);
  return Promise.all(left.map(async (model) => {
    if (hadUpload(model)) send(model, true).catch(() => {}); // for all of it there may be no time
    const isDone = await send(model).catch(() => false);
    if (!isDone || late[model]) keepSoon(model);
  }));
}

/** Asks what the server remembers of this user; again while it cannot say, or some of it waits for its files, and soon
 *  while what the page before `sent` has not come. */
async function remember(before = {}, patience = 0) {
  const memory = await ask("recall_drafts", before, UNHURRIED).catch(() => null);
  if (memory?.is_early && patience > 0) return setTimeout(remember, SOON, before, patience - 1);
  if (memory) recall(memory);
  if (!memory || memory.waiting.length > 0) setTimeout(remember, AGAIN, before, patience);
}

laidOut.listen(() => remember(takeSent(), PATIENCE));

/** The drafts as plans, that of the model that was selected first: it is selected, with a draft or without. */
function plansOf({ drafts, model_id: chosen }) {
  const untouched = chosen && !drafts.some((draft) => draft.model_id === chosen)
    ? [{ model_id: chosen, type: typeOf(chosen), visible: {}, values: {} }] : [];
  return [...untouched, ...drafts].map((draft) => ({
    ...draft,
    values: forFields(draft.values),
    select: draft.model_id === chosen ? chosen : null,
  }));
}

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

/** The draft of the model is on its way into its form before what a restore brings: an undo brings it back. */
preparing.listen(async (model) => {
  if (!recalled) await Promise.race([come.promise, new Promise((resolve) => setTimeout(resolve, LONGEST))]);
  if (late[model]) await join(model).catch(() => {});
});

picked.listen(keepSoon);
uploaded.listen(touch);

/** Whether the server has been told all that it can be told now. */
export const areKept = () => recalled && keeping === null && ready().length === 0;

// A list of choices takes one when it is pressed, and may be gone before the click.
for (const kind of ["input", "change", "mousedown", "click", "keyup", "drop"]) {
  document.addEventListener(kind, (event) => {
    const model = modelAt(event.target);
    if (model) touch(model);
  }, true); // before the field hears of it: the button that takes a file out goes with the file
}
addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => document.hidden && leave());
