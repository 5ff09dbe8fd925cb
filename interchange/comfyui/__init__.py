"""ComfyUI: the graph that ran (API format), or the editor's workflow, under whichever key a tool wrote it."""

from collections.abc import Mapping
from typing import Any

from interchange.comfyui import sampling, workflow
from interchange.comfyui.graph import from_api
from interchange.decoding import parse_object
from interchange.fields import Fields
from interchange.metadata import Metadata

_WRAPPERS = ("exif.usercomment", "comment", "exif.imagedescription", "description", "text", "parameters")


def read(metadata: Metadata) -> Fields | None:
    """The fields of the graph that ran, else of the workflow; a graph that generated nothing has only the tool."""
    ran, edited = _graphs(metadata)
    if ran is not None:
        graph = from_api(ran, workflow.shown(edited) if edited else None)
    elif edited is not None:
        graph = workflow.graph(edited)
    else:
        return None
    return sampling.fields(graph) or Fields.of("ComfyUI")


def _graphs(metadata: Metadata) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """The graph that ran and the workflow: under keys of their own, or together in a comment."""
    ran: Mapping[str, Any] | None = None
    edited: Mapping[str, Any] | None = None
    containers = [metadata.objects]
    containers += [metadata.objects[key] for key in _WRAPPERS if key in metadata.objects]
    for container in containers:
        inner_values = (parse_object(container.get(key)) for key in ("prompt", "workflow", "extra_pnginfo"))
        candidates = [container, *inner_values]
        for value in candidates:
            if value is None:
                continue
            if ran is None and is_api(value):
                ran = value
            if edited is None and is_workflow(value):
                edited = value
            if edited is None and isinstance(inner := value.get("workflow"), dict) and is_workflow(inner):
                edited = inner
    return ran, edited


def is_api(value: Mapping[str, Any]) -> bool:
    """Whether it is a graph as ComfyUI runs it (*Export (API)*): nodes by their ids, each with a `class_type`."""
    return any(isinstance(node, dict) and isinstance(node.get("class_type"), str) for node in value.values())


def is_workflow(value: Mapping[str, Any]) -> bool:
    """Whether it is a graph as ComfyUI's editor saves it: a list of nodes and one of links."""
    return isinstance(value.get("nodes"), list) and isinstance(value.get("links"), list)
