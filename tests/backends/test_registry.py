"""Backends of installed packages stand beside those that come with the studio."""

import logging
from importlib.metadata import EntryPoint, EntryPoints

import pytest

from backends import registry
from backends.base import Context, Outputs, Request, Spec
from backends.registry import BUILT_IN, load_backends


class Painter:
    """A plug-in."""

    spec_type = Spec

    def __init__(self, environment: dict[str, str]) -> None:
        self.brush = environment.get("BRUSH")

    def ready(self, spec: Spec) -> str | None:
        return None if self.brush else "Set BRUSH."

    def run(self, request: Request, context: Context) -> Outputs:
        raise NotImplementedError


def install(monkeypatch: pytest.MonkeyPatch, **points: str) -> None:
    found = EntryPoints(EntryPoint(name, value, registry.GROUP) for name, value in points.items())
    monkeypatch.setattr(registry, "entry_points", lambda group: found.select(group=group))


def test_a_plug_in_is_made_with_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, painter=f"{__name__}:Painter")
    monkeypatch.setitem(__import__("sys").modules, __name__, __import__("types").SimpleNamespace(Painter=Painter))
    backends = load_backends({"BRUSH": "fine"})
    assert set(backends) == {*BUILT_IN, "painter"}
    assert backends["painter"].ready(Spec(kind="painter")) is None


@pytest.mark.parametrize(
    "value", ["no_such_package:Backend", "backends.base:NoSuchName", "backends.base:Cancelled.missing", "json:loads"]
)
def test_a_broken_plug_in_is_named_in_the_log_and_the_others_load(
    value: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    install(monkeypatch, broken=value)
    assert set(load_backends({})) == set(BUILT_IN)
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "broken" in record.getMessage()
    assert value in record.getMessage()


def test_a_plug_in_does_not_take_the_place_of_a_built_in_backend(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    install(monkeypatch, function="json:loads")
    assert type(load_backends({})["function"]) is BUILT_IN["function"]
    assert "function" in caplog.text
