"""The shipped models that need no weights: one file each, beside what they share for images, films and sound."""

from functools import cache
from importlib.metadata import version

from backends.base import Context


def on_cpu(context: Context, *packages: str) -> None:
    """Note that the job runs on the processor, and with which versions of these packages."""
    context.ran_with(device="CPU", **{name: _version(name) for name in packages})


@cache
def _version(package: str) -> str:
    return version(package)
