"""A job goes into real stores and comes back: whole, in every failure, and to its own user only."""

import hashlib
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st

from model_configs.schema import ModelConfig, Seed
from storage.errors import DatabaseFaultError, UnreadableJobError, WorkspaceNotFoundError
from storage.jobs.store import Job, JobBasics, JobStatus, LinkKind, Source
from studio.context import GivenFile, StudioContext
from studio.errors import (
    BackendNotReadyError,
    CannotRunAgainError,
    InputMissingError,
    InvalidValuesError,
    JobDamagedError,
    JobNotFoundError,
    ModelNotFoundError,
    UnloadError,
)
from studio.inputs.restore import Outcome
from studio.inputs.reuse_event import ReuseJobInput
from tests import media_samples
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER, Ready, entered
from tests.shipped import SHIPPED
from tests.strategies import model_configs, values_for

OTHER = "bob"
PICTURES = count(1000)

MODEL = ModelConfig.model_validate(
    {
        "id": "collage",
        "name": "Collage",
        "type": "image",
        "backend": {"kind": "fake"},
        "parameters": {
            "prompt": {"kind": "text"},
            "steps": {"kind": "integer", "default": 4, "minimum": 1, "maximum": 9},
            "seed": {"kind": "seed"},
            "photo": {"kind": "image"},
            "photo_2": {"kind": "image"},
            "film": {"kind": "video"},
            "strength": {"kind": "number", "default": 0.5, "depends_on": {"photo": "set"}},
        },
    }
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptStudio]:
    studio = KeptStudio(tmp_path_factory.mktemp("kept"), {**SHIPPED, MODEL.id: MODEL})
    yield studio
    studio.database.dispose()


@pytest.fixture
def studio(kept: KeptStudio) -> StudioContext:
    return kept.context


def submit(kept: KeptStudio, user: str = USER, sources: Sequence[Source] = (), **values: Any) -> Job:
    return kept.context.submit(user, None, MODEL.id, entered(MODEL, values, kept.media_root), sources)


def full_job(kept: KeptStudio) -> Job:
    one, two, *_ = kept.keys["image"]
    film = kept.keys["video"][0]
    return submit(kept, prompt="a hat", steps=7, seed=5, photo=one, photo_2=two, film=film, strength=0.25)


# --- there and back --------------------------------------------------------------------------------------------------


@given(config=st.sampled_from(list(SHIPPED.values())) | model_configs(), data=st.data())
def test_what_was_submitted_is_what_comes_back(kept: KeptStudio, config: ModelConfig, data: st.DataObject) -> None:
    values = data.draw(values_for(config, kept.keys))
    studio = kept.with_models(config)
    job = studio.submit(USER, None, config.id, entered(config, values, kept.media_root))
    restored, files = studio.restore(studio.reuse_job_input(USER, job.id), config.id)
    shown = config.visible(values)
    expected = {name: values[name] if name in shown else config.parameters[name].initial for name in values}
    expected |= {n: job.seed for n, p in config.parameters.items() if isinstance(p, Seed) and n in shown}
    assert restored.values == expected
    assert restored.report.lost == ()
    assert files.keys() == set(config.files({name: values[name] for name in shown}))
    again = studio.submit(USER, None, config.id, entered(config, restored.values, kept.media_root))
    assert again.options == {name: expected[name] for name in config.parameters if name in shown}
    assert again.media == job.media


def test_files_come_back_byte_for_byte_under_the_names_they_had(kept: KeptStudio, studio: StudioContext) -> None:
    for kind, paths in kept.files.items():
        for path, key in zip(paths, kept.keys[kind], strict=True):
            assert studio.media.local_path(key).read_bytes() == path.read_bytes()
            assert studio.files(USER, [key])[key].name == path.name


