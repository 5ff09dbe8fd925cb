"""Find the sampler that made a file, and what it ran with."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from interchange.comfyui.conditioning import Conditioning
from interchange.comfyui.graph import Graph, Link, Node
from interchange.comfyui.models import Models
from interchange.comfyui.sizes import Sizes
from interchange.comfyui.strings import Strings
from interchange.fields import Fields, number, text
from interchange.tools.infotext import loras_in

_SAVES = re.compile(r"save|videocombine|video combine|export|image ?saver|upload", re.IGNORECASE)
_SHOWS = re.compile(r"preview|compar|show|display", re.IGNORECASE)
_SAVES_OTHERS = re.compile(r"text|string|json|latent|lora|checkpoint|modelsave|mask", re.IGNORECASE)
_NOT_PICTURES = re.compile(
    r"^(?:model|clip|vae|positive|negative|control_?net|noise|guider|sigmas|sampler|upscale_model|lora|text|string|prompt)"
    r"|conditioning|embeds|_model$|_name$|width|height|seed|steps|cfg|filename|denoise|mask",
    re.IGNORECASE,
)
_NO_SAMPLER = re.compile(r"select|provider|switch|reroute|context|preview|config")
_API_NODE_INPUTS = {"seed", "aspect_ratio", "ratio", "duration", "model", "model_name", "width", "size"}
_MAX_PASSES = 20
_NUMBER = re.compile(r"\d[\d.eE-]*|\.\d+")
_SETTINGS = {
    "seed": (("seed", "noise_seed", "seed_value", "base_seed"), ("noise",)),
    "steps": (("steps", "steps_total", "num_inference_steps", "inference_steps"), ("sigmas", "scheduler")),
    "cfg": (
        (
            *("cfg", "cfg_conds", "guidance_scale", "cfg_scale", "cfg1", "cfg_high_noise", "true_gs"),
            *("embedded_guidance_scale", "guidance"),
        ),
        ("guider",),
    ),
    "sampler": (("sampler_name", "sampler"), ("sampler",)),
    "scheduler": (("scheduler", "scheduler_name"), ("sigmas", "scheduler")),
    "denoise": (("denoise", "denoise_strength"), ("sigmas",)),
}
"""For each setting the names of its input, then the links to follow for it."""
_TEXT_SETTINGS = ("sampler", "scheduler")


def fields(graph: Graph) -> Fields | None:
    """The fields of the first sampling pass of the saved output; None for a graph that generates nothing."""
    samplers = {node.id: node for node in graph.nodes.values() if _is_sampler(node)}
    reader = _GraphReader(graph, samplers.keys())
    ends = [*_outputs(graph), *samplers.values()]
    return next((found for end in ends if (found := reader.of(end)) is not None), None)


class _GraphReader:
    """Reads the fields of one graph's outputs."""

    def __init__(self, graph: Graph, samplers: Collection[str]) -> None:
        self._graph = graph
        self._samplers = samplers
        self._sampled = graph.downstream(samplers)
        self._visited: set[str] = set()
        self._strings = Strings(graph)
        self._conditioning = Conditioning(graph, self._strings)
        self._models = Models(graph, self._strings)
        self._sizes = Sizes(graph, self._strings)

    def of(self, output: Node) -> Fields | None:
        sampler = self._first_pass(output) if output.id in self._sampled else None
        return self._from_sampler(sampler, output) if sampler else self._from_api_node(output)

    def _first_pass(self, output: Node) -> Node | None:
        """The first sampler on the path to the output: later ones are for details, a refiner, a larger picture."""
        found = output if output.id in self._samplers else None
        for _ in range(_MAX_PASSES):
            upstream = self._graph.upstream(found or output, self._image_links)
            earlier = next((one for one in upstream if one.id in self._samplers), None)
            if earlier is None or (found is not None and _is_unsampler(earlier)):
                break
            found = earlier
        return found or next((one for one in self._graph.upstream(output, _all) if one.id in self._samplers), None)

    def _image_links(self, node: Node) -> list[Link]:
        """The links that carry a picture or latent; Stable Cascade's is in the conditioning of its second stage."""
        return [
            link
            for name, link in node.links.items()
            if not _NOT_PICTURES.search(name) or "stage_c" in self._graph.node(link).inputs
        ]

    def _from_sampler(self, sampler: Node, output: Node) -> Fields:
        prompt = self._conditioning.of(sampler, "positive")
        cfg = self._setting(sampler, "cfg")
        distilled = self._conditioning.guidance(sampler) if cfg is None or number(cfg) == 1 else None
        model, loras = self._models.of(sampler)
        if model is None:
            names = (self._models.name(node) for node in self._graph.upstream(output, _all))
            model = next((name for name in names if name), None)
        width, height = self._sizes.of(sampler)
        adds_no_noise = sampler.inputs.get("add_noise") in ("disable", False)
        return Fields.of(
            "ComfyUI",
            prompt=prompt,
            negative_prompt=self._conditioning.of(sampler, "negative"),
            seed=None if adds_no_noise else self._setting(sampler, "seed"),
            steps=self._setting(sampler, "steps"),
            guidance=cfg if number(distilled) is None else distilled,
            sampler=self._setting(sampler, "sampler"),
            scheduler=self._setting(sampler, "scheduler"),
            denoise=self._setting(sampler, "denoise"),
            model=model,
            width=width,
            height=height,
            loras=dict.fromkeys([*loras, *loras_in(prompt)]),
            inputs=self._inputs(sampler),
        )

    def _from_api_node(self, output: Node) -> Fields | None:
        """The fields of an API node, which sends a prompt to a service and returns a picture."""

        def not_visited(node: Node) -> list[Link]:
            return [link for link in node.links.values() if link.node not in self._visited]

        for node in self._graph.upstream(output, not_visited):
            self._visited.add(node.id)
            prompts = [value for name, value in node.inputs.items() if name.endswith(("prompt", "prompt_text"))]
            prompt = self._strings.text(prompts[0]) if prompts else None
            if prompt is None or not _API_NODE_INPUTS & node.inputs.keys():
                continue
            width, height = self._sizes.of_node(node)
            return Fields.of(
                "ComfyUI",
                prompt=prompt,
                negative_prompt=self._strings.text(node.inputs.get("negative_prompt")),
                seed=self._strings.value(node.inputs.get("seed"), "seed"),
                steps=self._strings.value(node.inputs.get("steps"), "steps"),
                guidance=self._strings.value(node.inputs.get("guidance"), "guidance"),
                model=self._strings.text(node.inputs.get("model", node.inputs.get("model_name"))) or node.type,
                width=width,
                height=height,
                inputs=self._inputs(node),
            )
        return None

    def _setting(self, sampler: Node, setting: str) -> Any:
        names, via = _SETTINGS[setting]

        def follow(node: Node) -> list[Link]:
            return [link for name, link in node.links.items() if name.startswith(via)] + node.bundles

        for node in (sampler, *self._graph.upstream(sampler, follow)):
            for name in names:
                value = self._strings.value(node.inputs.get(name), name)
                if isinstance(value, str) or (setting not in _TEXT_SETTINGS and _is_number(value)):
                    return value
            if setting == "steps" and isinstance(sigmas := node.inputs.get("sigmas"), str):
                return len(_NUMBER.findall(sigmas)) - 1
        return None

    def _inputs(self, sampler: Node) -> Iterable[str]:
        """The file names of the pictures and films that the sampler depends on."""
        names = (
            self._strings.text(node.inputs.get("image", node.inputs.get("video")))
            for node in self._graph.upstream(sampler, _all)
            if "loadimage" in node.type.lower().replace(" ", "") or "loadvideo" in node.type.lower()
        )
        return dict.fromkeys(_without_query(found) for name in names if (found := text(name)))


