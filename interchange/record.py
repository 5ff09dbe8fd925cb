"""The record of a job in the files that it made: enough to restore the job without a database.

Input files are named by their hashes. A record has no user, path, file name or API key.
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
"""The keys under which containers have a record: a text of its own, XMP, the comment, or a file that is text itself."""

SourceType = Literal["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "algorithmicMedia"]
"""IPTC's digital source types for what a model made, what a model made from pictures, and what plain code made."""

_START = f'{{"{KEY}":'
_INPUTS = re.compile(r'\s*\{\s*"(?:model_id|values)"\s*:')
_MAX_DEPTH = 60
_FORM_ONLY = frozenset({"help", "placeholder", "group", "lines"})  # keys of a parameter that only its form needs
_CONFIG_KEYS = ("id", "name", "version", "type", "parameters", "renames")


class JobRecord(BaseModel):
    """The job that made a file.

    `options` are the inputs by parameter as the job stores them, `resolved` the texts that the model got where these
    differ. Input files are named by their content hashes: `media` has the kind of each. `seed` is the job's,
    `output_seed` that of this file where it has its own. `config` is the model's config at that time, without its
    backend's settings. Inputs that were copied as text have no `type`.
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
        """JSON in ASCII, which survives every container and tool. Raises ValueError for NaN and infinities."""
        content = {KEY: self.studio, **self.model_dump(exclude_defaults=True)}
        return json.dumps(content, separators=(",", ":"), allow_nan=False, default=lambda time: time.isoformat())

    def to_compressed_text(self) -> str:
        """The same JSON, deflated and in base64, for containers with little room."""
        return b64encode(zlib.compress(self.to_text().encode(), 9)).decode()

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """The record in a text, compressed or not, or in a job's inputs as the page copies them as JSON; else None."""
        try:
            if text.lstrip()[:1] != "{":
                text = inflate(b64decode(text, validate=True)).decode()
            if text.startswith(_START):
                found = json.loads(text)
            else:
                found = _from_inputs(json.loads(text)) if _INPUTS.match(text) else None
            return cls.model_validate(found) if _is_plain(found) else None
        except (ValueError, RecursionError):
            return None

    def parameter(self, name: str) -> Mapping[str, Any]:
        """The input's declaration in the model's config at that time."""
        parameters = (self.config or {}).get("parameters")
        found = parameters.get(name) if isinstance(parameters, dict) else None
        return found if isinstance(found, dict) else {}


def read_record(content: bytes, sidecar: bytes = b"") -> JobRecord | None:
    """The record of a file, or of its sidecar; None where there is none or it is damaged.

    Raises nothing, whatever the bytes are.
    """
    return find_record(texts(content)) or (find_record(texts(sidecar)) if sidecar else None)


def find_record(found: Mapping[str, str]) -> JobRecord | None:
    """The record among the texts of a file."""
    records = (JobRecord.from_text(found[key]) for key in KEYS if key in found)
    return next((record for record in records if record is not None), None)


def portable_config(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """What another studio needs of a model's config, without the backend's settings, which have paths and addresses."""
    config = {name: snapshot[name] for name in _CONFIG_KEYS if name in snapshot}
    parameters = config.get("parameters")
    if isinstance(parameters, dict):
        config["parameters"] = {
            name: {key: value for key, value in declared.items() if key not in _FORM_ONLY}
            if isinstance(declared, dict)
            else declared
            for name, declared in parameters.items()
        }
    backend = snapshot.get("backend")
    kind = backend.get("kind") if isinstance(backend, dict) else None
    return {**config, "backend": {"kind": kind}} if isinstance(kind, str) else config


def _from_inputs(copied: Any) -> Any:
    """The record of inputs as `submit_job` takes them; a file is stored as its key."""
    match copied:
        case {"model_id": str(model_id), "values": dict(values)}:
            return {"model_id": model_id, "options": {name: _stored_value(value) for name, value in values.items()}}
    return None


def _stored_value(value: Any) -> Any:
    match value:
        case {"file": str(key)}:
            return key
        case [*several]:
            return [
                one["file"] if isinstance(one, dict) and isinstance(one.get("file"), str) else one for one in several
            ]
    return value


def _is_plain(value: object) -> bool:
    """Whether it is an object without NaN and infinities, and nested less than 60 levels deep."""
    if not isinstance(value, dict):
        return False
    level: list[Any] = [value]
    for _ in range(_MAX_DEPTH):
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
