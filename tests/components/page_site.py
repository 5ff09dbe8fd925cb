"""The page's handlers, asked as Gradio's server asks them."""

from collections.abc import Mapping
from typing import Any

import gradio as gr
from anyio.from_thread import BlockingPortal
from gradio.blocks import BlockFunction
from gradio.state_holder import SessionState

from components.library.views import Views
from components.page import build_page
from model_configs.schema import ModelConfig
from storage.jobs.store import Job
from storage.media.blobs import is_key
from studio.context import StudioContext
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER, entered
from tests.strategies import example_files


class Site:
    """A page over real stores, asked as Gradio's server asks it."""

    def __init__(self, portal: BlockingPortal, context: StudioContext) -> None:
        self._portal = portal
        self.context = context
        self.blocks = build_page(context)
        self._session = SessionState(self.blocks)  # of a page that is open: to begin one takes longer than an answer
        self.views = Views(context)

    def functions(self, name: str) -> list[BlockFunction]:
        return [fn for fn in self.blocks.fns.values() if fn.name == name]

    def endpoint(self, model_id: str) -> BlockFunction:
        (fn,) = (fn for fn in self.blocks.fns.values() if fn.fn and fn.api_name == model_id)
        return fn

    def call(self, fn: BlockFunction, *inputs: Any, event: Any = None, user: str = USER) -> list[Any]:
        """What the handler sends to its outputs; `event` is what the browser tells about the event."""

        async def ask() -> dict[str, Any]:
            request = gr.Request(username=user)
            return await self.blocks.process_api(
                fn, list(inputs), self._session, request, event_data=gr.EventData(None, event)
            )

        return list(self._portal.call(ask)["data"])

    def ask(self, name: str, user: str = USER, /, **asked: Any) -> Any:
        """What an endpoint answers; None for one that answers nothing."""
        parameters = self.blocks.endpoints[name]
        assert asked.keys() <= parameters.keys()
        return next(iter(self.call(self.endpoint(name), *{**parameters, **asked}.values(), user=user)), None)

    def generate(self, config: ModelConfig, sent: Mapping[str, Any], user: str = USER) -> Job:
        """The job that the model's own endpoint makes, with files as a program sends them."""
        fn = self.endpoint(config.id)
        values = {**config.defaults(), **sent, "workspace_id": None}
        given = [self._as_gradio_says(values[name]) for name in fn.input_keyword_names or ()]
        (job_id,) = self.call(fn, *given, user=user)
        job = self.context.jobs.find_any(job_id)
        assert job is not None
        return job

    def _as_gradio_says(self, value: Any) -> Any:
        if isinstance(value, list):
            return [*map(self._as_gradio_says, value)]
        if not isinstance(value, dict) or "file" not in value:
            return value
        key = value["file"] if is_key(value["file"]) else None
        path = str(self.context.media.local_path(key)) if key else value["file"]
        return {"path": path, "orig_name": value["name"], "meta": {"_type": "gradio.FileData"}}

    def check(self, config: ModelConfig, sent: Mapping[str, Any]) -> dict[str, str]:
        """The messages for fields; a job is made where there is none."""
        problems: dict[str, str] = self.ask("submit_job", model_id=config.id, values=sent)["problems"]
        return problems

    def reuse(self, user: str = USER, /, **asked: Any) -> dict[str, Any]:
        """The plan and the notice in one."""
        answered = self.ask("reuse_job", user, **asked)
        return {**(answered["plan"] or {}), "notice": answered["notice"]}

    def sent(self, config: ModelConfig, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values as endpoints say them."""
        return as_sent(self.context, self.views, config, values)


def as_sent(context: StudioContext, views: Views, config: ModelConfig, values: Mapping[str, Any]) -> dict[str, Any]:
    files = context.files(USER, config.files(values))
    media = config.media()

    def sent(value: Any) -> Any:
        return [*map(sent, value)] if isinstance(value, list) else value and views.file(files[value])

    return {name: sent(value) if name in media else value for name, value in values.items()}


def submit(kept: KeptStudio, studio: StudioContext, config: ModelConfig, values: Mapping[str, Any]) -> Job:
    return studio.submit(USER, None, config.id, entered(config, values, kept.media_root))


def example(kept: KeptStudio, config: ModelConfig) -> dict[str, Any]:
    """A form filled with what the model needs and nothing else."""
    text = {name: "a hat" for name, parameter in config.parameters.items() if parameter.kind == "text"}
    return {**config.defaults(), **text, **example_files(config, kept.keys)}


def details(answered: Mapping[str, Any]) -> list[str]:
    """What the report says about what did not come back as it was."""
    return [line["detail"] for line in answered["notice"]["lines"]]