def _without_query(name: str) -> str:
    """The name, without the query of a URL, which may have a signature."""
    return name.partition("?")[0] if "://" in name else name


def _outputs(graph: Graph) -> list[Node]:
    """The nodes that save, then those that preview, then all whose outputs are unused; at most 50."""
    used = {link.node for node in graph.nodes.values() for link in node.links.values()}
    linked = [node for node in graph.nodes.values() if node.links]
    ends = [node for node in linked if node.id not in used]
    savers = [node for node in linked if _SAVES.search(node.type) and not _SAVES_OTHERS.search(node.type)]
    shows = [node for node in ends if _SHOWS.search(node.type)]
    return list({node.id: node for node in [*savers, *shows, *ends]}.values())[:50]


def _is_sampler(node: Node) -> bool:
    """Whether a node samples, told by its inputs, so that the samplers of any extension are recognized."""
    inputs, lowered = node.inputs, node.type.lower()
    if "sampl" in lowered and {"model", "positive"} <= node.links.keys() and not _NO_SAMPLER.search(lowered):
        return True
    if "sigmas" in inputs and inputs.keys() & {"guider", "positive", "noise_seed"}:
        return True
    if inputs.keys() & {"seed", "noise_seed"} and inputs.keys() & {"steps", "sigmas"}:
        return bool(inputs.keys() & {"model", "positive", "text_embeds", "pipeline", "guider"} or node.bundles)
    return "sampler" in lowered and bool(node.bundles) and not _NO_SAMPLER.search(lowered)


def _is_unsampler(sampler: Node) -> bool:
    """Whether it turns a picture back into noise, from which the next pass starts."""
    return "unsampl" in f"{sampler.type} {sampler.inputs.get('sampler_mode')}".lower()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _all(node: Node) -> list[Link]:
    return list(node.links.values())
