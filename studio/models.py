"""Which models a studio has: those that come with it, the user's own, and what is described in place of a file."""

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.representer import SafeRepresenter

from backends.base import Backend
from backends.describing import DescribeError, Description
from backends.function import describe
from backends.gradio_app import describe as gradio_app
from backends.registry import DESCRIBERS
from model_configs.registry import (
    BrokenConfig,
    Load,
    Registry,
    Specs,
    UnreadableConfigError,
    collect,
    load_file,
    read_document,
)
from model_configs.schema import ModelConfig
from studio.errors import ModelSourceError
from studio.settings import Settings

_RARE_BREAKS = frozenset("\r\x85\u2028\u2029\ufeff")
_HEADING = "# Made from {}; it is yours to edit.\n"


def load_models(settings: Settings, backends: Mapping[str, Backend]) -> Registry:
    """The shipped models, those in the data folder, and those that the settings name; a broken one is named."""
    specs = specs_of(backends)
    shipped = [(path.name, partial(load_file, path, specs)) for path in sorted(settings.models_dir.glob("*.yaml"))]
    cache = _cache(settings)
    own = [load for source in (str(settings.own_models), *settings.models) for load in _loads(source, specs, cache)]
    return collect([*shipped, *own])


def specs_of(backends: Mapping[str, Backend]) -> Specs:
    """What a model file may say of its backend, by the backend's kind."""
    return {kind: backend.spec_type for kind, backend in backends.items()}


def check_models(sources: Iterable[str], settings: Settings, backends: Mapping[str, Backend]) -> Registry:
    """What of these files and folders loads, and what does not."""
    specs, cache = specs_of(backends), _cache(settings)
    return collect(load for source in sources for load in _loads(source, specs, cache))


def _cache(settings: Settings) -> Path | None:
    """None before a studio has made its data folder: a command that only looks is not to."""
    return settings.cache / "functions" if settings.work.is_dir() else None


def _loads(source: str, specs: Specs, cache: Path | None) -> Iterator[Load]:
    """The models of a file or a folder; of a folder, files that begin with _ are only there to be imported."""
    path = Path(source)
    if path.is_dir():
        for file in sorted(path.iterdir()):
            if file.suffix in (".yaml", ".py") and not file.name.startswith(("_", ".")):
                yield from _loads(str(file), specs, cache)
    elif describe.takes(source):
        yield path.name, partial(_described, source, specs, cache)
    elif path.exists():
        yield path.name, partial(load_file, path, specs)


def _described(source: str, specs: Specs, cache: Path | None) -> ModelConfig:
    if gradio_app.takes(source):
        raise UnreadableConfigError(None, "it is a Gradio app, which `models add` turns into a model file")
    try:
        return read_document(describe.describe(source, os.environ, cache), specs)
    except DescribeError as error:
        raise UnreadableConfigError(error.line, error.reason) from error


# --- models add ------------------------------------------------------------------------------------------------------


def add_model(
    source: str, folder: Path, backends: Mapping[str, Backend], model_id: str | None = None, replace: bool = False
) -> tuple[Path, ModelConfig]:
    """Describe the source and write its model file into the folder; the file, and the model that it is.

    Raises ModelSourceError, and then nothing is written.
    """
    description = _description(source)
    data = {**description, **({"id": model_id} if model_id else {})}
    specs = specs_of(backends)
    try:
        config = read_document(data, specs)
        path = folder / f"{config.id}.yaml"
        if path.exists() and not replace:
            raise ModelSourceError(f"{path} is there already: add --replace to overwrite it, or --id for another one")
        _write(path, _HEADING.format(source.encode("unicode_escape").decode()) + as_yaml(data), specs)
    except UnreadableConfigError as error:
        raise ModelSourceError(str(BrokenConfig(source, error.line, error.reason))) from error
    return path, config


def _description(source: str) -> Description:
    for describer in DESCRIBERS.values():
        if describer.takes(source):
            try:
                return describer.describe(source, os.environ)
            except DescribeError as error:
                raise ModelSourceError(str(BrokenConfig(source, error.line, error.reason))) from error
    examples = ", ".join(one.example for one in reversed(list(DESCRIBERS.values())))
    raise ModelSourceError(f"{source} is nothing that describes itself: give one such as {examples}")


class _Representer(SafeRepresenter):
    """Escapes the line breaks beside \\n, which ruamel.yaml writes as they are and reads as something else."""

    def represent_str(self, data: str) -> Any:
        """Between double quotes, where escapes are, when there is such a character."""
        style = '"' if _RARE_BREAKS.intersection(data) else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Representer.add_representer(str, _Representer.represent_str)


def as_yaml(data: Description) -> str:
    """The data as a model file that people can read and edit."""
    text = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    yaml.default_flow_style, yaml.sort_base_mapping_type_on_output, yaml.width = False, False, 110  # type: ignore[assignment]
    yaml.dump(dict(data), text)
    return text.getvalue()


def _write(path: Path, text: str, specs: Specs) -> None:
    """Put the file there once it has been read back; a studio may start at the same moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        written.write_text(text, encoding="utf-8")
        load_file(written, specs)
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)