def test_an_uploaded_file_is_kept_and_comes_back(kept: KeptStudio, studio: StudioContext, tmp_path: Path) -> None:
    path = media_samples.png16(tmp_path / "new.png", seed=9)
    studio.media.record_upload(USER, path)
    job = studio.submit(USER, None, MODEL.id, {"photo": GivenFile(path, "My photo.png")})
    assert job.image_input_path is not None
    sent = path.read_bytes()
    path.unlink()
    restored, files = studio.restore(studio.reuse_job_input(USER, job.id), MODEL.id)
    assert restored.values["photo"] == job.image_input_path
    assert files[job.image_input_path].name == "My photo.png"
    assert studio.media.local_path(job.image_input_path).read_bytes() == sent


def test_a_file_that_came_after_its_job_comes_back(kept: KeptStudio, studio: StudioContext, tmp_path: Path) -> None:
    path = media_samples.png(tmp_path / "late.png", seed=77)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    key = f"{digest[:2]}/{digest}.png"
    job = submit(kept, prompt="a hat")
    kept.damage(job.id, "options", json.dumps({"photo": key}))  # as of an archive that did not have the file
    assert studio.restore(studio.reuse_job_input(USER, job.id), MODEL.id)[0].values["photo"] is None
    assert studio.media.put(OTHER, path, "other.png").key == key
    assert studio.restore(studio.reuse_job_input(USER, job.id), MODEL.id)[0].values["photo"] is None
    assert studio.media.put(USER, path, "late.png").key == key
    restored, files = studio.restore(studio.reuse_job_input(USER, job.id), MODEL.id)
    assert (restored.values["photo"], files[key].name) == (key, "late.png")


def test_each_of_several_files_of_one_kind_keeps_its_place(kept: KeptStudio) -> None:
    one, two, *_ = kept.keys["image"]
    job = submit(kept, photo=two, photo_2=one)
    assert job.options is not None
    assert (job.options["photo"], job.options["photo_2"], job.image_input_path) == (two, one, two)
    assert job.media == (two, one)


def made(kept: KeptStudio, result: str) -> str:
    """The id of a finished job with that result."""
    job = submit(kept, prompt="first")
    assert kept.context.jobs.start(job.id)
    assert kept.context.jobs.complete(job.id, [result])
    return job.id


def sources(studio: StudioContext, job: Job) -> list[Source]:
    return [Source(one.job.id, one.kind, one.parameter) for one in studio.jobs.lineage(USER, job.id).sources]


@pytest.fixture
def result(studio: StudioContext, tmp_path: Path) -> str:
    """A picture of this test alone."""
    path = media_samples.png(tmp_path / "result.png", seed=next(PICTURES))
    return studio.media.put(USER, path, "result.png").key


def test_a_job_comes_from_the_one_that_made_its_input(kept: KeptStudio, studio: StudioContext, result: str) -> None:
    first = made(kept, result)
    assert sources(studio, submit(kept, photo=result)) == [Source(first, LinkKind.INPUT, "photo")]
    assert sources(studio, submit(kept, photo=kept.keys["image"][0])) == []


def test_of_several_that_made_an_input_a_job_comes_from_the_one_that_was_sent_on(
    kept: KeptStudio, studio: StudioContext, result: str
) -> None:
    first, second = made(kept, result), made(kept, result)
    assert sources(studio, submit(kept, photo=result)) == []
    for job_id in (first, second):
        plan, _ = studio.send_on(USER, job_id, MODEL.id, "photo")
        sent = submit(kept, photo=result, sources=plan.sources)
        assert sources(studio, sent) == [Source(job_id, LinkKind.INPUT, "photo")]
        other = submit(kept, photo=kept.keys["image"][0], sources=plan.sources)
        assert sources(studio, other) == [], "another file was put in its place"


