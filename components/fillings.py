"""How a form is filled: by a reuse, a result that is sent on, a reset, and by what was left in it; as JSON."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from itertools import islice
from typing import Any, Literal, cast

from components.api_types import Comparison, Filling, FormPlan, FormSource, Notice, ReadFile, Recalled, ReuseTarget
from components.file_words import file_says, target_words, tool_and_model
from components.form.fields import form_values
from components.library.views import Views, sendable
from model_configs.schema import ModelConfig
from storage.media.store import MediaInfo
from studio.context import GivenFile, StoredFile, StudioContext
from studio.file_jobs import FileJobs
from studio.inputs import diff
from studio.inputs.partial import Part, chosen, select
from studio.inputs.restore import Report, RestorePlan, SeedMode, TextMode
from studio.inputs.reuse_event import ReuseJobInput

_MOST_LINES = 100
_LONGEST_TITLE = 120
_MOST_ELSEWHERE = 3

UserFile = GivenFile | StoredFile
_What = Literal["job", "preset", "file"]


class Fillings:
    """Asks the context, and puts its plans into words and JSON; raises what the context raises."""

    def __init__(self, context: StudioContext, views: Views) -> None:
        self._context = context
        self._views = views
        self._file_jobs = FileJobs(context)

    def reuse(
        self,
        user_id: str,
        event: ReuseJobInput,
        *,
        part: Part = Part.ALL,
        names: Collection[str] | None = None,
        seed: SeedMode | None = None,
        text: TextMode = "authored",
        model_id: str | None = None,
        instead: str | None = None,
        now: Mapping[str, Any] | None = None,
    ) -> Filling:
        """What the event is of, or a part, in the model `model_id`, else in its own, and if that is gone in `instead`.

        A part goes into what the form holds `now`, its defaults if that is not said; `names` are a part of their own.
        In another model all goes there too, and what the event has nothing for stays.
        """
        config, form, plan, files = self._restored(user_id, event, seed, text, model_id, instead, now)
        if part is Part.ALL and names is None:
            if model_id is not None and event.model_id != config.id and plan.report.is_bare:
                return _nothing(plan.report, config, event.what)
            made_with = self._context.model_name(event)
            came_from = "" if event.model_id == config.id else f" The {event.what} was made with {made_with}."
            words = plan.report.summary(config.name) + came_from
            return self._filling(plan, files, _notice(plan.report, words, event.what), self._title(event))
        named = frozenset(names) if names is not None else chosen(part, plan, config)
        cut = select(plan, config, form, named)
        none = f"The {event.what} has nothing of that kind."
        words = cut.report.summary(config.name, of_all=False) if cut.values else none
        return self._filling(cut, files, _notice(cut.report, words, event.what), self._title(event))

    def compare(
        self,
        user_id: str,
        event: ReuseJobInput,
        *,
        seed: SeedMode | None = None,
        text: TextMode = "authored",
        model_id: str | None = None,
        instead: str | None = None,
        now: Mapping[str, Any] | None = None,
    ) -> Comparison:
        """What a reuse of the event would change in what the form holds `now`."""
        context = self._context
        config, form, plan, files = self._restored(user_id, event, seed, text, model_id, instead, now)
        files |= context.files(user_id, config.files(form))
        rows = self._views.rows(config, diff.compare(config, form, plan), files)
        told = {"model_id": config.id, "model_name": config.name, "rows": rows}
        return cast(Comparison, sendable(told))

    def reuse_file(
        self,
        user_id: str,
        file: UserFile,
        model_id: str,
        *,
        names: Collection[str] | None = None,
        seed: SeedMode | None = None,
        now: Mapping[str, Any] | None = None,
        beside: str = "",
    ) -> Filling:
        """What the file says, or those inputs of it, in what the form holds `now`."""
        config, form = self._form(user_id, model_id, now)
        filled = self._file_jobs.fill(user_id, file, config, form, seed, beside)
        plan, said, report = filled.plan, filled.said, filled.plan.report
        if names is not None:
            plan = select(plan, config, form, frozenset(names))
            report = plan.report
        elif report.is_bare:
            return _nothing(report, config, "file")
        elif said.record is None:
            plan = select(plan, config, form, {line.name for line in report.lines})
        is_whole = names is None and said.record is not None
        made = f" The file was made with {tool_and_model(said.fields)}."
        is_own = said.record is not None and said.record.model_id == config.id
        words = report.summary(config.name, of_all=is_whole) + ("" if is_own else made)
        title = _line(said.fields.prompt) or tool_and_model(said.fields)
        notice = _notice(report, words, "file" if said.record is None else "job")
        return self._filling(plan, filled.files, notice, title)

    def compare_file(
        self,
        user_id: str,
        file: UserFile,
        model_id: str,
        *,
        seed: SeedMode | None = None,
        now: Mapping[str, Any] | None = None,
        beside: str = "",
    ) -> Comparison:
        """What the file would change in what the form holds `now`."""
        config, form = self._form(user_id, model_id, now)
        filled = self._file_jobs.fill(user_id, file, config, form, seed, beside)
        plan = filled.plan
        if filled.said.record is None:
            plan = select(plan, config, form, {line.name for line in plan.report.lines})
        files = filled.files | self._context.files(user_id, config.files(form))
        rows = self._views.rows(config, diff.compare(config, form, plan), files)
        return cast(Comparison, sendable({"model_id": config.id, "model_name": config.name, "rows": rows}))

    def use_file(self, user_id: str, file: UserFile, model_id: str, parameter: str, *, shows: bool = False) -> Filling:
        """The file in one input of a model, the others as they are."""
        config = self._context.model(model_id)
        plan, files = self._file_jobs.use(user_id, file, config, parameter, shows=shows)
        (info,) = files.values()
        words = f"{info.name} is now {config.parameters[parameter].label} of {config.name}."
        if isinstance(file, GivenFile) and self._file_jobs.said(user_id, file):
            words += " It says how it was made: drop it beside the inputs to fill the form with that."
        return self._filling(plan, files, _notice(Report(), words), info.name)

    def read_file(self, user_id: str, file: UserFile, model_id: str, beside: str = "") -> ReadFile:
        """What the file, or the text beside it, says of how it was made, and which inputs of the model take it."""
        config = self._context.model(model_id)
        found = self._file_jobs.inspect(user_id, file, beside)
        fields = found.said.fields if found.said else None
        made_with = self._file_jobs.made_with(found.said) if found.said else None
        inputs = self._file_jobs.targets(found.info, config) if found.info else ()
        others = (one for one in self._context.models() if one.id != config.id)
        takers = (one.name for one in others if found.info and self._file_jobs.targets(found.info, one))
        told = {
            "file": found.info and self._views.file(found.info),
            "kind": found.info and found.info.kind,
            "refusal": found.refusal,
            "says": fields and file_says(fields),
            "model_id": (made_with.config if made_with else config).id,
            "words": target_words(fields, made_with) if fields else "",
            "inputs": [{"parameter": one.parameter, "label": config.parameters[one.parameter].label} for one in inputs],
            "elsewhere": list(islice(takers, _MOST_ELSEWHERE)),
        }
        return cast(ReadFile, sendable(told))

    def _form(self, user_id: str, model_id: str, now: Mapping[str, Any] | None) -> tuple[ModelConfig, dict[str, Any]]:
        """The model, and what its form holds, its defaults where that is not said."""
        config = self._context.model(model_id)
        form, _ = self._context.store_files(user_id, config, form_values(config, now or {}))
        return config, {**config.defaults(), **form}

    def _restored(
        self,
        user_id: str,
        event: ReuseJobInput,
        seed: SeedMode | None,
        text: TextMode,
        model_id: str | None,
        instead: str | None,
        now: Mapping[str, Any] | None,
    ) -> tuple[ModelConfig, dict[str, Any], RestorePlan, dict[str, MediaInfo]]:
        """The model and what its form holds, and what comes back into that."""
        context = self._context
        config = context.target(event, instead or "", model_id)
        form, _ = context.store_files(user_id, config, form_values(config, now or {}))
        rest = form if now is not None and model_id is not None and event.model_id != config.id else None
        plan, files = context.restore(event, config.id, seed or context.seed_mode(user_id), text, model_id, rest)
        return config, form, plan, files

    def targets(self, user_id: str, job_id: str) -> list[ReuseTarget]:
        """The other models that something of the job carries over to."""
        event = self._context.reuse_job_input(user_id, job_id)
        found = self._context.targets(event)
        told = [ReuseTarget(model_id=one.id, name=one.name, inputs=count, of=total) for one, count, total in found]
        return sorted(told, key=lambda one: -one["inputs"])

    def send_on(
        self, user_id: str, job_id: str, model_id: str, parameter: str, *, output: int = 0, shows: bool = False
    ) -> Filling:
        """One of the job's outputs in one input of a model, the others as they are."""
        plan, files = self._context.send_on(user_id, job_id, model_id, parameter, output=output, shows=shows)
        config = self._context.model(model_id)
        field = config.parameters[parameter]
        place = f"added to {field.label}" if field.kind == "images" else f"now {field.label}"
        words = f"The result is {place} of {config.name}."
        title = self._title(self._context.reuse_job_input(user_id, job_id))
        return self._filling(plan, files, _notice(Report(), words), title)

    def reset(self, model_id: str) -> Filling:
        """Every input of the model at its default."""
        plan = self._context.reset(model_id)
        words = f"Every input of {self._context.model(model_id).name} is at its default again."
        return self._filling(plan, {}, _notice(Report(), words))

    def recall(self, user_id: str, *, is_early: bool = False) -> Recalled:
        """What the user left in the forms, and which model and seed they had chosen; `is_early` is told on."""
        found, selected = self._context.recall_drafts(user_id), self._context.last_model(user_id)
        model_id = selected.id if selected else None
        order = sorted(found.plans, key=lambda id_: id_ != model_id)
        told: Recalled = {
            "user_id": user_id,
            "drafts": [self._plan(found.plans[id_], found.files) for id_ in order],
            "model_id": model_id,
            "waiting": sorted(found.waiting),
            "seed": self._context.seed_mode(user_id),
            "notice": self._away(found.waiting) or self._damage(user_id),
            "is_early": is_early,
        }
        return cast(Recalled, sendable(told))

    def _title(self, event: ReuseJobInput) -> str:
        """What the user knows the job or preset by, in one line."""
        return event.preset or _line(event.prompt) or self._context.title(event)[:_LONGEST_TITLE]

    def _plan(self, plan: RestorePlan, files: Mapping[str, MediaInfo], title: str = "") -> FormPlan:
        return {
            "model_id": plan.model_id,
            "type": plan.type,
            "visible": plan.visible,
            "values": self._views.values(plan, self._context.model(plan.model_id), files),
            "sources": cast(list[FormSource], [asdict(source) for source in plan.sources]),
            "title": title,
        }

    def _filling(self, plan: RestorePlan, files: Mapping[str, MediaInfo], notice: Notice, title: str = "") -> Filling:
        return cast(Filling, sendable({"plan": self._plan(plan, files, title), "notice": notice}))

    def _away(self, waiting: Collection[str]) -> Notice | None:
        """That the files of some forms cannot be reached."""
        if not waiting:
            return None
        names = ", ".join(sorted(self._context.model(id_).name for id_ in waiting))
        return _warning(f"The files of {names} cannot be reached. What you left there comes back with them.")

    def _damage(self, user_id: str) -> Notice | None:
        """What is missing because it cannot be read."""
        sentences = self._context.damaged(user_id)
        if not sentences:
            return None
        notice = _warning("Some of what is kept for you is damaged; the server's log tells more.")
        line = {"name": "", "label": "Record", "outcome": "damaged"}
        return cast(Notice, {**notice, "lines": [{**line, "detail": sentence} for sentence in sentences[:_MOST_LINES]]})


