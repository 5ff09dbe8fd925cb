"""A workflow as a model: the inputs that people change become its form.

What a server says of its nodes brings limits and choices; without one, the values in the workflow tell the kinds.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backends.base import BackendError
from backends.comfyui import is_address, offered_by, said_of
from backends.comfyui.page_format import converted, is_page_format
from backends.comfyui.workflow import Node, Workflow, is_link, parse, read_file
from backends.describing import LARGEST_SEED, RESERVED_NAMES, DescribeError, Description, unused

_LARGEST = 2**53 - 1
"""The largest limit of a whole number: many that ComfyUI names are no more than the ends of a C type."""

_NAMES = {
    "text": "prompt",
    "prompt": "prompt",
    "seed": "seed",
    "noise_seed": "seed",
    "steps": "steps",
    "cfg": "cfg",
    "guidance": "guidance",
    "denoise": "denoise",
    "width": "width",
    "height": "height",
    "length": "length",
    "seconds": "seconds",
    "fps": "fps",
    "frame_rate": "fps",
    "sampler_name": "sampler",
    "scheduler": "scheduler",
    "ckpt_name": "checkpoint",
    "unet_name": "checkpoint",
    "lora_name": "lora",
    "strength_model": "lora_strength",
}
"""What people change, by the name of a node's input, and what it is called in the form."""

_FILES = {"LoadImage": ("image", "image"), "LoadAudio": ("audio", "audio"), "LoadVideo": ("file", "video")}
"""The nodes that read a file: by their class the input, and what it holds."""

_UPLOADS = {"image_upload": "image", "audio_upload": "audio", "video_upload": "video"}
_ADVANCED = ("denoise", "sampler", "scheduler")
_SAVES = re.compile(r"Save|VHS_VideoCombine")
_SIDES = ("width", "height")


@dataclass(frozen=True, slots=True)
class _Shown:
    """An input that the form shows: where it goes, and the parameter that it is."""

    node_id: str
    input_name: str
    name: str
    declared: Mapping[str, Any]

    @property
    def targets(self) -> dict[str, list[str]]:
        """The nodes' inputs by what fills them: a size fills two."""
        if self.declared["kind"] == "size":
            return {f"{self.name}.{side}": [self.node_id, side] for side in _SIDES}
        return {self.name: [self.node_id, self.input_name]}


def takes(text: str) -> bool:
    """Whether it names a JSON file."""
    return text.lower().endswith(".json")


def describe(text: str, environment: Mapping[str, str]) -> Description:
    """The data of the model file, with the workflow in it; asks the server of the settings where there is one."""
    path = Path(text).expanduser().absolute()
    try:
        data = read_file(path)
        info = _object_info(environment)
        workflow = converted(data, info) if is_page_format(data) else parse(data)
    except ValueError as error:
        raise DescribeError(str(error)) from error
    return described(workflow, path.stem, info)


def _object_info(environment: Mapping[str, str]) -> Mapping[str, Any]:
    from backends.comfyui.server import Server

    url = environment.get("STUDIO_COMFYUI_URL", "")
    if not url:
        return {}
    if not is_address(url):
        raise DescribeError("STUDIO_COMFYUI_URL is no address: set it to one such as http://127.0.0.1:8188")
    try:
        with Server(url, environment.get("STUDIO_COMFYUI_TOKEN", "")) as server:
            return server.object_info()
    except BackendError as error:
        raise DescribeError(f"its choices cannot be asked for: {error}") from error


def described(workflow: Workflow, title: str, info: Mapping[str, Any]) -> Description:
    """The model file as data; DescribeError when nothing of the workflow could be shown, or it saves nothing."""
    unknown = [node.class_type for node in workflow.values() if info and node.class_type not in info]
    if unknown:
        raise DescribeError(f"this ComfyUI has no node {unknown[0]}: install what brings it")
    shown = _named(_with_sizes(list(_shown(workflow, info))))
    if not shown:
        raise DescribeError("none of its inputs is one that people change: title a node <Its label> to show its inputs")
    outputs = [node_id for node_id, node in workflow.items() if _SAVES.search(node.class_type)]
    words = re.findall(r"\w+", re.sub(r"[_\W]*api$", "", title, flags=re.IGNORECASE).replace("_", " ")) or ["Workflow"]
    name = " ".join(words)[:80]
    return {
        "id": re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64].strip("-") or "workflow",
        "name": name[:1].upper() + name[1:],
        "type": _type([workflow[node_id].class_type for node_id in outputs]),
        "backend": {
            "kind": "comfyui",
            "inputs": {name: target for one in shown for name, target in one.targets.items()},
            **({"output": outputs[0]} if len(outputs) == 1 else {}),
            "workflow": {node_id: node.model_dump() for node_id, node in workflow.items()},
        },
        "parameters": {one.name: dict(one.declared) for one in shown},
    }


