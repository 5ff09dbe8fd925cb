/* Reads a model's form as its user sees it: the fields that show, by parameter. Of a choice it gives the label, of a file the
   address. It waits for a reuse that is under way, and unfolds what is folded away. */
async ([model, kinds]) => {
  const frames = async (number) => {
    while (number--) await new Promise(requestAnimationFrame);
  };
  const until = async (holds) => {
    for (let left = 600; left > 0 && !holds(); left--) await frames(1);
  };
  const FILES = {
    image: "img[src*='/studio/media/'], img[src*='/gradio_api/file=']",
    video: "video[src*='/studio/media/'], video[src*='/gradio_api/file=']",
    audio: "a[href*='/studio/media/'], a[href*='/gradio_api/file=']",
  };
  const isRounded = (words) => /^\d+$/.test(words) && !Number.isSafeInteger(Number(words)); // of a large seed the digits are read
  const numeric = (words) => (words === "" ? null : Number.isFinite(Number(words)) && !isRounded(words) ? Number(words) : words);
  const number = (box) => numeric(box.value.trim());
  const ticked = (field) => [...field.querySelectorAll("label:has(input:checked)")].map((label) => label.textContent.trim());
  const rows = (field) =>
    [...field.querySelectorAll(".lora-rows li")].map((row) => {
      const [path, weight] = row.querySelectorAll("input");
      return { path: path.value, weight: numeric(weight.value) };
    });

  const sides = (field) => Object.fromEntries([...field.querySelectorAll("[data-side]")].map((box) => [box.dataset.side, number(box)]));

  function read(field, kind) {
    if (kind === "images") return [...field.querySelectorAll("li[data-file]")].map((row) => row.dataset.file);
    if (kind === "mask") return field.querySelector("[data-file]")?.dataset.file ?? null;
    if (kind === "size") return sides(field);
    if (kind === "colour") return field.querySelector("input[type=text]").value || null;
    if (kind === "json") return field.querySelector("textarea").value;
    if (kind in FILES) {
      const shown = field.querySelector(FILES[kind]);
      return shown && (shown.src || shown.href);
    }
    if (kind === "boolean") return field.querySelector("input").checked;
    if (kind === "text") return field.querySelector("textarea, input").value;
    if (kind === "choices") return ticked(field);
    if (kind === "loras") return rows(field);
    if (kind !== "choice") return number(field.querySelector("input:not([type=range])"));
    return field.querySelector("input[type=radio]") ? (ticked(field)[0] ?? null) : field.querySelector("input").value;
  }

  await until(() => document.querySelector("[data-reusing]") === null);
  const group = document.getElementById(`group-${model}`);
  const fold = group?.querySelector(".advanced > button");
  const isFolded = () => !fold.classList.contains("open") || !group.querySelector(".advanced .field");
  if (fold?.checkVisibility() && isFolded()) {
    if (!fold.classList.contains("open")) fold.click();
    await until(() => !isFolded());
  }
  await frames(3);
  const shows = ([name]) => document.getElementById(`field-${model}-${name}`)?.checkVisibility();
  return Object.fromEntries(
    kinds.filter(shows).map(([name, kind]) => [name, read(document.getElementById(`field-${model}-${name}`), kind)]),
  );
};
