"""What the page says of what a backend told."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.library import job_facts
from components.library.views import Views
from storage.jobs.store import Job, JobStatus
from studio.inputs.diff import compare
from studio.inputs.restore import plan
from studio.jobs.outlook import Outlook
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER
from tests.stored_jobs import job, model

JOB = Job(
    **dict.fromkeys(Job.__dataclass_fields__, None)  # type: ignore[arg-type]
    | {"id": "a", "status": JobStatus.RUNNING, "media": (), "outputs": (), "labels": (), "resolved": {}, "problem": ""}
)


def running(**facts: Any) -> Job:
    return replace(JOB, **facts)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, ""),
        ({"progress_step": 5}, "Step 5"),
        ({"progress_step": 5, "progress_of": 20}, "Step 5 of 20"),
        ({"progress_step": 5, "progress_of": 20, "progress_rate": 2.5}, "Step 5 of 20 · 2.5 it/s · 6 s left"),
        ({"progress_step": 5, "progress_of": 20, "progress_rate": 0.1}, "Step 5 of 20 · 10.0 s/it · 2 min 30 s left"),
        (
            {"progress_step": 1, "progress_of": 1001, "progress_rate": 0.25},
            "Step 1 of 1001 · 4.0 s/it · 1 h 6 min left",
        ),
        ({"progress_step": 5, "progress_rate": 2.0}, "Step 5 · 2.0 it/s"),
        ({"progress_step": 9, "progress_of": 5, "progress_rate": 2.0}, "Step 9 of 5 · 2.0 it/s"),
        ({"progress_step": 5, "progress_of": 20, "status": JobStatus.COMPLETED}, ""),
    ],
)
def test_steps_say_as_much_as_is_known(facts: dict[str, Any], said: str) -> None:
    assert job_facts.steps(running(**facts)) == said


@pytest.mark.parametrize(
    ("place", "seconds", "said"),
    [
        (1, None, "Next"),
        (2, 12.0, "2nd, about 10 s"),
        (3, 44.0, "3rd, about 40 s"),
        (11, 200.0, "11th, about 3 min 30 s"),
        (22, 1234.0, "22nd, about 21 min"),
        (101, 9000.0, "101st, about 2 h 30 min"),
    ],
)
def test_who_waits_reads_the_place_and_roughly_how_long(place: int, seconds: float | None, said: str) -> None:
    waiting = replace(JOB, status=JobStatus.QUEUED)
    known = {} if seconds is None else {"a": seconds}
    assert job_facts.turn(waiting, Outlook(places={"a": place}, seconds=known)) == said


def test_when_all_that_waits_is_done_is_said_where_it_is_known() -> None:
    places = {"a": 1, "b": 3}
    assert job_facts.wait(Outlook(places=places, seconds={"a": 4.0, "b": 12.0, "runs": 2.0})) == "about 10 s"
    assert job_facts.wait(Outlook(places=places, seconds={"a": 4.0})) == ""
    assert job_facts.wait(Outlook()) == ""
    assert job_facts.wait(Outlook(paused=True)) == "paused"


def test_a_job_that_runs_says_what_is_left_unless_its_steps_do() -> None:
    outlook = Outlook(paused=True, seconds={"a": 42.0})
    assert job_facts.turn(running(), outlook) == "about 40 s left"
    assert job_facts.turn(running(progress_step=5, progress_of=20, progress_rate=2.5), outlook) == ""
    assert job_facts.turn(replace(JOB, status=JobStatus.QUEUED), outlook) == "Paused"
    assert job_facts.turn(replace(JOB, status=JobStatus.COMPLETED), outlook) == ""


@example(step=1, of=2, rate=5e-324)
@example(step=1, of=2, rate=1e300)
@given(
    step=st.none() | st.integers(0, 2**31 - 1),
    of=st.none() | st.integers(0, 2**31 - 1),
    rate=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
def test_whatever_a_backend_tells_the_line_is_short(step: int | None, of: int | None, rate: float | None) -> None:
    said = job_facts.steps(running(progress_step=step, progress_of=of, progress_rate=rate))
    assert re.fullmatch(r"(Step \d+( of \d+)?( · [\d.]+ (it/s|s/it))?( · [\d a-z]+ left)?)?", said)


def test_what_a_job_ran_with_and_cost_stands_in_its_rows() -> None:
    job = running(
        status=JobStatus.COMPLETED,
        ran_with={"torch": "2.9", "device": "cuda:0"},
        cost=0.0125,
        spent_seconds=75.2,
        backend_job_id="remote-1",
        texts={"caption": "a fox", "score": 0.5},
    )
    assert job_facts.ran(job) == [
        ("torch", "2.9"),
        ("device", "cuda:0"),
        ("Computing time", "1 min 15 s"),
        ("Cost", "$0.0125"),
        ("Remote job", "remote-1"),
        ("caption", "a fox"),
        ("score", "0.5"),
    ]


def test_details_name_the_fields_of_a_failure_by_their_labels_and_keep_the_log(kept: KeptStudio) -> None:
    studio = kept.context
    job = studio.submit(USER, None, "pattern", {"prompt": "a fox"})
    studio.jobs.fail(job.id, "It broke.", {"prompt": "Too odd.", "gone": "Gone."}, "Traceback")
    stored = studio.jobs.find(USER, job.id)
    assert isinstance(stored, Job)
    details = Views(studio).details(stored, {})
    assert details["wrong"] == [{"label": "Prompt", "text": "Too odd."}, {"label": "gone", "text": "Gone."}]
    assert (details["error"], details["log"]) == ("It broke.", "Traceback")


def test_a_card_points_to_its_picture_in_the_making_under_the_root_path(kept: KeptStudio) -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    views = Views(kept.context, "/studio")
    job = replace(JOB, created_at=at, model_id="pattern", model_version=1)
    assert views.card(job, {"a": at})["making"] == f"/studio/studio/preview/a?at={at.timestamp():.3f}"
    assert views.card(job)["making"] is None


def test_a_whole_number_reads_alike_in_the_form_and_in_the_job(kept: KeptStudio) -> None:
    """A page sends 3 for 3.0."""
    config = model(folds={"kind": "number"}, note={"kind": "text"})
    restored = plan(job(folds=3.0, note="3.0"), config, {})
    rows = Views(kept.context, "/studio").rows(config, compare(config, {"folds": 3, "note": "3.0"}, restored), {})
    assert [(row["now"]["text"], row["then"]["text"]) for row in rows] == [("3", "3"), ("3.0", "3.0")]
