"""Jobs put straight into the stores of a running studio: of every model, also of those that cannot run here."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from model_configs.kinds import Colour, Images, Json, Mask, Size
from model_configs.schema import (
    Audio,
    Boolean,
    Choice,
    Choices,
    Frames,
    Image,
    Integer,
    Loras,
    ModelConfig,
    Number,
    Parameter,
    Seed,
    Text,
    Video,
    files_in,
)
from storage.media.store import MediaInfo
from studio.context import GivenFile, StudioContext
from studio.inputs.reuse_event import ReuseJobInput
from studio.settings import LOCAL_USER, Settings
from studio_ui import open_studio
from tests import media_samples
from tests.memory_studio import Engine, ready_backends

OFTEN = ("audio-edit", "flux-krea", "image-edit", "ken-burns", "pattern", "qwen-image-edit", "upscale", "wan-animate")
"""Models with inputs of every kind; every model has a round trip of its own besides."""

MOST_CARDS = 24
"""How many jobs the first page of the gallery shows."""


class FormJobs:
    """A workspace of a studio and its jobs; `samples` are stored files by their keys, and where they came from.

    `models` are in the order of the page.
    """

    def __init__(self, data_dir: Path, folder: Path) -> None:
        opened, _ = open_studio(Settings(data_dir=data_dir))
        self.models = {config.id: config for config in opened.models()}
        self._database = data_dir / "studio.db"
        self.context: StudioContext = replace(
            opened, backends=ready_backends(list(self.models.values())), engine=Engine()
        )
        self.workspace = self.context.workspaces.create(LOCAL_USER, f"jobs {uuid4().hex[:8]}")
        self.jobs: dict[str, ReuseJobInput] = {}
        self.samples: dict[str, dict[str, Path]] = {
            "image": self._stored(media_samples.png(folder / f"picture {seed}.png", seed=seed) for seed in (1, 2)),
            "video": self._stored(media_samples.video(folder / f"film {seed}.mp4", 0.3, seed=seed) for seed in (1, 2)),
            "audio": self._stored(media_samples.audio(folder / f"sound {seed}.wav", 0.1, seed=seed) for seed in (1, 2)),
        }

    def _stored(self, paths: Iterator[Path]) -> dict[str, Path]:
        return {self.context.media.put(LOCAL_USER, path, path.name).key: path for path in paths}

    @property
    def paths(self) -> dict[str, Path]:
        """Where each sample came from."""
        return {key: path for samples in self.samples.values() for key, path in samples.items()}

    @property
    def files(self) -> dict[str, MediaInfo]:
        """The files of all jobs that exist."""
        keys = {key for job in self.jobs.values() for value in job.options.values() for key in files_in(value)}
        return self.context.files(LOCAL_USER, keys | self.paths.keys())

    def add(self, model: ModelConfig, values: Mapping[str, Any]) -> str:
        """A finished job of the model, be it one of the studio's or not; files are given by their keys."""
        registry = replace(self.context.registry, models={model.id: model})
        context = replace(self.context, registry=registry, backends=ready_backends([model]))
        given = {name: self._given(values[name]) for name in model.media() if values.get(name)}
        job = context.submit(LOCAL_USER, self.workspace.id, model.id, {**values, **given})
        with closing(sqlite3.connect(self._database, timeout=30)) as connection, connection:
            connection.execute("UPDATE job SET status = 'completed' WHERE id = ?", [job.id])
        self.jobs[job.id] = context.reuse_job_input(LOCAL_USER, job.id)
        return job.id

    def _given(self, value: Any) -> Any:
        if isinstance(value, list):
            return [*map(self._given, value)]
        return GivenFile(self.context.media.local_path(value), "a file")

    def add_many(self) -> None:
        """A page of jobs: several of each model of `OFTEN`, one whose file is gone, and one whose model is."""
        for config in (self.models[model_id] for model_id in OFTEN):
            has_rules = any(rule is not None for rule in config.conditions.values())
            for number in range(3 if has_rules else 2):
                self.add(config, self.values(config, number))
        self._add_one_without_its_file()
        pattern = self.models["pattern"]
        retired = pattern.model_copy(update={"id": "retired", "name": "Retired"})
        self.add(retired, self.values(pattern, 4))
        assert len(self.jobs) <= MOST_CARDS

    def _add_one_without_its_file(self) -> None:
        config = self.models["qwen-image-edit"]
        (key,) = self._stored(iter([media_samples.png(self._any_path.with_name("lost.png"), seed=9)]))
        self.add(config, {**self.values(config, 2), "image": key})
        self.context.media.local_path(key).unlink()

    @property
    def _any_path(self) -> Path:
        return next(iter(self.paths.values()))

    def values(self, config: ModelConfig, number: int) -> dict[str, Any]:
        """Some valid values for all inputs, others for another number."""
        return {
            name: self._pick(parameter, number + place)
            for place, (name, parameter) in enumerate(config.parameters.items())
        }

    def _pick(self, parameter: Parameter, number: int) -> Any:
        good = [value for value in self.candidates(parameter) if not (parameter.required and parameter.is_empty(value))]
        return good[number % len(good)]

    def candidates(self, parameter: Parameter) -> Sequence[Any]:
        """Valid values to enter, some of them often met twice."""
        match parameter:
            case Text():
                texts = [r"a {red|blue} \{lone|wild\} fox", "<b>${1}</b>", "", "plain", parameter.default]
                return [*texts, "two\nlines"] if parameter.lines > 1 else texts
            case Integer() | Number():
                return list(_numbers(parameter))
            case Seed():
                return [None, 0, 7, parameter.maximum]
            case Boolean():
                return [True, False]
            case Choice():
                return [option.value for option in parameter.choices]
            case Choices():
                values = [option.value for option in parameter.choices]
                return [[], values[:1], values[1:], values]
            case Loras():
                two = [{"path": "ink", "weight": 0.5}, {"path": "b", "weight": 2}]
                return [[], [{"path": "film", "weight": 1}], two[: parameter.max_items]]
            case Image() | Video() | Audio():
                return [*self.samples[parameter.kind], None]
            case Mask():
                return [*self.samples["image"], None]
            case Images():
                one, two = self.samples["image"]
                return [[one, two], [two], [two, one, two][: parameter.max_items], []]
            case Colour():
                return ["#ff8800", "#000000", "#12345680" if parameter.alpha else "#123456", parameter.initial]
            case Json():
                return ["", '{"a": [1.0, 9007199254740993]}', "[]", parameter.initial]
            case Frames():
                first = parameter.fit(parameter.minimum)
                return [first, (first or 0) + parameter.stride, parameter.initial]
            case Size():
                return [parameter.initial, parameter.fit("512x768"), parameter.fit("4000x3000")]


def unfinished(parameter: Parameter) -> Sequence[Any]:
    """What a user can have typed that the parameter does not take."""
    match parameter:
        case Integer() | Number() if parameter.initial is None or None in (parameter.minimum, parameter.maximum):
            return ["12x"]
        case Integer(minimum=int(low)) if parameter.step > 1:
            return [low + 1]
        case Seed():
            return ["12x", -1]
        case Json():
            return ["{half"]
        case Colour():
            return ["no colour"]
        case Size():
            return [{"width": "12x", "height": 64}]
        case Loras():
            return [[{"path": "", "weight": 1}]]
    return []


def _numbers(parameter: Integer | Number) -> Iterator[Any]:
    low = 0 if parameter.minimum is None else parameter.minimum
    steps = 3 if parameter.maximum is None else round((parameter.maximum - low) / parameter.step)
    for step in (0, 1, steps // 2, steps):
        yield round(low + step * parameter.step, 6)
    yield parameter.initial
