"""Search and filters as they are in a large library: what is few there is a handful here."""

import operator
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, insert, text, update

from storage import tables
from storage.jobs.query import Field, Word, parse, plain
from storage.jobs.search_text import search_text
from storage.jobs.store import JobPage, JobStatus, JobStore
from storage.workspaces import WorkspaceStore

JOB = tables.table(tables.Job)
KEY = "ab/ab" + "0" * 62 + ".png"
START = datetime(2026, 1, 1, tzinfo=UTC)
one_store = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

letters = st.sampled_from(
    [
        "a",
        "b",
        "B",
        " ",
        "\n",
        "é",
        "É",
        "ß",
        "猫",
        "🦊",
        '"',
        "'",
        "%",
        "_",
        "*",
        "\\",
        "\0",
        "\ud800",
        "\x1d",
        "-",
        "2",
    ]
)
texts = st.lists(letters, min_size=1, max_size=9).map("".join)
prompts = st.none() | texts
options = st.fixed_dictionaries(
    {},
    optional={
        "steps": st.sampled_from([0, 2, 20, 2.5, True, "2", None]),
        "negative_prompt": texts,
        "size": st.fixed_dictionaries({"width": st.sampled_from([2, 1024]), "height": st.just(64)}),
        "Odd name": texts,
        "image": st.sampled_from([KEY, None]),
    },
)
INPUTS = ("steps", "negative_prompt", "size", "width", "image", "prompt")
fields = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "-"]),
    st.sampled_from([*INPUTS, "negative", "seed", "model", "file", "rating", "status", "wrong"]),
    st.sampled_from([":", ">", ">=", "<", "<=", "="]),
    st.sampled_from(["2", "20", "2.0", "pat", "pond", "c", '"a b"', "on"]) | texts.map(lambda text: f'"{text}"'),
)
searches = st.lists(texts | fields, min_size=1, max_size=3).map(" ".join)
facets = st.fixed_dictionaries(
    {
        "model_id": st.sampled_from(["pattern", "é b", '"']),
        "type": st.sampled_from(["image", "video"]),
        "status": st.sampled_from([JobStatus.COMPLETED, JobStatus.FAILED]),
        "favourite": st.booleans(),
    }
)
moments = st.sampled_from([timedelta(seconds=n) for n in range(6)] + [timedelta(microseconds=n) for n in range(3)])


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """A library of three jobs is a large one."""
    for module in ("pages", "search"):
        monkeypatch.setattr(f"storage.jobs.{module}.FEW", 2)
    monkeypatch.setattr("storage.jobs.search.NEWEST", 2)
    return 2


def put(engine: Engine, user: str, *jobs: dict[str, Any]) -> list[str]:
    """Write jobs as an import does: in any order of their times."""
    plain = {"status": JobStatus.COMPLETED, "type": "image", "model_id": "pattern", "model_version": 1}
    plain |= {"user_id": user, "favourite": False, "created_at": START, "prompt": None, "seed": None, "rating": None}
    rows = [{**plain, "id": str(uuid4()), **job} for job in jobs]
    for row in rows:
        given = row.pop("given", {})
        row["folded_prompt"] = search_text(
            prompt=row["prompt"],
            options=given,
            resolved={},
            seed=row["seed"],
            model=[row["model_id"]],
            files={KEY: "Pond.png"} if given.get("image") else {},
        )
    if rows:
        with engine.begin() as connection:
            connection.execute(insert(JOB), rows)
    return [row["id"] for row in rows]


def walk(jobs: JobStore, user: str, limit: int, **filters: Any) -> list[str]:
    """The ids of all pages."""
    pages = list(_pages(lambda cursor: jobs.page(user, None, limit=limit, cursor=cursor, **filters)))
    assert all(len(page.jobs) == limit for page in pages[:-1])
    return [job.id for page in pages for job in page.jobs]


def _pages(ask: Callable[[str | None], JobPage]) -> Iterator[JobPage]:
    page = ask(None)
    yield page
    while page.next is not None:
        page = ask(page.next)
        yield page


def walk_back(jobs: JobStore, user: str, limit: int, **filters: Any) -> list[str]:
    """The same, from the oldest on."""
    page = jobs.page(user, None, limit=limit, newer=True, **filters)
    ids, pages = [job.id for job in page.jobs], [page]
    while page.previous is not None:
        page = jobs.page(user, None, limit=limit, newer=True, cursor=page.previous, **filters)
        ids, pages = [job.id for job in page.jobs] + ids, [*pages, page]
    assert all(len(page.jobs) == limit for page in pages[:-1])
    return ids


