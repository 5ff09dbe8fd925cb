"""The log: records name job and user as fields, in either form, and no secret."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.jobs.store import JobStatus
from studio.log import JsonLine, Text, about, on_behalf_of, with_fields
from studio.settings import Settings
from studio_ui import open_studio
from tests.processes import processes_of
from tests.s3 import free_port
from tests.studio.runner_studio import wait_for

ROOT = Path(__file__).parents[2]
FAILING = """
from PIL import Image


def generate(prompt: str, *, run) -> Image.Image:
    run.progress(1, of=2)
    raise ZeroDivisionError(prompt)
"""


def line(form: logging.Formatter, message: str, **fields: str | None) -> str:
    """One record as it is written, its fields named by who logs it."""
    record = logging.getLogger("studio").makeRecord("studio", 30, "log.py", 1, message, (), None, extra=fields)
    assert with_fields(record)
    return form.format(record)


@given(st.text(), st.none() | st.text(max_size=200), st.none() | st.text(max_size=200))
def test_a_line_of_json_says_what_was_said(message: str, job: str | None, user: str | None) -> None:
    with about(job):
        written = line(JsonLine(), message, user=user)
    told = json.loads(written)
    assert written.isascii()
    assert "\n" not in written
    assert (told["message"], told.get("job"), told.get("user")) == (message, job, user)
    assert (told["level"], told["logger"], told["process"]) == ("warning", "studio", os.getpid())


@given(st.text())
@example("It failed.\n2026-11-30 09:11:22,123 ERROR studio job=1 user=bob: Not true.")
def test_what_a_service_says_never_looks_like_another_record(message: str) -> None:
    written = line(Text(), message)
    assert len(written.splitlines()) == 1
    assert written.endswith(f": {message}") or not message.isprintable()


@given(st.text(max_size=200), st.text(max_size=200))
@example("\x7f", "a b")
def test_a_text_names_job_and_user_before_the_sentence_whatever_they_are_called(job: str, user: str) -> None:
    with about(job, user):
        written = line(Text(), "It failed.")
    assert written.isprintable()
    fields = written.partition(" studio job=")[2].removesuffix(": It failed.")
    decoder = json.JSONDecoder()
    for wanted, name in ((job, " user="), (user, "")):
        if fields.startswith('"'):
            value, end = decoder.raw_decode(fields)
        else:
            value = fields.partition(name)[0] if name else fields
            end = len(value)
        assert value == wanted
        fields = fields[end:].removeprefix(name)
    assert fields == ""


def test_what_is_about_no_job_has_no_fields() -> None:
    assert line(Text(), "Listening").endswith(" WARNING studio: Listening")
    assert json.loads(line(JsonLine(), "Listening")).keys().isdisjoint({"job", "user", "exception"})


def test_who_a_job_is_of_may_be_learnt_on_the_way_and_is_forgotten_with_it() -> None:
    with about("j1"):
        on_behalf_of("ann")
        with about("j2"):
            assert " job=j2 user=ann: " in line(Text(), "Deep")
        assert " job=j1 user=ann: " in line(Text(), "Back")
    assert "ann" not in line(Text(), "After")


def test_who_logs_of_another_job_says_so() -> None:
    with about("j1", "ann"):
        assert " job=j2 user=ann: " in line(Text(), "Damaged", job="j2")


@pytest.mark.slow
def test_page_worker_and_models_log_in_lines_of_json_that_name_the_job_and_no_secret(tmp_path: Path) -> None:
    (tmp_path / "failing.py").write_text(FAILING, encoding="utf-8")
    given = Settings(
        data_dir=tmp_path / "data", models=(str(tmp_path / "failing.py"),), users="ann:hush-1", runpod_api_key="hush-2",
        port=free_port(), log_level="debug", log_format="json",
    )  # fmt: skip
    studio, _ = open_studio(given)
    good = studio.submit("ann", None, "pattern", {"prompt": "a fox", "width": 128, "height": 128}).id
    bad = studio.submit("ann", None, "failing", {"prompt": "an owl"}).id
    with (tmp_path / "log").open("wb") as log:
        page = subprocess.Popen(
            [sys.executable, "studio_ui.py"], cwd=ROOT, env=os.environ | given.environment, stdout=log, stderr=log
        )
    try:
        wait_for(lambda: not studio.jobs.unfinished(), 120)
    finally:
        page.terminate()
        page.wait(60)
    wait_for(lambda: processes_of(given.data_dir) == [])
    written = (tmp_path / "log").read_text(encoding="utf-8")
    assert "hush" not in written
    told = [json.loads(one) for one in written.splitlines()]
    of = {id_: [one for one in told if one.get("job") == id_] for id_ in (good, bad)}
    assert {one.get("user") for some in of.values() for one in some if one["logger"].startswith("studio.")} == {"ann"}
    assert next(one["message"] for one in of[good] if one["level"] == "info") == "The job begins, with pattern"
    (failed,) = [one for one in of[bad] if one["level"] == "warning"]
    assert "ZeroDivisionError: an owl" in failed["exception"]
    ends = {job.status for id_ in of if (job := studio.jobs.find_any(id_))}
    assert ends == {JobStatus.COMPLETED, JobStatus.FAILED}
    assert {"uvicorn.error", "studio.jobs.runner"} <= {one["logger"] for one in told}
