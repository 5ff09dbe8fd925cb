"""The throttle of sign-in: guessing gets slower and slower, and nobody waits for what another has done."""

from dataclasses import dataclass, field

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.auth.throttle import FORGOTTEN, FREE, LONGEST_PAUSE, Throttle, pause_after


@dataclass
class Clock:
    """A time that goes on only when one sleeps or says so."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock, clock.sleep)


def _admitted(throttle: Throttle, who: str) -> bool:
    return anyio.run(throttle.admit, who)


def test_pauses_grow_to_half_a_minute(throttle: Throttle, clock: Clock) -> None:
    for _ in range(FREE + 8):
        assert _admitted(throttle, "ann")
        throttle.wrong("ann")
    assert clock.slept == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_who_was_right_is_not_slowed_down(throttle: Throttle, clock: Clock) -> None:
    for _ in range(FREE):
        throttle.wrong("ann")
    assert _admitted(throttle, "ann")
    throttle.right("ann")
    assert _admitted(throttle, "ann")
    assert clock.slept == [1]


def test_what_was_wrong_long_ago_is_forgotten(throttle: Throttle, clock: Clock) -> None:
    for _ in range(FREE + 2):
        throttle.wrong("ann")
    clock.now += FORGOTTEN + 1
    throttle.wrong("ann")
    assert _admitted(throttle, "ann")
    assert clock.slept == []


def test_one_waits_and_further_ones_are_turned_away() -> None:
    async def begin_two() -> list[bool]:
        waiting, go_on = anyio.Event(), anyio.Event()

        async def sleep(_: float) -> None:
            waiting.set()
            await go_on.wait()

        throttle, admitted = Throttle(lambda: 0.0, sleep), list[bool]()
        for _ in range(FREE):
            throttle.wrong("ann")

        async def first() -> None:
            admitted.append(await throttle.admit("ann"))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(first)
            await waiting.wait()
            admitted.append(await throttle.admit("ann"))
            admitted.append(await throttle.admit("bob"))
            go_on.set()
        return admitted

    assert anyio.run(begin_two) == [False, True, True]


def _all_at_once(number: int, right: bool) -> tuple[int, list[bool]]:
    """How many of so many attempts were looked at before the first was known, and who was admitted until one waits."""

    async def attempt_all() -> tuple[int, list[bool]]:
        known, waiting = anyio.Event(), anyio.Event()
        looked, admitted = 0, list[bool]()

        async def sleep(_: float) -> None:
            waiting.set()
            await anyio.sleep_forever()

        async def attempt() -> None:
            nonlocal looked
            admitted.append(await throttle.admit("ann"))
            if admitted[-1]:
                looked += not known.is_set()
                await known.wait()
                (throttle.right if right else throttle.wrong)("ann")

        throttle = Throttle(lambda: 1000.0, sleep)
        async with anyio.create_task_group() as tasks:
            for _ in range(number):
                tasks.start_soon(attempt)
            await anyio.wait_all_tasks_blocked()
            known.set()
            await anyio.wait_all_tasks_blocked()
            assert waiting.is_set() is not right
            tasks.cancel_scope.cancel()
        return looked, admitted

    return anyio.run(attempt_all)


def test_guesses_that_come_all_at_once_are_no_faster_than_one_after_the_other() -> None:
    assert _all_at_once(20, right=False) == (FREE, [True] * FREE + [False] * (20 - FREE - 1))


def test_who_is_right_comes_in_however_many_attempts_there_are_at_once() -> None:
    assert _all_at_once(20, right=True) == (FREE, [True] * 20)


@given(st.integers(0, 10_000))
def test_a_pause_is_never_shorter_than_the_one_before(wrong: int) -> None:
    assert 0 <= pause_after(wrong) <= pause_after(wrong + 1) <= LONGEST_PAUSE


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.floats(0, 100)), max_size=60))
def test_the_pauses_of_one_depend_on_nobody_else(attempts: list[tuple[str, bool, float]]) -> None:
    """Who waited how long, of all together and of each alone at the same times, is the same."""

    def pauses(of: str) -> dict[int, float]:
        clock, waited, elapsed = Clock(), dict[int, float](), 0.0
        throttle = Throttle(clock, clock.sleep)
        for place, (who, right, after) in enumerate(attempts):
            elapsed += after
            if who not in of:
                continue
            clock.now = 1000.0 + elapsed
            before = clock.now
            anyio.run(throttle.admit, who)
            waited[place] = clock.now - before
            clock.now = before
            (throttle.right if right else throttle.wrong)(who)
        return waited

    together = pauses("abc")
    assert together == pauses("a") | pauses("b") | pauses("c")
