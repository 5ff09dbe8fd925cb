"""Lanes: how many jobs run side by side, in all, of each backend and of each model."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from model_configs.schema import ModelConfig
from studio.settings import Settings


@dataclass(frozen=True, slots=True)
class Lanes:
    """`limits` are by the name of a backend or a model, `backends` by the id of a model."""

    total: int = 1
    limits: Mapping[str, int] = field(default_factory=dict)
    backends: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings, models: Mapping[str, ModelConfig]) -> "Lanes":
        """The lanes of the settings; a limit may name a backend or a model."""
        return cls(settings.jobs_at_once, settings.lanes_of, {id_: one.backend.kind for id_, one in models.items()})

    def of_workers(self, totals: Sequence[int | None]) -> "Lanes":
        """Those of several workers together, each with as many in all as it says, else as many as here."""
        if not totals:
            return self
        limits = {name: most * len(totals) for name, most in self.limits.items()}
        return replace(self, total=sum(one or self.total for one in totals), limits=limits)

    def of_model(self, model_id: str) -> dict[str, int]:
        """The lanes that a job of the model needs one of each, by a name: how many there are of them."""
        kind = self.backends.get(model_id, "")
        named = {f"backend {kind}": self.limits.get(kind), f"model {model_id}": self.limits.get(model_id)}
        return {"all": self.total} | {name: most for name, most in named.items() if most is not None}

    def have_room(self, model_id: str, busy: Iterable[str]) -> bool:
        """Whether one more job of the model may run beside those of the models that are `busy`, one for each job."""
        taken = Counter(name for one in busy for name in self.of_model(one))
        return all(taken[name] < most for name, most in self.of_model(model_id).items())
