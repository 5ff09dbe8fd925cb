"""What a million jobs cost against a thousand: the first page, a deep one, searches, filters, and what a reuse reads.

    .venv/bin/python benchmarks/library_scale.py [--jobs 1000000] [--rounds 15] [--url URL]

Measured are the questions that the page asks of the stores, in turn on a small library and a large one. URL has `{}` in
place of a database's name, and the databases are kept: `library_1000` and `library_1000000` are filled when they are
empty. PostgreSQL is measured so (its databases must exist); without a URL, SQLite in a temporary folder is.
"""

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import harness
from benchmarks.harness import Samples
from benchmarks.library import BEGIN, END, USER, WORKSPACES, fill, searches
from storage import tables
from storage.database import open_database
from storage.jobs.store import JobStatus, JobStore
from storage.media.store import MediaStore

SMALL = 1000
JOB = tables.table(tables.Job)
_OF_A_MODEL = {"model_id": "flux-krea", "type": "image"}
_RARE = {**_OF_A_MODEL, "status": JobStatus.FAILED, "favourite": True}
FILTERS: Mapping[str, dict[str, Any]] = {
    "filter_model": {"model_id": "flux-krea"},
    "filter_type": {"type": "audio"},
    "filter_status": {"status": JobStatus.FAILED},
    "filter_status_that_no_job_has": {"status": JobStatus.RUNNING},
    "filter_favourite": {"favourite": True},
    "filter_last_30_days": {"since": END - timedelta(days=30)},
    "filter_from_to": {"since": END - timedelta(days=400), "until": END - timedelta(days=370)},
    "filter_four": {**_OF_A_MODEL, "status": JobStatus.COMPLETED, "since": END - timedelta(days=400)},
    "filter_four_rare": {**_RARE, "limit": 2},  # the small library has no more that pass
    "filter_and_search": {"model_id": "flux-krea", "favourite": True, "search": "light"},
}


@dataclass(frozen=True, slots=True)
class Library:
    """A filled database, and places in the user's list of all jobs."""

    jobs: JobStore
    media: MediaStore
    deep: str | None
    some: list[str]

    @classmethod
    def of(cls, engine: Engine, files: Path) -> "Library":
        """Looks in the middle of the list; `files` is empty, so that a reuse asks for each file and finds none."""
        jobs = JobStore(engine)
        middle = jobs.page(USER, None, until=END - (END - BEGIN) / 2)
        return cls(jobs, MediaStore(engine, files), middle.next, [job.id for job in middle.jobs])


def questions(library: Library) -> dict[str, Callable[[], object]]:
    """What is measured, by the name of its figure."""
    jobs, place = library.jobs, WORKSPACES[0]
    some = iter(library.some * 100)

    def reuse() -> None:
        found = jobs.find_with_files(USER, next(some))
        assert found is not None
        library.media.there(found[1])

    asked: dict[str, Callable[[], object]] = {
        "first_page": lambda: jobs.page(USER, place),
        "first_page_of_all_workspaces": lambda: jobs.page(USER, None),
        "deep_page": lambda: jobs.page(USER, None, cursor=library.deep),
        "queue": lambda: jobs.queue(USER, place),
        "reuse": reuse,
    }
    asked |= {name: lambda filters=filters: jobs.page(USER, None, **filters) for name, filters in FILTERS.items()}
    for name, text in searches():
        asked[name] = lambda text=text: jobs.page(USER, place, search=text)
        asked[f"{name}_everywhere"] = lambda text=text: jobs.page(USER, None, search=text)
    return asked


def main(size: int, rounds: int, url: str, files: Path) -> None:
    """Fill what is empty, ask in turn, print."""
    engines = {count: open_database(url.format(f"library_{count}")) for count in (SMALL, size)}
    samples: Samples = defaultdict(list)
    asked = {count: questions(_filled(engine, count, files)) for count, engine in engines.items()}
    for round_ in range(rounds + 1):
        for name in asked[size]:
            for count in (SMALL, size):
                begun = time.perf_counter()
                asked[count][name]()
                if round_:
                    samples[f"{name}_{count}"].append((time.perf_counter() - begun) * 1000)
    print(f"database {engines[size].dialect.name}")
    for name in asked[size]:
        aim = 3 if "search" in name else 1.5
        measured = {f"{name}_{SMALL}": samples[f"{name}_{SMALL}"], name: samples[f"{name}_{size}"]}
        harness.report(defaultdict(list, measured), f"{name}_{SMALL}", {name: aim})


def _filled(engine: Engine, size: int, files: Path) -> Library:
    with engine.connect() as connection:
        found = connection.execute(select(func.count()).select_from(JOB)).scalar_one()
    if found == 0:
        begun = time.perf_counter()
        fill(engine, size)
        print(f"filled {size} in {time.perf_counter() - begun:.0f} s", flush=True)
    elif found != size:
        sys.exit(f"{engine.url} has {found} jobs, not {size}")
    return Library.of(engine, files)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--url", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="library-") as folder:
        main(given.jobs, given.rounds, given.url or f"sqlite:///{folder}/{{}}.db", Path(folder) / "files")
