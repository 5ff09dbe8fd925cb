"""A job of each model: its endpoint for programs, and Generate in the page, which asks `submit_job` (generate.js)."""

import json
from typing import Any

import gradio as gr

from components.form.api_info import inputs_of
from components.form.generation_form import IN_PAGE, ModelGroup
from components.gradio_ext.described_blocks import DescribedBlocks, Input, Output
from components.users import user_of
from storage.errors import StorageError
from studio.context import StudioContext
from studio.errors import StudioError

_WORKSPACE = Input(
    {"anyOf": [{"type": "string"}, {"type": "null"}]}, description="The workspace that the job goes to; else the first"
)


def add_endpoint(blocks: DescribedBlocks, context: StudioContext, group: ModelGroup, workspace: gr.Dropdown) -> None:
    """The model's endpoint has its name and its parameters, and answers with the new job's id."""
    model_id = group.config.id

    def generate(request: gr.Request, workspace_id: str | None = None, **values: Any) -> str:
        try:
            return context.submit(user_of(request), workspace_id, model_id, values).id
        except (StudioError, StorageError) as error:
            raise gr.Error(str(error), print_exception=False) from error

    blocks.add_form_endpoint(
        model_id,
        generate,
        {**group.fields, "workspace_id": workspace},
        {**inputs_of(group.config), "workspace_id": _WORKSPACE},
        Output("job_id", {"type": "string"}),
        group.config.description,
    )


def wire_generate(group: ModelGroup, workspace: gr.Dropdown, made: gr.Textbox) -> Any:
    """On Generate, `made` gets the new job's id, if there is one."""
    js = f"(...values) => window.studio.form.submit({json.dumps(group.config.id)}, ...values)"
    return group.generate.click(None, [workspace, *group.fields.values()], made, js=js, **IN_PAGE)
