/* The button that opens the list of presets. */
const studio = window.studio;

const about = "Presets: forms that you saved under a name";
const button = studio.h("button", { type: "button", class: "text-button", "data-do": "open", "aria-label": "Presets", title: about, "aria-haspopup": "menu", "aria-expanded": "false" },
  studio.icon("bookmark")); // there is no room for a label beside the name of the model
element.append(studio.h("div", { class: "presets" }, button));

studio.onPress(element, { open: () => studio.form.openPresets(button) });
