"""The tables. Rows stay in this room: the stores hand out frozen objects."""

import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Dialect,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class JobStatus(StrEnum):
    """Where a job is in its life; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


LONGEST_TEXT = 1_000_000
"""The most characters in a column of text: nobody types more, and a page of such jobs can still be sent."""


@dataclass(frozen=True, slots=True, eq=False)
class Damaged:
    """What a column returns for a value of the wrong type: SQLite stores anything anywhere."""

    problem: str

    @classmethod
    def no(cls, what: str, value: Any) -> "Damaged":
        """The problem shows how the value begins, in letters that a log and a page take."""
        begin = value[:100] if isinstance(value, str | bytes) else value
        return cls(f"no {what}: {ascii(begin)[:100]}")


class Utc(TypeDecorator[Any]):
    """Aware times in UTC, on SQLite too, which drops the zone; a naive time is refused, another thing is damage.

    So is a time that is spelled otherwise than SQLAlchemy does: it would be sorted elsewhere than what it says.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value and value.astimezone(UTC)
        return value.replace(tzinfo=UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | Damaged | None]:
        read = super().result_processor(dialect, coltype)
        assert read is not None

        def process(value: Any) -> datetime | Damaged | None:
            try:
                time: datetime | None = read(value)
            except (ValueError, TypeError, OverflowError, AttributeError):  # the last for a text from PostgreSQL
                return Damaged.no("time", value)
            if isinstance(value, str) and time and time.replace(tzinfo=None).isoformat(" ", "microseconds") != value:
                return Damaged.no("time", value)
            return time

        return process


class Utf8(TypeDecorator[Any]):
    """Text in which what no database keeps becomes `?`: NUL, and a lone surrogate, which JSON may carry."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value and storable(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | Damaged | None:
        """The database's connection decodes what is no UTF-8 to surrogates."""
        if value is None:
            return None
        if not isinstance(value, str) or not _is_utf8(value):
            return Damaged.no("text", value)
        if len(value) > LONGEST_TEXT:
            return Damaged(f"a text of {len(value)} characters: {value[:40]!a}")
        return value


class Status(TypeDecorator[Any]):
    """A `JobStatus` by its value."""

    impl = String(16)
    cache_ok = True

    def process_bind_param(self, value: JobStatus | None, dialect: Dialect) -> str | None:
        return value and JobStatus(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> JobStatus | Damaged | None:
        try:
            return None if value is None else JobStatus(value)
        except ValueError:
            return Damaged.no("status", value)


class Whole(TypeDecorator[Any]):
    """A whole number."""

    impl = Integer
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> int | Damaged | None:
        return value if value is None or isinstance(value, int) else Damaged.no("whole number", value)


class BigWhole(Whole):
    """A whole number of 64 bits."""

    impl = BigInteger
    cache_ok = True


class UnsignedWhole(BigWhole):
    """A whole number from 0 to 2^64 - 1, of which the database sees the 64 bits as a signed one (two's complement)."""

    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        return value if value is None or value < 2**63 else value - 2**64

    def process_result_value(self, value: Any, dialect: Dialect) -> int | Damaged | None:
        found = super().process_result_value(value, dialect)
        return found + 2**64 if isinstance(found, int) and found < 0 else found


class Number(TypeDecorator[Any]):
    """A finite number."""

    impl = Float
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> float | Damaged | None:
        if value is None or (isinstance(value, int | float) and math.isfinite(value)):
            return value
        return Damaged.no("number", value)


class Flag(TypeDecorator[Any]):
    """Yes or no."""

    impl = Boolean
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], bool | Damaged | None]:
        """Not what SQLAlchemy has, which takes every value but 0 for a yes."""
        known = {None: None, 0: False, 1: True}
        return lambda value: known[value] if value in (None, 0, 1) else Damaged.no("yes or no", value)


def now() -> datetime:
    """The present time in UTC."""
    return datetime.now(UTC)


