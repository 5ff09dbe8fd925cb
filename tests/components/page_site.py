"""The page's handlers, asked as Gradio's server asks them."""

from collections.abc import Mapping
from typing import Any, cast

import gradio as gr
from anyio.from_thread import BlockingPortal
from gradio.blocks import BlockFunction
from gradio.queueing import create_validator_fn
from gradio.state_holder import SessionState

from components.library.views import Views
from components.page import build_page
from model_configs.registry import load_registry
from model_configs.schema import ModelConfig
from storage.jobs.store import Job
from studio.context import StudioContext
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER, entered

SHIPPED = load_registry().models


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

    def generate(self, config: ModelConfig, sent: Mapping[str, Any], user: str = USER) -> Job:
        (job_id,) = self.call(
            self.endpoint(config.id), None, *_in_order(config, self.endpoint(config.id), sent), user=user
        )
        job = self.context.jobs.load(job_id)
        assert job is not None
        return job

    def check(self, config: ModelConfig, sent: Mapping[str, Any]) -> dict[str, str]:
        """The messages that Gradio shows at fields."""
        fn = self.endpoint(config.id)
        checked = self.call(create_validator_fn(fn), None, *_in_order(config, fn, sent))
        names = ["workspace", *(fn.input_keyword_names or ())]
        return {name: one["message"] for name, one in zip(names, checked, strict=True) if not one["is_valid"]}

    def reuse(self, selected: str = "pattern", user: str = USER, **asked: Any) -> dict[str, Any]:
        (plan,) = self.call(self.functions("reuse")[0], event={**asked, "selected": selected}, user=user)
        return cast(dict[str, Any], plan.root)

    def sent(self, config: ModelConfig, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values as the browser sends them: files as Gradio describes them."""
        return as_sent(self.context, self.views, config, values)


def as_sent(context: StudioContext, views: Views, config: ModelConfig, values: Mapping[str, Any]) -> dict[str, Any]:
    files = context.files(USER, {key for name in config.media() if (key := values[name])})
    media = config.media()
    return {n: views.file_value(files[value]) if n in media and value else value for n, value in values.items()}


def _in_order(config: ModelConfig, fn: BlockFunction, sent: Mapping[str, Any]) -> list[Any]:
    return [{**config.defaults(), **sent}[name] for name in fn.input_keyword_names or ()]


def submit(kept: KeptStudio, studio: StudioContext, config: ModelConfig, values: Mapping[str, Any]) -> Job:
    return studio.submit(USER, None, config.id, entered(config, values, kept.media_root))


def example(kept: KeptStudio, config: ModelConfig) -> dict[str, Any]:
    """A form filled with what the model needs and nothing else."""
    text = {name: "a hat" for name, parameter in config.parameters.items() if parameter.kind == "text"}
    return {**config.defaults(), **text, **{name: kept.keys[kind][0] for name, kind in config.media().items()}}


def details(answered: Mapping[str, Any]) -> list[str]:
    """What the report says about what did not come back as it was."""
    return [line["detail"] for line in answered["notice"]["lines"]]
