"""Loads the model config files of a folder; a broken one is named with line and reason, the others still load."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from model_configs.schema import BackendSpec, ModelConfig, ModelConfigError

HERE = Path(__file__).parent
SCHEMA_FILE = HERE / "schema.json"
LARGEST_FILE = 1_000_000
"""Bytes; a model config is written by hand, so anything larger is a mistake."""


@dataclass(frozen=True, slots=True)
class BrokenConfig:
    """A file that did not load: where it is wrong (a line from 1, if known) and why."""

    file: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        return f"{self.file}{f', line {self.line}' if self.line else ''}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Registry:
    """The models of the studio in the order of their names, and the files that could not be read."""

    models: Mapping[str, ModelConfig]
    broken: tuple[BrokenConfig, ...] = ()


Specs = Mapping[str, type[BaseModel]]
"""What the `backend:` block of a file must be, by its kind; one that is not here may be an absent plug-in's."""

_UNCHECKED: Specs = MappingProxyType({})


class UnreadableConfigError(Exception):
    """A file that is not a model config: the line from 1, if known, and the reason."""

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


Load = tuple[str, Callable[[], ModelConfig]]
"""What a file is called, and what reads it or raises UnreadableConfigError."""


def load_registry(folder: Path = HERE, specs: Specs = _UNCHECKED) -> Registry:
    """Every `*.yaml` of the folder."""
    return collect((path.name, partial(load_file, path, specs)) for path in sorted(folder.glob("*.yaml")))


def collect(loads: Iterable[Load]) -> Registry:
    """The models of all files; two with one id leave the first and name the second as broken."""
    models: dict[str, ModelConfig] = {}
    broken: list[BrokenConfig] = []
    for file, load in loads:
        try:
            config = load()
            if config.id in models:
                raise UnreadableConfigError(None, f"the id {config.id} is taken by another file")
        except UnreadableConfigError as error:
            broken.append(BrokenConfig(file, error.line, error.reason))
        else:
            models[config.id] = config
    return Registry(dict(sorted(models.items(), key=lambda item: item[1].name.casefold())), tuple(broken))


def load_file(path: Path, specs: Specs = _UNCHECKED) -> ModelConfig:
    """One model config; raises with line and reason when it is not one."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UnreadableConfigError(None, "the file is too large for a model config")
        document = YAML(typ="rt", pure=True).load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableConfigError(
            mark.line + 1 if mark else None, f"not YAML: {error.problem or error.context}"
        ) from error
    except (YAMLError, UnicodeDecodeError, OSError, RecursionError, ValueError) as error:
        raise UnreadableConfigError(None, f"cannot be read: {error}") from error
    return read_document(document, specs, path.parent)


def read_document(document: Any, specs: Specs = _UNCHECKED, folder: Path | None = None) -> ModelConfig:
    """A model file as data, from YAML or described; raises with line, where there are any, and reason.

    Files that the backend's block names stand in the folder.
    """
    try:
        return _checked(ModelConfig.model_validate(plain(document)), document, specs, folder)
    except RecursionError as error:
        raise UnreadableConfigError(None, "the file is nested too deeply") from error
    except ModelConfigError as error:
        raise UnreadableConfigError(_line(document, error.where), error.reason) from error
    except ValidationError as error:
        raise _unreadable(document, error) from error


def _checked(config: ModelConfig, document: Any, specs: Specs, folder: Path | None) -> ModelConfig:
    """The config, once its backend has found its own block to be right, with what it read from files beside it."""
    spec = specs.get(config.backend.kind)
    if spec is None:
        return config
    kinds = {name: parameter.kind for name, parameter in config.parameters.items()}
    try:
        read = spec.model_validate(config.backend.model_dump(), context={"folder": folder, "parameters": kinds})
    except ValidationError as error:
        raise _unreadable(document, error, "backend") from error
    backend = BackendSpec.model_validate(read.model_dump(mode="json", exclude_unset=True))
    return config.model_copy(update={"backend": backend})


def _unreadable(document: Any, error: ValidationError, *within: str) -> UnreadableConfigError:
    """The first thing that is wrong, a misspelt key before a missing one; `within` leads to what was checked."""
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    loc = (*within, *first["loc"])
    where = ".".join(str(part) for part in _written(document, loc))
    return UnreadableConfigError(_line(document, loc), f"{where or 'the file'}: {first['msg']}")


def plain(node: Any) -> Any:
    """The document as plain Python values, without the positions that the YAML reader keeps."""
    match node:
        case dict():
            return {plain(key): plain(value) for key, value in node.items()}
        case list():
            return [plain(item) for item in node]
        case bool() | None:
            return node
        case int():
            return int(node)
        case float():
            return float(node)
        case str():
            return str(node)
    return node


def _child(node: Any, part: str | int) -> Any:
    """The part of a mapping or list, `None` where there is none."""
    if isinstance(node, dict):
        return node.get(part)
    return node[part] if isinstance(node, list) and isinstance(part, int) and part < len(node) else None


def _written(document: Any, where: Sequence[str | int]) -> list[str | int]:
    """`where` without the parts that pydantic adds, such as the name of a union's branch."""
    kept: list[str | int] = []
    node = document
    for index, part in enumerate(where):
        child = _child(node, part)
        if child is not None:
            node = child
        if child is not None or index == len(where) - 1:
            kept.append(part)
    return kept


def _line(document: Any, where: Sequence[str | int]) -> int | None:
    """The line, from 1, of the deepest part of `where` that the file has."""
    node, line = document, None
    for part in _written(document, where):
        if isinstance(node, CommentedMap) and part in node:
            line = node.lc.key(part)[0] + 1
        elif isinstance(node, CommentedSeq) and _child(node, part) is not None:
            line = node.lc.item(part)[0] + 1
        node = _child(node, part)
    return line


def json_schema() -> str:
    """The JSON Schema of a model config, for editors; `schema.json` is this text."""
    return json.dumps(ModelConfig.model_json_schema(), indent=2) + "\n"
