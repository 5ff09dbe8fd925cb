"""Lets Gradio's queue rest while there is nothing to do.

Gradio looks for new events a thousand times a second, and for progress a hundred times, whether there are any or not.
"""

import asyncio
from contextlib import suppress
from types import FunctionType, SimpleNamespace
from typing import Any

from gradio.blocks import Blocks
from gradio.queueing import Queue

_LONGEST_REST = 1.0  # seconds after which the queue is looked at again, woken or not
_PROGRESS_EVERY = 1.0  # seconds; no event of the page has a progress of Gradio's kind


def rest_when_idle(blocks: Blocks) -> None:
    """Have their queue's own loop sleep until an event is pushed or has ended; to be called before the queue starts."""
    queue = blocks._queue
    resting: dict[asyncio.AbstractEventLoop, asyncio.Event] = {}  # a test client has a loop of its own
    push, process_events = queue.push, queue.process_events

    async def rest(_: float) -> None:
        loop = asyncio.get_running_loop()
        resting[loop] = news = asyncio.Event()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_REST):  # `wait_for` would lose a cancellation that comes with news
                    await news.wait()
        finally:
            del resting[loop]

    def wake() -> None:
        for loop, news in list(resting.items()):
            with suppress(RuntimeError):  # it has been closed
                loop.call_soon_threadsafe(news.set)

    async def push_and_wake(*given: Any, **named: Any) -> Any:
        try:
            return await push(*given, **named)
        finally:
            wake()

    async def process_and_wake(*given: Any, **named: Any) -> None:
        try:
            await process_events(*given, **named)
        finally:
            wake()

    loop = Queue.start_processing
    names = loop.__globals__ | {"asyncio": SimpleNamespace(sleep=rest)}
    resting_loop = FunctionType(loop.__code__, names, loop.__name__, loop.__defaults__, loop.__closure__)
    vars(queue).update(
        push=push_and_wake,
        process_events=process_and_wake,
        start_processing=resting_loop.__get__(queue),
        progress_update_sleep_when_free=_PROGRESS_EVERY,
    )
