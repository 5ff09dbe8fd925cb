"""Which models the worker keeps loaded; it says so in a file of the data folder, which page and commands read."""

import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

log = logging.getLogger(__name__)

_FILE = "loaded.json"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that a process has loaded, the memory in megabytes that it takes there, and the process's id."""

    model_id: str
    device: str | None
    megabytes: int
    process: int

    def __str__(self) -> str:
        where = f" on device {self.device}" if self.device else ""
        return f"loaded{where}, {self.megabytes} MB"


def tell(folder: Path, loaded: Iterable[Loaded]) -> None:
    """Replace what was told before; where that cannot be written, nothing depends on it."""
    new = folder / f"{_FILE}.new"
    try:
        new.write_text(json.dumps([asdict(one) for one in loaded]), encoding="utf-8")
        new.replace(folder / _FILE)
    except OSError as error:
        log.warning("Which models are loaded cannot be told: %s", error)


def read(folder: Path) -> tuple[Loaded, ...]:
    """What was told last, without what has ended since: a worker that was killed takes nothing back."""
    try:
        told = json.loads((folder / _FILE).read_bytes())
        return tuple(_alive(Loaded(**one) for one in told))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError) as error:
        log.warning("%s cannot be read: %s", folder / _FILE, error)
        return ()


def _alive(loaded: Iterable[Loaded]) -> Iterator[Loaded]:
    for one in loaded:
        with suppress(PermissionError):  # it is another user's, and there
            try:
                os.kill(one.process, 0)
            except ProcessLookupError:
                continue
        yield one
