"""A form under a name comes back as a job's inputs do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_configs.schema import ModelConfig
from storage.errors import PresetError, PresetNotFoundError
from studio.context import StoredFile
from studio.inputs.restore import Outcome, RestorePlan
from studio.presets import Presets
from tests import media_samples
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER
from tests.shipped import SHIPPED
from tests.strategies import values_for

PATTERN, UPSCALE = SHIPPED["pattern"], SHIPPED["upscale"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptStudio]:
    studio = KeptStudio(tmp_path_factory.mktemp("presets"), SHIPPED)
    yield studio
    studio.database.dispose()


def entered(config: ModelConfig, values: dict[str, Any]) -> dict[str, Any]:
    """The values as a form hands them in."""

    def stored(value: Any) -> Any:
        return [StoredFile(key) for key in value] if isinstance(value, list) else value and StoredFile(value)

    return {name: stored(value) if name in config.media() else value for name, value in values.items()}


def restored(kept: KeptStudio, preset_id: str, selected: str = "pattern") -> RestorePlan:
    event = Presets(kept.context).reuse_input(USER, preset_id)
    return kept.context.restore(event, selected)[0]


@given(config=st.sampled_from(list(SHIPPED.values())), data=st.data())
def test_all_that_shows_of_a_form_comes_back(kept: KeptStudio, config: ModelConfig, data: st.DataObject) -> None:
    values, presets = data.draw(values_for(config, kept.keys)), Presets(kept.context)
    made = presets.save(USER, None, "one", config, entered(config, values))
    try:
        plan, shown = restored(kept, made.id), config.visible(values)
        assert (plan.model_id, plan.report.changed, plan.sources) == (config.id, (), ())
        assert {name for name, shows in plan.visible.items() if shows} == shown
        assert {name: plan.values[name] for name in shown} == {name: values[name] for name in shown}
    finally:
        presets.delete(USER, made.id)


def test_a_form_that_no_job_could_be_made_of_is_saved_and_a_value_that_does_not_fit_is_told(kept: KeptStudio) -> None:
    presets = Presets(kept.context)
    made = presets.save(USER, None, "half", UPSCALE, {"factor": 10**9})
    plan = restored(kept, made.id)
    assert (plan.values["image"], plan.values["factor"]) == (None, 8)
    assert [(line.name, line.outcome) for line in plan.report.changed] == [("factor", Outcome.CLAMPED)]


def test_a_file_of_a_preset_stays_as_long_as_it_can_be_put_back(kept: KeptStudio, tmp_path: Path) -> None:
    presets, media = Presets(kept.context), kept.context.media
    key = media.put(USER, media_samples.png(tmp_path / "own.png", seed=77), "own.png").key
    made = presets.save(USER, None, "file", UPSCALE, {"image": StoredFile(key)})
    assert not media.delete(key)
    presets.delete(USER, made.id)
    assert not media.delete(key), "it can be put back"
    presets.put_back(USER, made.id)
    assert restored(kept, made.id).values["image"] == key
    with pytest.raises(PresetError, match=r"^Image: the file is not there any more, choose it again\.$"):
        presets.overwrite(USER, made.id, UPSCALE, {"image": StoredFile("ab/none.png")})
    assert restored(kept, made.id).values["image"] == key
    presets.overwrite(USER, made.id, PATTERN, {"prompt": "a fox"})
    assert restored(kept, made.id).values["prompt"] == "a fox"
    assert not media.delete(key), "what it held can be put back"


def test_a_preset_of_a_model_that_has_changed_or_gone_comes_back_as_an_old_job_does(kept: KeptStudio) -> None:
    made = Presets(kept.context).save(USER, None, "old", PATTERN, {"prompt": "a fox", "seed": 5})
    changed = PATTERN.model_dump(mode="json", exclude_defaults=True)
    changed["parameters"] |= {"extra": {"kind": "integer", "label": "Extra", "default": 3, "minimum": 0, "maximum": 9}}
    other = ModelConfig.model_validate({**changed, "id": "other", "name": "Other"})
    event = Presets(kept.context).reuse_input(USER, made.id)
    plan, _ = kept.with_models(ModelConfig.model_validate(changed)).restore(event, "pattern")
    assert [line.detail for line in plan.report.changed] == ["Extra: the preset has no value, the default is used"]
    plan, _ = kept.with_models(other).restore(event, "other")
    assert (plan.model_id, plan.values["prompt"], plan.values["seed"]) == ("other", "a fox", 5)
    assert plan.report.changed[0].detail.startswith("The model pattern is not there any more")


def test_another_s_preset_is_as_none(kept: KeptStudio) -> None:
    presets = Presets(kept.context)
    made = presets.save(USER, None, "mine", PATTERN, {})
    for act in (presets.reuse_input, presets.delete, presets.put_back):
        with pytest.raises(PresetNotFoundError):
            act("bob", made.id)
    with pytest.raises(PresetNotFoundError):
        presets.overwrite("bob", made.id, PATTERN, {})
    assert "mine" in [one.name for one in presets.own(USER)]
    assert presets.own("bob") == ()
