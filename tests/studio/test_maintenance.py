"""The sweep runs by itself, and goes on after what stood in its way has gone."""

from datetime import datetime, timedelta
from typing import cast

import pytest

from storage.media.sweep import Sweep, Swept
from studio.jobs.maintenance import Maintenance
from tests.studio.runner_studio import wait_for


class Sweeping:
    """Fails the first time."""

    def __init__(self) -> None:
        self.times: list[datetime] = []

    def run(self, now: datetime) -> Swept:
        self.times.append(now)
        if len(self.times) == 1:
            raise OSError("the disk is gone")
        return Swept(jobs=1, media=0, uploads=0)


def test_it_sweeps_again_and_again_whatever_happens(caplog: pytest.LogCaptureFixture) -> None:
    sweep = Sweeping()
    maintenance = Maintenance(cast(Sweep, sweep), first=timedelta(), every=timedelta(milliseconds=5))
    with caplog.at_level("INFO"):
        maintenance.start()
        wait_for(lambda: len(sweep.times) > 2)
        maintenance.stop()
    count = len(sweep.times)
    assert "the disk is gone" in caplog.text
    assert "jobs=1" in caplog.text
    assert sweep.times == sorted(sweep.times)
    assert all(time.tzinfo for time in sweep.times)
    assert not maintenance._thread.is_alive()
    assert len(sweep.times) == count


def test_it_waits_before_the_first_time() -> None:
    sweep = Sweeping()
    maintenance = Maintenance(cast(Sweep, sweep), first=timedelta(hours=1))
    maintenance.start()
    maintenance.stop()
    assert not sweep.times
