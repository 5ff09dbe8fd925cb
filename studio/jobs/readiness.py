"""Whether a model can run here: one answer for the form, which refuses a job, and for the runner, which fails it."""

import logging
from collections.abc import Mapping

from backends.base import Backend, Spec
from model_configs.schema import ModelConfig
from studio.errors import BackendNotReadyError

log = logging.getLogger(__name__)


def missing(config: ModelConfig, backends: Mapping[str, Backend]) -> str | None:
    """What must be set before the model can run, in a sentence; a model of an absent plug-in can still be reused."""
    kind = config.backend.kind
    if kind not in backends:
        return f"{config.name} runs on {kind}, which is not a backend of this studio: install it or correct the config."
    try:
        return backends[kind].ready(spec_of(config, backends[kind]))
    except Exception as error:  # a plug-in's mistake must not take the page with it
        log.error("The backend %s does not say whether %s is ready: %r", kind, config.id, error)
        return f"{config.name} runs on {kind}, which does not answer as it should: the server's log tells more."


def ready_backend(config: ModelConfig, backends: Mapping[str, Backend]) -> Backend:
    """What runs the model; BackendNotReadyError with the sentence when something is missing."""
    if said := missing(config, backends):
        raise BackendNotReadyError(said)
    return backends[config.backend.kind]


def spec_of(config: ModelConfig, backend: Backend) -> Spec:
    """The model's `backend:` block as the backend declares it; of a file that was loaded it is known to be valid."""
    return backend.spec_type.model_validate(config.backend.model_dump())