jobs_made = st.fixed_dictionaries(
    {
        "prompt": prompts,
        "given": options,
        "seed": st.sampled_from([None, 2, 20, 2**64 - 1]),
        "rating": st.sampled_from([None, 1, 2, 5]),
        "at": moments,
        "facets": facets,
    }
)


def is_meant(term: Word | Field, job: dict[str, Any]) -> bool:
    """Whether a plain look at the job says so."""
    texts, numbers = seen_in(job)
    if isinstance(term, Word):
        found = any(term.text in one for said in texts.values() for one in said)
    else:
        found = any(_field_is_meant(term, name, job, texts, numbers) for name in term.names)
    return found != term.excluded


def _field_is_meant(
    term: Field, name: str, job: dict[str, Any], texts: dict[str, list[str]], numbers: dict[str, float]
) -> bool:
    if name in ("status", "type"):
        return term.operator == ":" and str(job["facets"][name]).startswith(term.text)
    number = job["rating"] if name == "rating" else numbers.get(name)
    if term.operator != ":":
        compared = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}[term.operator]
        return number is not None and bool(compared(number, term.number))
    if number is not None and number == term.number:
        return True
    switches = ["on"] if job["given"].get(name) is True else []
    return any(term.text in one for one in [*texts.get(name, []), *switches])


def seen_in(job: dict[str, Any]) -> tuple[dict[str, list[str]], dict[str, float]]:
    """The texts and the numbers of a job by their fields; what has no field's name stands under none."""
    given = {"prompt": job["prompt"], **job["given"]}
    size = given.pop("size", {})
    texts = {name: [plain(value)] for name, value in given.items() if isinstance(value, str)}
    texts["model"] = [plain(job["facets"]["model_id"])]
    if given.get("image"):
        texts["image"] = texts["file"] = ["pond.png"]
    numbers = {n: v for n, v in {**given, **size, "seed": job["seed"]}.items() if type(v) in (int, float)}
    return {**texts, "": [str(job["seed"])] if job["seed"] is not None else []}, numbers


@one_store
@given(
    made=st.lists(jobs_made, max_size=9),
    search=st.just("") | searches,
    filters=facets.flatmap(
        lambda made: st.sets(st.sampled_from(sorted(made))).map(lambda by: {n: made[n] for n in by})
    ),
    rating=st.sampled_from([None, None, 1, 2, 5]),
    limit=st.integers(1, 4),
)
def test_filters_and_a_search_find_in_any_library_what_a_look_at_each_job_finds_and_in_its_order(
    engine: Engine,
    few: int,
    made: list[dict[str, Any]],
    search: str,
    filters: dict[str, Any],
    rating: int | None,
    limit: int,
) -> None:
    user, jobs, query = str(uuid4()), JobStore(engine), parse(search, INPUTS)
    rows = [
        {name: job[name] for name in ("prompt", "given", "seed", "rating")}
        | {"created_at": START + job["at"], **job["facets"]}
        for job in made
    ]
    found = [
        (START + job["at"], job_id)
        for job_id, job in zip(put(engine, user, *rows), made, strict=True)
        if filters.items() <= job["facets"].items()
        and (job["rating"] or 0) >= (rating or 0)
        and all(is_meant(term, job) for term in query.terms)
    ]
    listed = [job_id for _, job_id in sorted(found, reverse=True)]
    assert walk(jobs, user, limit, search=query, rating=rating, **filters) == listed


