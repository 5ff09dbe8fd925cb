/* The button for choosing files: a single one fills the form or becomes an input, several become jobs. */
const studio = window.studio;

const picker = studio.h("input", { type: "file", multiple: true, tabindex: -1, hidden: true, "aria-label": "A file to fill the form from" });
const about = "Fill the form from a file that was generated, here or by another tool; several files, or a ZIP, become jobs";
const button = studio.h("button", { type: "button", class: "text-button", "data-do": "choose", title: about }, "From a file…");
element.append(studio.h("div", { class: "from-file" }, button, picker));

picker.addEventListener("change", () => {
  studio.form.takeFiles([...picker.files ?? []]);
  picker.value = ""; // so that the same file can be chosen again
});
studio.onPress(element, { choose: () => picker.click() });