def test_a_job_comes_from_those_that_its_form_was_filled_from(kept: KeptStudio, studio: StudioContext) -> None:
    whole, part, theirs = submit(kept, prompt="a"), submit(kept, prompt="b"), submit(kept, OTHER, prompt="c")
    told = [Source(one, LinkKind.REUSE) for one in (whole.id, part.id, theirs.id, "gone")]
    job = submit(kept, prompt="d", sources=told)
    assert sources(studio, job) == [Source(part.id, LinkKind.REUSE), Source(whole.id, LinkKind.REUSE)]
    assert [link.job for link in studio.jobs.lineage(USER, whole.id).uses] == [job]
    assert studio.jobs.lineage(OTHER, theirs.id).uses == ()


def test_any_output_of_one_s_own_job_is_sent_on(kept: KeptStudio, studio: StudioContext, tmp_path: Path) -> None:
    paths = [media_samples.png(tmp_path / f"{place}.png", seed=next(PICTURES)) for place in range(3)]
    outputs = [studio.media.put(USER, path, path.name).key for path in paths]
    job = submit(kept, prompt="three")
    assert studio.jobs.start(job.id)
    assert studio.jobs.complete(job.id, outputs)
    for place, key in enumerate(outputs):
        plan, files = studio.send_on(USER, job.id, MODEL.id, "photo", output=place)
        assert (plan.values["photo"], set(files)) == (key, {key})
        sent = submit(kept, photo=key, sources=plan.sources)
        assert sources(studio, sent) == [Source(job.id, LinkKind.INPUT, "photo")]
    for place in (-1, 3):
        with pytest.raises(InputMissingError):
            studio.send_on(USER, job.id, MODEL.id, "photo", output=place)
    with pytest.raises(JobNotFoundError):
        studio.send_on(OTHER, job.id, MODEL.id, "photo", output=1)


def test_a_plan_says_from_which_job_it_comes(kept: KeptStudio, studio: StudioContext) -> None:
    job = submit(kept, prompt="a")
    event = studio.reuse_job_input(USER, job.id)
    for model_id in (None, MODEL.id):
        plan, _ = studio.restore(event, MODEL.id, model_id=model_id)
        assert plan.sources == (Source(job.id, LinkKind.REUSE),)
    assert studio.reset(MODEL.id).sources == ()


def test_a_draft_keeps_what_its_form_was_filled_from(studio: StudioContext) -> None:
    source = Source("a job", LinkKind.REUSE)
    studio.keep_draft(USER, MODEL.id, {}, sources=[source])
    assert studio.recall_drafts(USER).plans[MODEL.id].sources == (source,)
    studio.keep_draft(USER, MODEL.id, {"prompt": "typed"})
    assert studio.recall_drafts(USER).plans[MODEL.id].sources == ()
    studio.keep_draft(USER, MODEL.id, {})
    assert MODEL.id not in studio.recall_drafts(USER).plans


def test_a_hidden_input_is_never_stored(kept: KeptStudio) -> None:
    hidden = ModelConfig.model_validate(
        {
            **MODEL.snapshot(),
            "parameters": {
                "on": {"kind": "boolean"},
                "photo": {"kind": "image", "depends_on": {"on": True}},
                "word": {"kind": "text", "depends_on": {"photo": "set"}},
            },
        }
    )
    values = {"on": False, "photo": kept.keys["image"][0], "word": "secret"}
    job = kept.with_models(hidden).submit(USER, None, hidden.id, entered(hidden, values, kept.media_root))
    assert (job.options, job.media, job.image_input_path) == ({"on": False}, (), None)


@pytest.mark.parametrize("end", ["complete", "fail", "cancel"])
def test_a_job_is_reused_alike_however_it_ended(kept: KeptStudio, studio: StudioContext, end: str) -> None:
    job = full_job(kept)
    before = studio.reuse_job_input(USER, job.id)
    studio.jobs.start(job.id)
    if end == "complete":
        studio.jobs.complete(job.id, [kept.keys["image"][2]])
    elif end == "fail":
        studio.jobs.fail(job.id, "No memory")
    else:
        studio.cancel(USER, job.id)
    assert studio.reuse_job_input(USER, job.id) == before


