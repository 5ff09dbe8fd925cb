"""RunPod serverless endpoints: not connected yet, so all this does is say what is missing."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from backends.base import BackendError, Context, Outputs, Request, Spec


class RunPodSpec(Spec):
    """The setting that names the endpoint, what it makes, and which of its inputs each file goes to."""

    endpoint_setting: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    result: Literal["image", "video", "audio"]
    media: Mapping[str, str] = Field(default_factory=dict)


class RunPodBackend:
    """The models that need a GPU far away, by the account's RUNPOD_API_KEY."""

    spec_type = RunPodSpec

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._has_key = bool(environment.get("RUNPOD_API_KEY"))

    def ready(self, spec: RunPodSpec) -> str:
        """Never `None` as long as there is no connection."""
        if not self._has_key:
            return "This model runs on RunPod: set RUNPOD_API_KEY and start the studio again. Your inputs stay here."
        return "This model runs on RunPod, and the connection to it comes in a later version. Your inputs stay here."

    def run(self, request: Request, context: Context) -> Outputs:
        """Refuse, as `ready` does."""
        raise BackendError(self.ready(request.spec))