def _line(text: str | None) -> str:
    """The beginning of a text as one line."""
    return " ".join((text or "")[: 2 * _LONGEST_TITLE].split())[:_LONGEST_TITLE]


def _warning(words: str) -> Notice:
    return {"text": words, "tone": "warn", "what": "job", "lines": [], "kept": [], "left": []}


def _notice(report: Report, words: str, what: _What = "job") -> Notice:
    """The report as the page draws it: what changed, line by line, and the names of the others."""
    return {
        "text": words,
        "tone": "warn" if report.lost else "good",
        "what": what,
        "lines": [line.model_dump(mode="json") for line in report.changed],  # type: ignore[misc]  # it is a Line
        "kept": [line.label for line in report.restored],
        "left": [line.label for line in report.left],
    }


def _nothing(report: Report, config: ModelConfig, what: _What) -> Filling:
    """That nothing came back in another model of a job or `what` it is; a missing file would have had a place there."""
    words = f"Nothing of this {what} has a place in {config.name}; the form is as it was."
    if report.missing:
        reasons = ", ".join(line.detail for line in report.missing)
        words = f"{reasons}. Nothing else of this {what} fits {config.name}; the form is as it was."
    notice: Notice = {**_notice(Report(lines=report.missing), words, what), "tone": "warn"}
    return cast(Filling, sendable({"plan": None, "notice": notice}))
