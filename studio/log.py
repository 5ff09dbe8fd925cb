"""The log: each record says of which job and user it is, as fields of a JSON line or before the sentence of a text.

Code that works for a job or a user sets them once, and all records of its thread have them until then; packages that do
not know of this, and records about another job, pass `extra={"job": …, "user": …}`.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

Format = Literal["text", "json"]

_FIELDS = ("job", "user")
_LONGEST = 200  # letters of a field: a stranger may ask for a job of any id
_ABOUT = ContextVar[dict[str, str]]("about")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # a service's words could look like another record
_PLAIN = re.compile(r"[\w.:@+-]+", re.ASCII)
_CHATTY = ("httpx", "httpx2", "websockets", "alembic")  # the first three would log addresses and headers, keys in them
_OWN_HANDLERS = ("dbos",)  # what else brings one of its own, unless it finds one


def set_up(level: str, form: Format) -> None:
    """Log to the standard error stream from now on; where there are handlers already, as in a test, these stay."""
    handler = logging.StreamHandler()
    handler.addFilter(with_fields)
    handler.setFormatter(JsonLine() if form == "json" else Text())
    logging.basicConfig(level=level.upper(), handlers=[handler])
    if form == "json":
        logging.captureWarnings(True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _OWN_HANDLERS:
        logging.getLogger(name).propagate = True
        logging.getLogger(name).addHandler(logging.NullHandler())


@contextmanager
def about(job: str | None = None, user: str | None = None) -> Iterator[None]:
    """Give the records of this thread the job and the user until the block ends."""
    before = _ABOUT.set(_with(job, user))
    try:
        yield
    finally:
        _ABOUT.reset(before)


def on_behalf_of(user: str) -> None:
    """Give the records from now on the user, until the block that this is in ends.

    A page's event or request is one too: each has a context of its own.
    """
    _ABOUT.set(_with(None, user))


def _with(job: str | None, user: str | None) -> dict[str, str]:
    given = {"job": job, "user": user}
    return _ABOUT.get({}) | {name: value for name, value in given.items() if value is not None}


def with_fields(record: logging.LogRecord) -> bool:
    """A filter that lets everything pass, with its fields."""
    known = _ABOUT.get({})
    for name in _FIELDS:
        if record.__dict__.get(name) is None:
            record.__dict__[name] = known.get(name)
    return True


def _fields(record: logging.LogRecord) -> dict[str, str]:
    found = {name: record.__dict__.get(name) for name in _FIELDS}
    return {name: str(value)[:_LONGEST] for name, value in found.items() if value is not None}


class Text(logging.Formatter):
    """`2026-11-30 09:11:22,123 WARNING studio.jobs.runner job=1f2e user=ann: It failed: …`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(fields)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = _CONTROL.sub(lambda found: repr(found[0])[1:-1], record.message)
        record.fields = "".join(f" {name}={_quoted(value)}" for name, value in _fields(record).items())
        return super().formatMessage(record)


def _quoted(value: str) -> str:
    """A user's name may be anything, and the line must stay one."""
    return value if _PLAIN.fullmatch(value) else json.dumps(value).replace("\x7f", "\\u007f")


class JsonLine(logging.Formatter):
    """An object a line, in ASCII; what a record does not have is left out."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told)
