"""Which part of the gallery's jobs is near a user's screen: what the page's tick looks at again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from components.library.filters import Filters, moment
from storage.jobs.store import JobPage
from studio.context import StudioContext

FIRST = 24
"""So many jobs a page opens with."""
MOST = 100
"""So many jobs are on no screen."""
LONGEST_ID = 100
_MOMENT = timedelta(microseconds=1)
_LATEST = datetime.max.replace(tzinfo=UTC) - _MOMENT


@dataclass(frozen=True, slots=True)
class Found:
    """Some jobs, and the first of all that the filters ask for, which says how many there are."""

    page: JobPage
    first: JobPage


@dataclass(frozen=True, slots=True)
class Near:
    """The first `count` jobs, or those made between two times, both included; without `oldest`, to the list's end.

    Of a list that is not sorted by the time they are the first, or come `after` a job. `number` is the browser's own of
    its list, and comes back with the answer.
    """

    number: int = 0
    count: int = FIRST
    newest: datetime | None = None
    oldest: datetime | None = None
    after: str | None = None

    @classmethod
    def of(cls, told: Any) -> Self | None:
        """Reads what the browser says, which is not trusted; None where that is nothing."""
        if not isinstance(told, dict):
            return None
        number, count, after = (told.get(name) for name in ("number", "count", "after"))
        return cls(
            number=number if isinstance(number, int) and 0 < number < 2**53 else 0,
            count=max(1, min(count, MOST)) if isinstance(count, int) else FIRST,
            newest=moment(told.get("newest")),
            oldest=moment(told.get("oldest")),
            after=after if isinstance(after, str) and len(after) <= LONGEST_ID else None,
        )

    def told(self) -> dict[str, Any]:
        """What the browser is told of it."""
        ends = {"newest": self.newest, "oldest": self.oldest}
        return {
            "number": self.number,
            "count": self.count,
            "after": self.after,
            **{name: end and end.isoformat() for name, end in ends.items()},
        }

    def find(self, context: StudioContext, user: str, workspace_id: str | None, filters: Filters) -> Found:
        """Those of these jobs that the filters ask for."""
        wanted = filters.wanted()
        if filters.sort and self.after:
            page = context.page(user, workspace_id, limit=self.count, after=self.after, **wanted)
            return Found(page, context.page(user, workspace_id, limit=1, **wanted))
        if self.newest is None or filters.sort:
            page = context.page(user, workspace_id, limit=self.count, **wanted)
            return Found(page, page)
        part = wanted | {"until": min(filter(None, (min(self.newest, _LATEST) + _MOMENT, filters.until)))}
        if since := max(filter(None, (self.oldest, filters.since)), default=None):
            part |= {"since": since}
        page = context.page(user, workspace_id, limit=MOST, **part)
        return Found(page, context.page(user, workspace_id, limit=1, **wanted))