def storable(text: str) -> str:
    """The text with a `?` for each character that a database refuses."""
    if text.isascii():
        return text.replace("\0", "?")
    return text.encode(errors="replace").decode().replace("\0", "?")


def folded(text: str) -> str:
    """The text without case and accents, to compare and search by: SQLite's own LIKE folds ASCII only."""
    return unicodedata.normalize("NFKC", text).casefold()


def table(model: type[SQLModel]) -> Table:
    """The columns to write SQL with: `table(Job).c.id` is a column to a type checker too, `Job.id` is a text."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(**field: Any) -> Any:
    return Field(sa_type=Utf8, **field)


def _time(**field: Any) -> Any:
    return Field(sa_type=Utc, **field)


class Base(SQLModel):
    """Base of all tables: constraints and indexes have names that migrations can rely on."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Workspace(Base, table=True):
    """A user's workspace; `folded_name` sees to it that a user's names differ in more than case."""

    __table_args__ = (UniqueConstraint("user_id", "folded_name"),)

    id: str = _text(primary_key=True)
    user_id: str = _text()
    name: str = _text()
    folded_name: str = _text()
    created_at: datetime = _time()


_NOT_IN_BIN = text("deleted_at IS NULL")
_IN_BIN = text("deleted_at IS NOT NULL")
_PLACED = text("place IS NOT NULL")
_LABELLED = text("labels IS NOT NULL")
_WITHIN: tuple[tuple[str, ...], ...] = ((), ("workspace_id",))
_FILTERS: tuple[tuple[str, ...], ...] = ((), ("model_id",), ("type",), ("status",), ("favourite",))


def _listed(*equal: str) -> Index:
    """An index that has a user's jobs of the equal columns in the order of their list."""
    columns = ("user_id", *equal, "created_at", "id")
    return Index(None, *columns, sqlite_where=_NOT_IN_BIN, postgresql_where=_NOT_IN_BIN)


class Job(Base, table=True):
    """`folded_prompt` is what a search looks at, more than the prompt by now: see `search_text`."""

    __table_args__ = (
        *(_listed(*within, *by) for within in _WITHIN for by in _FILTERS),
        Index(None, "status"),
        Index(None, "status", "user_id", "place", sqlite_where=_PLACED, postgresql_where=_PLACED),
        Index(None, "user_id", sqlite_where=_LABELLED, postgresql_where=_LABELLED),
        Index(None, "user_id", "completed_at", sqlite_where=_NOT_IN_BIN, postgresql_where=_NOT_IN_BIN),
        Index(None, "deleted_at", sqlite_where=_IN_BIN, postgresql_where=_IN_BIN),
        # What the foreign key needs when a workspace goes.
        Index(None, "workspace_id"),
    )

    id: str = _text(primary_key=True)
    user_id: str = _text()
    workspace_id: str | None = _text(foreign_key="workspace.id", ondelete="SET NULL")
    status: JobStatus = Field(sa_type=Status)
    place: int | None = Field(sa_type=BigWhole, description="among the user's waiting jobs: the lowest starts first")
    type: str = _text()
    model_id: str = _text()
    model_version: int = Field(sa_type=Whole)
    prompt: str | None = _text()
    folded_prompt: str | None = _text()
    options: str | None = _text()
    image_input_path: str | None = _text()
    video_input_path: str | None = _text()
    audio_input_path: str | None = _text()
    resolved: str | None = _text()
    seed: int | None = Field(sa_type=UnsignedWhole)
    config_snapshot: str | None = _text()
    endpoint_id: str | None = _text()
    backend_job_id: str | None = _text()
    worker_id: str | None = _text(description="who runs it, or ran it last: see `may_take`")
    progress: float | None = Field(sa_type=Number)
    progress_text: str | None = _text()
    progress_step: int | None = Field(sa_type=Whole)
    progress_of: int | None = Field(sa_type=Whole)
    progress_rate: float | None = Field(sa_type=Number)
    result_url: str | None = _text()
    preview_path: str | None = _text()
    error: str | None = _text()
    error_fields: str | None = _text()
    error_detail: str | None = _text()
    texts: str | None = _text()
    ran_with: str | None = _text()
    cost: float | None = Field(sa_type=Number)
    spent_seconds: float | None = Field(sa_type=Number)
    outputs: str | None = _text()
    favourite: bool = Field(sa_type=Flag)
    rating: int | None = Field(sa_type=Whole)
    labels: str | None = _text(description="a label a line: see `storage.jobs.labels`")
    created_at: datetime = _time()
    started_at: datetime | None = _time()
    completed_at: datetime | None = _time()
    deleted_at: datetime | None = _time()


