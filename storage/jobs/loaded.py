"""The table of loaded models: each worker publishes its own, page and commands read them and ask to free some."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, true, update
from sqlalchemy.exc import IntegrityError

from storage import tables
from storage.damage import readable
from storage.database import writing

_LOADED = tables.table(tables.LoadedModel)
_WORKER = tables.table(tables.Worker)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that a process has loaded, with the memory in megabytes that it takes there and on GPUs."""

    model_id: str
    device: str | None
    megabytes: int
    process: int
    gpu_megabytes: int = 0
    worker: str = ""
    """For people: the machine and the process of its worker."""

    def __str__(self) -> str:
        where = f" on device {self.device}" if self.device else ""
        on_gpu = f", {self.gpu_megabytes} MB of a GPU's" if self.gpu_megabytes else ""
        at = f", by {self.worker}" if self.worker else ""
        return f"loaded{where}, {self.megabytes} MB{on_gpu}{at}"


class LoadedStore:
    """The table of loaded models; a worker writes its own rows, anybody reads all of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tell(self, worker_id: str, loaded: Iterable[Loaded]) -> None:
        """Publish these in place of the worker's earlier ones; requests to free a model that it has not seen stay."""
        own = _LOADED.c.worker_id == worker_id
        with suppress(IntegrityError), writing(self._engine) as connection:  # the worker was taken for dead meanwhile
            _hold(connection, _WORKER.c.id == worker_id)
            before = connection.execute(delete(_LOADED).where(own).returning(_LOADED.c.model_id, _LOADED.c.unwanted))
            unwanted = {row.model_id for row in before if row.unwanted is True}
            for one in loaded:
                row = asdict(one) | {"worker_id": worker_id, "unwanted": one.model_id in unwanted}
                del row["worker"]
                connection.execute(insert(_LOADED).values(row))

    def all(self, since: datetime) -> tuple[Loaded, ...]:
        """What the workers have loaded that gave a sign of life since then."""
        found = select(_LOADED, _WORKER.c.name).join(_WORKER, _WORKER.c.id == _LOADED.c.worker_id)
        found = found.where(_WORKER.c.seen_at >= since).order_by(_WORKER.c.name, _LOADED.c.process)
        with self._engine.connect() as connection:
            return tuple(
                Loaded(row.model_id, row.device, row.megabytes, row.process, row.gpu_megabytes, row.name)
                for row in readable(connection.execute(found), "loaded model")
            )

    def ask_unload(self, model_id: str) -> None:
        """Have every worker free the model as soon as none of its jobs runs there."""
        with writing(self._engine) as connection:
            _hold(connection, true())
            connection.execute(update(_LOADED).where(_LOADED.c.model_id == model_id).values(unwanted=True))

    def unwanted(self, worker_id: str) -> tuple[str, ...]:
        """The models that the worker is asked to free; each is returned once."""
        asked = (_LOADED.c.worker_id == worker_id) & _LOADED.c.unwanted
        with self._engine.connect() as connection:
            if connection.execute(select(_LOADED.c.process).where(asked).limit(1)).first() is None:
                return ()
        taken = update(_LOADED).where(asked).values(unwanted=False).returning(_LOADED.c.model_id)
        with self._engine.begin() as connection:
            return tuple(sorted(set(connection.execute(taken).scalars())))


def _hold(connection: Connection, workers: ColumnElement[bool]) -> None:
    """Have those wait that tell or ask meanwhile: on PostgreSQL one would not see the rows that the other puts in."""
    connection.execute(select(_WORKER.c.id).where(workers).order_by(_WORKER.c.id).with_for_update()).all()
