"""A worker tells what it keeps loaded: in order, and without anybody waiting for the database."""

import threading
from collections.abc import Iterable
from typing import cast

import pytest

from storage.errors import DatabaseFaultError
from storage.jobs.loaded import Loaded, LoadedStore
from studio.jobs.loaded import WorkersBoard
from tests.studio.runner_studio import wait_for

FIRST, SECOND, THIRD = ([Loaded(name, None, 800, 7)] for name in ("toy", "doll", "puppet"))


class Store:
    """Takes nothing before it is `free`, and then the first `faults` times does not answer."""

    def __init__(self, faults: int = 0) -> None:
        self.free = threading.Event()
        self.asked, self.told = 0, list[list[Loaded]]()
        self._faults = faults

    def tell(self, worker_id: str, loaded: Iterable[Loaded]) -> None:
        self.asked += 1
        assert self.free.wait(60)
        if self.asked <= self._faults:
            raise DatabaseFaultError("busy")
        self.told.append(list(loaded))


def board_on(store: Store) -> WorkersBoard:
    return WorkersBoard(cast(LoadedStore, store), "w")


def test_the_last_state_is_told_last_and_those_that_it_overtakes_are_not() -> None:
    store = Store()
    board = board_on(store)
    board.tell(FIRST)
    wait_for(lambda: store.asked == 1)
    board.tell(SECOND)
    board.tell(THIRD)
    store.free.set()
    wait_for(lambda: store.told[-1:] == [THIRD])
    assert store.told == [FIRST, THIRD]
    board.tell([])
    wait_for(lambda: store.told[2:] == [[]] and board._untold is None)
    board.tell(FIRST)
    wait_for(lambda: store.told[3:] == [FIRST])


def test_what_the_database_did_not_take_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.jobs.loaded._AGAIN_SECONDS", 0)
    store = Store(faults=3)
    store.free.set()
    board_on(store).tell(FIRST)
    wait_for(lambda: store.told == [FIRST])
    assert store.asked == 4
