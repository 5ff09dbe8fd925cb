"""RunPod serverless endpoints: not connected yet, so all this does is say what is missing."""

from pathlib import Path

from pydantic import SecretStr

from backends.base import BackendError, Report, Request


class RunPodBackend:
    """The models that need a GPU far away; `api_key` is the account's key, `None` when it is not set."""

    def __init__(self, api_key: SecretStr | None) -> None:
        self._api_key = api_key

    def missing(self) -> str:
        """Never `None` as long as there is no connection."""
        if self._api_key is None or not self._api_key.get_secret_value():
            return "This model runs on RunPod: set RUNPOD_API_KEY and start the studio again. Your inputs stay here."
        return "This model runs on RunPod, and the connection to it comes in a later version. Your inputs stay here."

    def run(self, request: Request, report: Report) -> tuple[Path, ...]:
        """Refuse, as `missing` does."""
        raise BackendError(self.missing())
