"""Group nodes, from before there were subgraphs: `workflow/NAME`, defined in the workflow's `extra.groupNodes`."""

from collections.abc import Iterator, Mapping
from typing import Any

from interchange.fields import listed

_PREFIXES = ("workflow/", "workflow>")
_OUTSIDE_IN, _OUTSIDE_OUT = -10, -20


def definition(workflow: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a node stands for, in the form of a subgraph, or None for a node of its own."""
    kind = node.get("type")
    extra = workflow.get("extra")
    groups = extra.get("groupNodes") if isinstance(extra, dict) else None
    if not isinstance(kind, str) or not kind.startswith(_PREFIXES) or not isinstance(groups, dict):
        return None
    group = groups.get(kind[len(_PREFIXES[0]) :])
    nodes = group.get("nodes") if isinstance(group, dict) else None
    if group is None or not isinstance(nodes, list) or not all(isinstance(one, dict) for one in nodes):
        return None
    outside = [entry for entry in listed(node.get("inputs")) if isinstance(entry, dict) and "widget" not in entry]
    return _subgraph(group, nodes, len(outside), node.get("widgets_values"))


def _subgraph(group: Mapping[str, Any], nodes: list[dict[str, Any]], outside: int, values: Any) -> Mapping[str, Any]:
    """Inner links join the nodes' places in the list; what no link joins is an edge, in the order of the nodes."""
    inner = {}
    used = set()
    for link in listed(group.get("links")):
        match link:
            case [int(origin), int(slot), int(target), int(to), *_]:
                inner[target, to] = (origin, slot)
                used.add((origin, slot))
    for external in listed(group.get("external")):
        match external:
            case [int(origin), int(slot), *_]:
                used.discard((origin, slot))
    open_inputs = [place for place in _places(nodes, "inputs") if place not in inner]
    links_only = [(at, slot) for at, slot in open_inputs if not _is_widget(nodes[at]["inputs"][slot])]
    if len(links_only) == outside:  # newer editors list what has a widget too, which stays within
        open_inputs = links_only
    open_outputs = [place for place in _places(nodes, "outputs") if place not in used]
    links = [
        *([f"{to}", origin, slot, *to] for to, (origin, slot) in inner.items()),
        *([f"{place}", _OUTSIDE_IN, at, *place] for at, place in enumerate(open_inputs)),
        *([f"out{place}", *place, _OUTSIDE_OUT, at] for at, place in enumerate(open_outputs)),
    ]
    own = _own_values(nodes, values)
    return {"links": links, "nodes": [_placed(node, at, own[at]) for at, node in enumerate(nodes)]}


def _places(nodes: list[dict[str, Any]], side: str) -> Iterator[tuple[int, int]]:
    for at, node in enumerate(nodes):
        yield from ((at, slot) for slot in range(len(listed(node.get(side)))))


def _is_widget(entry: Any) -> bool:
    return isinstance(entry, dict) and "widget" in entry


def _placed(node: dict[str, Any], at: int, values: Any) -> dict[str, Any]:
    inputs = [
        {**entry, "link": f"{(at, slot)}"}
        for slot, entry in enumerate(listed(node.get("inputs")))
        if isinstance(entry, dict)
    ]
    return {**node, "id": at, "mode": 0, "inputs": inputs, "widgets_values": values}


def _own_values(nodes: list[dict[str, Any]], values: Any) -> list[Any]:
    """The group's values dealt out to its nodes, in whose order they stand; else those it was defined with."""
    defined = [listed(node.get("widgets_values")) for node in nodes]
    if not isinstance(values, list) or sum(map(len, defined)) != len(values):
        return defined
    rest = iter(values)
    return [[next(rest) for _ in one] for one in defined]
