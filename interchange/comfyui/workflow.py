"""The editor's graph: nodes with values by position and links in a list of their own, brought to the form that runs.

Muted nodes are not there, bypassed ones hand on the input of their output's kind, subgraphs are expanded, and what a
Set node names a Get node has, as has every unlinked input what an Everywhere node gives to its kind; newer ones of
those leave a list of what they linked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from interchange.comfyui import group_nodes
from interchange.comfyui.graph import MOST_NODES, Graph, Link, Node, past_pipes
from interchange.comfyui.widgets import by_name
from interchange.fields import listed, text

_MUTED, _BYPASSED = 2, 4
_INPUTS, _OUTPUTS = -10, -20  # the nodes that stand for a subgraph's edges
_DEEPEST = 12
_MOST_HOPS = 200
_WEIGHTS = re.compile(r"\.(?:safetensors|sft|ckpt|gguf|pth?|bin)$", re.IGNORECASE)
_WIDGET_TYPES = ("STRING", "INT", "FLOAT", "COMBO", "BOOLEAN")


@dataclass(frozen=True)
class _Level:
    """One canvas: the outer one, or a subgraph as one node of the outer has it."""

    path: str
    nodes: Mapping[str, Mapping[str, Any]]
    links: Mapping[Any, tuple[str, int]]
    ends: Mapping[int, tuple[str, int]]
    outer: "_Level | None" = None
    instance: Mapping[str, Any] | None = None
    inputs: Sequence[Mapping[str, Any]] = ()


def graph(workflow: Mapping[str, Any]) -> Graph:
    """The workflow as a graph; ids of nodes in a subgraph follow that of the node that has it, as in `7:3`."""
    definitions = workflow.get("definitions")
    subgraphs = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    editor = _Editor(workflow, {sub["id"]: sub for sub in _objects(subgraphs) if isinstance(sub.get("id"), str)})
    editor.add(editor.level("", workflow))
    return Graph(past_pipes(editor.connected()), shown(workflow))


def shown(workflow: Mapping[str, Any]) -> dict[str, str]:
    """The texts that nodes showed, by their ids: some extensions put them into the workflow while it runs."""
    found = {}
    for node in _objects(workflow.get("nodes")):
        values = node.get("widgets_values")
        if isinstance(values, list) and "show" in str(node.get("type")).lower():
            texts = [one for value in values for one in (value if isinstance(value, list) else [value])]
            if texts and isinstance(texts[-1], str) and texts[-1]:
                found[str(node.get("id"))] = texts[-1]
    return found


class _Editor:
    def __init__(self, workflow: Mapping[str, Any], subgraphs: Mapping[str, Mapping[str, Any]]) -> None:
        self._workflow = workflow
        self._subgraphs = subgraphs
        self._levels: dict[str, _Level] = {}
        self._placed: dict[str, tuple[_Level, Mapping[str, Any]]] = {}
        self._named: dict[str, dict[str, Any]] = {}
        self._sources: dict[tuple[str, Any], Any] = {}
        self._groups: dict[int, Mapping[str, Any] | None] = {}
        self._seen = 0

    def level(
        self,
        path: str,
        canvas: Mapping[str, Any],
        outer: _Level | None = None,
        instance: Mapping[str, Any] | None = None,
    ) -> _Level:
        links: dict[Any, tuple[str, int]] = {}
        ends: dict[int, tuple[str, int]] = {}
        for raw in listed(canvas.get("links")):
            match raw:
                case [number, origin, int(slot), target, int(to), *_]:
                    pass
                case {
                    "id": number,
                    "origin_id": origin,
                    "origin_slot": int(slot),
                    "target_id": target,
                    "target_slot": int(to),
                }:
                    pass
                case _:
                    continue
            if isinstance(number, int | str):
                links[number] = (str(origin), slot)
                if target == _OUTPUTS:
                    ends[to] = (str(origin), slot)
        extra = canvas.get("extra")
        for given in _objects(extra.get("ue_links") if isinstance(extra, dict) else None):
            match given:
                case {"upstream": origin, "upstream_slot": int(slot), "downstream": target, "downstream_slot": int(to)}:
                    links[_everywhere_link(target, to)] = (str(origin), slot)
        some = _objects(canvas.get("nodes"))[: max(MOST_NODES - self._seen, 0)]
        self._seen += len(some)
        nodes = {str(node.get("id")): node for node in some}
        return _Level(path, nodes, links, ends, outer, instance, _objects(canvas.get("inputs")))

    def add(self, level: _Level) -> None:
        self._levels[level.path] = level
        for key, node in level.nodes.items():
            if node.get("mode") == _MUTED:
                continue
            subgraph = self._subgraph(node)
            if subgraph is None:
                self._placed[level.path + key] = (level, node)
            elif level.path.count(":") < _DEEPEST and self._seen < MOST_NODES and node.get("mode") != _BYPASSED:
                self.add(self.level(f"{level.path}{key}:", subgraph, level, node))

    def connected(self) -> dict[str, Node]:
        found = {}
        everywhere = self._everywhere()
        for key, (level, node) in self._placed.items():
            if node.get("mode") == _BYPASSED:
                continue
            inputs: dict[str, Any] = by_name(str(node.get("type")), node.get("widgets_values"), _declared(node))
            inputs = inputs or _loaded(node)
            for at, entry in enumerate(_objects(node.get("inputs"))):
                name = text(entry.get("name")) or "value"  # a reroute's has no name
                source = self._source(level, entry.get("link"))
                if source is None:
                    source = self._source(level, _everywhere_link(node.get("id"), at))
                if source is None and entry.get("link") is None and "widget" not in entry:
                    source = everywhere.get(name, everywhere.get(str(entry.get("type"))))
                if source is not None:
                    inputs = {**inputs, name: source}
            found[key] = Node(key, str(node.get("type")), inputs)
        return {
            key: Node(key, node.type, {name: one for name, one in node.inputs.items() if _is_there(one, found)})
            for key, node in found.items()
        }

    def _everywhere(self) -> dict[str, Any]:
        """What Anything Everywhere and Prompts Everywhere give to unlinked inputs, by their type or name."""
        found: dict[str, Any] = {}
        for level, node in self._placed.values():
            kind = str(node.get("type"))
            if "verywhere" not in kind or node.get("mode") == _BYPASSED:
                continue
            prompts = ("positive", "negative") if kind.startswith("Prompts") else ()
            for at, entry in enumerate(_objects(node.get("inputs"))):
                name = prompts[at] if at < len(prompts) else str(entry.get("name"))
                source = self._source(level, entry.get("link"))
                found[name] = source
                if entry.get("type") != "*" and at >= len(prompts):  # newer ones number what they give
                    found.setdefault(str(entry.get("type")), source)
        return {name: source for name, source in found.items() if source is not None}

    def _subgraph(self, node: Mapping[str, Any]) -> Mapping[str, Any] | None:
        kind = node.get("type")
        found = self._subgraphs.get(kind) if isinstance(kind, str) else None
        if found is None and id(node) not in self._groups:
            is_room = self._seen < MOST_NODES
            self._groups[id(node)] = group_nodes.definition(self._workflow, node) if is_room else None
        return found or self._groups[id(node)]

    def _source(self, level: _Level, link: Any) -> Any:
        """The output behind a link, through bypassed nodes and the edges of subgraphs, or the value promoted there."""
        way: dict[tuple[str, Any], None] = {}
        found = self._walked(level, link, way)
        self._sources.update(dict.fromkeys(way, found))
        return found

    def _walked(self, level: _Level, link: Any, way: dict[tuple[str, Any], None]) -> Any:
        """What `_source` finds; `way` gets the canvases and links that it came by, which have the same behind them."""
        for _ in range(_MOST_HOPS):
            if not isinstance(link, int | str) or link not in level.links:
                return None
            at = (level.path, link)
            if at in self._sources or at in way:
                return self._sources.get(at)
            way[at] = None
            key, slot = level.links[link]
            for _ in range(_MOST_HOPS):
                if key == str(_INPUTS):
                    break
                node = level.nodes.get(key)
                if node is None or node.get("mode") == _MUTED:
                    return None
                subgraph = self._subgraph(node)
                if subgraph is None or node.get("mode") == _BYPASSED:
                    break
                inner = self._levels.get(f"{level.path}{key}:")
                if inner is None or slot not in inner.ends:
                    return None
                level = inner
                key, slot = inner.ends[slot]
            if key == str(_INPUTS):
                if level.outer is None or level.instance is None:
                    return None
                link, value = _promoted(level.instance, level.inputs, slot, level.outer.links)
                level = level.outer
                if link is None:
                    return value
                continue
            node = level.nodes[key]
            if node.get("mode") == _BYPASSED:
                link = _bypass(node, slot)
            elif node.get("type") == "GetNode":
                link = self._set(level, node)
            else:
                return Link(level.path + key, slot)
        return None

    def _set(self, level: _Level, get: Mapping[str, Any]) -> Any:
        """The link into the Set node of the name that a Get node has."""
        if level.path not in self._named:
            sets = [node for node in level.nodes.values() if node.get("type") == "SetNode"]
            self._named[level.path] = {
                str(_first_value(node)): next((entry.get("link") for entry in _objects(node.get("inputs"))), None)
                for node in reversed(sets)
            }
        name = _first_value(get)
        return None if name is None else self._named[level.path].get(str(name))


def _everywhere_link(node: Any, slot: int) -> str:
    return f"everywhere {node} {slot}"


def _promoted(
    instance: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]], slot: int, links: Mapping[Any, Any]
) -> tuple[Any, Any]:
    """What a subgraph's input is given from outside: a link, else the value of its widget. `links` are those outside.

    `inputs` are the subgraph's own; newer editors leave those without a link out of the instance's, group nodes have
    none.
    """
    entries = _objects(instance.get("inputs"))
    places = inputs or entries
    if not 0 <= slot < len(places):
        return None, None
    name = places[slot].get("name")
    entry = next((one for one in entries if one.get("name") == name), {}) if inputs else entries[slot]
    if (link := entry.get("link")) is not None:
        return link, None
    if entry and (given := _everywhere_link(instance.get("id"), entries.index(entry))) in links:
        return given, None
    return None, _promoted_values(instance, places).get(str(name))


def _promoted_values(instance: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The values of a subgraph's widgets by name: the editor keeps them in an order that it changed thrice."""
    values = instance.get("widgets_values")
    properties = instance.get("properties")
    proxies = listed(properties.get("proxyWidgets")) if isinstance(properties, dict) else []
    own = [str(entry.get("name")) for entry in _objects(instance.get("inputs")) if "widget" in entry]
    orders = (
        [str(proxy[-1]) if isinstance(proxy, list) and proxy else "" for proxy in proxies],
        own,
        [str(entry.get("name")) for entry in inputs if entry.get("type") in _WIDGET_TYPES],
    )
    names = next((order for order in orders if order and len(order) == len(listed(values))), None)
    return dict(zip(names, listed(values), strict=True)) if names else by_name("", values, own)