def test_where_anybody_comes_in_nobody_unloads_a_model(studio: StudioContext) -> None:
    studio.unload("pattern")
    with pytest.raises(UnloadError):
        replace(studio, may_unload=False).unload("pattern")
    with pytest.raises(ModelNotFoundError):
        studio.unload("../pattern")


@pytest.mark.parametrize("end", ["complete", "fail", "cancel"])
def test_a_job_runs_again_with_all_its_inputs(kept: KeptStudio, studio: StudioContext, end: str) -> None:
    job = full_job(kept)
    studio.jobs.start(job.id)
    if end == "complete":
        studio.jobs.complete(job.id, [])
    elif end == "fail":
        studio.jobs.fail(job.id, "No memory")
    else:
        studio.cancel(USER, job.id)
    again = studio.run_again(USER, job.id)
    assert (again.status, again.media, again.workspace_id) == (JobStatus.QUEUED, job.media, job.workspace_id)
    seeds = {"seed"} if job.options and "seed" in job.options else set()
    assert {**(again.options or {}), **dict.fromkeys(seeds)} == {**(job.options or {}), **dict.fromkeys(seeds)}
    assert end == "complete" or again.seed == job.seed
    assert [source.job.id for source in studio.lineage(USER, again.id).sources] == [job.id]


def test_a_job_whose_file_is_gone_does_not_run_again_without_it(tmp_path: Path) -> None:
    kept = KeptStudio(tmp_path, {MODEL.id: MODEL})
    job = full_job(kept)
    assert job.image_input_path is not None
    kept.context.media.local_path(job.image_input_path).unlink()
    jobs = kept.count("job")
    with pytest.raises(CannotRunAgainError, match="Reuse it"):
        kept.context.run_again(USER, job.id)
    with pytest.raises(JobNotFoundError):
        kept.context.run_again("bob", job.id)
    assert kept.count("job") == jobs
    kept.database.dispose()


def test_an_open_seed_is_resolved_for_the_job_and_stays_open_in_its_options(kept: KeptStudio) -> None:
    job = submit(kept, seed=None)
    assert job.options is not None
    assert job.options["seed"] is None
    assert isinstance(job.seed, int)


def test_a_submitted_job_waits_behind_those_before(kept: KeptStudio) -> None:
    first, second = submit(kept, prompt="run me").id, submit(kept, prompt="and me").id
    assert [one.job_id for one in kept.context.queue_store.waiting()][-2:] == [first, second]


# --- refused values --------------------------------------------------------------------------------------------------


