"""Fifty sessions that reuse, submit and watch, beside a bare Gradio app with the same events; and one user's flood.

    .venv/bin/python benchmarks/load.py [ROUNDS]

The bare app has three events of the same names, inputs and answers, which it keeps in memory; nothing computes there.
The sessions are tasks of this process, with httpx: locust would bring 15 packages more, gevent among them, for a loop
of three requests. The flood is a thousand jobs of one user, during which another one submits some, one after the other.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

import gradio as gr
import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import harness
from storage.jobs.store import Job
from studio.context import StudioContext
from studio.settings import Settings
from studio_ui import WORKER, open_studio

SESSIONS = 50
LOOKS = 4  # at a submitted job
PAUSE = 0.5  # seconds before each request
FLOOD = 1000
OTHERS = 5
AIM = 1.5
SMALL = {"prompt": "a pond", "width": 256, "height": 256}
DEFAULTS = {"submit_job": [None, []], "reuse_job": ["all", None, None, "authored", None, None, None], "get_job": []}
ANSWERS = "LOAD_ANSWERS"
"""The variable that names the file of what the bare app answers."""

Taken = dict[str, list[float]]
"""Seconds by the name of an event."""


def main(rounds: int) -> None:
    """Both servers in turns, then the flood; prints at the end."""
    bare, studio, errors = Taken(), Taken(), [0, 0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load-")))
        url = stack.enter_context(harness.studio(folder / "data"))
        answers = asyncio.run(one_of_each(url))
        (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
        variables = {ANSWERS: str(folder / "answers.json")}
        bare_url = stack.enter_context(harness.server("benchmarks/load.py", "--bare", **variables))
        for _ in range(rounds):
            errors[0] += asyncio.run(sessions(bare_url, answers["submit_job"]["job_id"], bare))
            errors[1] += asyncio.run(sessions(url, answers["submit_job"]["job_id"], studio))
    for name in ("all", *answers):
        base, taken = p95(bare, name), p95(studio, name)
        print(f"ratio load_{name} {taken / base:.2f} aim <= {AIM:g} (p95 {taken:.3f} s, bare {base:.3f} s)")
    print(f"errors bare {errors[0]} studio {errors[1]}")
    with tempfile.TemporaryDirectory(prefix="flood-") as data:
        passed, waited = flood(Path(data))
    print(f"ratio flood {max(passed):d} aim <= 1 (jobs of the flood that began while another's waited: {passed}; "
          f"it began after {', '.join(f'{one:.1f}' for one in waited)} s)")  # fmt: skip


def p95(taken: Taken, name: str) -> float:
    every = [one for some in taken.values() for one in some] if name == "all" else taken[name]
    return quantiles(every, n=20)[-1]


async def one_of_each(url: str) -> dict[str, Any]:
    """What the studio answers to each event."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        submitted = await ask(client, "first", "submit_job", "pattern", SMALL)
        job_id = submitted["job_id"]
        assert job_id, submitted
        while (await ask(client, "first", "get_job", job_id))["status"] in ("queued", "running"):
            await asyncio.sleep(PAUSE)
        reused = await ask(client, "first", "reuse_job", job_id)
        return {"reuse_job": reused, "submit_job": submitted, "get_job": await ask(client, "first", "get_job", job_id)}


async def ask(client: httpx.AsyncClient, session: str, event: str, *data: Any) -> Any:
    """What the event answers; what is not given has its default, which a program other than Gradio's has to send."""
    body = {"data": [*data, *DEFAULTS[event]], "session_hash": session}
    answer = await client.post(f"gradio_api/run/{event}", json=body)
    answer.raise_for_status()
    return answer.json()["data"][0]


async def sessions(url: str, job_id: str, taken: Taken) -> int:
    """All of them at once; how many of their requests went wrong."""
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=httpx.Limits(max_connections=SESSIONS)) as client:
        return sum(await asyncio.gather(*(session(client, job_id, number, taken) for number in range(SESSIONS))))


