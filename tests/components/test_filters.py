"""The search box and the filters: what the browser asks for, and what the gallery then shows."""

from collections.abc import Callable
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from components.library.filters import LONGEST_SEARCH, Filters
from components.library.near import Near
from storage import tables
from storage.jobs.query import Field, Word, parse, plain
from storage.jobs.search_text import search_text
from storage.jobs.store import JobStatus, Queue
from tests.components.page_site import Site
from tests.kept_studio import KeptStudio
from tests.shipped import SHIPPED

USER = "finder"
START = datetime(2026, 1, 1, tzinfo=UTC)
MODELS, TYPES, STATUSES = ("pattern", "flux-krea", "gone"), ("image", "video", "audio"), tuple(JobStatus)
PROMPTS = ("a red fox", "Été à l'ÉTANG", "夜明けの猫", "100% _wool_", None, "foxes, 猫", "рыжая Лиса")
WORDS = ("", "fo", "FOX", "ete", "étang", "猫", "%", "_", "лиса", "r a", "red -a", "nothing", "model:pat", "tiling:on")

moments = st.none() | st.integers(-1, 61).map(lambda hour: (START + timedelta(hours=hour)).isoformat())
questions = st.fixed_dictionaries(
    {
        "everywhere": st.booleans(),
        "favourite": st.booleans(),
        "trashed": st.booleans(),
        "rating": st.sampled_from((None, 1, 4)),
        "search": st.sampled_from(WORDS),
    },
    optional={
        "model_id": st.sampled_from((None, *MODELS, "never")),
        "type": st.sampled_from((None, *TYPES)),
        "status": st.sampled_from((None, *STATUSES)),
        "since": moments,
        "until": moments,
        "label": st.sampled_from((None, "sea", "seaside", "nothing")),
        "sort": st.sampled_from(("time", "rating", "model", "duration")),
    },
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)
NAMES = (
    "asked",
    "everywhere",
    "search",
    "model_id",
    "type",
    "status",
    "favourite",
    "rating",
    "label",
    "since",
    "until",
    "trashed",
    "sort",
)
LABELS = ((), ("sea",), ("sea", "seaside"), ("seaside",))
ENDS = st.sampled_from([f"{time}+00:00" for time in (datetime.min, datetime.max, START.replace(tzinfo=None))])


