/* Drafts: what is typed for each model goes to the server, and comes back after a reload. */
(() => {
  const studio = window.studio;
  const REST = 400; // ms without a touch before a draft is kept
  const AGAIN = 3000; // ms until a draft that could not be kept is sent again

  const touched = new Set(); // models that have been used since the page was opened: their form is newer than any draft
  const waiting = new Set(); // models whose form has not been kept yet
  const kept = {}; // model → the form that the server has
  let keptModel = null; // the one that the server takes for the selected one
  let recalled = false; // before that, keeping would write over what the server remembers
  let keeping = false; // whether a draft is on its way
  let timer = null;
  let told = ""; // what the user was told of drafts that are not kept

  /** The user, or a reuse, has changed the form of the model. */
  function touch(model = studio.form.selected()) {
    if (!model) return;
    if (studio.form.touched(model)) touched.add(model);
    keepSoon(model);
  }

  function keepSoon(model) {
    if (model) waiting.add(model);
    clearTimeout(timer);
    timer = setTimeout(keep, REST);
  }

  /** One at a time, so that an older form cannot arrive after a newer one. */
  async function keep() {
    clearTimeout(timer);
    const model = [...waiting].find((one) => !studio.form.isUploading(one));
    if (!recalled || keeping || model === undefined) return;
    if (studio.isReusing()) {
      timer = setTimeout(keep, REST);
      return;
    }
    keeping = true;
    await send(model);
    keeping = false;
    if (told) timer = setTimeout(keep, AGAIN);
    else keep();
  }

  async function send(model) {
    waiting.delete(model);
    const now = await studio.form.present(model).catch(() => null);
    if (now === null) return; // its fields have not come yet
    const selected = studio.form.selected();
    if (kept[model] === now && keptModel === selected) return;
    kept[model] = now;
    keptModel = selected;
    hear(model, await studio.form.post("draft", { model_id: model, now, selected }).catch(() => delete kept[model]));
  }

  /** The server has answered; `fault` says why it could not keep the draft just now. */
  function hear(model, fault) {
    if (typeof fault !== "string") return;
    if (fault) {
      delete kept[model];
      waiting.add(model);
      if (fault !== told) studio.say({ text: `What you type is not kept yet. ${fault}`, tone: "warn" });
    } else if (told) studio.say({ text: "What you type is kept again.", tone: "good" });
    told = fault;
  }

  /** The page goes, or may go: what waits is sent at once, and the browser goes on sending it when the page is gone. */
  function leave() {
    if (recalled) for (const model of [...waiting]) send(model);
  }

  /** What the server remembers of this user, when the page has been opened: drafts as plans, the selected model's first. */
  function recall(memory) {
    studio.seedMode = memory.seed;
    if (memory.notice) studio.say(memory.notice);
    recalled = true;
    const used = touched.size > 0;
    for (const plan of memory.plans) {
      if (!touched.has(plan.model_id)) studio.form.beginQuietly(used ? { ...plan, select: null } : plan);
    }
    if (used) keep();
  }

  for (const kind of ["input", "change", "click", "keyup", "drop"]) {
    document.addEventListener(kind, (event) => {
      const group = event.target.closest?.(".model-group, .studio-form");
      if (group) touch(group.id?.startsWith("group-") ? group.id.slice("group-".length) : undefined);
    }, true); // before the field hears of it: the button that takes a file out goes with the file
  }
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.hidden && leave());

  studio.drafts = { touch, keepSoon, recall };
})();
