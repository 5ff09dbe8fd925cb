"""The readers, one a tool, each from a file's metadata to fields or None where another tool made the file.

They are asked in order: what has a mark of its own first, then ComfyUI's graph, which many of them leave beside it,
then infotext, which anybody writes, then values under usual names, whoever wrote them.
"""

from dataclasses import replace

from interchange import comfyui
from interchange.fields import Fields
from interchange.metadata import Metadata
from interchange.tools import (
    c2pa,
    civitai,
    diffusers_space,
    draw_things,
    easy_diffusion,
    fooocus,
    infotext,
    invokeai,
    midjourney,
    novelai,
    plain_values,
    stability_matrix,
    studio,
    swarmui,
    tensorart,
    wangp,
)

_MARKED = (
    studio.read,
    invokeai.read,
    tensorart.read,
    stability_matrix.read,
    swarmui.read,
    novelai.read,
    draw_things.read,
    wangp.read,
    easy_diffusion.read,
    fooocus.read,
    civitai.read,
    diffusers_space.read,
    midjourney.read,
)


def fields_of(metadata: Metadata) -> Fields | None:
    """What the first reader that knows the file finds, or None."""
    for read in _MARKED:
        if (found := read(metadata)) is not None:
            return found
    return _graph_and_infotext(metadata) or plain_values.read(metadata) or c2pa.read(metadata)


def _graph_and_infotext(metadata: Metadata) -> Fields | None:
    """A graph says what ran; an infotext beside it, which savers write, fills what the graph leaves open."""
    graph, written = comfyui.read(metadata), infotext.read(metadata)
    if graph is None or written is None:
        return graph or written
    if graph == Fields("ComfyUI"):
        return replace(written, tool="ComfyUI")
    if infotext.is_placeholder(written):
        return graph
    return graph.filled_from(written)
