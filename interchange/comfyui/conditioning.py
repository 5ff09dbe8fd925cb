"""From a sampler's conditioning back to the texts that were encoded."""

import re
from typing import Any, Literal

from interchange.comfyui.graph import Graph, Link, Node
from interchange.comfyui.strings import Strings

Role = Literal["positive", "negative"]

_DEEPEST = 60
_ENCODED = (
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
    """The texts of one graph's conditionings. None is unknown, an empty text is known to be empty."""

    def __init__(self, graph: Graph, strings: Strings) -> None:
        self._graph = graph
        self._strings = strings
        self._known: dict[tuple[Link, Role], str | None] = {}
        self._depth = 0

    def of(self, node: Node, role: Role) -> str | None:
        """The text with which a sampler, or whatever stands for one, works."""
        if (given := self._input(node, role)) is not None:
            return self._text(given, role)
        links = node.links
        single = _BOTH if role == "negative" else (*_BOTH, *_POSITIVE)
        for link in [*(links[key] for key in single if key in links), *node.bundles]:
            found = self._text(link, role)
            if role == "negative" and found and link != links.get("guider") and found == self._text(link, "positive"):
                continue  # an encoder of one text, which is the positive one
            if found is not None:
                return found
        return None

    def guidance(self, node: Node) -> Any:
        """The distilled guidance on the way to the positive text, as FluxGuidance sets it."""

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
        if (value, role) not in self._known:
            self._known[value, role] = None
            self._depth += 1
            if self._depth < _DEEPEST:
                self._known[value, role] = self._output(self._graph.node(value), value.slot, role)
            self._depth -= 1
        return self._known[value, role]

    def _output(self, node: Node, slot: int, role: Role) -> str | None:
        if "ZeroOut" in node.type or "NegativeConditioningPlaceholder" in node.type:
            return ""
        if self._input(node, "positive") is not None or self._input(node, "negative") is not None:
            wanted = self._role_of(node, slot, role)
            if (given := self._input(node, wanted)) is not None:
                named = (node.links.get(f"{wanted}_{end}") for end in ("NEW", "A", "B"))
                combined = dict.fromkeys([given, *(link for link in named if link is not None)])
                said = [self._text(one, wanted) for one in combined]
                return said[0] if len(said) == 1 else _together(said)
            if "guider" in node.type.lower():
                return "" if wanted == "negative" else None
        if "switch" in node.type.lower() and isinstance(chosen := self._strings.chosen(node), Link):
            return self._text(chosen, role)
        if conditionings := [link for name, link in node.links.items() if _CONDITIONING.search(name)]:
            return _together([self._text(link, role) for link in conditionings])
        if texts := [node.inputs[name] for name in _ENCODED if name in node.inputs]:
            if isinstance(node.inputs.get("populated_text"), str):
                texts = texts[:1]
            return _together([self._strings.text(text) if isinstance(text, str | Link) else None for text in texts])
        if (direct := self._strings.text(Link(node.id, slot))) is not None:
            return direct
        others = [link for name, link in node.links.items() if not _ELSEWHERE.search(name)]
        found = (self._text(link, role) for link in [*node.bundles, *others])
        return next((text for text in found if text is not None), None)

    def _role_of(self, node: Node, slot: int, role: Role) -> Role:
        """What an output of a node with both conditionings carries: slots are in order, unless one carries both."""
        if self._has_own_texts(node) or _BY_ROLE.search(node.type):
            return role
        first = 1 if _MODEL_FIRST.search(node.type) else 0
        roles: dict[int, Role] = {first: "positive", first + 1: "negative"}
        return roles.get(slot, role)

    def _has_own_texts(self, node: Node) -> bool:
        """Whether it carries both texts in one output, which the role tells apart, not the slot."""
        texts = any(isinstance(node.inputs.get(role), str) for role in ("positive", "negative"))
        return texts or any(name.endswith(("_prompt", "_text")) for name in node.inputs)

    def _input(self, node: Node, role: Role) -> Any:
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


def _together(texts: list[str | None]) -> str | None:
    """The different texts of one conditioning, a line each; what another has too is said once."""
    known = list(dict.fromkeys(text.strip() for text in texts if text is not None))
    if not known:
        return None
    apart = [text for text in known if text and not any(text != other and text in other for other in known)]
    return "\n".join(apart)