async def session(client: httpx.AsyncClient, job_id: str, number: int, taken: Taken) -> int:
    wrong, name = 0, uuid.uuid4().hex

    async def timed(event: str, *data: Any) -> Any:
        nonlocal wrong
        await asyncio.sleep(PAUSE)
        began = time.monotonic()
        try:
            answer = await ask(client, name, event, *data)
        except (httpx.HTTPError, KeyError, ValueError) as error:
            wrong += 1
            said = error.response.text[:200] if isinstance(error, httpx.HTTPStatusError) else ""
            print(f"error {event} {type(error).__name__} after {time.monotonic() - began:.1f} s {said}")
            return None
        taken.setdefault(event, []).append(time.monotonic() - began)
        return answer

    await asyncio.sleep(PAUSE * number / SESSIONS)
    plan = await timed("reuse_job", job_id)
    values = plan["plan"]["values"] if plan else SMALL
    submitted = await timed("submit_job", "pattern", values)
    for _ in range(LOOKS):
        await timed("get_job", submitted["job_id"] if submitted else job_id)
    return wrong


def flood(data: Path) -> tuple[list[int], list[float]]:
    """Of each of the other's jobs how many of the flood began while it waited, and how many seconds that took."""
    studio, _ = open_studio(Settings(data_dir=data))
    many = [studio.submit("ann", None, "pattern", SMALL).id for _ in range(FLOOD)]
    with worker(data):
        wait_for(lambda: started(studio, many[2]))
        others = []
        for _ in range(OTHERS):
            others.append(studio.submit("bob", None, "pattern", SMALL).id)
            wait_for(lambda: not studio.jobs.is_unfinished(others[-1]))
    theirs = [job for one in others if (job := studio.jobs.find_any(one))]
    begun = [job.started_at for one in many if (job := studio.jobs.find_any(one)) and job.started_at]
    passed = [sum(one.created_at < at < (one.started_at or at) for at in begun) for one in theirs]
    return passed, [(one.started_at - one.created_at).total_seconds() for one in theirs if one.started_at]


def started(studio: StudioContext, job_id: str) -> bool:
    job: Job | None = studio.jobs.find_any(job_id)
    return bool(job and job.started_at)


def wait_for(happens: Any) -> None:
    while not happens():
        time.sleep(0.05)


@contextmanager
def worker(data: Path) -> Any:
    environment = {**os.environ, "STUDIO_DATA_DIR": str(data), "STUDIO_LOG_LEVEL": "warning"}
    with subprocess.Popen(WORKER, env=environment, cwd=harness.ROOT) as process:
        try:
            yield
        finally:
            process.terminate()


def serve_bare(port: int) -> None:
    """The events, with the answers that the studio gave."""
    answers = json.loads(Path(os.environ[ANSWERS]).read_text(encoding="utf-8"))
    kept: dict[str, Any] = {}

    def reuse_job(
        job_id: str, part: str, names: Any, seed: Any, text: str, model_id: Any, instead: Any, now: Any
    ) -> Any:
        return {**answers["reuse_job"], "asked": job_id}

    def submit_job(model_id: str, values: dict[str, Any], workspace_id: Any, sources: list[Any]) -> Any:
        job_id = f"job {len(kept)}"
        kept[job_id] = {**answers["get_job"], "model_id": model_id, "options": values}
        return {**answers["submit_job"], "job_id": job_id}

    def get_job(job_id: str) -> dict[str, Any]:
        return dict(kept.get(job_id, answers["get_job"]))

    with gr.Blocks(analytics_enabled=False) as blocks:
        for event in (reuse_job, submit_job, get_job):
            gr.api(event, api_name=event.__name__, queue=False, concurrency_limit=None)
    blocks.launch(server_port=port, ssr_mode=False, quiet=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        serve_bare(int(sys.argv[2]))
    else:
        main(harness.rounds(4))
