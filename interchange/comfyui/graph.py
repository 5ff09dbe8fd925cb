"""ComfyUI's graph: nodes whose inputs are values or links to other nodes' outputs."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

MAX_NODES = 2_000
"""The nodes of a file that are read: of 1,669 graphs the largest had 307."""

SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS = -10, -20
"""The ids of the nodes that stand for a subgraph's own inputs and outputs."""

_NUMBERED_PIPE = " any [Crystools]"
_MAX_PIPES = 50

_BUNDLE = re.compile(
    r"pipe|tuple|context|ctx|settings|_params$|^params$|^config|_config$|_sampler$|^data$|^custom_output$",
    re.IGNORECASE,
)


class Link(NamedTuple):
    """A link to a node's output; slots count from 0."""

    node: str
    slot: int


@dataclass(frozen=True)
class Node:
    """One node; an input is a value or a `Link`."""

    id: str
    type: str
    inputs: Mapping[str, Any]

    @cached_property
    def links(self) -> dict[str, Link]:
        """The inputs that come from other nodes, by their names."""
        return {name: value for name, value in self.inputs.items() if isinstance(value, Link)}

    @property
    def bundles(self) -> list[Link]:
        """The links that carry model, texts and settings all in one, such as the pipes of Impact and Easy-Use."""
        passes_on = "reroute" in self.type.lower()
        return [link for name, link in self.links.items() if passes_on or _BUNDLE.search(name)]


@dataclass(frozen=True)
class Graph:
    """The nodes by id; `shown` are the texts that display nodes showed when the file was made, by the nodes' ids."""

    nodes: Mapping[str, Node]
    shown: Mapping[str, str] = field(default_factory=dict)

    def node(self, link: Link) -> Node:
        """The node that the link comes from."""
        return self.nodes[link.node]

    def upstream(self, start: Node, follow: Callable[[Node], list[Link]]) -> Iterator[Node]:
        """The nodes from which `start` is computed, nearest first, each once, along the links that `follow` returns."""
        seen = {start.id}
        waiting = deque([start])
        while waiting and len(seen) < MAX_NODES:
            for link in follow(waiting.popleft()):
                if link.node not in seen:
                    seen.add(link.node)
                    node = self.node(link)
                    yield node
                    waiting.append(node)

    def downstream(self, starts: Iterable[str]) -> set[str]:
        """The ids of these nodes and of all nodes that depend on them."""
        users: dict[str, list[str]] = {}
        for node in self.nodes.values():
            for link in node.links.values():
                users.setdefault(link.node, []).append(node.id)
        seen = set(starts)
        waiting = list(seen)
        while waiting:
            fresh = [user for user in users.get(waiting.pop(), ()) if user not in seen]
            seen.update(fresh)
            waiting += fresh
        return seen


def from_api(prompt: Mapping[str, Any], shown: Mapping[str, str] | None = None) -> Graph:
    """The graph in the API format, `{id: {class_type, inputs}}`; links to missing nodes are left out."""
    found = {
        str(key): node
        for key, node in islice(prompt.items(), MAX_NODES)
        if isinstance(node, dict) and isinstance(node.get("class_type"), str)
    }
    nodes = {}
    for key, node in found.items():
        inputs = node.get("inputs")
        read = {name: _input(value, found) for name, value in inputs.items()} if isinstance(inputs, dict) else {}
        nodes[key] = Node(key, node["class_type"], {name: value for name, value in read.items() if value is not None})
    return Graph(past_pipes(nodes), shown or {})


def past_pipes(nodes: dict[str, Node]) -> dict[str, Node]:
    """The nodes, with links past the pipes of Crystools, whose inputs and outputs only have numbers for names."""
    if not any(_NUMBERED_PIPE in node.type for node in nodes.values()):
        return nodes

    known: dict[Link, Link] = {}

    def source(link: Link) -> Link:
        path: list[Link] = []
        while link not in known and len(path) < _MAX_PIPES:
            path.append(link)
            node = nodes.get(link.node)
            if node is None or _NUMBERED_PIPE not in node.type or link.slot == 0:
                break
            pipe = node.links.get("CPipeAny")
            inner = node.links.get(f"any_{link.slot}", Link(pipe.node, link.slot) if pipe else None)
            if inner is None:
                break
            link = inner
        link = known.get(link, link)
        known.update(dict.fromkeys(path, link))
        return link

    def resolved(value: Any) -> Any:
        return source(value) if isinstance(value, Link) else value

    return {
        key: Node(key, node.type, {name: resolved(value) for name, value in node.inputs.items()})
        for key, node in nodes.items()
    }


def _input(value: Any, nodes: Mapping[str, Any]) -> Any:
    if isinstance(value, list) and len(value) == 2:
        node, slot = value
        if isinstance(slot, int) and isinstance(node, str | int):
            key = str(node)
            return Link(key, slot) if key in nodes else None if isinstance(node, str) else value
    elif isinstance(value, dict):
        if "__value__" in value:
            return value["__value__"]
        if isinstance(value.get("content"), str):  # an entry of a list with previews
            return value["content"]
    return value
