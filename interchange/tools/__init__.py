"""A reader for each tool, from a file's metadata to fields, or to None where another tool made the file.

They are tried in order: first tools with an unmistakable key or format, then ComfyUI's graph, which many tools write
besides their own, then infotext, which many tools write, then values under common names, whichever tool wrote them.
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
    """The fields by the first reader that recognizes the file, or None."""
    for read in _MARKED:
        if (found := read(metadata)) is not None:
            return found
    return _graph_and_infotext(metadata) or plain_values.read(metadata) or c2pa.read(metadata)


def _graph_and_infotext(metadata: Metadata) -> Fields | None:
    """A graph says what ran; the infotext that saver nodes write beside it fills in what the graph leaves unknown."""
    graph, written = comfyui.read(metadata), infotext.read(metadata)
    if graph is None or written is None:
        return graph or written
    if graph == Fields("ComfyUI"):
        return replace(written, tool="ComfyUI")
    if infotext.is_placeholder(written):
        return graph
    return graph.filled_from(written)