class JobLink(Base, table=True):
    """Which job came from which, and how; `parameter` is the input that took the parent's output, else empty."""

    __tablename__ = "job_link"

    child_id: str = _text(primary_key=True, foreign_key="job.id", ondelete="CASCADE")
    parent_id: str = _text(primary_key=True, foreign_key="job.id", ondelete="CASCADE", index=True)
    kind: str = _text(primary_key=True)
    parameter: str = _text(primary_key=True)


class UserQueue(Base, table=True):
    """The queue of one user: `turn` counts on whenever a user has one, so who has the lowest is next."""

    __tablename__ = "user_queue"

    user_id: str = _text(primary_key=True)
    turn: int = Field(sa_type=BigWhole, sa_column_kwargs={"server_default": text("0")})
    paused: bool = Field(sa_type=Flag, sa_column_kwargs={"server_default": false()})


class UserChange(Base, table=True):
    """How often a user's jobs and workspaces have changed, which triggers count, but for how far a job is.

    Each `place` is one connection's; what those before have counted stands at 0.
    """

    __tablename__ = "user_change"

    user_id: str = _text(primary_key=True)
    place: int = Field(sa_type=BigWhole, primary_key=True)
    number: int = Field(sa_type=BigWhole)


class Worker(Base, table=True):
    """A worker that lives, as far as the others know; `lanes` is how many jobs it does side by side."""

    id: str = _text(primary_key=True)
    name: str = _text()
    lanes: int | None = Field(sa_type=Whole)
    seen_at: datetime = _time()


class LoadedModel(Base, table=True):
    """A model that a process of a worker keeps loaded; one that is `unwanted` is to go."""

    __tablename__ = "loaded_model"

    worker_id: str = _text(primary_key=True, foreign_key="worker.id", ondelete="CASCADE")
    process: int = Field(sa_type=Whole, primary_key=True)
    model_id: str = _text()
    device: str | None = _text()
    megabytes: int = Field(sa_type=Whole)
    gpu_megabytes: int = Field(sa_type=Whole)
    unwanted: bool = Field(sa_type=Flag)


class OldestSchema(Base, table=True):
    """One row: studios of this version of the tables, or of a newer one, may work here as well as those of the newest.

    A migration that older ones cannot live with writes its own number here.
    """

    __tablename__ = "oldest_schema"

    revision: str = _text(primary_key=True)


class ModelTime(Base, table=True):
    """How many seconds a job of the model took lately."""

    __tablename__ = "model_time"

    model_id: str = _text(primary_key=True)
    seconds: float = Field(sa_type=Number)


class JobPreview(Base, table=True):
    """The live preview of a running job."""

    __tablename__ = "job_preview"

    job_id: str = _text(primary_key=True, foreign_key="job.id", ondelete="CASCADE")
    image: bytes = Field(sa_type=LargeBinary)
    mime: str = _text()
    at: datetime = _time()


class Media(Base, table=True):
    """One stored object, however many users and jobs have it."""

    key: str = _text(primary_key=True)
    kind: str = _text()
    mime: str = _text()
    size: int = Field(sa_type=BigWhole)
    width: int | None = Field(sa_type=Whole)
    height: int | None = Field(sa_type=Whole)
    duration: float | None = Field(sa_type=Number)
    created_at: datetime = _time()