@one_store
@given(
    made=st.lists(
        st.tuples(prompts, moments, facets, st.sampled_from(["ann", "bob"]), st.sampled_from([0, 1, None]), moments),
        max_size=9,
    ),
    search=st.just("") | searches,
    filters=facets.flatmap(
        lambda made: st.sets(st.sampled_from(sorted(made))).map(lambda by: {n: made[n] for n in by})
    ),
    place=st.sampled_from([0, 1, None]),
    days=st.tuples(st.none() | moments, st.none() | moments),
    limit=st.integers(1, 4),
)
def test_the_bin_has_exactly_what_its_user_deleted_and_the_filters_find_in_it(
    engine: Engine,
    few: int,
    made: list[tuple[str | None, timedelta, dict[str, Any], str, int | None, timedelta]],
    search: str,
    filters: dict[str, Any],
    place: int | None,
    days: tuple[timedelta | None, timedelta | None],
    limit: int,
) -> None:
    """A job deleted at its first moment is one that was not deleted."""
    run, jobs, workspaces = uuid4(), JobStore(engine), WorkspaceStore(engine)
    places = {name: [workspaces.create(f"{name}-{run}", str(n)).id for n in (0, 1)] for name in ("ann", "bob")}
    since, until = (None if day is None else START + day for day in days)
    found, query = [], parse(search, INPUTS)
    bare: dict[str, Any] = {"given": {}, "seed": None, "rating": None}
    for prompt, moment, facets, owner, at, deleted in made:
        row = {
            "prompt": prompt,
            "created_at": START + moment,
            "workspace_id": None if at is None else places[owner][at],
        }
        row |= facets | {"deleted_at": START + deleted if deleted else None}
        (job_id,) = put(engine, f"{owner}-{run}", row)
        if (
            (owner == "ann" and deleted)
            and (place is None or at == place)
            and all(is_meant(term, bare | {"prompt": prompt, "facets": facets}) for term in query.terms)
            and filters.items() <= row.items()
            and (since is None or row["created_at"] >= since)
            and (until is None or row["created_at"] < until)
        ):
            found.append((row["created_at"], job_id))
    wanted = {**filters, "search": query, "since": since, "until": until, "trashed": True}
    here = None if place is None else places["ann"][place]
    pages = list(_pages(lambda cursor: jobs.page(f"ann-{run}", here, limit=limit, cursor=cursor, **wanted)))
    assert [job.id for page in pages for job in page.jobs] == [job_id for _, job_id in sorted(found, reverse=True)]
    assert all(len(page.jobs) == limit for page in pages[:-1])
    assert {(page.total, page.exact) for page in pages} == {(min(len(found), few), len(found) <= few)}
    assert walk(jobs, f"eve-{run}", limit, **wanted) == []


@pytest.mark.parametrize("search", ["fox", "fo", "f", "red fox"])
def test_what_is_found_is_counted_in_a_small_library_and_at_least_in_a_large_one(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, search: str
) -> None:
    jobs = JobStore(engine)
    put(engine, "ann", *({"prompt": prompt} for prompt in ["red fox"] * 5 + ["owl"] * 3))
    assert (jobs.page("ann", None).total, jobs.page("ann", None).exact) == (8, True)
    for limit in (2, 5):
        page = jobs.page("ann", None, search=search, limit=limit)
        assert (len(page.jobs), page.total, page.exact) == (limit, 5, True)
    for module in ("pages", "search"):
        monkeypatch.setattr(f"storage.jobs.{module}.FEW", 7)
    assert (jobs.page("ann", None).total, jobs.page("ann", None).exact) == (7, False)
    page = jobs.page("ann", None, search=search, limit=2)
    assert (page.total, page.exact) == (2, False)
    page = jobs.page("ann", None, search=search, limit=5)
    assert (page.total, page.exact, page.next) == (5, True, None)


def test_jobs_of_one_moment_are_all_found_and_each_once(engine: Engine, few: int) -> None:
    ids = put(engine, "ann", *({"prompt": "a fox"} for _ in range(300)))
    assert walk(JobStore(engine), "ann", 7, search="fox") == sorted(ids, reverse=True)


def test_the_index_follows_what_is_changed_and_deleted(engine: Engine, few: int) -> None:
    jobs = JobStore(engine)
    first, second, *_ = put(engine, "ann", *({"prompt": prompt} for prompt in ("fox", "red fox", "owl", "owl")))
    with engine.begin() as connection:
        connection.execute(update(JOB).where(JOB.c.id == first).values(folded_prompt="crow"))
        connection.execute(delete(JOB).where(JOB.c.id == second))
    assert walk(jobs, "ann", 5, search="fox") == []
    assert walk(jobs, "ann", 5, search="crow") == [first]
    later = START + timedelta(days=1)
    with engine.begin() as connection:
        connection.execute(update(JOB).where(JOB.c.id == first).values(folded_prompt="owl", created_at=later))
    assert walk(jobs, "ann", 1, search="owl")[0] == first


