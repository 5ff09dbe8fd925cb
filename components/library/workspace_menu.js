/* Where the page is narrow, the buttons beside the choice of the workspace are a menu. */
const studio = window.studio;

/** Another button of the bar, which Gradio draws and hears.
 *  @param {string} name */
const press = (name) => document.querySelector(`.workspace-${name}`).click();

element.append(studio.iconButton("workspaces", "dots", "Workspaces", { class: "icon-button workspace-more", "aria-haspopup": "menu", "aria-expanded": "false" }));
studio.onPress(element, {
  workspaces: (button) => studio.openMenu(button, "Workspaces", [
    studio.menuItem("New workspace…", () => press("new")),
    studio.menuItem("Rename this one…", () => press("rename")),
    studio.menuItem("Delete this one", () => press("delete")),
  ]),
});
