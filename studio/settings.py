"""Every setting of the studio, read once in `main()` from the environment and frozen from then on."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from model_configs.registry import HERE as SHIPPED_MODELS

LOCAL_USER = "local"
"""The user of a studio without a login; an account of this name keeps the work made before there were accounts."""

SPACE_DISK = Path("/data")
"""Where a Space that has persistent storage mounts it; all else in a Space is lost when it restarts."""


def _on_space() -> bool:
    return "SPACE_ID" in os.environ


def _default_host() -> str:
    return "0.0.0.0" if _on_space() else "127.0.0.1"


def _default_data_dir() -> Path:
    usable = _on_space() and SPACE_DISK.is_dir() and os.access(SPACE_DISK, os.W_OK)
    return SPACE_DISK if usable else Path("data")


class Settings(BaseSettings):
    """The environment, checked; each name is prefixed with STUDIO_ unless it belongs to a service."""

    model_config = SettingsConfigDict(
        env_prefix="STUDIO_",
        frozen=True,
        env_ignore_empty=True,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,  # a mistyped STUDIO_USERS must not print its passwords
        extra="ignore",
    )

    data_dir: Path = Field(
        default_factory=_default_data_dir,
        validate_default=True,
        description="Folder of the database, the media and the job engine; ./data, or /data on a Space that has it.",
    )
    models_dir: Path = Field(
        SHIPPED_MODELS, description="Folder of the model configs, one YAML file a model; the shipped ones when not set."
    )
    wildcards_dir: Path | None = Field(
        None,
        description="Folder of the files that `__name__` in a prompt draws from; in the data folder when not set.",
    )
    host: str = Field(
        default_factory=_default_host,
        description="Address to listen on; 127.0.0.1 keeps the studio to this machine, a Space listens on 0.0.0.0.",
    )
    port: int = Field(7860, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    users: SecretStr = Field(
        SecretStr(""),
        description="Accounts as name:password pairs, such as ann:secret,bob:hidden; without any there is no login.",
    )
    max_upload_mb: int = Field(200, ge=1, description="Largest upload in megabytes.")
    max_pixels: int = Field(
        64_000_000, ge=1, description="Most pixels that one image or video frame may have once decoded."
    )
    concurrency: int = Field(1, ge=1, description="How many jobs run side by side; models on one GPU want 1.")
    root_path: str = Field("", description="Path under which a reverse proxy publishes the studio, such as /studio.")
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL of the database; an SQLite file in the data folder when not set."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    runpod_api_key: SecretStr | None = Field(
        None, validation_alias="RUNPOD_API_KEY", description="Key of the RunPod account that runs the RunPod models."
    )

    @field_validator("data_dir", "models_dir", "wildcards_dir")
    @classmethod
    def _absolute(cls, folder: Path | None) -> Path | None:
        return folder and folder.expanduser().resolve()

    @field_validator("models_dir")
    @classmethod
    def _there(cls, folder: Path) -> Path:
        if not folder.is_dir():
            raise ValueError(f"there is no folder {folder}")
        return folder

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, level: object) -> object:
        return level.lower() if isinstance(level, str) else level

    @field_validator("users")
    @classmethod
    def _pairs(cls, users: SecretStr) -> SecretStr:
        names = [name for name, _ in _accounts(users)]
        if len(set(names)) != len(names):
            raise ValueError("an account stands there twice: every name may stand there once")
        return users

    @property
    def accounts(self) -> tuple[tuple[str, str], ...]:
        """The (name, password) pairs; empty without a login."""
        return _accounts(self.users)

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in use, password included: never to be printed."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir / 'studio.db'}"

    @property
    def uploads(self) -> Path:
        """Where Gradio puts what people upload, before a job takes it into the media store."""
        return self.data_dir / "uploads"

    @property
    def media(self) -> Path:
        """The content-addressed store of inputs, results and previews."""
        return self.data_dir / "media"

    @property
    def wildcards(self) -> Path:
        """The wildcard files in use."""
        return self.wildcards_dir or self.data_dir / "wildcards"


def _accounts(users: SecretStr) -> tuple[tuple[str, str], ...]:
    pairs = [pair for pair in users.get_secret_value().split(",") if pair.strip()]
    return tuple(_account(place, pair) for place, pair in enumerate(pairs, start=1))


def _account(place: int, pair: str) -> tuple[str, str]:
    """One pair; ValueError names a bad one by its place only, for it may hold a password."""
    name, colon, password = pair.partition(":")
    if not colon or not name.strip() or not password:
        raise ValueError(f"name:password pairs separated by commas are needed, and pair {place} is not one")
    return name.strip(), password
