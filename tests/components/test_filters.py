"""The search box and the filters: what the browser asks for, and what the gallery then shows."""

from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from components.library.filters import LONGEST_SEARCH, Filters
from storage import tables
from storage.jobs.store import JobStatus
from storage.tables import folded
from tests.components.page_site import SHIPPED, Site
from tests.kept_studio import KeptStudio

USER = "finder"
START = datetime(2026, 1, 1, tzinfo=UTC)
MODELS, TYPES, STATUSES = ("pattern", "flux-krea", "gone"), ("image", "video", "audio"), tuple(JobStatus)
PROMPTS = ("a red fox", "Été à l'ÉTANG", "夜明けの猫", "100% _wool_", None, "foxes, 猫", "рыжая Лиса")
WORDS = ("", "fo", "FOX", "été", "étang", "猫", "%", "_", "лиса", "a r", "nothing")

moments = st.none() | st.integers(-1, 61).map(lambda hour: (START + timedelta(hours=hour)).isoformat())
questions = st.fixed_dictionaries(
    {
        "everywhere": st.booleans(),
        "favourite": st.booleans(),
        "trashed": st.booleans(),
        "search": st.sampled_from(WORDS),
    },
    optional={
        "model_id": st.sampled_from((None, *MODELS, "never")),
        "type": st.sampled_from((None, *TYPES)),
        "status": st.sampled_from((None, *STATUSES)),
        "since": moments,
        "until": moments,
    },
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)
NAMES = ("asked", "everywhere", "search", "model_id", "type", "status", "favourite", "since", "until", "trashed")


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
            "prompt": (prompt := PROMPTS[number % 7]),
            "folded_prompt": prompt and folded(prompt),
            "created_at": START + timedelta(hours=number),
            "deleted_at": START + timedelta(days=3) if number % 3 == 1 else None,
        }
        for number in range(60)
    ]
    with kept.database.begin() as connection:
        connection.execute(insert(tables.table(tables.Job)), jobs)
    return jobs[::-1]


def look(site: Site, workspace_id: str, told: Any) -> tuple[str, dict[str, Any]]:
    """The first page under the filters: its cursor and the gallery."""
    cursor, gallery, *_ = site.call(site.functions("_first_page")[0], workspace_id, told, "", user=USER)
    return cursor, gallery


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
        and (not asked["search"] or folded(asked["search"]) in (job["folded_prompt"] or ""))
    )


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=questions)
def test_filters_in_any_combination_show_what_a_look_at_each_job_finds(
    library: list[dict[str, Any]], site: Site, asked: dict[str, Any]
) -> None:
    workspace_id = library[0]["workspace_id"]
    cursor, page = look(site, workspace_id, asked)
    wanted = [job["id"] for job in library if meets(job, asked, workspace_id)]
    assert (cursor, page["total"], page["exact"]) == ("", len(wanted), True)
    found = [card["id"] for card in page["cards"]]
    assert all(card["deleted"] == asked["trashed"] for card in page["cards"])
    while page["next"]:
        event = {"cursor": page["next"]}
        _, page, *_ = site.call(site.functions("_turn")[0], workspace_id, asked, event=event, user=USER)
        found += [card["id"] for card in page["cards"]]
    assert found == wanted


def test_the_stage_stays_with_the_newest_job_whatever_is_looked_for(library: list[dict[str, Any]], site: Site) -> None:
    answers = [
        site.call(site.functions("_first_page")[0], library[0]["workspace_id"], told, "", user=USER)[2]
        for told in (None, {"search": "fox"}, {"search": "nothing"}, {"trashed": True, "everywhere": True})
    ]
    assert len({answer["job"]["id"] for answer in answers}) == 1


UNDELETED = {"everywhere": False, "favourite": False, "trashed": False, "search": "", "status": "completed"}


def test_the_stage_moves_on_from_a_deleted_job_and_back_to_it_when_it_is_put_back(
    library: list[dict[str, Any]], site: Site
) -> None:
    workspace_id = library[0]["workspace_id"]
    done = next(job["id"] for job in library if meets(job, UNDELETED, workspace_id))

    def on_stage(current: str) -> str:
        _, _, stage, *_ = site.call(site.functions("_first_page")[0], workspace_id, None, current, user=USER)
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


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=JUNK | st.dictionaries(st.sampled_from(NAMES), JUNK | st.sampled_from(["猫\0", "\ud800", "image"])))
def test_junk_from_a_browser_is_answered_with_jobs(library: list[dict[str, Any]], site: Site, told: Any) -> None:
    filters = Filters.of(told)
    assert len(astuple(filters)) == len(NAMES)
    assert site.context.page(USER, None, "junk", **filters.wanted()).total <= len(library)


def test_a_long_search_is_cut_and_its_spaces_go() -> None:
    assert Filters.of({"search": f"  {'x' * 5000}"}).search == "x" * LONGEST_SEARCH


def test_the_bar_offers_every_model(site: Site) -> None:
    (bar,) = (one for one in site.blocks.blocks.values() if one.elem_id == "filter-bar")
    assert {model["id"] for model in bar.props["models"]} == set(SHIPPED)
