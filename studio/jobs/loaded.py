"""Which models the worker keeps loaded; it says so in a file of the data folder, which page and commands read.

They ask it to let one go by a file of the model's name in another folder there.
"""

import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

log = logging.getLogger(__name__)

_FILE = "loaded.json"
_UNLOAD = "unload"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that a process has loaded, the memory in megabytes that it takes there and on GPUs, the process's id."""

    model_id: str
    device: str | None
    megabytes: int
    process: int
    gpu_megabytes: int = 0

    def __str__(self) -> str:
        where = f" on device {self.device}" if self.device else ""
        on_gpu = f", {self.gpu_megabytes} MB of a GPU's" if self.gpu_megabytes else ""
        return f"loaded{where}, {self.megabytes} MB{on_gpu}"


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


def ask_unload(folder: Path, model_id: str) -> None:
    """Have the worker let go of the model as soon as none of its jobs runs."""
    (folder / _UNLOAD).mkdir(exist_ok=True)
    (folder / _UNLOAD / model_id).touch()


def unwanted(folder: Path) -> tuple[str, ...]:
    """The models that the worker is asked to let go of; each is told once."""
    try:
        asked = tuple((folder / _UNLOAD).iterdir())
        for file in asked:
            file.unlink()
    except FileNotFoundError:
        return ()
    except OSError as error:
        log.warning("Which models are to be unloaded cannot be read: %s", error)
        return ()
    return tuple(file.name for file in asked)
