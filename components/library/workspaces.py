"""The bar that chooses, makes, renames and deletes workspaces: components only, what they do is wired elsewhere."""

from dataclasses import dataclass
from typing import Any, Literal

import gradio as gr

from components.gradio_ext.js_component import js_component
from storage.workspaces import LONGEST_NAME


class WorkspaceChoice(gr.Dropdown):
    """A list of workspaces; which ones are the user's own is for the store to say, not for the list."""

    is_template = True

    def preprocess(self, payload: Any) -> str | None:
        return payload if isinstance(payload, str) else None


@dataclass(frozen=True, slots=True)
class WorkspaceBar:
    """The parts of the bar; `editor` holds the name field and is hidden until New or Rename is pressed."""

    choice: gr.Dropdown
    new: gr.Button
    rename: gr.Button
    delete: gr.Button
    editor: gr.Row
    name: gr.Textbox
    save: gr.Button
    cancel: gr.Button


def workspace_bar() -> WorkspaceBar:
    """Draws the bar where it is called, inside the page's header."""
    with gr.Row(elem_classes=["workspace-bar"]):
        choice = WorkspaceChoice(
            label="Workspace", show_label=False, container=False, filterable=False, elem_classes=["workspace-choice"]
        )
        new = _small("New", "workspace-new")
        rename = _small("Rename", "workspace-rename")
        delete = _small("Delete", "workspace-delete")
        js_component("library/workspace_menu")
        with gr.Row(visible=False, elem_classes=["workspace-editor"]) as editor:
            name = gr.Textbox(
                label="Workspace name",
                show_label=False,
                container=False,
                placeholder="Name",
                max_length=LONGEST_NAME,
                max_lines=1,
                elem_classes=["workspace-name"],
            )
            save = _small("Save", "workspace-save", variant="primary")
            cancel = _small("Cancel", "workspace-cancel")
    return WorkspaceBar(choice, new, rename, delete, editor, name, save, cancel)


def _small(word: str, name: str, variant: Literal["primary", "secondary"] = "secondary") -> gr.Button:
    return gr.Button(word, size="sm", variant=variant, elem_classes=["workspace-button", name], min_width=40)
