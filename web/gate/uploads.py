"""Deletes what a refused or broken upload has left on the disk.

Gradio writes each file of a request below a name of its own, and moves it when the request is whole. Of one that is
cut, that is too large in all, or that finds the disk full, it leaves what it wrote.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path

from gradio import route_utils
from starlette.datastructures import FormData

_parsers: ContextVar[list[route_utils.GradioMultiPartParser] | None] = ContextVar("parsers", default=None)


class _Parser(route_utils.GradioMultiPartParser):
    async def parse(self) -> FormData:
        if (parsers := _parsers.get()) is not None:
            parsers.append(self)
        return await super().parse()


def watch_uploads() -> None:
    """Have Gradio parse uploads so that `leaving_nothing` knows of their files."""
    route_utils.GradioMultiPartParser = _Parser  # type: ignore[misc]


@asynccontextmanager
async def leaving_nothing() -> AsyncIterator[None]:
    """Delete, when the block ends, what Gradio wrote in it and did not move to where it keeps uploads."""
    parsers = list[route_utils.GradioMultiPartParser]()
    token = _parsers.set(parsers)
    try:
        yield
    finally:
        _parsers.reset(token)
        # In a thread, for there may be a thousand; also when the request is cancelled meanwhile.
        await asyncio.shield(asyncio.to_thread(_delete, parsers))


def _delete(parsers: list[route_utils.GradioMultiPartParser]) -> None:
    for file in (file for parser in parsers for file in parser._files_to_close_on_error):
        file.close()
        Path(file.name).unlink(missing_ok=True)