def _bypass(node: Mapping[str, Any], slot: int) -> Any:
    """The link into a bypassed node that its output hands on: of the inputs of its kind the one of its place, else the
    first."""
    outputs, inputs = _objects(node.get("outputs")), _objects(node.get("inputs"))
    kind = outputs[slot].get("type") if 0 <= slot < len(outputs) else None
    candidates = [*inputs[max(slot, 0) : slot + 1], *inputs]
    return next((entry.get("link") for entry in candidates if entry.get("type") == kind), None)


def _loaded(node: Mapping[str, Any]) -> dict[str, Any]:
    """Of a loader that nobody knows, and that makes a model of none, the file."""
    first = _first_value(node)
    if "load" not in str(node.get("type")).lower() or not isinstance(first, str) or not _WEIGHTS.search(first):
        return {}
    gives, takes = ([entry.get("type") for entry in _objects(node.get(side))] for side in ("outputs", "inputs"))
    return {"model_name": first} if "MODEL" in gives and "MODEL" not in takes else {}


def _declared(node: Mapping[str, Any]) -> list[str]:
    return [str(entry.get("name")) for entry in _objects(node.get("inputs")) if "widget" in entry]


def _first_value(node: Mapping[str, Any]) -> Any:
    match node.get("widgets_values"):
        case [first, *_]:
            return first
    return None


def _is_there(value: Any, nodes: Mapping[str, Node]) -> bool:
    return not isinstance(value, Link) or value.node in nodes


def _objects(values: Any) -> list[dict[str, Any]]:
    return [value for value in listed(values) if isinstance(value, dict)]
