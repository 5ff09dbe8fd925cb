"""A studio whose stores are real, with real files in them; only what would run the jobs is not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import text

from model_configs.registry import Registry
from model_configs.schema import ModelConfig
from storage.archive.jobs import JobArchives
from storage.database import open_database
from storage.drafts import DraftStore
from storage.jobs.queue import QueueStore
from storage.jobs.store import JobStore
from storage.media.store import MediaStore
from storage.preferences import PreferenceStore
from storage.presets import PresetStore
from storage.workspaces import WorkspaceStore
from studio.context import StudioContext
from studio.inputs.wildcards import Wildcards
from tests import media_samples
from tests.memory_studio import USER, Engine, ready_backends


class KeptStudio:
    """`keys` are stored files of each kind that belong to USER; `files` are the same, where they came from."""

    def __init__(self, folder: Path, configs: Mapping[str, ModelConfig], url: str = "", bucket: str = "") -> None:
        self.database = open_database(url or f"sqlite:///{folder / 'studio.db'}")
        media = MediaStore(self.database, folder / "media", url=bucket)
        self.context = StudioContext(
            registry=Registry(configs),
            jobs=JobStore(self.database),
            workspaces=WorkspaceStore(self.database),
            media=media,
            archives=JobArchives(self.database, media),
            drafts=DraftStore(self.database),
            preferences=PreferenceStore(self.database),
            presets=PresetStore(self.database),
            backends=ready_backends(configs.values()),
            engine=Engine(),
            queue_store=QueueStore(self.database),
            wildcards=Wildcards(folder / "wildcards"),
            trash_days=30,
        )
        (folder / "samples").mkdir()
        self.files = _samples(folder / "samples")
        self.keys: Mapping[str, Sequence[str]] = {
            kind: [self.context.media.put(USER, path, path.name).key for path in paths]
            for kind, paths in self.files.items()
        }

    @property
    def media_root(self) -> Path:
        return self.context.media.local_path(self.keys["image"][0]).parents[1]

    def with_models(self, *configs: ModelConfig) -> StudioContext:
        """The same stores under other models."""
        registry = Registry({config.id: config for config in configs})
        return replace(self.context, registry=registry, backends=ready_backends(configs))

    def damage(self, job_id: str, column: str, value: Any) -> None:
        """Write into a job's row what no store would."""
        with self.database.begin() as connection:
            connection.execute(text(f"UPDATE job SET {column} = :value WHERE id = :id"), {"value": value, "id": job_id})

    def count(self, table: str) -> int:
        with self.database.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def _samples(folder: Path) -> dict[str, list[Path]]:
    """Files that a decoder could easily lose something of: 16 bits, alpha, EXIF, animation."""
    return {
        "image": [
            media_samples.png16(folder / "deep.png"),
            media_samples.png_alpha(folder / "clear ünï.png"),
            media_samples.jpeg_exif(folder / "turned.jpg"),
            media_samples.animation(folder / "moving.gif"),
        ],
        "video": [media_samples.video(folder / f"film {seed}.mp4", seconds=0.2, seed=seed) for seed in (1, 2)],
        "audio": [media_samples.audio(folder / f"sound {seed}.wav", seconds=0.05, seed=seed) for seed in (1, 2)],
    }
