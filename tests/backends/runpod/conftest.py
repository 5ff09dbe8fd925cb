"""A RunPod of the tests' own, and a backend that asks it without waiting."""

from collections.abc import Iterator

import pytest

from tests.backends.runpod.handlers import HANDLERS
from tests.backends.runpod.platform import Platform, running


@pytest.fixture
def platform() -> Iterator[Platform]:
    with running(Platform(HANDLERS)) as platform:
        yield platform
