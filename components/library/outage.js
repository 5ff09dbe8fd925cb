/* A message about a current outage. */
const words = window.studio.h("p", { class: "outage", role: "status", dir: "auto" });
element.append(words);

function draw() {
  window.studio.text(words, props.value);
}

watch("value", draw);
draw();
