"""Files that carry how they were made: what one says, and how a form is filled from it or takes it as an input."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from interchange.containers import texts
from interchange.decoding import parse_json
from interchange.fields import Fields
from interchange.read import read
from interchange.record import JobRecord, read_record
from interchange.tools.studio import TOOL as OWN_TOOL
from model_configs.kinds import Mask
from model_configs.schema import ModelConfig, Seed, files_in
from storage.errors import MediaRefusedError
from storage.media.store import MediaInfo, check_kind
from studio.context import GivenFile, StoredFile, StudioContext
from studio.errors import ModelNotFoundError
from studio.inputs import from_file, send_on
from studio.inputs.restore import RestorePlan, SeedMode
from studio.inputs.send_on import Target

LARGEST = 100_000_000
"""Bytes of a file that is looked into: a larger one is an input and nothing else."""

_NO_TEXT = re.compile(r"[\0-\x08\x0e-\x1f\x7f-\x9f]")
_GONE = "The file is not there any more, choose it again."


@dataclass(frozen=True, slots=True)
class Said:
    """How a file was made; `record` is the job, where it is a file of this studio."""

    fields: Fields
    record: JobRecord | None


@dataclass(frozen=True, slots=True)
class FileJob:
    """What a file says of how it was made; `info` where it can be an input, else a sentence why not."""

    said: Said | None
    info: MediaInfo | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """The whole form as a file would have it; a file of another tool only says a part of it."""

    plan: RestorePlan
    files: dict[str, MediaInfo]
    said: Said


class FileJobs:
    """Asks the studio in the name of a user; another's file is as one that is not there."""

    def __init__(self, context: StudioContext) -> None:
        self._context = context

    def inspect(self, user_id: str, given: GivenFile | StoredFile, beside: str = "") -> FileJob:
        """What the file says, or the text `beside` it; it is kept if it is a picture, a film or a sound."""
        content = self._content(user_id, given)
        said = _said(content, beside)
        try:
            return FileJob(said, self._stored(user_id, given))
        except MediaRefusedError as error:
            return FileJob(said, None, (said is None and _of_text(content)) or str(error))

    def said(self, user_id: str, given: GivenFile | StoredFile, beside: str = "") -> Said | None:
        """How the file was made, if it tells."""
        return _said(self._content(user_id, given), beside)

    def made_with(self, said: Said) -> from_file.MadeWith | None:
        """The model of the file, if it is here."""
        own = self._context.find_model(said.record.model_id) if said.record else None
        return (
            from_file.MadeWith(own, certain=True) if own else from_file.made_with(said.fields, self._context.models())
        )

    def fill(
        self,
        user_id: str,
        given: GivenFile | StoredFile,
        config: ModelConfig,
        form: Mapping[str, Any],
        seed: SeedMode | None,
        beside: str = "",
    ) -> Filled:
        """The form with what the file says: a job of this studio takes its place, another tool's values come into it.

        The report of those is about them alone.
        """
        context, said = self._context, self.said(user_id, given, beside)
        if said is None:
            raise MediaRefusedError("The file does not say how it was made.")
        mode = seed or context.seed_mode(user_id)
        if record := said.record:
            keys = {text for value in record.options.values() for text in files_in(value)}
            event = from_file.reuse_record(record, context.files(user_id, keys))
            return Filled(*context.restore(event, config.id, mode, model_id=config.id), said)
        event = from_file.reuse_input(said.fields, config)
        if not any(isinstance(config.parameters.get(name), Seed) for name in event.options):
            mode = "exact"  # the form's own stays
        filled = from_file.within(event, form, context.files(user_id, config.files(form)))
        plan, files = context.restore(filled, config.id, mode, model_id=config.id)
        report = from_file.report(plan, event, said.fields)
        return Filled(plan.model_copy(update={"report": report}), files, said)

    def targets(self, info: MediaInfo, config: ModelConfig) -> tuple[Target, ...]:
        """The inputs of the model that take the file; a mask is drawn, not found."""
        found = send_on.targets([config], info.kind)
        return tuple(one for one in found if not isinstance(config.parameters[one.parameter], Mask))

    def use(
        self, user_id: str, given: GivenFile | StoredFile, config: ModelConfig, name: str, *, shows: bool
    ) -> tuple[RestorePlan, dict[str, MediaInfo]]:
        """A plan that puts the file into one input; unless that `shows`, with what must be chosen for it."""
        chosen = send_on.choices_for(config, name) if name in config.media() else None
        if chosen is None:
            raise ModelNotFoundError(config.id)
        info = self._stored(user_id, given)
        check_kind(info.kind, config.media()[name])
        return send_on.plan(config, name, info.key, {} if shows else chosen), {info.key: info}

    def _stored(self, user_id: str, given: GivenFile | StoredFile) -> MediaInfo:
        media = self._context.media
        if isinstance(given, GivenFile) and media.uploaded(user_id, given.path):
            return media.put(user_id, given.path, given.name)
        found = media.find(user_id, given.key) if isinstance(given, StoredFile) else None
        if found is None:
            raise MediaRefusedError(_GONE)
        return found

    def _content(self, user_id: str, given: GivenFile | StoredFile) -> bytes | None:
        """The bytes of the user's file; None for one that is too large."""
        media = self._context.media
        if isinstance(given, StoredFile):
            info = self._stored(user_id, given)
            return None if info.size > LARGEST else b"".join(media.read(info.key, 0, info.size))
        if not media.uploaded(user_id, given.path):
            raise MediaRefusedError(_GONE)
        try:
            return None if given.path.stat().st_size > LARGEST else given.path.read_bytes()
        except OSError as error:
            raise MediaRefusedError(_GONE) from error


def _said(content: bytes | None, beside: str) -> Said | None:
    sidecar = beside.encode(errors="replace")
    fields = read(content or b"", sidecar)
    if fields is None:
        return None
    return Said(fields, read_record(content or b"", sidecar if fields.tool == OWN_TOOL else b""))


def _of_text(content: bytes | None) -> str:
    """Why a text that says nothing says nothing; empty for what is no text."""
    found = texts(content or b"")
    if found.keys() != {"text"} or _NO_TEXT.search(found["text"][:2000]):
        return ""
    text = found["text"].strip()
    if text.startswith(("{", "[")) and parse_json(text) is None:
        return "It is JSON that is damaged, cut short or too long."
    return "It is a text without the settings that a tool writes."
