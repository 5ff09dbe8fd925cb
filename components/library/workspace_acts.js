/* The actions on workspaces beside the picker: buttons, or a menu where the page is narrow. */
const studio = window.studio;
const { ask, askName, h } = studio;

function make() {
  askName("Name of the new workspace", "", async (name) => {
    const made = await ask("create_workspace", { name });
    studio.gallery?.goTo(made.id);
  });
}

async function rename() {
  const id = studio.gallery?.here(), all = await ask("list_workspaces").catch(() => []);
  const before = all.find((one) => one.id === id)?.name ?? "";
  askName("Another name for this workspace", before, async (name) => {
    await ask("rename_workspace", { workspace_id: id, name });
    studio.gallery?.listWorkspaces();
  });
}

async function remove() {
  const id = studio.gallery?.here() ?? "";
  studio.gallery?.deletes(id);
  try {
    studio.tellOfWorkspace?.(await ask("delete_workspace", { workspace_id: id }));
    studio.gallery?.goTo(null);
  } catch (error) {
    studio.tellOfWorkspace?.({ id, name: "", refused: studio.errorText(error) });
  }
}

/** @type {[name: string, word: string, words: string, act: () => void][]} */
const ACTS = [["new", "New", "New workspace…", make], ["rename", "Rename", "Rename this one…", rename], ["delete", "Delete", "Delete this one", remove]];

element.append(
  ...ACTS.map(([name, word, , act]) => {
    const button = h("button", { type: "button", class: `text-button workspace-act workspace-${name}`, title: `${word} workspace` }, word);
    button.addEventListener("click", act);
    return button;
  }),
  studio.iconButton("more", "dots", "Workspaces", { class: "icon-button workspace-more", "aria-haspopup": "menu", "aria-expanded": "false" }));
studio.onPress(element, {
  more: (button) => studio.openMenu(button, "Workspaces", ACTS.map(([, , words, act]) => studio.menuItem(words, act))),
});
