"""Convert the editor's workflow, which has values by position and a list of links, to the graph that would run.

Muted nodes are dropped, bypassed ones pass on the input of their output's type, and subgraphs are expanded. A Get node
is linked to the Set node of its name. An Everywhere node is linked to all unlinked inputs of its type; newer ones keep
a list of what they linked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from interchange.comfyui import group_nodes
from interchange.comfyui.graph import MAX_NODES, SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS, Graph, Link, Node, past_pipes
from interchange.comfyui.widgets import by_name
from interchange.fields import list_or_empty, objects, text

_MUTED, _BYPASSED = 2, 4

_MAX_DEPTH = 12
_MAX_HOPS = 200
_WEIGHTS = re.compile(r"\.(?:safetensors|sft|ckpt|gguf|pth?|bin)$", re.IGNORECASE)
_WIDGET_TYPES = ("STRING", "INT", "FLOAT", "COMBO", "BOOLEAN")


@dataclass(frozen=True)
class _Level:
    """A canvas: the outermost one, or a subgraph as the node `instance` of the `outer` one.

    `path` is the prefix of its nodes' ids. `links` has the output of each link, `ends` that of each of the subgraph's
    own outputs; both are pairs of a node's id and a slot.
    """

    path: str
    nodes: Mapping[str, Mapping[str, Any]]
    links: Mapping[Any, tuple[str, int]]
    ends: Mapping[int, tuple[str, int]]
    outer: "_Level | None" = None
    instance: Mapping[str, Any] | None = None
    inputs: Sequence[Mapping[str, Any]] = ()


def graph(workflow: Mapping[str, Any]) -> Graph:
    """The workflow as a graph; the id `7:3` is node 3 in the subgraph that is node 7."""
    definitions = workflow.get("definitions")
    subgraphs = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    editor = _Editor(workflow, {sub["id"]: sub for sub in objects(subgraphs) if isinstance(sub.get("id"), str)})
    editor.add(editor.level("", workflow))
    return Graph(past_pipes(editor.connected()), shown(workflow))


def shown(workflow: Mapping[str, Any]) -> dict[str, str]:
    """The texts that display nodes showed, by the nodes' ids: some extensions write them into the workflow."""
    found = {}
    for node in objects(workflow.get("nodes")):
        values = node.get("widgets_values")
        if isinstance(values, list) and "show" in str(node.get("type")).lower():
            texts = [one for value in values for one in (value if isinstance(value, list) else [value])]
            if texts and isinstance(texts[-1], str) and texts[-1]:
                found[str(node.get("id"))] = texts[-1]
    return found


