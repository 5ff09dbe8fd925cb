/* The form's share in a restore: it spreads a plan over the fields and shows what the rules say. The plan comes from the
   server; nothing is decided here but which of two clicks was the last. */
(() => {
  const studio = window.studio;
  const NO_ANSWER = "The studio did not answer. Try again, or reload the page.";
  let layout = { types: [], models: [], fields: {}, rules: {} };
  let send = () => {}; // starts one of the form's events in the page
  let showing = {}; // model → the names that show; kept in step here, for only this file shows and hides fields
  let chosen = {}; // type → the model whose group shows in that tab
  let tab = null; // the type whose tab is open
  const opened = new Set(); // the models whose groups have been opened; once opened they stay, for opening is what takes long
  const there = new Set(); // the models whose fields are in the page: the first one's when it opens, others' once they are wanted
  const arrivals = {}; // model → the promise of its fields, and what keeps or breaks it
  let acts = 0; // how often the user has touched the form

  function setLayout(made, trigger) {
    layout = made;
    send = trigger;
    showing = Object.fromEntries(Object.entries(made.showing).map(([model, names]) => [model, new Set(names)]));
    chosen = { ...made.chosen };
    tab = made.tab;
    for (const model of Object.values(chosen)) opened.add(model);
    for (const [model] of made.models) if (!made.later.includes(model)) there.add(model);
  }

  /** Resolves when the model's fields are in the page. */
  async function bring(model) {
    if (there.has(model)) return;
    if (!(model in arrivals)) {
      arrivals[model] = Promise.withResolvers();
      arrivals[model].promise.catch(() => {});
      send("bring", { name: model });
    }
    await arrivals[model].promise;
  }

  /** The fields of a model have come: they get the draft that has waited for them, and show if the model has been chosen. */
  function arrive(model) {
    there.add(model);
    beginQuietly(coming[model] ?? { model_id: model, visible: {}, values: {} });
    setTimeout(arrivals[model].resolve); // after that
    return [];
  }

  /** The server did not bring what it was asked for; whoever wants it again asks again. */
  function stayedAway() {
    for (const [model, { reject }] of Object.entries(arrivals)) {
      if (there.has(model)) continue;
      delete arrivals[model];
      reject(new Error(model));
    }
    return [];
  }

  /** Brings the fields that one click may ask for, one model after another, while the page has nothing else to do. */
  async function expect(models) {
    for (const model of models) {
      if (there.has(model) || !Object.hasOwn(layout.fields, model)) continue;
      await new Promise((resolve) => (window.requestIdleCallback ?? setTimeout)(resolve));
      await bring(model).catch(() => {});
    }
  }

  /** A number that changes with everything that the user does to the form; 0 as the page was opened. */
  const doings = () => acts + studio.wanted;

  const update = (change) => ({ __type__: "update", ...change });

  /** Whether a rule holds, or unless `wanted` its opposite; as `holds` in model_configs/conditions.py, on the same tree.
   *  A hidden parent meets neither. */
  function holds(rule, values, shown, wanted = true) {
    const [kind, ...rest] = rule;
    if (kind === "one") return shown.has(rest[0]) && rest[1].some((accepted) => accepted === values[rest[0]]) === wanted;
    if (kind === "set") return shown.has(rest[0]) && isEmpty(values[rest[0]]) !== wanted;
    if (kind === "not") return holds(rest[0], values, shown, !wanted);
    const test = (part) => holds(part, values, shown, wanted);
    return (kind === "all") === wanted ? rest.every(test) : rest.some(test);
  }

  function isEmpty(value) {
    if (value === null || value === undefined || value === "") return true;
    return typeof value === "object" && Object.keys(value).length === 0;
  }

  /** The names that show; `rules` lists [name, rule or null], parents first. */
  function visible(rules, values) {
    const shown = new Set();
    for (const [name, rule] of rules) if (rule === null || holds(rule, values, shown)) shown.add(name);
    return shown;
  }

  /** Updates for those of the fields that are to change between shown and hidden. An update costs Gradio about a quarter
   *  of a millisecond, so what stays as it is gets none. */
  function change(model, names, isShown) {
    const changes = names.map((name) => {
      const wanted = isShown(name);
      if (wanted === showing[model].has(name)) return undefined;
      showing[model][wanted ? "add" : "delete"](name);
      return update({ visible: wanted });
    });
    if (changes.some((one) => one?.visible)) settle(model);
    return changes;
  }

  const settling = {}; // model → the promise that Gradio is through with those of its fields that came to show last

  /** Gradio takes two ticks to show a field for the first time, and in the second shows it whatever it was told meanwhile. */
  function settle(model) {
    const through = (async () => {
      for (let ticks = 3; ticks > 0; ticks -= 1) await tick(); // the first of them begins before Gradio's
      if (settling[model] === through) delete settling[model];
    })();
    settling[model] = through;
  }

  async function settled(model) {
    while (settling[model]) await settling[model];
  }

  /** As long as Svelte's own tick. */
  const tick = () => new Promise((resolve) => {
    requestAnimationFrame(resolve);
    setTimeout(resolve);
  });

  /** Updates for some dependents of a model, from the present values of their parents alone. */
  async function show(model, parents, dependents, present) {
    await settled(model);
    const values = Object.fromEntries(parents.map((name, index) => [name, present[index]]));
    const shown = visible(layout.rules[model], values);
    return change(model, dependents, (name) => shown.has(name));
  }

  /** The user's choice of a tab. Heard as it is clicked: Gradio says it later, and of an open one, which a draft may be
   *  about to close, never. */
  function openTab(type) {
    tab = type;
    bringChosen(type);
    studio.drafts.keepSoon(chosen[tab]);
  }

  document.addEventListener("click", ({ target }) => {
    if (!target.closest?.(".model-tabs")) return;
    acts += 1;
    const button = target.closest("[role=tab]");
    if (button) openTab(button.dataset.tabId);
  }, true);

  /** Gradio says that a tab is open: after a click, a restore, or a choice from the menu of those that it has no place for. */
  function tabOpened(type) {
    if (type !== tab) openTab(type);
  }

  function choose(type, model) {
    if (chosen[type] === model) return;
    chosen[type] = model;
    showChosen();
    bringChosen(type);
  }

  function bringChosen(type) {
    if (chosen[type]) bring(chosen[type]).catch(() => studio.say({ text: NO_ANSWER, tone: "bad" }));
  }

  /** The update that opens the group of a chosen model, the first time; after that the stylesheet does the rest. */
  function open(model) {
    if (opened.has(model) || !there.has(model) || !Object.values(chosen).includes(model)) return undefined;
    opened.add(model);
    return update({ visible: true });
  }

  const sheet = document.createElement("style");

  function showChosen() {
    const others = Object.values(chosen).map((model) => `:not(#group-${CSS.escape(model)})`).join("");
    sheet.textContent = `.model-group${others} { display: none !important; }`;
    if (!sheet.isConnected) document.head.append(sheet);
    for (const media of document.querySelectorAll(`.model-group${others} :is(audio, video)`)) media.pause();
  }

  /** The user's choice of a model: the selected one, and updates for the groups of its type. */
  function pick(type, model) {
    if (chosen[type] !== model) acts += 1; // else a restore has picked it
    choose(type, model);
    if (type === tab) studio.drafts.keepSoon(model);
    const groups = layout.models.filter((one) => one[1] === type);
    return groups.map(([id]) => (id === model ? open(id) : undefined));
  }

  /** The model whose form shows. */
  const selected = () => chosen[tab];

  const isWanted = (plan) => plan && (plan.click === null || plan.click === studio.wanted);

  const coming = {}; // model → the plan that is on its way into its fields

  /** A plan has come: its model's steps follow, or the notice of what went wrong. */
  async function begin(plan) {
    if (!isWanted(plan)) return;
    if (plan.error) {
      studio.say({ ...plan.notice, undo: before !== null, again: before?.undone === false }); // the last one is still there
      finish(plan);
    } else if (plan.rows) {
      studio.choose(plan);
    } else {
      const model = plan.model_id;
      try {
        await bring(model);
      } catch {
        return begin(unanswered({ id: plan.job_id, click: plan.click }));
      }
      await studio.drafts.settled(model);
      await atRest(model);
      const late = plan.values ? await withdraw(plan) : [];
      const now = await (seen[model] ?? look(model));
      if (!isWanted(plan)) return;
      if (plan.ask) {
        // A part of a job goes into what the form holds, which the server does not know yet.
        ask("reuse", { ...plan.ask, click: plan.click, now: JSON.stringify(now) }, model);
      } else {
        coming[model] = { ...plan, now, late };
        send(`spread_${place(model)}`);
      }
    }
  }

  /** Asks the server for a plan, `model` being whose form it will most likely be for: what that holds now, which an undo
   *  will need, is read while the answer is on its way. */
  async function ask(event, data, model) {
    const answer = post(event, { ...data, selected: selected() });
    if (model in layout.fields) look(model);
    begin(await answer.catch(() => unanswered(data)));
  }

  let session = null; // Gradio's own for this page, once it has asked for something: for another its server would first prepare one
  const LONGEST = 20000; // ms: a server that does not answer must not end all asking
  const KEPT_ALIVE = 60000; // bytes: more than 64 KiB no browser goes on sending when the page is gone

  /** The answer of an event's handler, asked for at its address. Were it started by Gradio, every component that the server
   *  ever wrote to would be given a new status, three times, which takes longer than the answer. */
  async function post(event, data) {
    session ??= Math.random().toString(36).slice(2); // for none the server would prepare one for every question
    const { id } = window.gradio_config.dependencies.find(({ targets }) => targets.some(([, name]) => name === event));
    const body = new TextEncoder().encode(JSON.stringify({ fn_index: id, data: [], event_data: data, session_hash: session }));
    const response = await fetch(studio.addressOf(`/run/predict${location.search}`), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      keepalive: body.length <= KEPT_ALIVE,
      signal: AbortSignal.timeout(LONGEST),
    });
    if (!response.ok) throw new Error(`${event}: ${response.status}`);
    return (await response.json()).data[0];
  }

  function unanswered({ id, click }) {
    return { job_id: id, click, error: NO_ANSWER, notice: { text: NO_ANSWER, tone: "bad" } };
  }

  const models = () => layout.models.map(([id, type, name]) => ({ id, type, name }));

  const place = (model) => layout.models.findIndex(([one]) => one === model);

  const typeOf = (model) => layout.models[place(model)][1];

  const hearing = {}; // model → who waits to hear what its fields hold

  const seen = {}; // model → what its fields held at the last look, until they change

  /** What the fields of a model hold now, by name. */
  function look(model) {
    const looked = bring(model).then(() => new Promise((resolve) => {
      (hearing[model] ??= []).push(resolve);
      if (hearing[model].length === 1) send(`present_${place(model)}`);
    }));
    looked.catch(() => seen[model] === looked && delete seen[model]);
    seen[model] = looked;
    return looked;
  }

  function hear(model, present) {
    const values = Object.fromEntries(layout.fields[model].map((name, index) => [name, present[index] ?? null]));
    studio.fieldErrors.compare(model, values);
    for (const resolve of hearing[model].splice(0)) resolve(values);
    return [];
  }

  const hearingWords = {}; // model → who waits to hear what its fields hold, but for those of files

  /** All that can be read while a file is on its way up. */
  function lookAtWords(model) {
    return new Promise((resolve) => {
      (hearingWords[model] ??= []).push(resolve);
      send(`words_${place(model)}`);
    });
  }

  function hearWords(model, names, words) {
    const values = Object.fromEntries(names.map((name, index) => [name, words[index] ?? null]));
    for (const resolve of hearingWords[model].splice(0)) resolve(values);
    return [];
  }

  /** What the fields hold, or `part` of it, as JSON text: Gradio takes every object with a `path` for a file. */
  const present = async (model, part = false) => JSON.stringify(await (part ? lookAtWords : look)(model));

  /** A plan of which nobody hears. It does not come when its form is used meanwhile, and selects no model when anything
   *  was done after `since`; when it is in the fields, `after` is called. False when another plan is on its way there. */
  function beginQuietly(plan) {
    const other = planFor(plan.model_id);
    if (other && !other.quiet) return false;
    coming[plan.model_id] = { since: doings(), ...plan, click: null, quiet: true };
    if (there.has(plan.model_id)) send(`spread_${place(plan.model_id)}`);
    else if (plan.select) bring(plan.model_id).catch(() => {});
    return true;
  }

  /** The user may have changed something in the model's form. Returns the quiet plan that was on its way, and comes no more. */
  function touched(model) {
    acts += 1;
    delete seen[model];
    if (!there.has(model) || !coming[model]?.quiet) return null;
    const missed = coming[model];
    delete coming[model];
    return missed;
  }

  /** The plan under way for this model, if no click came after it. */
  const planFor = (model) => (isWanted(coming[model]) ? coming[model] : null);

  /** Brings the plan into the fields, in two rounds: an input shows before it gets its value, and gets it before it hides. */
  function spread(model) {
    const plan = planFor(model);
    delete coming[model];
    if (plan === null) return [];
    delete seen[model];
    if (!plan.quiet) {
      remember(plan);
      studio.drafts.replace(model);
    }
    const select = plan.quiet && plan.since !== doings() ? null : plan.select;
    setTimeout(() => { // after the values are in the fields
      delete seen[model];
      if (select && tab !== plan.type) document.querySelector(`[role=tab][data-tab-id=${tab}]`)?.click(); // opened meanwhile
      plan.after?.();
      if (!plan.quiet) finishWhenWhole(plan);
    });
    const names = layout.fields[model];
    // Not as the server says: a part of a job may meet a form that was changed after the server heard of it.
    const shown = plan.now ? visible(layout.rules[model], { ...plan.now, ...plan.values }) : null;
    const shows = change(model, names, (name) => shown?.has(name) ?? plan.visible[name] ?? showing[model].has(name));
    const values = names.map((name) => (name in plan.values ? update({ value: plan.values[name] }) : undefined));
    const goes = shows.map((change) => change?.visible === false);
    const fields = [
      ...names.map((_, index) => (goes[index] ? values[index] : shows[index])),
      ...names.map((_, index) => (goes[index] ? shows[index] : values[index])),
    ];
    if (!select) return [undefined, ...layout.types.map(() => undefined), open(model), ...fields];
    const tabs = plan.type === tab ? undefined : update({ selected: plan.type });
    tab = plan.type;
    const isPicked = chosen[plan.type] === select;
    const pickers = layout.types.map((type) => (type === plan.type && !isPicked ? update({ value: select }) : undefined));
    choose(plan.type, select);
    return [tabs, ...pickers, open(model), ...fields];
  }

  let before = null;

  /** What the form of the plan's model held, so that the restore can be taken back. */
  function remember(plan) {
    const values = plan.now;
    const shown = visible(layout.rules[plan.model_id], values);
    before = {
      ...plan,
      select: selected(),
      type: tab,
      values,
      visible: Object.fromEntries(Object.keys(values).map((name) => [name, shown.has(name)])),
      notice: { text: plan.undone ? "Restored again." : "Undone: the form is as it was before.", undo: true, again: !plan.undone },
      undone: !plan.undone,
    };
    for (const upload of plan.late) giveLate(before, upload);
  }

  /** A file that was on its way up belongs to what an undo brings back, also when that has been brought back already. */
  async function giveLate(state, upload) {
    const { model_id, values } = state;
    const { name } = upload;
    const was = JSON.stringify(values[name]);
    const file = await fileOf(upload);
    if (file === null) return;
    values[name] = file;
    if (!state.isBack || JSON.stringify((await look(model_id))[name]) !== was) return;
    const after = () => studio.drafts.touch(model_id);
    beginQuietly({ model_id, select: null, visible: {}, values: { [name]: file }, after });
  }

  /** Brings the form back as it was before the last restore; taken back itself, it is the restore again. */
  function undo() {
    if (before === null) return;
    before.isBack = true;
    look(before.model_id);
    begin({ ...before, click: studio.nextClick() });
  }

  /** Whether nothing is on its way into the model's fields, and those that show are in the page; a tab that is not open may
   *  keep its own back until it is. */
  function isAtRest(model) {
    if (!there.has(model)) return true;
    if (coming[model]?.quiet || settling[model]) return false;
    const isThere = (name) => !showing[model].has(name) || document.getElementById(`field-${model}-${name}`);
    return !opened.has(model) || typeOf(model) !== tab || layout.unfolded[model].every(isThere);
  }

  async function atRest(model) {
    await settled(model);
    if (isAtRest(model)) return;
    for (let looks = 200; looks > 0 && !isAtRest(model); looks -= 1) await pause(16);
    await pause(0); // in the task in which a field comes into the page, Gradio still shows it whatever it is told
  }

  const pause = (time) => new Promise((resolve) => setTimeout(resolve, time)); // ms

  async function finishWhenWhole(plan) {
    await atRest(plan.model_id);
    if (isWanted(plan)) finish(plan);
  }

  function finish(plan) {
    studio.reuseDone(plan.job_id, plan.error ? "error" : "done");
    if (plan.error) return document.querySelector(".notice")?.scrollIntoView({ block: "nearest", behavior: "smooth" });
    studio.say(plan.notice);
    focusWhenThere(`group-${plan.select}`, 60);
  }

  /** Focus goes to the form's group, not to a field: on a phone that would open the keyboard over what came back. */
  function focusWhenThere(id, frames) {
    const group = document.getElementById(id);
    if (group === null || group.offsetParent === null) {
      if (frames > 0) requestAnimationFrame(() => focusWhenThere(id, frames - 1));
      return;
    }
    group.tabIndex = -1;
    group.focus({ preventScroll: true });
    group.scrollIntoView({ block: "start", behavior: "smooth" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]")) return;
    const buttons = [...document.querySelectorAll("button.generate")];
    buttons.find((button) => button.offsetParent !== null)?.click();
  });

  /** The model whose form this is in, if any. */
  const modelAt = (target) => target.closest?.(".model-group")?.id.slice("group-".length);

  /** The field that this is in, by its model and name; null outside of all. */
  function fieldAt(target) {
    const field = target.closest?.(".field"), model = field && modelAt(field);
    return model ? { model, name: field.id.slice(`field-${model}-`.length) } : null;
  }

  let used = {}; // the field that the user used last, by its model and name: a file that goes up now is for it

  for (const kind of ["change", "click", "drop"]) {
    document.addEventListener(kind, ({ target }) => {
      used = fieldAt(target) ?? used;
    }, true);
  }

  const uploads = new Set(); // the files on their way up: whose field waits for each, and how it is told to wait no longer
  const NOTHING = { ok: true, json: async () => [] }; // for a field the answer that there is no file, and nothing is wrong
  const unwatched = window.fetch;
  let isSignedIn = true;

  /** Gradio tells nobody that a sign-in has ended: everything that is asked is refused, and nothing happens. */
  async function fetched(address, options) {
    const answer = await unwatched(address, options);
    if (answer.status === 401 && isSignedIn) studio.say({ text: "You are signed out. Reload the page to come in again.", tone: "bad" });
    isSignedIn = answer.status !== 401;
    return answer;
  }

  window.fetch = async (address, options) => {
    if (session === null && typeof options?.body === "string") session = /"session_hash":"(\w+)"/.exec(options.body)?.[1] ?? null;
    if (!/\/gradio_api\/upload(\?|$)/.test(String(address?.url ?? address))) return fetched(address, options);
    const upload = { ...used, file: options.body.get("files"), answer: fetched(address, options) };
    const withdrawn = new Promise((resolve) => {
      upload.withdraw = () => resolve(NOTHING);
    });
    uploads.add(upload);
    delete seen[upload.model];
    try {
      return await Promise.race([upload.answer, withdrawn]);
    } finally {
      setTimeout(() => { // after the field has taken what came back
        uploads.delete(upload);
        studio.drafts.touch(upload.model);
      });
    }
  };

  /** Whether a file is on its way up, for any form or this one; until it is there, Gradio does not say what its form holds. */
  const isUploading = (model) => [...uploads].some((upload) => model === undefined || upload.model === model);

  /** A field takes its file whenever it comes, and hides what came meanwhile: where a restore brings another value, it waits
   *  no longer. Returns those uploads, which go on. */
  async function withdraw({ model_id, values }) {
    const late = [...uploads].filter(({ model, name }) => model === model_id && name in values);
    for (const upload of late) upload.withdraw();
    if (late.length > 0) await pause(0); // until the fields have heard of it
    return late;
  }

  /** The file of an upload as its field would hold it, once it is there; null when it does not come. */
  async function fileOf({ answer, file }) {
    const [path] = await answer.then((response) => (response.ok ? response.json() : [])).catch(() => []);
    if (path === undefined) return null;
    const about = { orig_name: file.name, size: file.size, mime_type: file.type, meta: { _type: "gradio.FileData" } };
    return { path, url: studio.addressOf(`/file=${studio.encoded(path)}`), ...about };
  }

  /** Generate waits while a restore is under way or a file is on its way up into its form, and goes on by itself. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button.generate");
    const isBusy = () => isUploading(modelAt(button)) || studio.isReusing();
    if (!button || !isBusy()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    const goOn = () => {
      if (isBusy()) return requestAnimationFrame(goOn);
      button.removeAttribute("aria-busy");
      button.click(); // also when another form shows by now
    };
    goOn();
  }, true);

  studio.form = { setLayout, arrive, stayedAway, expect, visible, show, tabOpened, pick, selected, models, present, hear, hearWords, post, isUploading, modelAt, fieldAt, ask, beginQuietly, touched, spread, undo };
})();