class MediaOwner(Base, table=True):
    """Who may see an object, and the name that this user's file had."""

    __tablename__ = "media_owner"

    user_id: str = _text(primary_key=True)
    media_key: str = _text(primary_key=True, foreign_key="media.key", ondelete="CASCADE", index=True)
    name: str = _text()
    created_at: datetime = _time()


class JobMedia(Base, table=True):
    """Which jobs need an object: while there is one, it is not deleted."""

    __tablename__ = "job_media"

    job_id: str = _text(primary_key=True, foreign_key="job.id", ondelete="CASCADE")
    media_key: str = _text(primary_key=True, foreign_key="media.key", index=True)
    position: int | None = Field(sa_type=Whole, description="place among the job's inputs; None for what the job made")


class Draft(Base, table=True):
    """The form of a user and model as it was left, not yet submitted."""

    user_id: str = _text(primary_key=True)
    model_id: str = _text(primary_key=True)
    values: str = _text()
    sources: str | None = _text()
    updated_at: datetime = _time()


class DraftMedia(Base, table=True):
    """Which drafts need an object: while there is one, it is not deleted."""

    __tablename__ = "draft_media"
    __table_args__ = (
        ForeignKeyConstraint(["user_id", "model_id"], ["draft.user_id", "draft.model_id"], ondelete="CASCADE"),
    )

    user_id: str = _text(primary_key=True)
    model_id: str = _text(primary_key=True)
    media_key: str = _text(primary_key=True, foreign_key="media.key", index=True)


_NAMED = ("user_id", "workspace_id", "folded_name")


class Preset(Base, table=True):
    """A form that a user saved under a name; one with `deleted_at` can still be put back."""

    __table_args__ = (
        Index(None, *_NAMED, unique=True, sqlite_where=_NOT_IN_BIN, postgresql_where=_NOT_IN_BIN),
        Index(None, "deleted_at", sqlite_where=_IN_BIN, postgresql_where=_IN_BIN),
        # What the foreign key needs when a workspace goes.
        Index(None, "workspace_id"),
    )

    id: str = _text(primary_key=True)
    user_id: str = _text()
    workspace_id: str | None = _text(foreign_key="workspace.id", ondelete="SET NULL")
    name: str = _text()
    folded_name: str = _text()
    model_id: str = _text()
    values: str = _text()
    config_snapshot: str = _text()
    updated_at: datetime = _time()
    deleted_at: datetime | None = _time()


class PresetMedia(Base, table=True):
    """Which presets need an object: while there is one, it is not deleted."""

    __tablename__ = "preset_media"

    preset_id: str = _text(primary_key=True, foreign_key="preset.id", ondelete="CASCADE")
    media_key: str = _text(primary_key=True, foreign_key="media.key", index=True)


class Preference(Base, table=True):
    """A lasting choice of a user's."""

    user_id: str = _text(primary_key=True)
    name: str = _text(primary_key=True)
    value: str = _text()


class Account(Base, table=True):
    """Who may sign in; `password` is a hash with all that it was made with."""

    name: str = _text(primary_key=True)
    password: str = _text()
    created_at: datetime = _time()


class Login(Base, table=True):
    """Who is signed in; `token` is a hash. `setting` is a digest of the account's line where that is a setting's."""

    token: str = _text(primary_key=True)
    name: str = _text(index=True)
    setting: str = _text()
    ends_at: datetime = _time()


class Upload(Base, table=True):
    """Which user uploaded a temporary file; equal files of two users share one path."""

    user_id: str = _text(primary_key=True)
    path: str = _text(primary_key=True)
    created_at: datetime = _time()


MEDIA_SINCE = "media"
"""The milestone from which on every object that is put has a row: what is older and has none is of another database."""


class Milestone(Base, table=True):
    """A time that the studio goes by."""

    name: str = _text(primary_key=True)
    at: datetime = _time()
