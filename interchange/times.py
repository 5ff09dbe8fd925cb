"""When a file was made, by its metadata."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from interchange.containers import texts

_FIRST = datetime(1990, 1, 1, tzinfo=UTC)
_CREATED = re.compile(r"\bCreated Date: ?(\d{4}-\d{2}-\d{2}T[\d:.]{5,20}Z?)")
_EXIF = re.compile(r"(\d{4}):(\d{2}):(\d{2}) (\d{2}:\d{2}:\d{2})")
_COMMENTS = ("parameters", "exif.usercomment")


def made_at(content: bytes, before: datetime) -> datetime | None:
    """The time in a film's tags, Civitai's infotext or EXIF, in UTC; local time is assumed where it has no zone.

    None where there is none, or none from 1990 up to `before`.
    """
    found = texts(content)
    return next((time for time in map(_time, _dates(found)) if time and _FIRST < time <= before), None)


def _dates(found: dict[str, str]) -> Iterator[str]:
    if "creation_time" in found:
        yield found["creation_time"]
    for key in _COMMENTS:
        if line := _CREATED.search(found.get(key, "")[-20_000:]):
            yield line[1]
    if day := _EXIF.match(found.get("exif.datetimeoriginal", "")):
        yield f"{day[1]}-{day[2]}-{day[3]}T{day[4]}"


def _time(date: str) -> datetime | None:
    with suppress(ValueError, OverflowError):  # the latter for a local time at the ends of the calendar
        return datetime.fromisoformat(date).astimezone(UTC)
    return None
