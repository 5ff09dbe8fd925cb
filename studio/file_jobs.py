"""Generated files: reads how one was made, fills a form from that, or puts the file into an input."""

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
"""The most bytes of a file that is read for its metadata; a larger one can only be an input."""

_NO_TEXT = re.compile(r"[\0-\x08\x0e-\x1f\x7f-\x9f]")
_GONE = "The file is not there any more, choose it again."


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says of how it was made; `record` is the job, where a studio wrote it."""

    fields: Fields
    record: JobRecord | None


@dataclass(frozen=True, slots=True)
class FileJob:
    """What was found in a file; `info` where it can be an input, else `refusal` says why not."""

    said: Said | None
    info: MediaInfo | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """The plan of a whole form from a file; another tool's file covers a part of the inputs, the form the rest."""

    plan: RestorePlan
    files: dict[str, MediaInfo]
    said: Said


class FileJobs:
    """The use cases of generated files; another user's file counts as one that does not exist."""

    def __init__(self, context: StudioContext) -> None:
        self._context = context

    def inspect(self, user_id: str, given: GivenFile | StoredFile, beside: str = "") -> FileJob:
        """What the file says, or the text `beside` it; an image, video or sound is stored for the user."""
        content = self._content(user_id, given)
        said = _said(content, beside)
        try:
            return FileJob(said, self._stored(user_id, given))
        except MediaRefusedError as error:
            return FileJob(said, None, (said is None and _of_text(content)) or str(error))

    def said(self, user_id: str, given: GivenFile | StoredFile, beside: str = "") -> Said | None:
        """What the file says of how it was made, if anything."""
        return _said(self._content(user_id, given), beside)

    def made_with(self, said: Said) -> from_file.MadeWith | None:
        """The model that made the file, if this studio has it."""
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
        """The plan that fills the form: a studio's file replaces all of it, another tool's fills in what it says.

        The report of the latter is about those inputs alone. Raises MediaRefusedError where the file says nothing.
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
        """The inputs of the model that can take the file, other than masks, which users draw."""
        found = send_on.targets([config], info.kind)
        return tuple(one for one in found if not isinstance(config.parameters[one.parameter], Mask))

    def use(
        self, user_id: str, given: GivenFile | StoredFile, config: ModelConfig, name: str, *, shows: bool
    ) -> tuple[RestorePlan, dict[str, MediaInfo]]:
        """A plan that puts the file into one input; unless that `shows`, with the choices that make it show."""
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
    """Why nothing was found in a text file; empty for a file that is not text."""
    found = texts(content or b"")
    if found.keys() != {"text"} or _NO_TEXT.search(found["text"][:2000]):
        return ""
    text = found["text"].strip()
    if text.startswith(("{", "[")) and parse_json(text) is None:
        return "It is JSON that is damaged, cut short or too long."
    return "It is a text without the settings that a tool writes."
