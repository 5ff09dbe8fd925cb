"""Blocks whose page opens with a part of what they hold and takes in the rest while it runs.

Gradio's page spends time on every component and event that it opens with, whether they show or not. It can take in
more later, and does so for `gr.render`; what comes here was there from the start, the same for every session and after
a restart: handlers, the API and `/config` know nothing of it.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.events import Dependency

from components.gradio_ext.described_blocks import DescribedBlocks

Config = dict[str, Any]


class LazyBlocks(DescribedBlocks):
    """What is in the columns of `leave_out` comes to the page when it asks for it."""

    def __init__(self, **keywords: Any) -> None:
        self._left_out: dict[str, gr.Column] = {}
        self._parts: dict[str, Config] = {}
        self._bringing: int | None = None
        super().__init__(**keywords)

    def leave_out(self, columns: Mapping[str, gr.Column], bringing: Dependency) -> None:
        """The contents of the columns come by the event `bringing`, which carries the name of one as {name}."""
        self._left_out = dict(columns)
        self._bringing = bringing["id"]

    def get_config_file(self) -> Any:
        """The whole, as clients of the API get it; only its `page`, which is what the page opens with, is without."""
        config: Any = super().get_config_file()
        leave_out_endpoints(config)
        self._parts = {name: take_out(config, column._id) for name, column in self._left_out.items()}
        return config

    def get_api_info(self, all_endpoints: bool = False, page: str | None = None) -> Any:
        """All of it, or the endpoints that a page opens with; Gradio writes these into the page's document."""
        info: Any = super().get_api_info(all_endpoints)
        if page is not None:
            there = self.config["page"][page]["dependencies"]
            names = {f"/{fn.api_name}" for id_, fn in self.fns.items() if id_ in there}
            info["named_endpoints"] = {name: one for name, one in info["named_endpoints"].items() if name in names}
        return info

    async def process_api(self, block_fn: BlockFunction | int, *args: Any, **keywords: Any) -> dict[str, Any]:
        """What Gradio answers; to the event that asks for a part, that part too."""
        answer = await super().process_api(block_fn, *args, **keywords)
        if (block_fn if isinstance(block_fn, int) else block_fn._id) == self._bringing:
            asked = getattr(keywords.get("event_data"), "_data", None)
            name = asked.get("name") if isinstance(asked, dict) else None
            answer["render_config"] = self._parts.get(name) if isinstance(name, str) else None
        return answer


def leave_out_endpoints(config: Config) -> None:
    """Take out of the config's page what is there for programs alone: events that nothing in the page starts."""
    page = config["page"][""]
    components = {one["id"] for one in config["components"] if one["type"] == "api"}
    unstarted = {event["id"] for event in config["dependencies"] if not event["targets"]}
    page["components"] = [id_ for id_ in page["components"] if id_ not in components]
    page["dependencies"] = [id_ for id_ in page["dependencies"] if id_ not in unstarted]
    page["layout"] = copy.deepcopy(page["layout"])  # the whole config shares it
    page["layout"]["children"] = [node for node in page["layout"]["children"] if node["id"] not in components]


def take_out(config: Config, container: int) -> Config:
    """Take what a container holds out of the config's page; the answer is how Gradio's page can be told of it.

    With the components go all events that concern one of them, and those that follow such an event.
    """
    page = config["page"][""]
    page["layout"] = copy.deepcopy(page["layout"])  # the whole config shares it
    layout = next(node for node in _nodes(page["layout"]) if node["id"] == container)
    inside = {node["id"] for node in _nodes(layout)} - {container}
    events = _concerning([event for event in config["dependencies"] if event["targets"]], inside)
    taken = {
        "render_id": container,
        "layout": copy.deepcopy(layout),
        "components": copy.deepcopy([one for one in config["components"] if one["id"] in inside | {container}]),
        "dependencies": events,
    }
    _make_editable(taken)
    layout["children"] = []
    page["components"] = [id_ for id_ in page["components"] if id_ not in inside]
    gone = {event["id"] for event in events}
    page["dependencies"] = [id_ for id_ in page["dependencies"] if id_ not in gone]
    return taken


def _nodes(layout: Config) -> Iterator[Config]:
    yield layout
    for child in layout.get("children", ()):
        yield from _nodes(child)


def _concerning(events: list[Config], components: set[int]) -> list[Config]:
    """An event stands after the one that it follows."""
    found: dict[int, Config] = {}
    for event in events:
        concerned = {*event["inputs"], *event["outputs"], *(target for target, _ in event["targets"])}
        if concerned & components or event["trigger_after"] in found:
            found[event["id"]] = event
    return list(found.values())


def _make_editable(taken: Config) -> None:
    """Gradio's page takes for editable what an event reads, but looks only at the events that it opened with."""
    read = {id_ for event in taken["dependencies"] for id_ in event["inputs"]}
    for component in taken["components"]:
        if component["id"] in read:
            component["props"].setdefault("interactive", True)
