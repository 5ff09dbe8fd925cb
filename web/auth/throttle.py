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
    looked_at: int = 0
    """How many attempts are admitted and not known to be right or wrong yet."""
    known: anyio.Event | None = None
    """Set when one of them is; there is one while somebody waits for it."""

    @property
    def free_at(self) -> float:
        return self.last + pause_after(self.wrong)


def pause_after(wrong: int) -> float:
    """Seconds that the next attempt waits after so many wrong ones."""
    return 0.0 if wrong < FREE else min(2.0 ** min(wrong - FREE, 10), LONGEST_PAUSE)


class Throttle:
    """Counts wrong attempts by their sender: nobody waits for another's.

    An attempt waits for its turn and is then looked at like any other, so that the right password always comes in;
    while one waits, further ones of the same are turned away. Of attempts at the same time no more are looked at than
    may be wrong before a pause; the others wait until it is known of these.
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
        """Wait until the next attempt may be checked; False if another one waits already.

        Of one that is admitted `right`, `wrong` or `unknown` is to be said.
        """
        while (record := self._record(who)).looked_at >= max(1, FREE - record.wrong):
            record.known = record.known or anyio.Event()
            await record.known.wait()
        wait = record.free_at - self._now()
        if wait > 0:
            if record.waiting:
                return False
            record.waiting = True
            try:
                await self._sleep(wait)
            finally:
                record.waiting = False
        record.looked_at += 1
        return True

    def wrong(self, who: str) -> None:
        """Note a wrong attempt: the next pause is longer."""
        record, now = self._record(who), self._now()
        if now - record.last > FORGOTTEN:
            record.wrong = 0
        record.wrong, record.last = record.wrong + 1, now
        self._records.move_to_end(who)
        _end_look(record)

    def right(self, who: str) -> None:
        """Note a right attempt: the wrong ones are forgotten."""
        _end_look(self._records.pop(who, _Record()))

    def unknown(self, who: str) -> None:
        """Nobody can say just now whether the attempt was right."""
        _end_look(self._record(who))

    def _record(self, who: str) -> _Record:
        record = self._records.setdefault(who, _Record())
        if len(self._records) > _MOST:
            self._records.popitem(last=False)
        return record


def _end_look(record: _Record) -> None:
    record.looked_at = max(0, record.looked_at - 1)
    if record.known is not None:
        record.known.set()
        record.known = None
