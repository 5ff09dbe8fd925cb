"""Workflows in ComfyUI's API format: nodes by their id, each with its class and its inputs."""

import json
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

LARGEST_FILE = 10_000_000
"""Bytes; workflows have some ten to hundred thousand."""


class Node(BaseModel):
    """One node; what else the file says of it, such as its title below `_meta`, is kept as it is."""

    model_config = ConfigDict(extra="allow", frozen=True)

    class_type: str
    inputs: dict[str, Any] = Field(default_factory=dict)

    @property
    def title(self) -> str:
        """What its author calls it, else its class."""
        meta = (self.model_extra or {}).get("_meta")
        title = meta.get("title") if isinstance(meta, Mapping) else None
        return title if isinstance(title, str) and title else self.class_type


Workflow = dict[str, Node]
_workflow = TypeAdapter(Workflow)


def read_file(path: Path) -> Any:
    """What the JSON file holds; ValueError with the reason when it cannot be had."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"{path} is too large for a workflow")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"there is no workflow {path} that can be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} holds no JSON: {error}") from error


def parse(data: object) -> Workflow:
    """The nodes of a workflow in API format; ValueError says what else it is."""
    if isinstance(data, Mapping) and isinstance(data.get("nodes"), list):
        raise ValueError("this is the page's own format: save it in ComfyUI with Export (API)")
    if not isinstance(data, Mapping) or not data:
        raise ValueError("a workflow in API format is needed: nodes by their id")
    try:
        return _workflow.validate_python({str(node_id): node for node_id, node in data.items()})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"a workflow in API format is needed, and {where} is none: {first['msg']}") from None


def is_link(value: object) -> bool:
    """Whether an input comes from another node, as [id, index of its output]."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)


def filled(workflow: Workflow, values: Mapping[tuple[str, str], Any]) -> dict[str, Any]:
    """The workflow as ComfyUI takes it, with these values at (node, input)."""
    prompt = {node_id: deepcopy(node.model_dump()) for node_id, node in workflow.items()}
    for (node_id, name), value in values.items():
        prompt[node_id]["inputs"][name] = value
    return prompt
