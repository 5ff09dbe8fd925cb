"""Generate: the fields of one model become a job; what a field does not take is said there (field_errors.js)."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from components.form.generation_form import ModelGroup
from components.notices import refusal
from components.users import user_of
from storage.errors import StorageError
from studio.context import StudioContext
from studio.errors import InvalidValuesError, StudioError


def wire_generate(context: StudioContext, group: ModelGroup, workspace: gr.Dropdown, made: gr.Textbox) -> Any:
    """On Generate, `made` gets the new job's id; the endpoint is named like the model, its parameters like its own."""
    model_id = group.config.id

    def check(workspace_id: str | None, request: gr.Request, **values: Any) -> list[dict[str, Any]]:
        problems = problems_of(lambda: context.check(user_of(request), model_id, values))
        return [gr.validate(True, ""), *(gr.validate(name not in problems, problems.get(name, "")) for name in values)]

    def generate(workspace_id: str | None, request: gr.Request, **values: Any) -> str:
        try:
            return context.submit(user_of(request), workspace_id, model_id, values).id
        except (StudioError, StorageError) as error:
            raise refusal(error, "Not started") from error

    return group.generate.click(
        generate,
        workspace,
        made,
        inputs_kwargs=dict(group.fields),
        validator=check,
        api_name=model_id,
        api_description=group.config.description or None,
        show_progress="hidden",
        concurrency_limit=None,
    )


def problems_of(attempt: Callable[[], object]) -> dict[str, str]:
    """The sentences for the fields that stand in the way; other errors are for `generate` to say."""
    try:
        attempt()
    except InvalidValuesError as error:
        return error.fields
    except (StudioError, StorageError):
        return {}
    return {}