@pytest.fixture(scope="module")
def library(kept: KeptStudio) -> list[dict[str, Any]]:
    """Sixty jobs in two workspaces, newest first; a third of them are deleted."""
    places = [kept.context.workspaces.create(USER, name).id for name in ("one", "two")]
    plain = {"user_id": USER, "model_version": 1, "options": "{}", "resolved": "{}"}
    jobs = [
        {
            **plain,
            "id": f"job-{number:02}",
            "workspace_id": places[number % 5 == 0],
            "model_id": MODELS[number % 3],
            "type": TYPES[number // 2 % 3],
            "status": STATUSES[number // 3 % 5],
            "favourite": number % 4 == 1,
            "rating": (None, 1, 4)[number % 3],
            "labels": "\n".join(LABELS[number % 4]) or None,
            "prompt": (prompt := PROMPTS[number % 7]),
            "folded_prompt": search_text(
                prompt=prompt,
                options={},
                resolved={},
                seed=None,
                model=[MODELS[number % 3]],
                files={},
                labels=LABELS[number % 4],
            ),
            "created_at": START + timedelta(hours=number),
            "started_at": START + timedelta(hours=number),
            "completed_at": START + timedelta(hours=number, seconds=number * 7 % 10) if number % 4 else None,
            "deleted_at": START + timedelta(days=3) if number % 3 == 1 else None,
        }
        for number in range(60)
    ]
    with kept.database.begin() as connection:
        connection.execute(insert(tables.table(tables.Job)), jobs)
    return jobs[::-1]


def look(site: Site, workspace_id: str, told: Any) -> dict[str, Any]:
    """The gallery as it begins under the filters."""
    _, _, gallery, *_ = site.call(site.functions("_first_page")[0], workspace_id, told, "", user=USER)
    return dict(gallery)


def look_again(site: Site, workspace_id: str, told: Any, **near: Any) -> list[str]:
    """The ids of what the page's tick brings of a part of the gallery."""
    tick = site.functions("_refresh")[0]
    _, _, gallery, *_ = site.call(tick, workspace_id, told, "", None, {"number": 7, **near}, user=USER)
    assert gallery["near"]["number"] == 7
    return [card["id"] for card in gallery["cards"]]


def meets(job: dict[str, Any], asked: dict[str, Any], workspace_id: str) -> bool:
    """Whether a plain look at the job says that it is meant."""
    equal = all(job[name] == asked[name] for name in ("model_id", "type", "status") if asked.get(name))
    since, until = (asked.get(name) and datetime.fromisoformat(asked[name]) for name in ("since", "until"))
    return (
        equal
        and bool(job["deleted_at"]) == asked["trashed"]
        and (asked["everywhere"] or job["workspace_id"] == workspace_id)
        and (job["favourite"] or not asked["favourite"])
        and (not since or job["created_at"] >= since)
        and (not until or job["created_at"] < until)
        and (job["rating"] or 0) >= (asked.get("rating") or 0)
        and (not asked.get("label") or asked["label"] in (job["labels"] or "").split("\n"))
        and all(_says(job, term) for term in parse(asked["search"], ["tiling"]).terms)
    )


def in_order(jobs: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """Jobs of which the newest came first."""
    keys: dict[str, Callable[[dict[str, Any]], Any]] = {
        "time": lambda _: 0,
        "rating": lambda job: -(job["rating"] or 0),
        "model": lambda job: plain(SHIPPED[job["model_id"]].name if job["model_id"] in SHIPPED else job["model_id"]),
        "duration": lambda job: job["started_at"] - job["completed_at"] if job["completed_at"] else timedelta(1),
    }
    return sorted(jobs, key=keys[sort])


def _says(job: dict[str, Any], term: Word | Field) -> bool:
    if isinstance(term, Field):
        return term.names == ("model",) and term.text in job["model_id"]
    texts = (job["prompt"] or "", job["model_id"], *(job["labels"] or "").split("\n"))
    return any(term.text in plain(text) for text in texts) != term.excluded


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=questions, place=st.integers(0, 59), more=st.integers(0, 59))
def test_filters_in_any_combination_show_what_a_look_at_each_job_finds(
    library: list[dict[str, Any]], site: Site, asked: dict[str, Any], place: int, more: int
) -> None:
    """As the gallery begins, and in any part of it that is looked at again."""
    workspace_id = library[0]["workspace_id"]
    page = look(site, workspace_id, asked)
    sort = asked.get("sort", "time")
    wanted = in_order([job for job in library if meets(job, asked, workspace_id)], sort)
    ids, times = [job["id"] for job in wanted], [job["created_at"].isoformat() for job in wanted]
    assert (page["near"], page["total"], page["exact"]) == (None, len(wanted), True)
    assert [card["id"] for card in page["cards"]] == ids[:24]
    assert all(card["deleted"] == asked["trashed"] for card in page["cards"])
    assert look_again(site, workspace_id, asked, count=place + 1) == ids[: place + 1]
    if sort == "time" and place < len(ids):
        end = min(place + more, len(ids) - 1)
        assert look_again(site, workspace_id, asked, newest=times[place], oldest=times[end]) == ids[place : end + 1]
        assert look_again(site, workspace_id, asked, newest=times[place]) == ids[place:]


def test_the_stage_stays_with_the_newest_job_whatever_is_looked_for(library: list[dict[str, Any]], site: Site) -> None:
    answers = [
        site.call(site.functions("_first_page")[0], library[0]["workspace_id"], told, "", user=USER)[3]
        for told in (None, {"search": "fox"}, {"search": "nothing"}, {"trashed": True, "everywhere": True})
    ]
    assert len({answer["job"]["id"] for answer in answers}) == 1


UNDELETED = {"everywhere": False, "favourite": False, "trashed": False, "search": "", "status": "completed"}


def test_the_stage_moves_on_from_a_deleted_job_and_back_to_it_when_it_is_put_back(
    library: list[dict[str, Any]], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing waits or runs, which it would follow."""
    monkeypatch.setattr(site.context.jobs, "queue", lambda *_: Queue((), 0))
    workspace_id = library[0]["workspace_id"]
    done = next(job["id"] for job in library if meets(job, UNDELETED, workspace_id))

    def on_stage(current: str) -> str:
        _, _, _, stage, *_ = site.call(site.functions("_first_page")[0], workspace_id, None, current, user=USER)
        return str(stage["job"]["id"])

    assert on_stage("") != on_stage(done) == done
    assert site.context.jobs.trash(USER, done)
    assert on_stage(done) == on_stage("")
    assert site.context.jobs.untrash(USER, done)
    assert on_stage(done) == done


@pytest.mark.parametrize(
    "told",
    [
        {"since": "2026-02-30T00:00:00Z"},
        {"since": "2026-01-01T00:00:00"},
        {"until": "0001-01-01T00:00:00+14:00"},
        {"status": "done", "type": "text", "favourite": 1, "everywhere": "yes", "trashed": "yes"},
        {"search": 5, "model_id": ["pattern"], "asked": 2**60},
        [],
        None,
    ],
    ids=str,
)
def test_what_means_nothing_is_no_filter(told: Any) -> None:
    assert Filters.of(told) == Filters()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=JUNK | st.dictionaries(st.sampled_from(NAMES), JUNK | st.sampled_from(["猫\0", "\ud800", "image"])),
    near=JUNK | st.dictionaries(st.sampled_from(("number", "count", "newest", "oldest", "after")), JUNK | ENDS),
)
def test_junk_from_a_browser_is_answered_with_jobs(
    library: list[dict[str, Any]], site: Site, told: Any, near: Any
) -> None:
    filters = Filters.of(told)
    assert len(astuple(filters)) == len(NAMES)
    assert site.context.page(USER, None, "junk", **filters.wanted()).total <= len(library)
    found = (Near.of(near) or Near()).find(site.context, USER, None, filters)
    assert len(found.page.jobs) <= found.first.total <= len(library)


def test_what_looks_like_a_field_and_is_none_is_said(library: list[dict[str, Any]], site: Site) -> None:
    gallery = look(site, library[0]["workspace_id"], {"search": "seed:4 colours:red"})
    assert gallery["filters"]["notes"] == []
    gallery = look(site, library[0]["workspace_id"], {"search": "wool:red"})
    assert gallery["filters"]["notes"] == ["There is no input “wool”: looked for “wool:red” as text."]


def test_a_long_search_is_cut_and_its_spaces_go() -> None:
    assert Filters.of({"search": f"  {'x' * 5000}"}).search == "x" * LONGEST_SEARCH


def test_the_bar_offers_every_model(site: Site) -> None:
    (bar,) = (one for one in site.blocks.blocks.values() if one.elem_id == "filter-bar")
    assert {model["id"] for model in bar.props["models"]} == set(SHIPPED)
