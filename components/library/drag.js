/* A result that is dragged: what is carried is the file itself, by its address and its name, whatever picture stands for it.
   An input of the form that it is dropped on takes it as it lies in the store. */
(() => {
  const studio = window.studio;
  const results = new WeakMap(); // node → the card whose result it stands for
  const RESULT = "application/x-studio-result"; // what carries the job's id

  /** Lets a node carry the result of a card, if there is one. */
  studio.carries = (node, card) => {
    results.set(node, card);
    studio.attribute(node, "draggable", card.result ? "true" : "false");
    return node;
  };

  document.addEventListener("dragstart", ({ target, dataTransfer }) => {
    const card = results.get(target);
    const address = studio.ownUrl(card?.result?.url);
    if (!address) return;
    const markup = card.result.kind === "image" ? studio.h("img", { src: address }) : studio.h("a", { href: address }, card.result.name);
    dataTransfer.effectAllowed = "copy";
    dataTransfer.setData(RESULT, card.id);
    dataTransfer.setData("text/uri-list", address);
    dataTransfer.setData("text/plain", address);
    dataTransfer.setData("text/html", markup.outerHTML);
    dataTransfer.setData("DownloadURL", `application/octet-stream:${card.result.name}:${address}`); // how Chrome names a file
    const picture = target.querySelector("img");
    if (picture) dataTransfer.setDragImage(picture, picture.width / 2, picture.height / 2);
  });

  for (const kind of ["dragenter", "dragover", "drop"]) {
    document.addEventListener(kind, (event) => {
      const field = event.target.closest?.(".explained") && studio.form.fieldAt(event.target);
      if (!field || !event.dataTransfer?.types.includes(RESULT)) return;
      event.preventDefault(); // it may be dropped here
      event.stopImmediatePropagation(); // or Gradio would take a copy up
      event.dataTransfer.dropEffect = "copy";
      if (kind === "drop") put(event.dataTransfer.getData(RESULT), field);
    }, true);
  }

  /** Brings the dragged result into a field that shows. */
  function put(id, { model, name }) {
    studio.form.ask("send_on", { ...studio.reuseClick(id), model_id: model, parameter: name, shows: true }, model);
  }
})();