def test_the_index_follows_what_a_job_is_listed_by(engine: Engine, few: int) -> None:
    jobs = JobStore(engine)
    first, *_ = put(engine, "ann", *({"prompt": "fox", "status": JobStatus.RUNNING} for _ in range(4)))
    done: dict[str, Any] = {"status": JobStatus.COMPLETED, "favourite": True}
    assert walk(jobs, "ann", 1, **done) == []
    assert jobs.complete(first, [])
    assert jobs.set_favourite("ann", first, True)
    assert walk(jobs, "ann", 1, **done) == walk(jobs, "ann", 1, search="fox", **done) == [first]
    assert jobs.trash("ann", first)
    assert walk(jobs, "ann", 1, **done) == []
    assert jobs.untrash("ann", first)
    assert walk(jobs, "ann", 1, search="fox", **done) == [first]


def test_compacting_the_database_does_no_harm_to_the_index(sqlite_engine: Engine, few: int) -> None:
    ids = put(sqlite_engine, "ann", *({"prompt": f"fox {number}"} for number in range(9)))
    with sqlite_engine.begin() as connection:
        connection.execute(delete(JOB).where(JOB.c.id.in_(ids[:4])))
    with sqlite_engine.connect() as connection:
        connection.exec_driver_sql("VACUUM")
    assert set(walk(JobStore(sqlite_engine), "ann", 5, search="fox")) == set(ids[4:])


def test_a_search_takes_no_account_of_the_jobs_of_others_and_of_those_in_the_bin(engine: Engine, few: int) -> None:
    jobs = JobStore(engine)
    put(engine, "bob", *({"prompt": "a fox"} for _ in range(4)))
    mine = put(engine, "ann", *({"prompt": "a fox"} for _ in range(4)))
    assert jobs.trash("ann", mine[0])
    assert set(walk(jobs, "ann", 2, search="fox")) == set(mine[1:])


@pytest.mark.parametrize("search", ["", "fox"])
def test_the_days_from_and_to_which_jobs_are_listed(engine: Engine, few: int, search: str) -> None:
    days = [START + timedelta(days=day) for day in range(5)]
    ids = put(engine, "ann", *({"prompt": "fox", "created_at": day} for day in days))
    for since, until in [(1, 3), (0, 5), (2, 2), (4, 5)]:
        found = walk(JobStore(engine), "ann", 2, search=search, since=days[since], until=START + timedelta(days=until))
        assert found == ids[since:until][::-1]


# How the databases go about it


FILTERS: dict[str, Any] = {
    "model_id": "pattern",
    "type": "video",
    "status": JobStatus.FAILED,
    "favourite": True,
}


