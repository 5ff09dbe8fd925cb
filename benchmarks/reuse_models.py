"""Models of any size with inputs of every kind, two jobs for each, and how their values read in the page."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_configs.registry import load_registry
from model_configs.schema import ModelConfig
from storage.database import open_database
from storage.jobs import JobStore, NewJob
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


def _inputs(size: int) -> dict[str, tuple[Kind, str | None]]:
    """Name → its kind and the switch it depends on; the seed and then the kinds in turn."""
    made: dict[str, tuple[Kind, str | None]] = {"seed": (SEED, None)}
    for number in range(size - 1):
        turn, kind = divmod(number, len(KINDS))
        parent = f"p{turn}_{DEPENDENT[kind]}" if kind in DEPENDENT else None
        made[f"p{turn}_{kind}"] = (KINDS[kind], parent)
    return made


def write_model(folder: Path, size: int) -> None:
    """A model config of `size` inputs, in the way a user writes one."""
    parameters = {
        name: {**kind.declared, "depends_on": parent and {parent: True}}
        for name, (kind, parent) in _inputs(size).items()
    }
    config = {"id": model_id(size), "name": f"{size} inputs", "type": "image"}
    document = {**config, "backend": {"kind": "local"}, "parameters": parameters}
    (folder / f"{model_id(size)}.yaml").write_text(json.dumps(document), encoding="utf-8")


def model_id(size: int) -> str:
    """The id of the model with that many inputs."""
    return f"inputs-{size}"


def make_jobs(settings: Settings, sizes: tuple[int, ...]) -> dict[int, tuple[Case, Case]]:
    """The jobs x and y for every size, that differ in every input, on a page filled up with others."""
    database = open_database(settings.database)
    jobs, workspace = JobStore(database), WorkspaceStore(database).ensure_default(LOCAL_USER)
    models = load_registry(settings.models_dir).models

    def make(config: ModelConfig, options: dict[str, Any]) -> str:
        new = {
            "workspace_id": workspace.id,
            "seed": options.get("seed"),
            "model_version": config.version,
            "config_snapshot": config.snapshot(),
        }
        job = jobs.create(NewJob(user_id=LOCAL_USER, type="image", model_id=config.id, options=options, **new))
        jobs.request_cancel(LOCAL_USER, job.id)  # or the studio would run it
        return job.id

    first = next(iter(models.values()))
    for _ in range(FULL_GALLERY - 2 * len(sizes)):
        make(first, {})
    made = {size: (_case(size, 0, make, models), _case(size, 1, make, models)) for size in sizes}
    database.dispose()
    return made


def _case(size: int, which: int, make: Callable[..., str], models: Mapping[str, ModelConfig]) -> Case:
    inputs = _inputs(size)
    given = {name: kind.values[which] for name, (kind, _) in inputs.items()}
    options = {name: value for name, value in given.items() if inputs[name][1] is None or given[inputs[name][1]]}
    shown = {name: kind.shows(given[name]) if name in options else None for name, (kind, _) in inputs.items()}
    config = models[model_id(size)]
    fields = {f"field-{config.id}-{name}": boxes for name, boxes in shown.items()}
    return Case(make(config, options), fields)
