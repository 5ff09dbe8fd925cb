/* Below Generate: whether the model `props.value` is loaded, how much memory it takes, and a button to unload it. */
const studio = window.studio;
const { h } = studio;

const words = h("span", { class: "loaded-words" });
const unload = h("button", { type: "button", "data-do": "unload" }, "Unload");
const line = h("div", { class: "loaded", hidden: true }, words, unload);
element.append(line);

let isUnloading = false;

function draw() {
  const loaded = studio.form.loadedOf(props.value);
  line.hidden = loaded.length === 0;
  if (loaded.length === 0) isUnloading = false;
  else show(loaded);
}

/** @param {import("./loaded_models.js").Loaded[]} loaded */
function show(loaded) {
  /** @param {"megabytes" | "gpu_megabytes"} name */
  const sum = (name) => studio.bytes(loaded.reduce((all, one) => all + one[name], 0) * 1e6);
  const onGpu = loaded.some((one) => one.gpu_megabytes > 0);
  const devices = loaded.flatMap(({ device }) => (device === null ? [] : [device]));
  const workers = new Set(loaded.map(({ worker }) => worker)).size;
  const by = workers > 1 ? ` by ${workers} workers` : "";
  studio.text(words, `Loaded${by}, ${sum(onGpu ? "gpu_megabytes" : "megabytes")}`);
  const places = loaded.map(({ worker, device }) => `${worker}${device === null ? "" : ` on device ${device}`}`);
  const where = by ? ` of ${places.join(" and ")}` : devices.length ? ` on device ${devices.join(" and ")}` : "";
  line.title = `In memory${where}, so that a job begins at once: ${sum("megabytes")}${onGpu ? `, and ${sum("gpu_megabytes")} of the GPU's` : ""}`;
  unload.hidden = !studio.form.canUnload();
  unload.disabled = isUnloading;
  studio.text(unload, isUnloading ? "Unloading …" : "Unload");
}

studio.onPress(element, {
  unload: () => {
    isUnloading = true;
    draw();
    studio.ask("unload_model", { model_id: props.value }).catch((error) => {
      isUnloading = false;
      draw();
      studio.say({ text: studio.errorText(error), tone: "bad" });
    });
  },
});
studio.form.onLoaded(draw);
draw();