def plans(engine: Engine, ask: Callable[[], object]) -> list[str]:
    """How the database carries out what `ask` asks of it, statement by statement."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    ask()
    event.remove(engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":  # which else reads a small table from end to end
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return [
            "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", values))
            for statement, values in asked
            if statement.startswith("SELECT")
        ]


@pytest.mark.parametrize("workspace_id", [None, "w"])
@pytest.mark.parametrize("filtered", [None, *FILTERS])
@pytest.mark.parametrize("more", [{}, {"since": START, "until": START}, {"cursor": None}, {"search": "a fox"}], ids=str)
def test_every_list_is_read_from_the_index_that_has_its_order(
    sqlite_engine: Engine, few: int, workspace_id: str | None, filtered: str | None, more: dict[str, Any]
) -> None:
    jobs = JobStore(sqlite_engine)
    with sqlite_engine.begin() as connection:
        connection.execute(text("INSERT INTO workspace VALUES ('w', 'ann', 'w', 'w', '2026-01-01')"))
    put(sqlite_engine, "ann", *({"workspace_id": "w", "prompt": "a fox"} | FILTERS for _ in range(4)))
    if "cursor" in more:
        more = {"cursor": jobs.page("ann", workspace_id, limit=1).next}
    filters = {filtered: FILTERS[filtered]} if filtered else {}
    for plan in plans(sqlite_engine, lambda: jobs.page("ann", workspace_id, limit=2, **filters, **more)):
        assert "SCAN job" not in plan.replace("SCAN job_text VIRTUAL TABLE", "")
        columns = ["user_id", workspace_id and "workspace_id", filtered, "created_at_id"]
        index = f"ix_job_{'_'.join(filter(None, columns))} "
        assert index in plan or "sqlite_autoindex_job_1 (id=?)" in plan


@pytest.mark.parametrize("wanted", [{"search": "a fox"}, {"search": "fo"}, {"search": "f"}, FILTERS], ids=str)
def test_a_large_library_is_searched_in_the_order_of_the_index_of_words(
    sqlite_engine: Engine, few: int, wanted: dict[str, Any]
) -> None:
    put(sqlite_engine, "ann", *({"prompt": "a fox"} | FILTERS for _ in range(4)))
    jobs = JobStore(sqlite_engine)
    asked = plans(sqlite_engine, lambda: jobs.page("ann", None, limit=3, **wanted))
    assert any("job_text VIRTUAL TABLE" in plan for plan in asked)
    for plan in asked:
        assert "SCAN job" not in plan.replace("SCAN job_text VIRTUAL TABLE", "")
        if "job_text VIRTUAL" in plan:
            assert "ORDER BY" not in plan, "the index has the order"


ASKED: dict[str, Callable[[JobStore], object]] = {
    "a job": lambda jobs: jobs.find_with_files("ann", "x"),
    "its basics": lambda jobs: jobs.basics("ann", "x"),
    "the queue": lambda jobs: jobs.queue("ann", None),
    "the queue of a workspace": lambda jobs: jobs.queue("ann", "w"),
    "all queues": JobStore.unfinished,
    "the producers of files": lambda jobs: jobs.producers("ann", ["x", "y"]),
    "what a job came from and what came from it": lambda jobs: jobs.lineage("ann", "x"),
    "a page": lambda jobs: jobs.page("ann", "w", model_id="pattern"),
    "a page by two filters": lambda jobs: jobs.page("ann", None, type="video", favourite=True),
    "a page of what is found": lambda jobs: jobs.page("ann", None, search="fox"),
    "a page of the bin": lambda jobs: jobs.page("ann", "w", status=JobStatus.FAILED, search="fox", trashed=True),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_nothing_that_is_asked_of_the_jobs_reads_them_all(
    engine: Engine, few: int, ask: Callable[[JobStore], object]
) -> None:
    put(engine, "ann", *({"prompt": "fox"} for _ in range(4)))
    asked = plans(engine, lambda: ask(JobStore(engine)))
    assert asked
    for plan in asked:
        assert "SCAN job\n" not in f"{plan}\n"
        assert "Seq Scan on job" not in plan


@pytest.mark.parametrize("wanted", [{}, {"search": "fox"}, FILTERS, {"since": START, "until": START}], ids=str)
@pytest.mark.parametrize("workspace_id", [None, "w"])
def test_the_bin_is_read_from_its_own_index_and_not_from_all_jobs_of_the_user(
    sqlite_engine: Engine, workspace_id: str | None, wanted: dict[str, Any]
) -> None:
    jobs = JobStore(sqlite_engine)
    for plan in plans(sqlite_engine, lambda: jobs.page("ann", workspace_id, trashed=True, **wanted)):
        read = [line for line in plan.splitlines() if "job USING" in line]
        of_the_bin, of_a_job = "ix_job_deleted_at (deleted_at>?)", "sqlite_autoindex_job_1 (id=?)"
        assert f"SEARCH job USING INDEX {of_the_bin}" in read
        uses = {line.removesuffix(" LEFT-JOIN").removeprefix("SEARCH job USING INDEX ") for line in read}
        assert uses <= {of_the_bin, of_a_job}


@pytest.mark.parametrize("workspace_id", [None, "w"])
def test_the_queue_is_found_by_status_and_not_by_time(sqlite_engine: Engine, workspace_id: str | None) -> None:
    (plan,) = plans(sqlite_engine, lambda: JobStore(sqlite_engine).queue("ann", workspace_id))
    assert plan.count("_status_created_at_id (user_id=? AND") == 2


GOING = {
    "UPDATE job SET workspace_id = NULL WHERE workspace_id = 'x'": "ix_job_workspace_id ",
    "DELETE FROM job_link WHERE parent_id = 'x'": "ix_job_link_parent_id ",
    "DELETE FROM job_link WHERE child_id = 'x'": "sqlite_autoindex_job_link_1 ",
}


@pytest.mark.parametrize(("statement", "index"), GOING.items())
def test_what_refers_to_a_row_that_goes_is_found_by_an_index(sqlite_engine: Engine, statement: str, index: str) -> None:
    with sqlite_engine.connect() as connection:
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {statement}"))
        assert index in "\n".join(str(row[-1]) for row in plan)
