"""The bar that chooses a workspace, and where others are made, renamed and deleted."""

from typing import Any

import gradio as gr

from components.gradio_ext.js_component import js_component


class WorkspaceChoice(gr.Dropdown):
    """A list of workspaces; which ones are the user's own is for the store to say, not for the list."""

    is_template = True

    def preprocess(self, payload: Any) -> str | None:
        return payload if isinstance(payload, str) else None


def workspace_bar() -> gr.Dropdown:
    """Draws the bar where it is called, inside the page's header; what is chosen in it."""
    with gr.Row(elem_classes=["workspace-bar"]):
        choice = WorkspaceChoice(
            label="Workspace", show_label=False, container=False, filterable=False, elem_classes=["workspace-choice"]
        )
        js_component("library/workspace_acts")
    return choice