def _type(classes: list[str]) -> str:
    """What the first node that saves makes; one that is not known makes pictures, as most do."""
    first = classes[0].lower() if classes else ""
    if "audio" in first:
        return "audio"
    return "video" if "video" in first or "webm" in first else "image"


# --- which inputs ----------------------------------------------------------------------------------------------------


def _shown(workflow: Workflow, info: Mapping[str, Any]) -> Iterator[_Shown]:
    """Prompts first, then files, and the rest in the order of the workflow; the first seed is the seed."""
    negative = _upstream(workflow, "negative") - _upstream(workflow, "positive")
    found = [one for node_id in workflow for one in _of_node(workflow, node_id, info, node_id in negative)]
    seeds = [one for one in found if one.declared["kind"] == "seed"]
    order = {"text": 0, "image": 1, "video": 1, "audio": 1}
    kept = [one for one in found if one not in seeds[1:]]
    yield from sorted(kept, key=lambda one: (order.get(one.declared["kind"], 2), one.name.startswith("negative")))


def _of_node(workflow: Workflow, node_id: str, info: Mapping[str, Any], is_negative: bool) -> Iterator[_Shown]:
    node = workflow[node_id]
    label = _label(node)
    several = sum(not is_link(value) for value in node.inputs.values()) > 1
    for input_name, value in node.inputs.items():
        said = said_of(info, node.class_type, input_name)
        file = _file(node, input_name, said)
        if is_link(value) or not (label or file or input_name in _NAMES):
            continue
        declared = {"kind": file} if file else _declared(input_name, value, said)
        if declared is None:
            continue
        name = _NAMES.get(input_name) or (file or input_name)
        if name == "prompt" and is_negative:
            name = "negative_prompt"
        if label:
            words = f"{label}: {input_name.replace('_', ' ')}" if several and not file else label
            name, declared = words, {"label": words, **declared}
        elif name in _ADVANCED:
            declared = {**declared, "group": "advanced"}
        yield _Shown(node_id, input_name, _identifier(name), declared)


def _label(node: Node) -> str:
    """The title of a node whose author wrote it as `<Label>`, to have its inputs shown."""
    found = re.fullmatch(r"\s*<\s*([^<>]+?)\s*>\s*", node.title)
    return found[1] if found else ""


def _upstream(workflow: Workflow, input_name: str) -> set[str]:
    """The nodes that lead to any input of that name."""
    waiting = [node.inputs[input_name] for node in workflow.values() if input_name in node.inputs]
    found: set[str] = set()
    while waiting:
        link = waiting.pop()
        if is_link(link) and link[0] in workflow and link[0] not in found:
            found.add(link[0])
            waiting += workflow[link[0]].inputs.values()
    return found


def _identifier(text: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:56]
    return name if re.match("[a-z]", name) and name not in RESERVED_NAMES else f"input_{name}".rstrip("_")


def _with_sizes(found: Sequence[_Shown]) -> Iterator[_Shown]:
    """The width and the height of one node as a size, which the form offers by aspect and as its first picture's."""
    pictures = [one.name for one in found if one.declared["kind"] == "image"]
    for one in found:
        sides = [other for side in _SIDES for other in found if other.node_id == one.node_id and other.name == side]
        size = _size([other.declared for other in sides]) if one in sides and len(sides) == 2 else None
        if size is None:
            yield one
        elif one is sides[0]:
            yield _Shown(one.node_id, one.input_name, "size", {**size, **({"of": pictures[0]} if pictures else {})})