def test_a_submit_with_a_problem_makes_no_job(kept: KeptStudio, studio: StudioContext, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(media_samples.png(tmp_path / "whole.png", seed=44).read_bytes()[:-40])
    studio.media.record_upload(USER, broken)
    before = {table: kept.count(table) for table in ("job", "job_media", "media", "media_owner")}
    values = {"steps": 99, "photo": GivenFile(broken, "broken.png"), "film": None}
    with pytest.raises(InvalidValuesError) as refused:
        studio.submit(USER, None, MODEL.id, values)
    assert refused.value.fields.keys() == {"steps", "photo"}
    assert refused.value.fields["steps"] == "Steps must be a whole number between 1 and 9"
    assert {table: kept.count(table) for table in before} == before


def test_a_film_is_refused_where_a_picture_is_needed(kept: KeptStudio) -> None:
    with pytest.raises(InvalidValuesError) as refused:
        submit(kept, photo=kept.keys["video"][0])
    assert refused.value.fields == {"photo": "Photo: this is video, image is needed"}


def test_a_model_that_does_not_exist_takes_no_job(studio: StudioContext) -> None:
    with pytest.raises(ModelNotFoundError):
        studio.submit(USER, None, "gone", {})


def test_a_model_without_its_backend_says_what_to_do(kept: KeptStudio) -> None:
    studio = kept.with_models(MODEL)
    with pytest.raises(BackendNotReadyError, match="Collage runs on fake"):
        replace(studio, backends={}).submit(USER, None, MODEL.id, {})


def test_a_model_of_an_absent_backend_comes_last_and_its_jobs_can_be_reused(kept: KeptStudio) -> None:
    studio = kept.with_models(MODEL, SHIPPED["pattern"])
    job = studio.submit(USER, None, MODEL.id, {"prompt": "a fox"})
    without = replace(studio, backends={"function": studio.backends["function"]})
    assert [config.id for config in without.models()] == ["pattern", MODEL.id]
    event = without.reuse_job_input(USER, job.id)
    assert without.restore(event, "pattern")[0].values["prompt"] == "a fox"


def test_a_backend_that_fails_when_it_is_asked_is_not_ready_and_takes_nothing_with_it(kept: KeptStudio) -> None:
    class Broken(Ready):
        def ready(self, spec: object) -> str | None:
            raise ZeroDivisionError

    studio = replace(kept.with_models(MODEL), backends={"fake": Broken()})
    assert len(studio.models()) == 1
    with pytest.raises(BackendNotReadyError, match="does not answer as it should"):
        studio.submit(USER, None, MODEL.id, {})


# --- the design's six errors -----------------------------------------------------------------------------------------


def test_a_job_that_does_not_exist_is_named_in_the_log(studio: StudioContext, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(JobNotFoundError):
        studio.reuse_job_input(USER, "no-such-job")
    assert [(record.levelno, "no-such-job" in record.message) for record in caplog.records] == [(logging.WARNING, True)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("seed", "many"),
        ("created_at", "never"),
        ("status", "lost"),
        ("options", b"\xff\xfe"),
        ("image_input_path", b"\xff"),
        ("progress", "half"),
        ("config_snapshot", b"\xff"),
    ],
)
def test_a_record_that_cannot_be_read_gives_back_model_and_prompt(
    kept: KeptStudio, studio: StudioContext, caplog: pytest.LogCaptureFixture, column: str, value: Any
) -> None:
    job = full_job(kept)
    kept.damage(job.id, column, value)
    event = studio.reuse_job_input(USER, job.id)
    assert (event.model_id, event.type, event.prompt) == (MODEL.id, "image", "a hat")
    restored, _ = studio.restore(event, MODEL.id)
    assert restored.values["prompt"] == "a hat"
    if event.incomplete:
        assert any(job.id in record.getMessage() for record in caplog.records)
        assert any(line.label == "Job" for line in restored.report.lost)


class UnreadableJobs:
    """A job store whose rows, or whose database, cannot be read."""

    def __init__(self, get: Exception, basics: JobBasics | Exception) -> None:
        self._get, self._basics = get, basics

    def find_with_files(self, user_id: str, job_id: str) -> Job:
        raise self._get

    def basics(self, user_id: str, job_id: str) -> JobBasics:
        if isinstance(self._basics, Exception):
            raise self._basics
        return self._basics


AWAY = DatabaseFaultError("The studio's database does not answer: try again in a moment.")


@pytest.mark.parametrize("error", [UnreadableJobError("damaged"), ValueError("not a date")], ids=repr)
def test_details_that_cannot_be_fetched_leave_the_basic_reuse(
    studio: StudioContext, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    jobs: Any = UnreadableJobs(error, JobBasics("j7", MODEL.id, "a hat", "image"))
    broken = replace(studio, jobs=jobs)
    expected = ReuseJobInput(job_id="j7", model_id=MODEL.id, type="image", prompt="a hat", incomplete=True)
    assert broken.reuse_job_input(USER, "j7") == expected
    assert "j7" in caplog.text


def test_a_database_that_does_not_answer_is_no_missing_job(studio: StudioContext) -> None:
    jobs: Any = UnreadableJobs(AWAY, AWAY)
    with pytest.raises(DatabaseFaultError):
        replace(studio, jobs=jobs).reuse_job_input(USER, "j7")


def test_a_job_of_which_nothing_can_be_read_says_so(studio: StudioContext) -> None:
    jobs: Any = UnreadableJobs(UnreadableJobError("damaged"), UnreadableJobError("damaged"))
    with pytest.raises(JobDamagedError, match="delete the job"):
        replace(studio, jobs=jobs).reuse_job_input(USER, "j7")


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../../studio.db", "..%2f..%2fstudio.db", "C:\\x.png", "a\0b", "", "aa/" + "a" * 64 + ".png"],
    ids=repr,
)
def test_a_bad_path_in_a_record_is_skipped_and_named(
    kept: KeptStudio, studio: StudioContext, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    job = full_job(kept)
    event = studio.reuse_job_input(USER, job.id)
    event = event.model_copy(update={"options": event.options | {"photo_2": path}, "image_input_path": path})
    restored, files = studio.restore(event, MODEL.id)
    assert restored.values == {**(job.options or {}), "photo_2": None}
    assert [(line.name, line.outcome) for line in restored.report.lost] == [("photo_2", Outcome.MISSING)]
    assert path not in files
    assert f"reuse of job {job.id}: Photo 2: the file is missing" in caplog.text


@pytest.mark.parametrize("text", ["{not json", "[]", '"text"', "", None, "null"], ids=repr)
def test_options_that_are_not_a_json_object_count_as_empty(
    kept: KeptStudio, studio: StudioContext, text: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    job = full_job(kept)
    kept.damage(job.id, "options", text)
    event = studio.reuse_job_input(USER, job.id)
    assert (event.options, event.incomplete, job.id in caplog.text) == ({}, True, True)
    restored, _ = studio.restore(event, MODEL.id)
    one, film = job.image_input_path, job.video_input_path
    assert restored.values == {
        "prompt": "a hat", "steps": 4, "seed": None, "photo": one, "photo_2": None, "film": film, "strength": 0.5
    }  # fmt: skip


def test_a_model_that_is_gone_offers_its_inputs_to_the_selected_one(
    kept: KeptStudio, studio: StudioContext, caplog: pytest.LogCaptureFixture
) -> None:
    job = full_job(kept)
    kept.damage(job.id, "model_id", "gone")
    restored, _ = studio.restore(studio.reuse_job_input(USER, job.id), MODEL.id)
    assert (restored.model_id, restored.values) == (MODEL.id, job.options)
    assert [line.outcome for line in restored.report.lost] == [Outcome.MODEL]
    assert f"reuse of job {job.id}: The model gone is not there any more" in caplog.text


def _delete(path: Path) -> None:
    path.unlink()


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _make_link(path: Path) -> None:
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))


@pytest.mark.parametrize("lose", [_delete, _make_folder, _make_link])
def test_a_file_that_cannot_be_loaded_does_not_block_the_others(
    kept: KeptStudio, studio: StudioContext, tmp_path: Path, lose: Any
) -> None:
    lost = studio.media.put(USER, media_samples.png(tmp_path / "x.png", seed=len(lose.__name__)), "x.png").key
    job = submit(kept, prompt="a hat", photo=lost, photo_2=kept.keys["image"][1], strength=0.25)
    lose(studio.media.local_path(lost))
    restored, _ = studio.restore(studio.reuse_job_input(USER, job.id), MODEL.id)
    assert (restored.values["prompt"], restored.values["photo_2"]) == ("a hat", kept.keys["image"][1])
    outcomes = {line.name: line.outcome for line in restored.report.lost}
    assert outcomes == {"photo": Outcome.MISSING, "strength": Outcome.HIDDEN}


def test_one_statement_gets_all_that_a_reuse_needs(kept: KeptStudio, studio: StudioContext) -> None:
    job, statements = full_job(kept), list[str]()

    def note(*given: Any) -> None:
        statements.append(given[2])

    sqlalchemy.event.listen(kept.database, "before_cursor_execute", note)
    restored, files = studio.restore(studio.reuse_job_input(USER, job.id), MODEL.id)
    sqlalchemy.event.remove(kept.database, "before_cursor_execute", note)
    assert (restored.values, files.keys()) == (job.options, set(job.media))
    assert len(statements) == 1


# --- one's own only --------------------------------------------------------------------------------------------------


def test_anothers_job_answers_exactly_as_one_that_does_not_exist(kept: KeptStudio, studio: StudioContext) -> None:
    job = full_job(kept)
    answers = []
    for job_id in (job.id, "no-such-job"):
        with pytest.raises(JobNotFoundError) as refused:
            studio.reuse_job_input(OTHER, job_id)
        answers.append((type(refused.value), str(refused.value).replace(job_id, "…")))
    assert answers[0] == answers[1]


def test_anothers_file_is_missing_even_when_it_stands_in_ones_own_record(
    kept: KeptStudio, studio: StudioContext
) -> None:
    job = submit(kept, OTHER, prompt="mine")
    kept.damage(job.id, "options", f'{{"prompt": "mine", "photo": "{kept.keys["image"][0]}"}}')
    restored, files = studio.restore(studio.reuse_job_input(OTHER, job.id), MODEL.id)
    assert (restored.values["prompt"], restored.values["photo"], files) == ("mine", None, {})


@pytest.mark.parametrize("where", ["stored", "uploaded", "outside"])
def test_a_file_that_is_not_ones_own_cannot_be_submitted(
    kept: KeptStudio, studio: StudioContext, tmp_path: Path, where: str
) -> None:
    path = media_samples.png(tmp_path / "secret.png", seed=31)
    if where == "stored":
        path = studio.media.local_path(kept.keys["image"][0])
    elif where == "uploaded":
        studio.media.record_upload(USER, path)
    before = kept.count("job")
    with pytest.raises(InvalidValuesError) as refused:
        studio.submit(OTHER, None, MODEL.id, {"photo": GivenFile(path, "mine.png")})
    assert refused.value.fields == {"photo": "Photo: the file is not there any more, choose it again"}
    assert kept.count("job") == before


# --- and without reading a file --------------------------------------------------------------------------------------


class Opened:
    """Which files Python opens while `watching`: an audit hook cannot be taken away, only be told to look away."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.watching = False
        sys.addaudithook(self)

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if self.watching and event == "open":
            self.paths.append(str(args[0]))


def test_a_reuse_opens_no_media_file(kept: KeptStudio, studio: StudioContext) -> None:
    job, opened = full_job(kept), Opened()
    opened.watching = True
    restored, _ = studio.restore(studio.reuse_job_input(USER, job.id), MODEL.id)
    opened.watching = False
    assert restored.values == job.options
    assert [path for path in opened.paths if path.startswith(str(kept.media_root))] == []


def test_a_workspace_that_is_gone_leads_to_the_one_that_was_open_last(studio: StudioContext) -> None:
    first, last, gone = (studio.create_workspace("carl", name).id for name in ("first", "last", "gone"))
    studio.remember_workspace("carl", last)
    studio.delete_workspace("carl", gone)
    assert studio.workspace("carl", gone).id == last
    assert studio.submit("carl", gone, "pattern", {"prompt": "a hat"}).workspace_id == last
    assert studio.workspace("carl", None).id == first
    studio.remember_workspace("carl", first)
    studio.delete_workspace("carl", first)
    assert studio.workspace("carl", gone).id == last


def test_a_deleted_workspace_is_put_back_for_its_user_alone(studio: StudioContext) -> None:
    studio.workspaces.ensure_default(USER)
    here = studio.workspaces.create(USER, "to be deleted and put back")
    assert studio.delete_workspace(USER, here.id) == here
    with pytest.raises(WorkspaceNotFoundError, match="make a new one"):
        studio.put_back_workspace(OTHER, here.id)
    assert here not in studio.workspaces.list(USER)
    assert studio.put_back_workspace(USER, here.id) == here
    assert here in studio.workspaces.list(USER)
