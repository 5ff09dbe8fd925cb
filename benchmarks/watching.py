"""What fifty open pages cost the server while one job runs: all but one at rest, and all of them one user's.

    .venv/bin/python benchmarks/watching.py [SECONDS]

Each page ticks once a second, as a browser has it, and shows 24 jobs. What the server does by itself is measured first,
in the same run, and taken off. The job's progress is written by this process, so that no worker disturbs. It reads
/proc, so it needs Linux.
"""

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, create_engine, select

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import harness
from benchmarks.idle import worked
from storage import tables
from studio.context import StudioContext
from studio.settings import Settings
from studio_ui import open_studio

PAGES = 50
JOBS = 24
SETTLED = 5  # seconds after which what a server does when it starts is done
AIM = 0.1
MODEL = "pattern"
_WORKSPACE = tables.table(tables.Workspace)


def main(seconds: int) -> None:
    """Start a studio without a worker, open the pages, let them tick, print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"STUDIO_DATA_DIR": folder, "STUDIO_LOG_LEVEL": "warning", "STUDIO_WORKER": "off"}
        with harness.process("studio_ui.py", "--port", **settings, STUDIO_LOGIN="anonymous") as (url, pid):
            own = Settings(data_dir=Path(folder))
            studio, database = open_studio(own)[0], create_engine(own.database)
            time.sleep(SETTLED)
            rest = _share(pid, seconds, lambda: None)
            print(f"core at_rest {rest:.3f}")
            others = [Page(url, database) for _ in range(PAGES)]
            same = [Page(url, database, others[0]) for _ in range(PAGES)]
            for user in {page.user for page in others}:
                for _ in range(JOBS):
                    studio.jobs.fail(_new(studio, user), "no")
            for name, pages in {"others": others, "one_user": same}.items():
                share = _watched(pages, studio, pid, seconds) - rest
                print(f"ratio watching_{name} {share:.3f} aim <= {AIM:g} (of a core, {PAGES} pages, {seconds} s)")


def _watched(pages: list["Page"], studio: StudioContext, pid: int, seconds: int) -> float:
    """The share of a core while a job of the first page's user runs."""
    running = _new(studio, pages[0].user)
    studio.jobs.start(running)
    steps = iter(range(1, 10_000))
    with ThreadPoolExecutor(4) as pool:

        def second() -> None:
            step = next(steps)
            studio.jobs.report(running, step / 10_000, "Painting", step, 10_000)
            list(pool.map(Page.tick, pages))

        for _ in range(2):
            second()  # from then on each page knows what it shows
        share = _share(pid, seconds, second)
    studio.jobs.fail(running, "no")
    return share


def _new(studio: StudioContext, user: str) -> str:
    values = {**studio.model(MODEL).defaults(), "prompt": "a pond"}
    return studio.submit(user, None, MODEL, values).id


def _share(pid: int, seconds: int, second: Any) -> float:
    """How much of a core the process takes while this is done once a second."""
    before, began = worked(pid), time.monotonic()
    for number in range(1, seconds + 1):
        second()
        time.sleep(max(0.0, began + number - time.monotonic()))
    return (worked(pid) - before) / 1000 / (time.monotonic() - began)


class Page:
    """A page as the server knows it: its cookie, its session, and the values that a tick sends and brings."""

    def __init__(self, url: str, database: Engine, of: "Page | None" = None) -> None:
        self._api = f"{url}gradio_api"
        self._client = httpx.Client(cookies=of._client.cookies if of else None, timeout=60)
        self._client.get(url)
        config = self._client.get(f"{url}config").json()
        self._values = {one["id"]: one["props"].get("value") for one in config["components"]}
        events = {name: event for event in config["dependencies"] for _, name in event["targets"]}
        self._look, self._session = events["tick"], f"{id(self)}"
        self._news = next(id_ for id_, name in self._look["targets"] if name == "tick")
        self._told, self._tag = {"changes": None}, ""
        self._send(events["load"])
        *_, near = self._look["inputs"]
        self._values[near] = {"number": 1, "count": JOBS}
        place = self._values[self._look["inputs"][0]]
        self._live = f"{url}studio/live?workspace={place}"
        with database.connect() as connection:
            self.user: str = connection.execute(
                select(_WORKSPACE.c.user_id).where(_WORKSPACE.c.id == place)
            ).scalar_one()

    def tick(self) -> None:
        """What a browser asks each second, and what it asks for when there is more to look at."""
        answer = self._client.get(self._live, headers={"if-none-match": self._tag})
        if answer.status_code != httpx.codes.NOT_MODIFIED:
            self._told, self._tag = answer.json(), answer.headers["etag"]
        if self._told["changes"] != self._values[self._news]["changes"]:
            self._send(self._look)

    def _send(self, event: dict[str, Any]) -> None:
        data = [self._values[id_] for id_ in event["inputs"]]
        body = {"fn_index": event["id"], "data": data, "event_data": None, "session_hash": self._session}
        answers = self._client.post(f"{self._api}/run/predict", json=body).json()["data"]
        for id_, value in zip(event["outputs"], answers, strict=True):
            is_update = isinstance(value, dict) and value.get("__type__") == "update"
            if not is_update or "value" in value:
                self._values[id_] = value["value"] if is_update else value


if __name__ == "__main__":
    main(harness.rounds(20))