def _size(sides: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """`None` for sides that are no size alike, or that may be 0, which means a side that follows from the other."""
    first, second = ([side.get(name) for name in ("kind", "minimum", "maximum", "step")] for side in sides)
    kind, minimum, maximum, step = first
    pixels, multiple = [side["default"] for side in sides], step or 1
    if first != second or kind != "integer" or not minimum or minimum < 1 or maximum is None:
        return None
    if any(side % multiple for side in pixels):
        return None
    default = dict(zip(_SIDES, pixels, strict=True))
    return {"kind": "size", "default": default, "multiple": multiple, "minimum": minimum, "maximum": maximum}


def _named(found: Iterable[_Shown]) -> list[_Shown]:
    """Each with a name of its own: steps, steps_2."""
    named: list[_Shown] = []
    for one in found:
        name = unused(one.name, (other.name for other in named))
        named.append(_Shown(one.node_id, one.input_name, name, one.declared))
    return named


# --- one input -------------------------------------------------------------------------------------------------------


def _file(node: Node, input_name: str, said: tuple[Any, Mapping[str, Any]]) -> str | None:
    """The kind of file that the input names."""
    for key, kind in _UPLOADS.items():
        if said[1].get(key):
            return kind
    known = _FILES.get(node.class_type)
    return known[1] if known and known[0] == input_name else None


def _declared(input_name: str, value: Any, said: tuple[Any, Mapping[str, Any]]) -> dict[str, Any] | None:
    """The parameter of a value; `None` for one that no form shows."""
    kind, more = said
    if isinstance(value, bool):
        return {"kind": "boolean", "default": value}
    if input_name in ("seed", "noise_seed") and isinstance(value, int):
        return _seed(more)
    if isinstance(value, int | float) and (isinstance(value, float) or kind == "FLOAT"):
        return _number(float(value), more)
    if isinstance(value, int):
        return _integer(value, more)
    if not isinstance(value, str):
        return None
    if isinstance(kind, list) or isinstance(more.get("options"), list):
        return _choice(value, offered_by(said))
    length = {"max_length": len(value)} if len(value) > 10_000 else {}
    lines = {"lines": 3} if input_name in ("text", "prompt") or more.get("multiline") else {}
    return {"kind": "text", "default": value, **lines, **length}


def _choice(value: str, offered: Sequence[str]) -> dict[str, Any] | None:
    """The server's list as it is now, with the workflow's own value; the form asks for it again."""
    if not value and not offered:
        return None
    default = value or offered[0]
    known = list(offered) if default in offered else [default, *offered]
    return {"kind": "choice", "choices": known, "default": default, "choices_from": "service"}


def _seed(more: Mapping[str, Any]) -> dict[str, Any]:
    most = more.get("max")
    has_limit = isinstance(most, int) and not isinstance(most, bool) and most >= 1
    return {"kind": "seed", "maximum": min(most, LARGEST_SEED) if has_limit and most else LARGEST_SEED}


def _integer(value: int, more: Mapping[str, Any]) -> dict[str, Any] | None:
    if abs(value) > _LARGEST:
        return None
    low, high = (_limit(more.get(name), value, sign) for name, sign in (("min", -1), ("max", 1)))
    declared: dict[str, Any] = {"kind": "integer", "default": value}
    if low is not None:
        declared["minimum"] = math.ceil(low)
    if high is not None:
        declared["maximum"] = math.floor(high)
    step = more.get("step")
    if isinstance(step, int) and step > 1 and (value - declared.get("minimum", 0)) % step == 0:
        declared["step"] = step
    return declared


def _number(value: float, more: Mapping[str, Any]) -> dict[str, Any] | None:
    if not math.isfinite(value):
        return None
    low, high = (_limit(more.get(name), value, sign) for name, sign in (("min", -1), ("max", 1)))
    declared: dict[str, Any] = {"kind": "number", "default": value}
    declared |= {} if low is None else {"minimum": float(low)}
    declared |= {} if high is None else {"maximum": float(high)}
    step = more.get("step")
    usable = isinstance(step, int | float) and not isinstance(step, bool) and math.isfinite(step) and step > 0
    return declared | ({"step": float(step)} if usable and isinstance(step, int | float) else {})


def _limit(limit: Any, value: float, sign: int) -> float | None:
    """A limit that a browser knows exactly and the workflow's own value keeps."""
    if not isinstance(limit, int | float) or isinstance(limit, bool) or not math.isfinite(limit):
        return None
    return limit if abs(limit) <= _LARGEST and (value - limit) * sign <= 0 else None