class _Editor:
    """Expands the levels of one workflow, then connects their nodes."""

    def __init__(self, workflow: Mapping[str, Any], subgraphs: Mapping[str, Mapping[str, Any]]) -> None:
        self._workflow = workflow
        self._subgraphs = subgraphs
        self._levels: dict[str, _Level] = {}
        self._placed: dict[str, tuple[_Level, Mapping[str, Any]]] = {}
        self._set_links: dict[str, dict[str, Any]] = {}
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
        """The canvas of a workflow or of a subgraph's definition; nodes beyond `MAX_NODES` in all are left out."""
        links: dict[Any, tuple[str, int]] = {}
        ends: dict[int, tuple[str, int]] = {}
        for raw in list_or_empty(canvas.get("links")):
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
                if target == SUBGRAPH_OUTPUTS:
                    ends[to] = (str(origin), slot)
        extra = canvas.get("extra")
        for given in objects(extra.get("ue_links") if isinstance(extra, dict) else None):
            match given:
                case {"upstream": origin, "upstream_slot": int(slot), "downstream": target, "downstream_slot": int(to)}:
                    links[_everywhere_link(target, to)] = (str(origin), slot)
        some = objects(canvas.get("nodes"))[: max(MAX_NODES - self._seen, 0)]
        self._seen += len(some)
        nodes = {str(node.get("id")): node for node in some}
        return _Level(path, nodes, links, ends, outer, instance, objects(canvas.get("inputs")))

    def add(self, level: _Level) -> None:
        """Add the nodes of a level and, recursively, of its subgraphs."""
        self._levels[level.path] = level
        for key, node in level.nodes.items():
            if node.get("mode") == _MUTED:
                continue
            subgraph = self._subgraph(node)
            if subgraph is None:
                self._placed[level.path + key] = (level, node)
            elif level.path.count(":") < _MAX_DEPTH and self._seen < MAX_NODES and node.get("mode") != _BYPASSED:
                self.add(self.level(f"{level.path}{key}:", subgraph, level, node))

    def connected(self) -> dict[str, Node]:
        """The nodes by id, with their values by name and with their links."""
        found = {}
        everywhere = self._everywhere()
        for key, (level, node) in self._placed.items():
            if node.get("mode") == _BYPASSED:
                continue
            inputs: dict[str, Any] = by_name(str(node.get("type")), node.get("widgets_values"), _declared(node))
            inputs = inputs or _unknown_loader(node)
            for at, entry in enumerate(objects(node.get("inputs"))):
                name = text(entry.get("name")) or "value"  # a reroute's input has no name
                source = self._source(level, entry.get("link"))
                if source is None:
                    source = self._source(level, _everywhere_link(node.get("id"), at))
                if source is None and entry.get("link") is None and "widget" not in entry:
                    source = everywhere.get(name, everywhere.get(str(entry.get("type"))))
                if source is not None:
                    inputs = {**inputs, name: source}
            found[key] = Node(key, str(node.get("type")), inputs)
        return {
            key: Node(key, node.type, {name: one for name, one in node.inputs.items() if _is_resolved(one, found)})
            for key, node in found.items()
        }

    def _everywhere(self) -> dict[str, Any]:
        """The outputs that Anything Everywhere and Prompts Everywhere link to unlinked inputs, by type or name."""
        found: dict[str, Any] = {}
        for level, node in self._placed.values():
            kind = str(node.get("type"))
            if "verywhere" not in kind or node.get("mode") == _BYPASSED:
                continue
            prompts = ("positive", "negative") if kind.startswith("Prompts") else ()
            for at, entry in enumerate(objects(node.get("inputs"))):
                name = prompts[at] if at < len(prompts) else str(entry.get("name"))
                source = self._source(level, entry.get("link"))
                found[name] = source
                if entry.get("type") != "*" and at >= len(prompts):  # newer ones only number their inputs
                    found.setdefault(str(entry.get("type")), source)
        return {name: source for name, source in found.items() if source is not None}

    def _subgraph(self, node: Mapping[str, Any]) -> Mapping[str, Any] | None:
        kind = node.get("type")
        found = self._subgraphs.get(kind) if isinstance(kind, str) else None
        if found is None and id(node) not in self._groups:
            is_room = self._seen < MAX_NODES
            self._groups[id(node)] = group_nodes.definition(self._workflow, node) if is_room else None
        return found or self._groups[id(node)]

    def _source(self, level: _Level, link: Any) -> Any:
        """The output behind a link, through bypassed nodes and subgraphs, or the value of a promoted widget."""
        visited: dict[tuple[str, Any], None] = {}
        found = self._trace(level, link, visited)
        self._sources.update(dict.fromkeys(visited, found))
        return found

    def _trace(self, level: _Level, link: Any, visited: dict[tuple[str, Any], None]) -> Any:
        """The same as `_source`; the links on the path, which have the same source, are added to `visited`."""
        for _ in range(_MAX_HOPS):
            if not isinstance(link, int | str) or link not in level.links:
                return None
            at = (level.path, link)
            if at in self._sources or at in visited:
                return self._sources.get(at)
            visited[at] = None
            output = self._inner_output(level, *level.links[link])
            if output is None:
                return None
            level, key, slot = output
            if key == str(SUBGRAPH_INPUTS):
                if level.outer is None or level.instance is None:
                    return None
                link, value = _promoted(level.instance, level.inputs, slot, level.outer.links)
                level = level.outer
                if link is None:
                    return value
                continue
            node = level.nodes[key]
            if node.get("mode") == _BYPASSED:
                link = _bypass_link(node, slot)
            elif node.get("type") == "GetNode":
                link = self._set_node_link(level, node)
            else:
                return Link(level.path + key, slot)
        return None

    def _inner_output(self, level: _Level, key: str, slot: int) -> tuple[_Level, str, int] | None:
        """The output that a subgraph passes on as its own; any other node's output as it is.

        None where a node is missing or muted.
        """
        for _ in range(_MAX_HOPS):
            if key == str(SUBGRAPH_INPUTS):
                break
            node = level.nodes.get(key)
            if node is None or node.get("mode") == _MUTED:
                return None
            if self._subgraph(node) is None or node.get("mode") == _BYPASSED:
                break
            inner = self._levels.get(f"{level.path}{key}:")
            if inner is None or slot not in inner.ends:
                return None
            level = inner
            key, slot = inner.ends[slot]
        return level, key, slot

    def _set_node_link(self, level: _Level, get: Mapping[str, Any]) -> Any:
        """The link into the Set node that a Get node names."""
        if level.path not in self._set_links:
            sets = [node for node in level.nodes.values() if node.get("type") == "SetNode"]
            self._set_links[level.path] = {
                str(_first_value(node)): next((entry.get("link") for entry in objects(node.get("inputs"))), None)
                for node in reversed(sets)
            }
        name = _first_value(get)
        return None if name is None else self._set_links[level.path].get(str(name))


