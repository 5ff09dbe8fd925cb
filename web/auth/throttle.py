"""Slows down password guessing, without locking anybody out."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio

FREE = 3
"""Wrong attempts before the first pause: people mistype."""

LONGEST_PAUSE = 30.0
"""The longest pause in seconds; a proxy gives up an answer that takes a minute."""

FORGOTTEN = 3600.0
"""Seconds after the last attempt that it counts as the first again."""

_MOST = 100_000


@dataclass
class _Record:
    wrong: int = 0
    last: float = 0.0
    waiting: bool = False

    @property
    def free_at(self) -> float:
        return self.last + pause_after(self.wrong)


def pause_after(wrong: int) -> float:
    """Seconds that the next attempt waits after so many wrong ones."""
    return 0.0 if wrong < FREE else min(2.0 ** min(wrong - FREE, 10), LONGEST_PAUSE)


class Throttle:
    """Counts wrong attempts by their sender: nobody waits for another's.

    An attempt waits for its turn and is then looked at like any other, so that the right password always comes in;
    while one waits, further ones of the same are turned away.
    """

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = anyio.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._records: OrderedDict[str, _Record] = OrderedDict()

    async def admit(self, who: str) -> bool:
        """Wait until the next attempt may be checked; False if another one waits already."""
        record = self._records.get(who)
        wait = record.free_at - self._now() if record else 0.0
        if record is None or wait <= 0:
            return True
        if record.waiting:
            return False
        record.waiting = True
        try:
            await self._sleep(wait)
        finally:
            record.waiting = False
        return True

    def wrong(self, who: str) -> None:
        """Note a wrong attempt: the next pause is longer."""
        record, now = self._records.pop(who, None) or _Record(), self._now()
        if now - record.last > FORGOTTEN:
            record.wrong = 0
        record.wrong, record.last = record.wrong + 1, now
        self._records[who] = record
        if len(self._records) > _MOST:
            self._records.popitem(last=False)

    def right(self, who: str) -> None:
        """Note a right attempt: the wrong ones are forgotten."""
        self._records.pop(who, None)
