"""What other tools' files say comes into a model's form by the restore of a job; nothing of it goes without a word."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.fields import Fields, Lora
from model_configs.schema import ModelConfig, Text, ValuesError
from studio.inputs import from_file
from studio.inputs.from_file import reuse_input
from studio.inputs.restore import Outcome, RestorePlan, plan
from studio.inputs.wildcards import Wildcards
from tests.stored_jobs import MODELS, SHIPPED, for_any_model, model
from tests.strategies import configs_with_values, texts

maybe_text = st.none() | texts(60)
names = st.none() | st.sampled_from(["euler", "Euler a", "DPM++ 2M Karras", "karras", "SDXL_base.safetensors", "?"])
ANY_FIELDS = st.builds(
    Fields,
    tool=st.just("A1111"),
    prompt=maybe_text,
    negative_prompt=maybe_text,
    seed=st.none() | st.integers(0, 2**64 - 1),
    steps=st.none() | st.integers(1, 10**6),
    guidance=st.none() | st.floats(-100, 100),
    sampler=names,
    scheduler=names,
    width=st.none() | st.integers(1, 10**6),
    height=st.none() | st.integers(1, 10**6),
    model=names,
    loras=st.lists(st.builds(Lora, st.text(min_size=1, max_size=9), st.none() | st.floats(-3, 3)), max_size=4).map(
        tuple
    ),
    denoise=st.none() | st.floats(0, 1),
    inputs=st.lists(texts(9), max_size=2).map(tuple),
    rest=st.dictionaries(st.sampled_from(["Clip skip", "steps", "fps", "a", "on", "mode"]), texts(9), max_size=4),
)


def filled(fields: Fields, config: ModelConfig) -> RestorePlan:
    return plan(reuse_input(fields, config), config, {})


def refused(config: ModelConfig, restored: RestorePlan) -> set[str]:
    """The inputs that a submit of the plan would complain about."""
    try:
        config.check(restored.values)
    except ValuesError as error:
        return set(error.problems)
    return set()


def lines(fields: Fields, config: ModelConfig) -> list[str]:
    event = reuse_input(fields, config)
    report = from_file.report(plan(event, config, {}), event, fields)
    return [line.detail for line in report.changed]


# --- laws ------------------------------------------------------------------------------------------------------------


@for_any_model
def test_whatever_a_file_says_the_form_takes(model: str, data: st.DataObject) -> None:
    fields, config = data.draw(ANY_FIELDS), data.draw(MODELS[model])
    restored = filled(fields, config)
    assert restored.sources == ()
    for name in refused(config, restored):  # what is needed and empty is for the user to give
        assert config.parameters[name].is_empty(restored.values[name])


@for_any_model
def test_every_value_has_a_place_or_is_named(model: str, data: st.DataObject) -> None:
    fields, config = data.draw(ANY_FIELDS), data.draw(MODELS[model])
    event = reuse_input(fields, config)
    placed = event.options.keys() & config.parameters.keys()
    told = from_file.report(plan(event, config, {}), event, fields).lines
    assert {line.name for line in told if line.outcome is not Outcome.REMOVED and line.name} == placed
    assert {line.name for line in told if line.outcome is Outcome.REMOVED} == event.options.keys() - placed
    said = [fields.seed, fields.steps, fields.guidance, fields.width, fields.height]
    for value in said:
        assert value is None or value in list(_numbers(event.options)), value


def _numbers(options: dict[str, Any]) -> list[Any]:
    values = [*options.values(), *(side for one in options.values() if isinstance(one, dict) for side in one.values())]
    return [value for value in values if isinstance(value, int | float)]


@given(case=configs_with_values(), fields=ANY_FIELDS)
def test_what_the_file_does_not_say_stays_as_the_form_has_it(
    case: tuple[ModelConfig, dict[str, Any]], fields: Fields
) -> None:
    config, form = case
    form = {name: value for name, value in form.items() if name not in config.media()}
    event = reuse_input(fields, config)
    restored = plan(from_file.within(event, form, {}), config, {})
    for name in restored.values.keys() & form.keys() - event.options.keys():
        assert restored.values[name] in (form[name], config.parameters[name].initial)
        assert restored.values[name] == form[name] or not restored.visible[name]
    assert {line.name for line in from_file.report(restored, event, fields).lines if line.name} <= event.options.keys()


@given(prompt=texts(60))
def test_a_model_gets_the_prompt_that_stands_in_the_file(prompt: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    config = SHIPPED["pattern"]
    written = filled(Fields("InvokeAI", prompt=prompt), config).values["prompt"]
    wildcards = Wildcards(tmp_path_factory.getbasetemp() / "none")
    parameter = config.parameters["prompt"]
    assert isinstance(parameter, Text)
    assert wildcards.resolve(written, 1, "prompt", 10_000) == prompt


@given(data=st.data())
def test_a_choice_is_found_however_it_is_written(data: st.DataObject) -> None:
    known = ["euler", "euler_ancestral", "dpmpp_2m", "dpmpp_2m_sde", "dpmpp_2s_ancestral", "uni_pc", "ddim"]
    config = model(sampler_name={"kind": "choice", "choices": known})
    wanted = data.draw(st.sampled_from(known))
    written = data.draw(st.sampled_from([str.upper, str.title, lambda name: name.replace("pp", "++")]))(wanted)
    written = written.replace("_", data.draw(st.sampled_from(["_", " ", "-", ""])))
    assert filled(Fields("SwarmUI", sampler=written), config).values == {"sampler_name": wanted}


# --- examples --------------------------------------------------------------------------------------------------------

A1111 = Fields(
    "A1111",
    prompt="a lighthouse, <lora:film:0.7>",
    negative_prompt="blurry",
    seed=4242,
    steps=60,
    guidance=6.5,
    sampler="DPM++ 2M Karras",
    width=1000,
    height=768,
    model="z_image_turbo_bf16.safetensors",
    loras=(Lora("film", 0.7), Lora("grain", 9)),
    denoise=1,
    rest={"Clip skip": "2", "version": "1.9"},
)


def test_a_file_fills_a_model_by_names_and_aliases_and_the_rest_is_said() -> None:
    values = filled(A1111, SHIPPED["z-image"]).values
    assert values["prompt"] == "a lighthouse"
    assert (values["negative_prompt"], values["seed"], values["cfg"]) == ("blurry", 4242, 6.5)
    assert (values["steps"], values["width"], values["height"]) == (50, 1024, 768)
    assert values["lora"] == [{"path": "film", "weight": 0.7}]
    assert lines(A1111, SHIPPED["z-image"]) == [
        "Width: 1000 must now be a multiple of 64 between 512 and 2048, 1024 is used",
        "Steps: 60 must now be a whole number between 1 and 50, 50 is used",
        "LoRA: film × 0.7, grain × 9 must now be at most 1 LoRAs, each with a name and a weight between 0.1 and 2,"
        " film × 0.7 is used",
        "Sampler: Z-Image has no such input",
        "Scheduler: Z-Image has no such input",
    ]


def test_a_prompt_keeps_its_loras_where_the_model_has_no_place_for_them() -> None:
    assert filled(A1111, SHIPPED["pattern"]).values["prompt"] == "a lighthouse, <lora:film:0.7>"
    assert "LoRAs: Pattern has no such input" in lines(A1111, SHIPPED["pattern"])


def test_a_width_and_a_height_become_a_size() -> None:
    assert filled(Fields("A1111", width=1024, height=768), SHIPPED["collage"]).values["size"] == {
        "width": 1024,
        "height": 768,
    }


def test_a_sampler_and_a_schedule_in_one_become_two() -> None:
    config = model(
        sampler={"kind": "choice", "choices": ["euler", "dpmpp_2m"]},
        scheduler={"kind": "choice", "choices": ["normal", "karras"]},
    )
    assert filled(A1111, config).values == {"sampler": "dpmpp_2m", "scheduler": "karras"}
    whole = model(sampler={"kind": "choice", "choices": ["Euler", "DPM++ 2M Karras"]})
    assert filled(A1111, whole).values == {"sampler": "DPM++ 2M Karras"}
    assert "Scheduler: M has no such input" not in lines(A1111, whole)


def test_what_else_a_file_says_finds_an_input_of_its_name_if_that_takes_it() -> None:
    config = model(
        clip_skip={"kind": "integer", "minimum": 1, "maximum": 12},
        tiling={"kind": "boolean", "aliases": ["tile"]},
        version={"kind": "integer"},
        photo={"kind": "image"},
    )
    fields = Fields("A1111", rest={"Clip skip": "2", "Tile": "True", "version": "v1.9", "photo": "a.png"})
    assert filled(fields, config).values == {"clip_skip": 2, "tiling": True, "version": None, "photo": None}
    assert lines(fields, config) == []


def test_a_checkpoint_is_found_by_name_and_by_hash() -> None:
    config = model(
        checkpoint={"kind": "choice", "choices": ["v1-5.safetensors", "sd/dream_8.safetensors [879db523c3]"]}
    )
    for fields in (Fields("A1111", model="V1-5"), Fields("ComfyUI", model="models\\v1-5.ckpt")):
        assert filled(fields, config).values == {"checkpoint": "v1-5.safetensors"}
    by_hash = Fields("A1111", model="another", model_hash="879db523c3")
    assert filled(by_hash, config).values == {"checkpoint": "sd/dream_8.safetensors [879db523c3]"}


def test_a_model_is_suggested_by_a_hash_alone() -> None:
    config = model(checkpoint={"kind": "choice", "choices": ["dream_8.safetensors [879db523c3]"]})
    hashed = Fields("A1111", model_hash="879db523")
    assert from_file.made_with(hashed, [SHIPPED["pattern"], config]) == (config, True)
    assert filled(hashed, config).values == {"checkpoint": "dream_8.safetensors [879db523c3]"}
    assert from_file.made_with(Fields("A1111", model_hash="00000000"), [config]) is None


def test_input_files_that_a_file_names_are_said_to_be_missing() -> None:
    fields = Fields("ComfyUI", prompt="a hat", inputs=("C:\\pictures\\harbour.png",))
    assert lines(fields, SHIPPED["pattern"]) == ["The file was made of files that it does not hold: harbour.png"]


@pytest.mark.parametrize(
    ("name", "found", "certain"),
    [
        ("z-image", "z-image", True),
        ("Z Image.safetensors", "z-image", True),
        ("flux1-krea-dev_fp8_scaled.safetensors", "flux-krea", False),
        ("Qwen-Image-Edit-2509", "qwen-image-edit", False),
        ("wan2.2_i2v_high_noise_14B.safetensors", "wan22", False),
        ("checkpoints/step1x-image-edit.safetensors", None, None),
        ("pattern_xl", None, None),
        ("dreamshaper_8", None, None),
        (None, None, None),
    ],
)
def test_the_model_of_a_file_is_found_among_those_that_are_here(
    name: str | None, found: str | None, certain: bool | None
) -> None:
    made_with = from_file.made_with(Fields("A1111", model=name), SHIPPED.values())
    assert (made_with and made_with.config.id, made_with and made_with.certain) == (found, certain)
