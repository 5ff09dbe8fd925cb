/* What a field does not take, said in a line below it for as long as the field holds just that. */
(() => {
  const studio = window.studio;
  const { h, icon } = studio;
  const FRAMES = 60; // in which what was folded away comes
  const said = {}; // model → name → what was said at that field, and what it held
  let asked = null; // the model of the Generate that was pressed last

  const fieldOf = (model, name) => document.getElementById(`field-${model}-${name}`);

  /** To compare: of a file its path alone, for of the rest there are several accounts. */
  const held = (value) => JSON.stringify(value?.path ?? value ?? null);

  /** Says the sentences, by the names of the fields, which hold these values. */
  function say(model, sentences, values) {
    for (const [name, sentence] of Object.entries(sentences)) {
      const field = fieldOf(model, name);
      const before = said[model]?.[name];
      if (!field || (before?.sentence === sentence && before.line.isConnected)) continue;
      unsay(model, name);
      const id = `refusal-${model}-${name}`;
      const line = h("p", { id, class: "refusal", role: "alert", dir: "auto" }, icon("failed"), h("span", {}, sentence));
      if (field.closest(".explained")) field.after(line); // a field of a file has its height, and a border around it
      else field.append(line);
      mark(field, id);
      (said[model] ??= {})[name] = { line, sentence, held: held(values[name]) };
    }
  }

  function unsay(model, name) {
    if (!said[model]?.[name]) return;
    said[model][name].line.remove();
    delete said[model][name];
    const field = fieldOf(model, name);
    if (field) mark(field, null);
  }

  function mark(field, id) {
    field.toggleAttribute("data-refused", id !== null);
    const control = field.querySelector("textarea, input");
    if (!control) return; // a sound that is there
    studio.attribute(control, "aria-invalid", id && "true");
    studio.attribute(control, "aria-describedby", id);
  }

  /** The fields of the model hold these values now: what was said of others goes. */
  function compare(model, values) {
    for (const [name, one] of Object.entries(said[model] ?? {})) if (one.held !== held(values[name])) unsay(model, name);
  }

  /** The answer to Generate. */
  async function answer(model, sentences, values) {
    for (const name of Object.keys(said[model] ?? {})) unsay(model, name);
    const names = Object.keys(sentences);
    await unfold(model, names);
    say(model, sentences, values);
    for (const name of names) if (!fieldOf(model, name)) studio.say({ text: sentences[name], tone: "bad" });
    document.getElementById(`group-${model}`).querySelector(".refusal")?.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  async function unfold(model, names) {
    const group = document.getElementById(`group-${model}`);
    const areThere = () => names.every((name) => fieldOf(model, name)?.checkVisibility());
    const fold = group.querySelector(".advanced > button:not(.open)");
    if (!fold || areThere()) return;
    fold.click();
    await until(areThere);
    let height = null;
    await until(() => height === (height = group.offsetHeight)); // it grows while it unfolds
  }

  async function until(holds) {
    for (let left = FRAMES; left > 0 && !holds(); left--) await new Promise(requestAnimationFrame);
  }

  const fetched = window.fetch;

  /** Gradio would say at the fields what they do not take, at each kind of field in another way and at drawn ones not at
   *  all: it hears that nothing is wrong with any of them. */
  window.fetch = async (address, options) => {
    const model = asked;
    const response = await fetched(address, options);
    if (model === null || !/\/gradio_api\/queue\/join(\?|$)/.test(String(address?.url ?? address))) return response;
    const { detail } = response.status === 422 ? await response.clone().json() : { detail: response.ok ? [] : null };
    if (!Array.isArray(detail)) return response;
    const { data } = JSON.parse(options.body);
    const values = Object.fromEntries(detail.map(({ parameter_name: name }, place) => [name, data[place]]));
    const wrong = detail.filter((one) => !one.is_valid).map((one) => [one.parameter_name, one.message]);
    answer(model, Object.fromEntries(wrong), values);
    if (response.ok) return response;
    const nothing = detail.map((one) => ({ ...one, is_valid: true, message: "" }));
    return new Response(JSON.stringify({ detail: nothing }), { status: 422, headers: { "content-type": "application/json" } });
  };

  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("button.generate")) asked = studio.form.modelAt(target);
  }, true);

  for (const kind of ["input", "drop"]) {
    document.addEventListener(kind, ({ target }) => {
      const field = studio.form.fieldAt(target);
      if (field) unsay(field.model, field.name);
    }, true);
  }

  studio.fieldErrors = { say, compare };
})();
