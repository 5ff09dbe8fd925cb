/* Drafts: what is typed for each model goes to the server, and comes back after a reload. */
(() => {
  const studio = window.studio;
  const REST = 400; // ms without a touch before a draft is kept
  const AGAIN = 3000; // ms until a draft that could not be kept is sent again
  const LONGEST = 5000; // ms for which a restore waits for the drafts

  const used = new Set(); // models that have been used since the page was opened
  const replaced = new Set(); // those in which a restore has been: no draft belongs in it
  const waiting = new Set(); // models whose form has not been kept yet
  const given = new Set(); // those whose draft has come, if they have any
  let away = []; // those whose draft cannot come yet: it is not written over
  const late = {}; // model → the values of the draft that came when its form was in use already, and the form's first ones
  let recalled = false; // before that, keeping would write over what the server remembers
  const come = Promise.withResolvers(); // kept with the first answer of what the server remembers
  let keeping = null; // the model whose draft is on its way
  let sent = 0; // how many have been sent: their numbers tell the server which is the newer one
  let timer = null;
  let told = ""; // what the user was told of drafts that are not kept

  /** A restore is in the form of the model. */
  function replace(model) {
    replaced.add(model);
    touch(model);
    delete late[model];
  }

  /** The form of the model has changed, or may have. */
  function touch(model) {
    used.add(model);
    const missed = studio.form.touched(model);
    if (missed?.isDraft) comesLate(missed);
    keepSoon(model);
  }

  function comesLate({ model_id, values }) {
    const first = firstOf(model_id);
    first.catch(() => {}); // it is asked again
    late[model_id] = { values, first };
  }

  /** What the form of the model holds before it is used. */
  const firstOf = async (model) => (await studio.form.post("reset", { model_id: model })).values;

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
    if (studio.isReusing()) return keepIn(REST);
    keeping = model;
    waiting.delete(model);
    const isDone = await (late[model] && !studio.form.isUploading(model) ? join(model) : send(model)).catch(() => false);
    keeping = null;
    if (!isDone) waiting.add(model);
    keepIn(isDone ? REST : AGAIN);
  }

  /** Whether the server need not be told again. Of a model that was only looked at it is told nothing but that; another
   *  tab may have a form of it. While a file is on its way up, it is told the rest. */
  async function send(model) {
    const number = (sent += 1);
    const part = studio.form.isUploading(model);
    const now = used.has(model) ? await held(model, part).catch(() => null) : undefined;
    if (now === null) return true; // its fields did not come
    const told = { model_id: model, now, part, selected: studio.form.selected(), number };
    const { fault, refused } = await studio.form.post("draft", told);
    if (now && !part) studio.fieldErrors.say(model, refused, JSON.parse(now));
    return hear(fault);
  }

  /** The server has answered; `fault` says why it could not keep the draft just now. */
  function hear(fault) {
    if (fault && fault !== told) studio.say({ text: `What you type is not kept yet. ${fault}`, tone: "warn" });
    if (!fault && told) studio.say({ text: "What you type is kept again.", tone: "good" });
    told = fault;
    return !fault;
  }

  /** What the form holds, as JSON text, with what a late draft has for it. */
  async function held(model, part) {
    const now = await studio.form.present(model, part);
    if (!late[model]) return now;
    const values = JSON.parse(now);
    return JSON.stringify({ ...values, ...(await missing(model, values)) });
  }

  /** Of a late draft the values of the fields that are as they were at first. */
  async function missing(model, now) {
    const { values, first } = late[model];
    const was = await first;
    const isFirst = ([name]) => JSON.stringify(now[name] ?? null) === JSON.stringify(was[name] ?? null);
    return Object.fromEntries(Object.entries(values).filter(isFirst));
  }

  /** Brings a late draft into its form. */
  async function join(model) {
    late[model].first = late[model].first.catch(() => firstOf(model));
    const now = JSON.parse(await studio.form.present(model));
    const values = await missing(model, now);
    const after = () => {
      delete late[model];
      touch(model);
    };
    return studio.form.beginQuietly({ model_id: model, select: null, visible: {}, values, now, after });
  }

  /** The page goes, or may go: what waits is sent at once, and the browser goes on sending it when the page is gone. */
  async function leave() {
    if (!recalled) return;
    if (keeping !== null) waiting.add(keeping);
    const left = ready();
    for (const model of left) waiting.delete(model);
    return Promise.all(left.map(async (model) => {
      const isDone = await send(model).catch(() => false);
      if (!isDone || late[model]) keepSoon(model);
    }));
  }

  /** What the server remembers of this user, when the page has been opened: drafts as plans, the selected model's first.
   *  It comes again while some wait for their files. */
  function recall(memory) {
    if (!recalled) {
      studio.seedMode = memory.seed;
      if (memory.notice) studio.say(memory.notice);
    }
    recalled = true;
    away = memory.waiting;
    for (const plan of memory.plans) {
      if (replaced.has(plan.model_id) || given.has(plan.model_id)) continue;
      if (!away.includes(plan.model_id)) given.add(plan.model_id);
      if (used.has(plan.model_id)) comesLate(plan);
      else studio.form.beginQuietly({ ...plan, since: 0, isDraft: true });
    }
    keepSoon();
    come.resolve();
  }

  /** Resolves when the draft of the model is on its way into its form, before what a restore brings: an undo brings it back. */
  async function settled(model) {
    if (!recalled) await Promise.race([come.promise, new Promise((resolve) => setTimeout(resolve, LONGEST))]);
    if (late[model]) await join(model).catch(() => {});
  }

  /** Whether the server has been told all that it can be told now. */
  const areKept = () => recalled && keeping === null && ready().length === 0;

  for (const kind of ["input", "change", "click", "keyup", "drop"]) {
    document.addEventListener(kind, (event) => {
      const model = studio.form.modelAt(event.target);
      if (model) touch(model);
    }, true); // before the field hears of it: the button that takes a file out goes with the file
  }
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.hidden && leave());

  studio.drafts = { touch, replace, keepSoon, recall, settled, leave, areKept };
})();
