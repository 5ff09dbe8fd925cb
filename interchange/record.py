"""What a file of this studio says of the job that made it: enough to bring the job back without a database.

It names contents by their hashes, and neither people nor places: no user, no path, no file name, no key of a service.
"""

import json
import math
import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, Strict

from interchange.containers import texts
from interchange.decoding import inflate
from media_kinds import MediaKind

KEY = "studio"
"""The key of a record among the texts of a file."""

KEYS = (KEY, "xmp.studiojob", "comment", "text")
"""Where a record stands, by container: a text of its own, XMP, where MP4 keeps no other, or a file that is a text."""

SourceType = Literal["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "algorithmicMedia"]
"""IPTC's digital source types for what is made by a model, by a model out of pictures, and by rules."""

_START = f'{{"{KEY}":'
_COPIED = re.compile(r'\s*\{\s*"(?:model_id|values)"\s*:')
_DEEPEST = 60
_PARAMETER = frozenset({"help", "placeholder", "group", "lines"})  # what only the form of the model's studio shows
_CONFIG = ("id", "name", "version", "type", "parameters", "renames")


class JobRecord(BaseModel):
    """The job that made a file.

    `options` are the inputs by parameter as the job stores them, `resolved` the texts as the model got them where they
    are others. A file among the inputs is named by its content: `media` has the kind of each. `seed` is what the job
    ran with, `output_seed` what this file was made with where it has one of its own. `config` is the model's config
    then, without what runs it. Inputs that were copied as text do not say the `type`.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    studio: Literal[1] = 1
    model_id: str
    model_name: str = ""
    model_version: Annotated[int, Field(ge=1, lt=2**31)] = 1
    type: MediaKind | None = None
    options: dict[str, Any] = {}
    resolved: dict[str, str] = {}
    media: dict[str, MediaKind] = {}
    seed: Annotated[int, Field(ge=0, lt=2**64)] | None = None
    output_seed: Annotated[int, Field(ge=0, lt=2**64)] | None = None
    source_type: SourceType | None = None
    ran_with: dict[str, str] = {}
    job_id: str | None = None
    created_at: Annotated[AwareDatetime, Strict(False)] | None = None
    config: dict[str, Any] | None = None

    def to_text(self) -> str:
        """As JSON in ASCII, which no container and no tool on the way writes otherwise; ValueError for what is none."""
        said = {KEY: self.studio, **self.model_dump(exclude_defaults=True)}
        return json.dumps(said, separators=(",", ":"), allow_nan=False, default=lambda time: time.isoformat())

    def to_packed_text(self) -> str:
        """The same deflated, for containers that have little room."""
        return b64encode(zlib.compress(self.to_text().encode(), 9)).decode()

    @classmethod
    def of_text(cls, text: str) -> Self | None:
        """The record that a text is, packed or not, or the inputs that it is, as they are copied as JSON."""
        try:
            if text.lstrip()[:1] != "{":
                text = inflate(b64decode(text, validate=True)).decode()
            if text.startswith(_START):
                found = json.loads(text)
            else:
                found = _inputs(json.loads(text)) if _COPIED.match(text) else None
            return cls.model_validate(found) if _is_plain(found) else None
        except (ValueError, RecursionError):
            return None

    def parameter(self, name: str) -> Mapping[str, Any]:
        """What the model's config then said of an input."""
        parameters = (self.config or {}).get("parameters")
        found = parameters.get(name) if isinstance(parameters, dict) else None
        return found if isinstance(found, dict) else {}


def read_record(content: bytes, sidecar: bytes = b"") -> JobRecord | None:
    """The record of a file, or of the text beside it; None where there is none or it is damaged.

    Raises nothing, whatever the bytes are.
    """
    return of_texts(texts(content)) or (of_texts(texts(sidecar)) if sidecar else None)


def of_texts(found: Mapping[str, str]) -> JobRecord | None:
    """The record among the texts of a file."""
    records = (JobRecord.of_text(found[key]) for key in KEYS if key in found)
    return next((record for record in records if record is not None), None)


def portable_config(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """What another studio needs of a model's config: not what runs it, where paths and addresses stand."""
    config = {name: snapshot[name] for name in _CONFIG if name in snapshot}
    parameters = config.get("parameters")
    if isinstance(parameters, dict):
        config["parameters"] = {
            name: {key: value for key, value in declared.items() if key not in _PARAMETER}
            if isinstance(declared, dict)
            else declared
            for name, declared in parameters.items()
        }
    backend = snapshot.get("backend")
    kind = backend.get("kind") if isinstance(backend, dict) else None
    return {**config, "backend": {"kind": kind}} if isinstance(kind, str) else config


def _inputs(copied: Any) -> Any:
    """The inputs that `submit_job` takes, as a job stores them: of a file its key."""
    match copied:
        case {"model_id": str(model_id), "values": dict(values)}:
            return {"model_id": model_id, "options": {name: _stored(value) for name, value in values.items()}}
    return None


def _stored(value: Any) -> Any:
    match value:
        case {"file": str(key)}:
            return key
        case [*several]:
            return [
                one["file"] if isinstance(one, dict) and isinstance(one.get("file"), str) else one for one in several
            ]
    return value


def _is_plain(value: object) -> bool:
    """Whether it is an object of finite numbers that is not too deep to be walked."""
    if not isinstance(value, dict):
        return False
    level: list[Any] = [value]
    for _ in range(_DEEPEST):
        if any(isinstance(one, float) and not math.isfinite(one) for one in level):
            return False
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return True
    return False