def _everywhere_link(node: Any, slot: int) -> str:
    return f"everywhere {node} {slot}"


def _promoted(
    instance: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]], slot: int, links: Mapping[Any, Any]
) -> tuple[Any, Any]:
    """What a subgraph's input gets from outside, where the `links` are: a link, else the value of its widget.

    `inputs` are those of the subgraph's definition. Newer editors omit the ones without a link from the instance's;
    group nodes have no such definition.
    """
    entries = objects(instance.get("inputs"))
    defined = inputs or entries
    if not 0 <= slot < len(defined):
        return None, None
    name = defined[slot].get("name")
    entry = next((one for one in entries if one.get("name") == name), {}) if inputs else entries[slot]
    if (link := entry.get("link")) is not None:
        return link, None
    if entry and (given := _everywhere_link(instance.get("id"), entries.index(entry))) in links:
        return given, None
    return None, _promoted_values(instance, defined).get(str(name))


def _promoted_values(instance: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The values of a subgraph's widgets by name; their order depends on the editor's version."""
    values = instance.get("widgets_values")
    properties = instance.get("properties")
    proxies = list_or_empty(properties.get("proxyWidgets")) if isinstance(properties, dict) else []
    own = [str(entry.get("name")) for entry in objects(instance.get("inputs")) if "widget" in entry]
    orders = (
        [str(proxy[-1]) if isinstance(proxy, list) and proxy else "" for proxy in proxies],
        own,
        [str(entry.get("name")) for entry in inputs if entry.get("type") in _WIDGET_TYPES],
    )
    names = next((order for order in orders if order and len(order) == len(list_or_empty(values))), None)
    return dict(zip(names, list_or_empty(values), strict=True)) if names else by_name("", values, own)


def _bypass_link(node: Mapping[str, Any], slot: int) -> Any:
    """The link that a bypassed node's output passes on: its input of the same type and slot, else of the same type."""
    outputs, inputs = objects(node.get("outputs")), objects(node.get("inputs"))
    kind = outputs[slot].get("type") if 0 <= slot < len(outputs) else None
    candidates = [*inputs[max(slot, 0) : slot + 1], *inputs]
    return next((entry.get("link") for entry in candidates if entry.get("type") == kind), None)


def _unknown_loader(node: Mapping[str, Any]) -> dict[str, Any]:
    """The model file of an unknown loader: a node that outputs a model and takes none."""
    first = _first_value(node)
    if "load" not in str(node.get("type")).lower() or not isinstance(first, str) or not _WEIGHTS.search(first):
        return {}
    gives, takes = ([entry.get("type") for entry in objects(node.get(side))] for side in ("outputs", "inputs"))
    return {"model_name": first} if "MODEL" in gives and "MODEL" not in takes else {}


def _declared(node: Mapping[str, Any]) -> list[str]:
    return [str(entry.get("name")) for entry in objects(node.get("inputs")) if "widget" in entry]


def _first_value(node: Mapping[str, Any]) -> Any:
    match node.get("widgets_values"):
        case [first, *_]:
            return first
    return None


def _is_resolved(value: Any, nodes: Mapping[str, Node]) -> bool:
    return not isinstance(value, Link) or value.node in nodes
