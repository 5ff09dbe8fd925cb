"""What who waits may expect."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.jobs.queue import Entry
from studio.jobs.lanes import Lanes
from studio.jobs.outlook import outlook

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TAKES = {"pattern": 10.0, "film": 100.0}


def waits(job_id: str, user: str = "ann", model: str = "pattern") -> Entry:
    return Entry(job_id, user, model)


def runs(job_id: str, spent: float, progress: float | None = None, model: str = "pattern") -> Entry:
    return Entry(job_id, "ann", model, 0, NOW - timedelta(seconds=spent), progress)


def test_a_job_is_done_after_those_before_it() -> None:
    seen = outlook("ann", [runs("a", 4)], [waits("b"), waits("x", "bob"), waits("c")], TAKES, Lanes(), NOW)
    assert seen.places == {"b": 1, "c": 3}
    assert seen.seconds == {"a": 6, "b": 16, "c": 36}


def test_progress_tells_more_than_the_model() -> None:
    assert outlook("ann", [runs("a", 4, 0.8)], [], TAKES, Lanes(), NOW).seconds == {"a": 1}
    assert outlook("ann", [runs("a", 4, 0.01)], [], TAKES, Lanes(), NOW).seconds == {"a": 6}
    assert outlook("ann", [runs("a", 400)], [waits("b")], TAKES, Lanes(), NOW).seconds == {"a": 0, "b": 10}


def test_what_waits_for_a_model_that_nobody_knows_is_not_known_either() -> None:
    seen = outlook("ann", [], [waits("a", model="new"), waits("b")], TAKES, Lanes(), NOW)
    assert (seen.places, seen.seconds) == ({"a": 1, "b": 2}, {})
    seen = outlook("ann", [], [waits("a", model="new"), waits("b")], TAKES, Lanes(2), NOW)
    assert seen.seconds == {"b": 10}


def test_a_limited_model_waits_for_its_own_lane() -> None:
    waiting = [waits("a", model="film"), waits("b", model="film"), waits("c")]
    seen = outlook("ann", [], waiting, TAKES, Lanes(3, {"film": 1}), NOW)
    assert seen.seconds == {"a": 100, "b": 200, "c": 10}


def test_several_workers_share_what_waits() -> None:
    waiting = [waits(name) for name in "abc"] + [waits(name, model="film") for name in "xyz"]
    here = Lanes(1, {"film": 1})
    assert outlook("ann", [], waiting[:3], TAKES, here.of_workers([]), NOW).seconds["c"] == 30
    assert outlook("ann", [], waiting[:3], TAKES, here.of_workers([1, 1, None]), NOW).seconds["c"] == 10
    assert outlook("ann", [], waiting[:3], TAKES, here.of_workers([3]), NOW).seconds["c"] == 10
    seen = outlook("ann", [], waiting, TAKES, here.of_workers([4, 4]), NOW)
    assert seen.seconds == {"a": 10, "b": 10, "c": 10, "x": 100, "y": 100, "z": 200}
    assert seen.places["z"] == 6


@given(st.lists(st.sampled_from([*TAKES, "new"]), max_size=12), st.integers(1, 3))
def test_in_one_order_nobody_is_done_before_who_took_the_same_and_came_first(models: list[str], lanes: int) -> None:
    waiting = [waits(str(number), model=model) for number, model in enumerate(models)]
    seen = outlook("ann", [], waiting, TAKES, Lanes(lanes), NOW)
    assert list(seen.places.values()) == list(range(1, len(models) + 1))
    for model in TAKES:
        done = [seen.seconds[one.job_id] for one in waiting if one.model_id == model and one.job_id in seen.seconds]
        assert done == sorted(done)
