"""Jobs as a form made them and as a reuse finds them: what the laws around the restore share.

`CASES` and `MODELS` have the shipped models by what they make and generated ones as "generated".
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from media_kinds import MediaKind
from model_configs.schema import ModelConfig, Seed
from storage.media.store import MediaInfo
from studio.context import StudioContext
from studio.inputs.restore import ReportLine, RestorePlan, plan
from studio.inputs.reuse_event import ReuseJobInput
from tests.memory_studio import USER, entered, memory_studio
from tests.shipped import SHIPPED
from tests.strategies import MEDIA_KEYS, configs_with_values, model_configs, values_for


@dataclass(frozen=True)
class Stored:
    """A job that a form with these values made, and what a reuse finds of it."""

    config: ModelConfig
    values: dict[str, Any]
    studio: StudioContext
    event: ReuseJobInput
    files: Mapping[str, MediaInfo]

    @cached_property
    def shown(self) -> frozenset[str]:
        return self.config.visible(self.values)

    def restored(self, **changes: Any) -> RestorePlan:
        return plan(self.event.model_copy(update=changes), self.config, self.files)

    def value(self, name: str) -> Any:
        """What the form held; for a seed left open, the one the job ran with."""
        is_open_seed = isinstance(self.config.parameters[name], Seed) and self.values[name] is None
        return self.event.seed if is_open_seed else self.values[name]


def stored(config: ModelConfig, values: dict[str, Any]) -> Stored:
    studio = memory_studio(config)
    job = studio.submit(USER, None, config.id, entered(config, values))
    every_file = studio.files(USER, [key for keys in MEDIA_KEYS.values() for key in keys])
    return Stored(config, values, studio, studio.reuse_job_input(USER, job.id), every_file)


def _cases(config: ModelConfig) -> SearchStrategy[Stored]:
    return values_for(config).map(lambda values: stored(config, values))


def _shipped(type_: str) -> list[ModelConfig]:
    return [config for config in SHIPPED.values() if config.type == type_]


Test = Callable[..., None]
TYPES: tuple[MediaKind, ...] = ("image", "video", "audio")
CASES = {
    **{type_: st.one_of(map(_cases, _shipped(type_))) for type_ in TYPES},
    "generated": configs_with_values().map(lambda case: stored(*case)),
}
ANY_JOB = st.one_of(*CASES.values())
MODELS = {**{type_: st.sampled_from(_shipped(type_)) for type_ in TYPES}, "generated": model_configs()}


def for_any_job(test: Test) -> Test:
    """Runs the test for the shipped models of each type and for generated ones; it draws a job from `CASES[model]`."""
    return pytest.mark.parametrize("model", CASES)(given(data=st.data())(test))


def for_any_model(test: Test) -> Test:
    return pytest.mark.parametrize("model", MODELS)(given(data=st.data())(test))


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: `True` is not 1, and `[]` is not `None`."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def line(restored: RestorePlan, name: str) -> ReportLine:
    (found,) = (line for line in restored.report.lines if line.name == name)
    return found


class OnlyKind:
    """Knows the kind of a file and nothing that would lead to its content."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(2**63), 1e308, float("inf"), float("nan"), -0.0, "0", "1e5", "\ud800", "../../etc"])
    | st.floats()
    | st.text(st.characters(), max_size=50),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


def model(**parameters: dict[str, Any]) -> ModelConfig:
    about = {"id": "m", "name": "M", "type": "image", "backend": {"kind": "fake"}}
    renames = parameters.pop("renames", {})
    return ModelConfig.model_validate(about | {"parameters": parameters, "renames": renames})


def job(**options: Any) -> ReuseJobInput:
    return ReuseJobInput(job_id="j", model_id="m", type="image", options=options)


def leaves(options: Mapping[str, Any]) -> Counter[str]:
    """All that the options say whatever it is called: a size is a width and a height."""
    sides = (
        one.values() if isinstance(one, dict) and one.keys() == {"width", "height"} else [one]
        for one in options.values()
    )
    return Counter(repr(one) for several in sides for one in several)
