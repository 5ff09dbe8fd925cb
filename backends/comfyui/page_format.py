"""Workflows as ComfyUI's own page saves them, turned into API format by what the server says of its nodes.

There a node's values stand in a row without names; the server's order of its inputs names them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from backends.comfyui.workflow import Workflow, parse

_WIDGETS = ("INT", "FLOAT", "STRING", "BOOLEAN", "COMBO")
_AFTER_SEED = ("fixed", "increment", "decrement", "randomize")
_NOTES = ("Note", "MarkdownNote")
_MUTED, _BYPASSED = 2, 4
_INSTEAD = "save it in ComfyUI with Export (API)"


class _Slot(BaseModel):
    name: str
    link: int | None = None


class _PageNode(BaseModel):
    id: int | str
    type: str
    mode: int = 0
    title: str = ""
    inputs: list[_Slot] = Field(default_factory=list)
    widgets_values: list[Any] | dict[str, Any] = Field(default_factory=list)


class _Page(BaseModel):
    """Each link is its id, the node and output that it comes from, and where it goes."""

    nodes: list[_PageNode]
    links: list[tuple[int, int | str, int, int | str, int, Any]] = Field(default_factory=list)


def is_page_format(data: object) -> bool:
    """Whether the page saved it, and not its Export (API)."""
    return isinstance(data, Mapping) and isinstance(data.get("nodes"), list)


def converted(data: object, info: Mapping[str, Any]) -> Workflow:
    """The workflow in API format; ValueError where that would be a guess."""
    if not info:
        raise ValueError(f"to read the page's own format, the server is needed: set STUDIO_COMFYUI_URL, or {_INSTEAD}")
    try:
        page = _Page.model_validate(data)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise ValueError(f"{where} is not as the page saves it: {_INSTEAD}") from None
    sources = {link: [str(node_id), output] for link, node_id, output, *_ in page.links}
    nodes = [node for node in page.nodes if node.type not in _NOTES and node.mode != _MUTED]
    try:
        return parse({str(node.id): _node(node, sources, info) for node in nodes})
    except (TypeError, AttributeError, LookupError) as error:
        raise ValueError(f"what the server says of its nodes is not understood: {_INSTEAD}") from error


def _node(node: _PageNode, sources: Mapping[int, list[Any]], info: Mapping[str, Any]) -> dict[str, Any]:
    if node.mode == _BYPASSED:
        raise ValueError(f"node {node.id} ({node.type}) is bypassed: {_INSTEAD}")
    if node.type not in info:
        raise ValueError(f"this ComfyUI has no node {node.type}: install what brings it, or {_INSTEAD}")
    values = node.widgets_values
    named = dict(values) if isinstance(values, dict) else dict(_named(node, values, info[node.type]))
    links = {slot.name: sources[slot.link] for slot in node.inputs if slot.link is not None and slot.link in sources}
    title = {"_meta": {"title": node.title}} if node.title else {}
    return {"class_type": node.type, "inputs": named | links, **title}


def _named(node: _PageNode, values: list[Any], said: Any) -> Iterator[tuple[str, Any]]:
    """Each value by its input; behind a seed stands what the page does with it after a run."""
    waiting = list(values)
    for name, is_seed in _widgets(said):
        if not waiting:
            raise ValueError(f"node {node.id} ({node.type}) has no value for {name}: {_INSTEAD}")
        yield name, waiting.pop(0)
        if is_seed and waiting and waiting[0] in _AFTER_SEED:
            waiting.pop(0)


def _widgets(said: Any) -> Iterator[tuple[str, bool]]:
    """The inputs that have a value of their own in the page, in its order, and whether it changes them after a run."""
    for group in ("required", "optional"):
        for name, entry in said["input"].get(group, {}).items():
            more = entry[1] if len(entry) > 1 and isinstance(entry[1], Mapping) else {}
            if (isinstance(entry[0], list) or entry[0] in _WIDGETS) and not more.get("forceInput"):
                yield name, name in ("seed", "noise_seed") or bool(more.get("control_after_generate"))
