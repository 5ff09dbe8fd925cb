"""Trace a sampler's conditioning back to the texts that were encoded."""

import re
from typing import Any, Literal

from interchange.comfyui.graph import Graph, Link, Node
from interchange.comfyui.strings import Strings

Role = Literal["positive", "negative"]

_MAX_DEPTH = 60
_TEXT_INPUTS = (
    "populated_text",
    "text",
    "prompt",
    "text_g",
    "text_l",
    "clip_g",
    "clip_l",
    "t5xxl",
    "llama",
    "bert",
    "mt5xl",
    "tags",
    "wildcard_text",
    "user_prompt",
    "caption",
    "string",
    "base_prompt",
    "global_prompt",
    "text_encode",
    "description",
)
_CONDITIONING = re.compile(
    r"^(?:base_)?cond(?:itioning)?(?:s|[_ ]?\w{0,12})?$|^text_embeds?|^prompt_embeds?", re.IGNORECASE
)
_ELSEWHERE = re.compile(
    r"model|clip|vae|image|pixels|mask|latent|samples|control|noise|sigmas|sampler|style|hook|stack", re.IGNORECASE
)
_MODEL_FIRST = re.compile(r"instantid|brushnet|powerpaint|attention ?couple|layered ?diffusion", re.IGNORECASE)
_BY_ROLE = re.compile(r"pipe|context|loader|wildcard|guider", re.IGNORECASE)


class Conditioning:
    """The texts behind the conditionings of one graph: None is unknown, an empty text is known to be empty."""

    def __init__(self, graph: Graph, strings: Strings) -> None:
        self._graph = graph
        self._strings = strings
        self._cache: dict[tuple[Link, Role], str | None] = {}
        self._depth = 0

    def of(self, node: Node, role: Role) -> str | None:
        """The text with which a sampler runs."""
        if (value := self._input_of(node, role)) is not None:
            return self._text(value, role)
        links = node.links
        single = _BOTH if role == "negative" else (*_BOTH, *_POSITIVE)
        for link in [*(links[key] for key in single if key in links), *node.bundles]:
            found = self._text(link, role)
            if role == "negative" and found and link != links.get("guider") and found == self._text(link, "positive"):
                continue  # an encoder of a single text, the positive one
            if found is not None:
                return found
        return None

    def guidance(self, node: Node) -> Any:
        """The distilled guidance, as FluxGuidance sets it, on the path to the positive text."""

        def follow(one: Node) -> list[Link]:
            return [
                link
                for name, link in one.links.items()
                if name in ("positive", "guider", "cond1") or _CONDITIONING.search(name) or link in one.bundles
            ]

        for one in self._graph.upstream(node, follow):
            if "guidance" in one.inputs and "steps" not in one.inputs:
                return self._strings.value(one.inputs["guidance"], "guidance")
        return None

    def _text(self, value: Any, role: Role) -> str | None:
        if isinstance(value, str):
            return value
        if not isinstance(value, Link):
            return None
        if (value, role) not in self._cache:
            self._cache[value, role] = None
            self._depth += 1
            if self._depth < _MAX_DEPTH:
                self._cache[value, role] = self._output(self._graph.node(value), value.slot, role)
            self._depth -= 1
        return self._cache[value, role]

    def _output(self, node: Node, slot: int, role: Role) -> str | None:
        if "ZeroOut" in node.type or "NegativeConditioningPlaceholder" in node.type:
            return ""
        if self._input_of(node, "positive") is not None or self._input_of(node, "negative") is not None:
            actual_role = self._role_of(node, slot, role)
            if (value := self._input_of(node, actual_role)) is not None:
                named = (node.links.get(f"{actual_role}_{end}") for end in ("NEW", "A", "B"))
                combined = dict.fromkeys([value, *(link for link in named if link is not None)])
                texts = [self._text(one, actual_role) for one in combined]
                return texts[0] if len(texts) == 1 else _join_distinct(texts)
            if "guider" in node.type.lower():
                return "" if actual_role == "negative" else None
        if "switch" in node.type.lower() and isinstance(chosen := self._strings.chosen(node), Link):
            return self._text(chosen, role)
        if conditionings := [link for name, link in node.links.items() if _CONDITIONING.search(name)]:
            return _join_distinct([self._text(link, role) for link in conditionings])
        if encoded := [node.inputs[name] for name in _TEXT_INPUTS if name in node.inputs]:
            if isinstance(node.inputs.get("populated_text"), str):
                encoded = encoded[:1]
            return _join_distinct([self._strings.text(one) if isinstance(one, str | Link) else None for one in encoded])
        if (direct := self._strings.text(Link(node.id, slot))) is not None:
            return direct
        others = [link for name, link in node.links.items() if not _ELSEWHERE.search(name)]
        found = (self._text(link, role) for link in [*node.bundles, *others])
        return next((text for text in found if text is not None), None)

    def _role_of(self, node: Node, slot: int, role: Role) -> Role:
        """The role of a node's output: the outputs are in the order of the inputs, unless one carries both roles."""
        if self._has_own_texts(node) or _BY_ROLE.search(node.type):
            return role
        first = 1 if _MODEL_FIRST.search(node.type) else 0
        roles: dict[int, Role] = {first: "positive", first + 1: "negative"}
        return roles.get(slot, role)

    def _has_own_texts(self, node: Node) -> bool:
        """Whether the node has both texts itself, so that one output carries both roles."""
        texts = any(isinstance(node.inputs.get(role), str) for role in ("positive", "negative"))
        return texts or any(name.endswith(("_prompt", "_text")) for name in node.inputs)

    def _input_of(self, node: Node, role: Role) -> Any:
        if "guider" in node.type.lower() and role == "positive" and "positive" not in node.inputs:
            return node.links.get("cond1", node.links.get("conditioning"))
        names = [name.format(role) for name in _ROLE_INPUTS] + [*_MAIN[role]]
        if "uncond" in node.inputs:
            names.append("uncond" if role == "negative" else "cond")
        return next((found for name in names if isinstance(found := node.inputs.get(name), str | Link)), None)


_ROLE_INPUTS = ("{}", "base_{}", "{}_prompt", "{}_text", "{}_cond", "{}_conditioning", "{}_NEW", "{}_A")
_MAIN: dict[Role, tuple[str, ...]] = {
    "positive": ("main_prompt", "linguistic_positive"),
    "negative": ("negative_main_prompt", "neg_conditioning"),
}
_BOTH = ("guider", "text_embeds", "embeds", "prompt_embeds", "hyvid_embeds")
_POSITIVE = ("conditioning", "cond1", "prompt")


def _join_distinct(texts: list[str | None]) -> str | None:
    """The distinct texts of one conditioning, a line each, without those that another text contains."""
    known = list(dict.fromkeys(text.strip() for text in texts if text is not None))
    if not known:
        return None
    apart = [text for text in known if text and not any(text != other and text in other for other in known)]
    return "\n".join(apart)
