"""Which job the stage follows: what runs, else what was made last from the page."""

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.library.library import followed
from storage.tables import JobStatus

WAITING = st.sampled_from([JobStatus.QUEUED, JobStatus.RUNNING])


@given(waiting=st.lists(WAITING, max_size=5), made=st.none() | st.integers(0, 6))
def test_the_stage_follows_what_runs_then_what_was_made_here_then_what_waits(
    waiting: list[JobStatus], made: int | None
) -> None:
    queue: list[Any] = [SimpleNamespace(id=str(number), status=status) for number, status in enumerate(waiting)]
    ended: Any = SimpleNamespace(id="ended", status=JobStatus.COMPLETED)
    mine = None if made is None else queue[made] if made < len(queue) else ended
    shown = followed(mine, queue)
    running = [job for job in queue if job.status == JobStatus.RUNNING]
    if running:
        assert shown == (mine if mine in running else running[0])
    else:
        assert shown == (mine or next(iter(queue), None))
