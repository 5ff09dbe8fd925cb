"""Choices that are listed elsewhere: in a folder of weights, or by the service that runs the model."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from backends.base import Backend, BackendError, ListsChoices
from model_configs.schema import Choice, Folder, Loras, ModelConfig
from studio.jobs.readiness import missing, spec_of

MOST = 5_000
"""The most choices of a list; further ones are cut off."""

_PICTURES = (".preview.png", ".png", ".preview.jpg", ".preview.jpeg", ".jpg", ".jpeg", ".preview.webp", ".webp")
"""How the picture of a file is called, in place of the file's own suffix or behind it."""

_NO_FOLDER = "Choices of files need a folder: set STUDIO_WEIGHTS_DIR."


@dataclass(frozen=True, slots=True)
class Listed:
    """The choices as last listed, and which of them have a picture; `hint` says why they could not be listed now."""

    choices: tuple[str, ...] = ()
    pictured: frozenset[str] = frozenset()
    hint: str = ""


class ChoiceLists:
    """The lists of one studio; while a service does not answer, its last list stays."""

    def __init__(self, weights: Path | None = None) -> None:
        self._weights = weights
        self._last: dict[tuple[str, str], Listed] = {}

    def of(self, config: ModelConfig, name: str, backends: Mapping[str, Backend]) -> Listed:
        """The choices of a parameter, listed now; waits for the service."""
        source = source_of(config, name)
        if source is None:
            return Listed()
        key = (config.id, name)
        try:
            found = self._files(source) if isinstance(source, Folder) else _of_service(config, name, backends)
        except BackendError as error:
            return replace(self._last.get(key, Listed()), hint=str(error))
        self._last[key] = found
        return found

    def picture(self, config: ModelConfig, name: str, choice: str) -> Path | None:
        """The preview image beside the file of a choice, if there is one; never one outside the folder of weights."""
        source = source_of(config, name)
        if not isinstance(source, Folder) or self._weights is None or "\0" in choice:
            return None
        root = self._weights.resolve()
        file = root / source.folder / choice
        is_listed = file.suffix.lower() in source.suffixes and ".." not in file.parts and _is_inside(file, root)
        return next((one for one in _pictures(file) if _is_inside(one, root)), None) if is_listed else None

    def _files(self, source: Folder) -> Listed:
        if self._weights is None:
            raise BackendError(_NO_FOLDER)
        root = self._weights.resolve()
        folder = root / source.folder
        if not folder.is_dir():
            raise BackendError(f"The folder {source.folder} is not there: make it in the one of STUDIO_WEIGHTS_DIR.")
        files = frozenset(_walk(folder))
        found = {
            one.relative_to(folder).as_posix(): not files.isdisjoint(_pictures(one))
            for one in files
            if one.suffix.lower() in source.suffixes and _is_inside(one, root)
        }
        names = sorted(found, key=lambda one: (one.lower(), one))[:MOST]
        return Listed(tuple(names), frozenset(name for name in names if found[name]))


def source_of(config: ModelConfig, name: str) -> Folder | str | None:
    """Where the choices of a parameter come from; `None` where the model lists them, or has no such parameter."""
    parameter = config.parameters.get(name)
    return parameter.choices_from if isinstance(parameter, Choice | Loras) else None


def _of_service(config: ModelConfig, name: str, backends: Mapping[str, Backend]) -> Listed:
    if said := missing(config, backends):
        raise BackendError(said)
    backend = backends[config.backend.kind]
    if not isinstance(backend, ListsChoices):
        raise BackendError(f"{config.backend.kind} lists no choices: name them, or a folder, in the model file.")
    return Listed(tuple(dict.fromkeys(backend.choices(spec_of(config, backend), name)))[:MOST])


def _walk(folder: Path) -> Iterator[Path]:
    """Every file below the folder; hidden ones (`.name`) are skipped, and no link to a folder is followed."""
    for at, folders, files in os.walk(folder):
        folders[:] = [one for one in folders if not one.startswith(".")]
        yield from (Path(at, one) for one in files if not one.startswith(".") and one.isprintable())


def _pictures(file: Path) -> list[Path]:
    """Where the picture of a file may lie, the likeliest first."""
    return [one for suffix in _PICTURES for one in (file.with_suffix(suffix), file.with_name(f"{file.name}{suffix}"))]


def _is_inside(path: Path, root: Path) -> bool:
    """Whether it is a file below the root, with links resolved."""
    try:
        found = path.resolve(strict=True)
        return found.is_relative_to(root) and found.is_file()
    except (OSError, RuntimeError, ValueError):
        return False
