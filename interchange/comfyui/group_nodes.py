"""Group nodes, the forerunners of subgraphs: `workflow/NAME`, defined in the workflow's `extra.groupNodes`."""

from collections.abc import Iterator, Mapping
from typing import Any

from interchange.comfyui.graph import SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS
from interchange.fields import list_or_empty, objects

_PREFIXES = ("workflow/", "workflow>")


def definition(workflow: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A group node's definition in the form of a subgraph's, or None for any other node."""
    kind = node.get("type")
    extra = workflow.get("extra")
    groups = extra.get("groupNodes") if isinstance(extra, dict) else None
    if not isinstance(kind, str) or not kind.startswith(_PREFIXES) or not isinstance(groups, dict):
        return None
    group = groups.get(kind[len(_PREFIXES[0]) :])
    nodes = group.get("nodes") if isinstance(group, dict) else None
    if group is None or not isinstance(nodes, list) or not all(isinstance(one, dict) for one in nodes):
        return None
    linked_inputs = [entry for entry in objects(node.get("inputs")) if "widget" not in entry]
    return _subgraph(group, nodes, len(linked_inputs), node.get("widgets_values"))


def _subgraph(
    group: Mapping[str, Any], nodes: list[dict[str, Any]], linked_inputs: int, values: Any
) -> Mapping[str, Any]:
    """Convert a definition, whose links name nodes by their index.

    Inputs and outputs without a link inside, in the order of the nodes, are those of the group.
    """
    inner = {}
    used = set()
    for link in list_or_empty(group.get("links")):
        match link:
            case [int(origin), int(slot), int(target), int(to), *_]:
                inner[target, to] = (origin, slot)
                used.add((origin, slot))
    for external in list_or_empty(group.get("external")):
        match external:
            case [int(origin), int(slot), *_]:
                used.discard((origin, slot))
    open_inputs = [slot_key for slot_key in _slots(nodes, "inputs") if slot_key not in inner]
    links_only = [(at, slot) for at, slot in open_inputs if not _is_widget(nodes[at]["inputs"][slot])]
    if (
        len(links_only) == linked_inputs
    ):  # newer editors also list inputs with a widget, which are not those of the group
        open_inputs = links_only
    open_outputs = [slot_key for slot_key in _slots(nodes, "outputs") if slot_key not in used]
    links = [
        *([f"{to}", origin, slot, *to] for to, (origin, slot) in inner.items()),
        *([f"{slot_key}", SUBGRAPH_INPUTS, at, *slot_key] for at, slot_key in enumerate(open_inputs)),
        *([f"out{slot_key}", *slot_key, SUBGRAPH_OUTPUTS, at] for at, slot_key in enumerate(open_outputs)),
    ]
    values_by_node = _values_by_node(nodes, values)
    return {"links": links, "nodes": [_inner_node(node, at, values_by_node[at]) for at, node in enumerate(nodes)]}


def _slots(nodes: list[dict[str, Any]], side: str) -> Iterator[tuple[int, int]]:
    for at, node in enumerate(nodes):
        yield from ((at, slot) for slot in range(len(list_or_empty(node.get(side)))))


def _is_widget(entry: Any) -> bool:
    return isinstance(entry, dict) and "widget" in entry


def _inner_node(node: dict[str, Any], at: int, values: Any) -> dict[str, Any]:
    inputs = [
        {**entry, "link": f"{(at, slot)}"}
        for slot, entry in enumerate(list_or_empty(node.get("inputs")))
        if isinstance(entry, dict)
    ]
    return {**node, "id": at, "mode": 0, "inputs": inputs, "widgets_values": values}


def _values_by_node(nodes: list[dict[str, Any]], values: Any) -> list[Any]:
    """The group's widget values, which are in the order of its nodes, for each node; else those of the definition."""
    defined = [list_or_empty(node.get("widgets_values")) for node in nodes]
    if not isinstance(values, list) or sum(map(len, defined)) != len(values):
        return defined
    rest = iter(values)
    return [[next(rest) for _ in one] for one in defined]
