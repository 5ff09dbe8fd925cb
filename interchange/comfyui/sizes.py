"""The requested size of a picture."""

from typing import Any

from interchange.comfyui.graph import Graph, Link, Node
from interchange.comfyui.strings import Strings, preset_size

_LATENT = (
    "latent_image",
    "latent",
    "latents",
    "samples",
    "optional_latent",
    "image_embeds",
    "init_latent",
    "av_latent",
)


class Sizes:
    """Finds the requested sizes in one graph; both sides are None where unknown."""

    def __init__(self, graph: Graph, strings: Strings) -> None:
        self._graph = graph
        self._strings = strings

    def of(self, sampler: Node) -> tuple[Any, Any]:
        """Width and height of the sampler's empty latent; the size of an encoded picture is unknown."""

        def follow(node: Node) -> list[Link]:
            links = node.links
            named = [links[name] for name in _LATENT if name in links]
            passing = [link for name, link in links.items() if name.startswith("latent") and link not in named]
            hands_on = any(kind in node.type.lower() for kind in ("switch", "reroute"))
            is_alone = len(links) == 1 and not {"pixels", "image"} & links.keys()
            others = list(links.values()) if (is_alone or hands_on) and not named and node is not sampler else []
            return [*named, *passing, *others, *node.bundles]

        for node in (sampler, *self._graph.upstream(sampler, follow)):
            if "image_to_latent" in node.links:  # Easy-Use, where the picture overrides the loader's size
                return None, None
            if "samples" in node.links or "latent" in node.links or "upscale" in node.type.lower():
                continue
            found = self.of_node(node)
            if found != (None, None):
                return found
        return None, None

    def of_node(self, node: Node) -> tuple[Any, Any]:
        """Width and height in a node's inputs: a preset's, which overrides its numbers, or those numbers."""
        if (preset := preset_size(node.inputs)) is not None:
            return preset
        for prefix in ("", "empty_latent_", "latent_", "image_"):
            width, height = (self._strings.value(node.inputs.get(prefix + name), name) for name in ("width", "height"))
            if isinstance(width, int | float) and isinstance(height, int | float):
                return (width, height) if width > 16 and height > 16 else (None, None)
        return None, None
