"""A file that was generated as the event of a reuse: pure, from what it says and a model to `ReuseJobInput`.

A file of this studio carries its job, which comes back as one from the database does. What another tool says is a job
of a model that has just those fields, as an import keeps it, so that they find their places as any job's values do, by
name, by alias and by kind; a value that the model calls otherwise, such as `DPM++ 2M` for `dpmpp_2m`, becomes the
model's own. What has no place, or does not fit, the restore reports.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from interchange.fields import Fields
from interchange.record import JobRecord
from model_configs.schema import Choice, ModelConfig, Parameter, Text
from storage.media.store import MediaInfo
from studio.inputs import imported, wildcards
from studio.inputs.cross_model import adapt
from studio.inputs.restore import Outcome, Report, ReportLine, RestorePlan
from studio.inputs.reuse_event import ReuseJobInput

_PLAIN = frozenset({"integer", "number", "boolean", "choice", "frames"})
"""The kinds that refuse most texts, so that they may be filled from anything that a file says under their name."""

_SAME = {
    "eulera": "eulerancestral",
    "dpm2a": "dpm2ancestral",
    "dpmpp2sa": "dpmpp2sancestral",
    "automatic": "normal",
}
"""Samplers and schedulers that tools spell in two ways, both folded."""

_ENDING = re.compile(r"\.(?:safetensors|sft|ckpt|gguf|pt|pth|bin|onnx)$", re.IGNORECASE)
_LORA_TAG = re.compile(r"[ \t]*,?[ \t]*<(?:lora|lyco):[^<>]{1,400}>")
_WORD = re.compile(r"\d+|[^\W\d_]+")
_SWITCH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class MadeWith(NamedTuple):
    """A model that a file may be made with; one that is not `certain` only has a similar name."""

    config: ModelConfig
    certain: bool


def reuse_record(record: JobRecord, files: Mapping[str, MediaInfo]) -> ReuseJobInput:
    """The event that brings back the job of a file; `files` are those of its inputs that are the user's own."""
    prompt = record.options.get("prompt")
    return ReuseJobInput(
        job_id=record.job_id or "",
        model_id=record.model_id,
        type=record.type,
        prompt=prompt if isinstance(prompt, str) else None,
        options=record.options,
        files=dict(files),
        seed=record.seed,
        resolved=record.resolved,
        config_snapshot=record.config,
    )


def reuse_input(fields: Fields, config: ModelConfig) -> ReuseJobInput:
    """The event that brings what a file says into the form of the model."""
    source = _as_model()
    event = ReuseJobInput(
        job_id="",
        model_id=source.id,
        type=None,
        options=imported.options(fields),
        config_snapshot=source.snapshot(),
    )
    return reuse_imported(event, config, fields.rest)


def reuse_imported(event: ReuseJobInput, config: ModelConfig, rest: Mapping[str, str] | None = None) -> ReuseJobInput:
    """The same for a job that was imported from such a file."""
    said = ({} if event.prompt is None else {"prompt": event.prompt}) | event.options
    fitting = adapt(event.model_copy(update={"options": said, "prompt": None}), _as_model(), config)
    was, values = {fitting.stored_as.get(name, name): name for name in fitting.options}, dict(fitting.options)
    prompt = was.get("prompt", "")
    if was.get("loras") in config.parameters and prompt in config.parameters and isinstance(values[prompt], str):
        bare = _LORA_TAG.sub("", values[prompt])
        values[prompt] = values[prompt] if bare == values[prompt] else bare.strip()
    placed = {
        name: _own(config.parameters[name], value, said) for name, value in values.items() if name in config.parameters
    }
    unplaced = {
        name: values[name]
        for called, name in was.items()
        if name not in placed and not _says_nothing(called, values[name])
    }
    sampler = said.get("sampler")
    if imported.scheduled(sampler) and _folded(placed.get(was.get("sampler", ""))) == _folded(sampler):
        unplaced.pop(was.get("scheduler", ""), None)  # the sampler's name says it
    options = placed | dict(_others(rest or {}, config, placed, said)) | unplaced
    return fitting.model_copy(update={"options": options, "model_id": config.id, "stored_as": {}})


def within(event: ReuseJobInput, form: Mapping[str, Any], files: Mapping[str, MediaInfo]) -> ReuseJobInput:
    """The event on top of the form's values, for both decide what shows; `files` are the form's."""
    return event.model_copy(update={"options": {**form, **event.options}, "files": dict(files)})


