/* The peaks of the sound in a field, as a small picture that the server draws: the page would have to decode all of it. Its
   value is the address of the sound, or nothing. */
const studio = window.studio;
const host = studio.h("div", { class: "peaks", hidden: true });
element.append(host);

function draw() {
  const address = studio.ownUrl(props.value);
  host.hidden = address === null;
  host.replaceChildren(...(address ? [studio.thumbnail(address, "audio", "")] : []));
}

watch("value", draw);
draw();
