"""The model that a sampler runs, and its LoRAs."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from interchange.comfyui.graph import Graph, Link, Node
from interchange.comfyui.strings import Strings, first_of
from interchange.fields import Lora, known, number
from interchange.tools.infotext import loras_in

_MODEL_LINK = re.compile(
    r"^(?:model|unet|base_model|diffusion_model|transformer|pipeline|ckpt|checkpoint)", re.IGNORECASE
)
_MODEL_NAME = (
    "ckpt_name",
    "base_checkpoint",
    "unet_name",
    "base_ckpt_name",
    "base_model_name",
    "gguf_name",
    "model_name",
    "model_path",
    "unet",
    "diffusion_model",
    "checkpoint",
    "ckpt",
    "repo_id",
    "model",
    "base_model",
    "model_version",
)
_MODEL_NAMES = frozenset(_MODEL_NAME)
_LORA_LINK = re.compile(r"lora", re.IGNORECASE)
_NUMBERED_LORA = re.compile(r"(?:lora_name_?(\d{1,3})|lora_(\d{1,3})_name|lora_(\d{1,3})|lora(\d{1,3}))", re.IGNORECASE)
_STRENGTHS = ("strength_model", "strength", "lora_model_strength", "model_strength", "lora_strength")
_NUMBERED_STRENGTHS = (
    *("lora_wt_{}", "lora_{}_strength", "model_str_{}", "model_weight_{}", "lora_{}_model_strength", "strength_{}"),
    *("strength_model_{}", "strength{}", "lora_weight_{}", "model_strength_{}"),
)
_OFF = (False, "Off", "off", "None", 0)


class Models:
    """Finds the models and LoRAs of one graph."""

    def __init__(self, graph: Graph, strings: Strings) -> None:
        self._graph = graph
        self._strings = strings
        self._names: dict[str, str | None] = {}

    def of(self, sampler: Node) -> tuple[str | None, list[Lora]]:
        """The name of the model, of a merge the first one, and its LoRAs in the order in which they are applied."""

        def follow(node: Node) -> list[Link]:
            if node is not sampler and self.name(node):
                return [link for name, link in node.links.items() if _LORA_LINK.search(name)]
            links = node.links
            named = [link for name, link in links.items() if _MODEL_LINK.search(name) or _LORA_LINK.search(name)]
            guider = [links[name] for name in ("guider",) if name in links]
            passing = list(links.values()) if len(links) == 1 or "switch" in node.type.lower() else []
            return [*named, *guider, *node.bundles, *passing]

        def follow_first(node: Node) -> list[Link]:
            is_merge = "merge" in node.type.lower() and "model1" in node.links
            return [node.links["model1"]] if is_merge else follow(node)

        behind = (self.name(node) for node in self._graph.upstream(sampler, follow_first))
        model = next((name for name in behind if name), None)
        loras = [lora for node in (sampler, *self._graph.upstream(sampler, follow)) for lora in self._loras(node)]
        return model or self.name(sampler), loras[::-1]

    def name(self, node: Node) -> str | None:
        """The name of the model that a node loads, or None."""
        if node.id not in self._names:
            self._names[node.id] = self._name(node)
        return self._names[node.id]

    def _name(self, node: Node) -> str | None:
        if _MODEL_NAMES.isdisjoint(node.inputs):
            return None
        lowered = node.type.lower().replace("(loramanager)", "")
        if any(
            other in lowered
            for other in ("upscale", "clipvision", "controlnet", "lora", "sampling", "ipadapter", "instantid")
        ):
            return None
        for name in _MODEL_NAME:
            value = node.inputs.get(name)
            if isinstance(value, Link) and not name.endswith("_name"):
                continue
            if isinstance(found := self._strings.value(value, name), str) and known(found):
                return found
        return None

    def _loras(self, node: Node) -> list[Lora]:
        """The LoRAs that a node applies, the last one first, as the search goes from the sampler to the model."""
        inputs = node.inputs
        is_loader = "lora" in node.type.lower()
        name = self._strings.value(inputs.get("lora_name", inputs.get("lora") if is_loader else None), "lora_name")
        strength = self._strings.value(first_of(inputs, _STRENGTHS), "strength")
        alone = [Lora(name, number(strength))] if isinstance(name, str) and known(name) else []
        syntax = [value for key in ("text", "lora_syntax") if isinstance(value := inputs.get(key), str)]
        tagged = [lora for value in syntax for lora in loras_in(value)] if is_loader else []
        return [*alone, *reversed([*_numbered_loras(inputs), *tagged])]


def _numbered_loras(inputs: Mapping[str, Any]) -> Iterator[Lora]:
    """The LoRAs of a stack that are not switched off: `lora_1` is an object, or a name with its weight elsewhere."""
    count = inputs.get("lora_count", inputs.get("num_loras"))
    for key, value in inputs.items():
        found = _NUMBERED_LORA.fullmatch(key)
        at = next((group for group in found.groups() if group), "") if found else ""
        if not at or (isinstance(count, int) and int(at) > count):
            continue
        if isinstance(value, dict) and value.get("on", True) and isinstance(name := value.get("lora"), str):
            yield from [Lora(name, number(value.get("strength")))] if known(name) else []
        elif isinstance(value, str) and known(value):
            switches = (f"switch_{at}", f"lora_{at}_enabled", f"toggle_{at}", f"enabled_{at}")
            if not any(inputs.get(switch, True) in _OFF for switch in switches):
                yield Lora(value, number(first_of(inputs, [name.format(at) for name in _NUMBERED_STRENGTHS])))