def report(plan: RestorePlan, event: ReuseJobInput, fields: Fields) -> Report:
    """The report of a plan made `within` a form, without the lines about the form's own values."""
    lines = [line for line in plan.report.lines if line.name in event.options]
    if fields.inputs:
        names = ", ".join(name.replace("\\", "/").rpartition("/")[2][:60] for name in fields.inputs[:5])
        detail = f"The file was made of files that it does not hold: {names}"
        lines.append(ReportLine(name="", label="Input files", outcome=Outcome.MISSING, detail=detail))
    return Report(lines=tuple(lines))


def made_with(fields: Fields, models: Iterable[ModelConfig]) -> MadeWith | None:
    """The model that made the file, of these: by its name, by a checkpoint that it offers, or by a similar name."""
    models, name = tuple(models), _folded(fields.model)
    for config in models:
        if name and name in (_folded(config.id), _folded(config.name)):
            return MadeWith(config, certain=True)
    for config in models:
        if (name or fields.model_hash) and any(_lists(parameter, fields) for parameter in _checkpoints(config)):
            return MadeWith(config, certain=True)
    words = _words(fields.model)
    alike = [(len(called), config) for config in models for called in _names(config) if _begins(words, called)]
    return MadeWith(max(alike, key=lambda one: one[0])[1], certain=False) if alike else None


def _others(
    rest: Mapping[str, str], config: ModelConfig, placed: Mapping[str, Any], said: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Further values of the file that the model takes unchanged, under their name or an alias."""
    texts = {"_".join(_WORD.findall(key.lower())): text for key, text in rest.items()}
    for name, parameter in config.parameters.items():
        found = next((texts[called] for called in (name, *parameter.aliases) if called in texts), None)
        if name in placed or found is None or parameter.kind not in _PLAIN:
            continue
        value = _own(parameter, found, said)
        try:
            yield name, parameter.check(value)
        except ValueError:
            continue


def _own(parameter: Parameter, value: Any, said: Mapping[str, Any]) -> Any:
    """The value in the model's spelling, where that differs; `said` is all that the file says."""
    if parameter.kind == "boolean" and isinstance(value, str):
        return _SWITCH.get(value.strip().lower(), value)
    if isinstance(parameter, Text) and parameter.wildcards and isinstance(value, str):
        return wildcards.escaped(value)  # it is what a model got
    if not isinstance(parameter, Choice):
        return value
    texts = [str(value)]
    if value == said.get("sampler") and (both := imported.scheduled(value)):
        texts.append(both[0])
    for text in texts:
        for option in parameter.choices:
            if option.value == value or _folded(text) in (_folded(str(option.value)), _folded(option.label)):
                return option.value
    return _by_hash(parameter, said.get("model_hash")) or value if value == said.get("model") else value


def _by_hash(parameter: Choice, digest: object) -> Any:
    """The choice with the checkpoint's short hash in its name, in brackets as A1111 writes it."""
    short = digest[:10].lower() if isinstance(digest, str) else ""
    bearing = (one.value for one in parameter.choices if short in f"{one.value} {one.label}".lower())
    return next(bearing, None) if len(short) >= 8 else None


def _says_nothing(name: str, value: Any) -> bool:
    """Whether a value can be dropped without a word: the model is reported elsewhere, a denoise of 1 is usual."""
    return name in ("model", "model_hash") or value == "" or (name == "denoise" and value == 1)


def _folded(text: str | None) -> str:
    """A name without case, folder, ending and punctuation."""
    if not isinstance(text, str):
        return ""
    name = _ENDING.sub("", text.strip().replace("\\", "/").rpartition("/")[2]).lower().replace("++", "pp")
    bare = "".join(sign for sign in name if sign.isalnum())
    return _SAME.get(bare, bare)


def _checkpoints(config: ModelConfig) -> Iterator[Choice]:
    called = {"model", *imported.PARAMETERS["model"]["aliases"]}
    for name, parameter in config.parameters.items():
        if isinstance(parameter, Choice) and not called.isdisjoint({name, *parameter.aliases}):
            yield parameter


def _lists(parameter: Choice, fields: Fields) -> bool:
    own = _own(parameter, fields.model, imported.options(fields))
    return any(option.value == own for option in parameter.choices)


def _names(config: ModelConfig) -> tuple[list[str], list[str]]:
    return _words(config.id), _words(config.name)


def _words(name: str | None) -> list[str]:
    return _WORD.findall(_ENDING.sub("", (name or "").replace("\\", "/").rpartition("/")[2]).lower())


def _begins(words: list[str], called: list[str]) -> bool:
    """Whether a name begins as a model's and has all its words in their order; one word would fit too much."""
    rest = iter(words)
    return len(called) > 1 and words[:1] == called[:1] and all(word in rest for word in called)


@cache
def _as_model() -> ModelConfig:
    """The fields as the parameters of a model."""
    return imported.model("file", "image").model_copy(update={"name": "the file"})
