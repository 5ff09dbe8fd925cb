"""Gradio's queue rests until there is something to do, and takes up what comes at once."""

import asyncio
import inspect
from typing import Any

import gradio as gr
import pytest
from gradio.queueing import Queue

from components.gradio_ext.idle_queue import rest_when_idle


def test_the_loop_of_gradios_queue_sleeps_by_asyncio_and_needs_nothing_else_of_it() -> None:
    text = inspect.getsource(Queue.start_processing)
    assert text.count("asyncio.") == text.count("asyncio.sleep(")
    assert "asyncio.sleep(self.sleep_when_free)" in text
    assert Queue.start_processing.__closure__ is None


def test_gradios_queue_looks_for_progress_as_often_as_a_name_of_its_own_says() -> None:
    assert "progress_update_sleep_when_free" in vars(gr.Blocks(analytics_enabled=False)._queue)


def test_gradios_queue_looks_again_and_again_while_there_is_nothing_to_do() -> None:
    """Or this whole module has become needless."""
    asyncio.run(_looks())


async def _looks() -> None:
    queue = _Queue()
    queue.active_jobs = [None]
    task = asyncio.create_task(queue.start_processing())
    while queue.looks < 10:
        await asyncio.sleep(0)
    queue.stopped = True
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class _Queue(Queue):
    """One that counts how often its loop looks, and whose events are words."""

    def __init__(self) -> None:
        super().__init__(True, 1, 1.0, None, None)  # type: ignore[arg-type]  # there are no blocks
        self.looks = 0
        self.waiting: list[str] = []
        self.done: list[str] = []

    def __len__(self) -> int:
        self.looks += 1
        return len(self.waiting)

    async def push(self, word: Any, *_: Any) -> Any:  # type: ignore[override]
        self.waiting.append(word)

    def get_events(self) -> Any:
        self.done.append(self.waiting.pop(0))


def _with(queue: Queue) -> gr.Blocks:
    blocks = gr.Blocks(analytics_enabled=False)
    blocks._queue = queue
    return blocks


def test_what_is_pushed_is_taken_at_once_and_an_empty_queue_is_let_be() -> None:
    asyncio.run(_pushes_words())


async def _pushes_words() -> None:
    queue = _Queue()
    queue.active_jobs = [None]  # as start() makes it: room for one
    rest_when_idle(_with(queue))
    task = asyncio.create_task(queue.start_processing())
    for _ in range(50):  # the loop has its turns, and looks once
        await asyncio.sleep(0)
    assert queue.looks <= 2
    for word in ("one", "two", "three"):
        await queue.push(word)  # type: ignore[call-arg]
        while word not in queue.done:
            await asyncio.sleep(0)
    assert queue.looks < 50
    queue.stopped = True
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("turns", range(8))
def test_a_queue_that_is_cancelled_in_the_moment_in_which_it_wakes_ends(turns: int) -> None:
    """As when the studio is stopped while an event ends: it would wait for its queue for ever."""
    asyncio.run(_is_cancelled(turns))


async def _is_cancelled(turns: int) -> None:
    queue = _Queue()
    queue.active_jobs = [None]
    rest_when_idle(_with(queue))
    task = asyncio.create_task(queue.start_processing())
    for _ in range(10):
        await asyncio.sleep(0)
    await queue.push("one")  # type: ignore[call-arg]
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    for _ in range(10):
        await asyncio.sleep(0)
    ended = task.done()
    queue.stopped = True
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert ended
