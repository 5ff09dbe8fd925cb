"""Models of any size with inputs of every kind, two jobs for each, and how their values read in the page."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from components.addresses import media_url
from media_kinds import MediaKind
from model_configs.registry import load_registry
from storage.database import open_database
from storage.jobs.store import JobStore, NewJob
from storage.media.probe import MediaLimits
from storage.media.store import MediaStore
from storage.workspaces import WorkspaceStore
from studio.settings import LOCAL_USER, Settings

FULL_GALLERY = 24
"""Cards of one page, so that the page is as heavy as in use."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of input is declared, the values it has in the jobs x and y, and what its boxes then show."""

    declared: Mapping[str, Any]
    values: tuple[Any, Any]
    shows: Callable[[Any], list[Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """A job in the gallery and what the form shows once it is reused: no boxes where an input does not show."""

    job_id: str
    shown: Mapping[str, list[Any] | None]


def _box(value: Any) -> list[Any]:
    return [str(value)]


def _slider(value: Any) -> list[Any]:
    return [f"{value:g}"] * 2  # the number box and the handle


def _ticks(choices: str) -> Callable[[Any], list[Any]]:
    return lambda chosen: [choice in chosen for choice in choices]


KINDS = (
    Kind({"kind": "text"}, ("calm ocean", "night forest"), _box),
    Kind({"kind": "integer", "default": 5, "minimum": 0, "maximum": 100}, (20, 75), _slider),
    Kind({"kind": "number", "default": 1, "minimum": 0, "maximum": 10}, (2.5, 7.5), _slider),
    Kind({"kind": "boolean"}, (True, False), lambda value: [value]),
    Kind({"kind": "text", "lines": 3}, ("shown with x only", ""), _box),
    Kind({"kind": "choice", "choices": list("abcd")}, ("b", "d"), _ticks("abcd")),
    Kind({"kind": "choice", "choices": list("abcdefgh")}, ("c", "g"), _box),
    Kind({"kind": "number", "default": None}, (0.25, 3), _box),
    Kind({"kind": "boolean"}, (False, True), lambda value: [value]),
    Kind({"kind": "integer", "default": 5, "minimum": 0, "maximum": 9}, (0, 8), _slider),
    Kind({"kind": "choices", "choices": list("abc")}, (["a", "c"], ["b"]), _ticks("abc")),
)
DEPENDENT = {4: 3, 9: 8}
"""Of the kinds above, those that show only while the switch before them is on: one in x, the other in y."""
SEED = Kind({"kind": "seed"}, (1234, 56789), _box)


def inputs(size: int) -> dict[str, tuple[Kind, str | None]]:
    """Name → its kind and the switch it depends on; the seed and then the kinds in turn."""
    made: dict[str, tuple[Kind, str | None]] = {"seed": (SEED, None)}
    for number in range(size - 1):
        turn, kind = divmod(number, len(KINDS))
        parent = f"p{turn}_{DEPENDENT[kind]}" if kind in DEPENDENT else None
        made[f"p{turn}_{kind}"] = (KINDS[kind], parent)
    return made


def write_model(
    folder: Path,
    model_id: str,
    size: int,
    media: Mapping[str, Any] = MappingProxyType({}),
    type_: MediaKind = "image",
) -> None:
    """A model config of `size` inputs and those of `media`, in the way a user writes one."""
    parameters = {
        name: {**kind.declared, "depends_on": parent and {parent: True}}
        for name, (kind, parent) in inputs(size).items()
    }
    config = {
        "id": model_id,
        "name": model_id,
        "type": type_,
        "backend": {"kind": "function", "function": "backends.local_models.pattern:run"},
    }
    document = {**config, "parameters": {**parameters, **media}}
    (folder / f"{model_id}.yaml").write_text(json.dumps(document), encoding="utf-8")


def data_folder(folder: Path, models: Path | None = None) -> Settings:
    """The settings of a new studio, with the shipped models unless others are given."""
    folder.mkdir()
    return Settings(data_dir=folder, **({"models_dir": models} if models else {}))


Files = Mapping[str, Path]
"""The files of a job by the name of their input."""


def make_jobs(
    settings: Settings, sizes: Mapping[str, int], media: Mapping[str, Sequence[Files]] = MappingProxyType({})
) -> dict[str, list[Case]]:
    """The jobs x and y for every model of that size, that differ in every input, on a page filled up with others.

    A model of `media` has a job for each of its files, x and y in turn.
    """
    files = {model_id: media.get(model_id, ({}, {})) for model_id in sizes}
    with closing(_Jobs(settings)) as jobs:
        for _ in range(FULL_GALLERY - sum(map(len, files.values()))):
            jobs.make(jobs.any_model, {})
        return {
            model_id: [
                _case(jobs, model_id, sizes[model_id], number % 2, given) for number, given in enumerate(several)
            ]
            for model_id, several in files.items()
        }


class _Jobs:
    """The stores of a studio that is not running."""

    def __init__(self, settings: Settings) -> None:
        self._database = open_database(settings.database)
        self._jobs = JobStore(self._database)
        self._media = MediaStore(self._database, settings.media, MediaLimits(2_000_000_000))
        self._workspace = WorkspaceStore(self._database).ensure_default(LOCAL_USER)
        self._models = load_registry(settings.models_dir).models
        self.any_model = next(iter(self._models))

    def put(self, path: Path) -> str:
        return self._media.put(LOCAL_USER, path, path.name).key

    def media_of(self, model_id: str) -> Collection[str]:
        return self._models[model_id].media()

    def make(self, model_id: str, options: dict[str, Any], media: Collection[str] = ()) -> str:
        config = self._models[model_id]
        new = {
            "workspace_id": self._workspace.id,
            "seed": options.get("seed"),
            "model_version": config.version,
            "config_snapshot": config.snapshot(),
            "media": frozenset(media),
        }
        job = self._jobs.create(NewJob(user_id=LOCAL_USER, type=config.type, model_id=model_id, options=options, **new))
        self._jobs.request_cancel(LOCAL_USER, job.id)  # or the studio would run it
        return job.id

    def close(self) -> None:
        self._database.dispose()


def _case(jobs: _Jobs, model_id: str, size: int, which: int, files: Files) -> Case:
    declared = inputs(size)
    given = {name: kind.values[which] for name, (kind, _) in declared.items()}
    options = {name: value for name, value in given.items() if declared[name][1] is None or given[declared[name][1]]}
    shown = {name: kind.shows(given[name]) if name in options else None for name, (kind, _) in declared.items()}
    keys = {name: jobs.put(path) for name, path in files.items()}
    shown |= {name: [media_url(keys[name])] if name in keys else None for name in jobs.media_of(model_id)}
    fields = {f"field-{model_id}-{name}": boxes for name, boxes in shown.items()}
    return Case(jobs.make(model_id, {**options, **keys}, keys.values()), fields)
