/* The waveform of the sound in a field, as a preview that the server renders, for the page would have to decode the whole
   sound. Its value is the URL of the sound, or nothing. */
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
