"""For every endpoint that is described: the file loads, its defaults pass its own check, no value gets lost."""

import json
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from backends.describing import DescribeError
from backends.gradio_app import GradioSpec
from backends.gradio_app.describe import described
from backends.gradio_app.form import Argument, Endpoint, call, endpoints, parameters, unknown
from backends.registry import load_backends
from model_configs.registry import load_file, read_document
from model_configs.schema import ModelConfig
from studio.models import as_yaml, specs_of
from tests.strategies import colours, json_texts

SPECS = specs_of(load_backends({}))
SMALL = st.integers(-20, 20)
NUMBERS = SMALL | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(max_size=20)
SCALARS = st.one_of(TEXTS, NUMBERS, st.booleans())
NAMES = st.text(max_size=12) | st.sampled_from(["seed", "Seed", "all", "not", "prompt", "Prompt", "class", "a b", "ä"])
PLAIN = st.recursive(
    st.none() | SCALARS, lambda one: st.lists(one, max_size=3) | st.dictionaries(TEXTS, one, max_size=3)
)
COLOURS = st.sampled_from(["#ff0000", "#f00", "navy", "rgba(255, 0, 0, 0.5)", "rgb(1,2,3)", "hsl(0, 100%, 50%)"])

CHOICES = st.lists(SCALARS | st.tuples(TEXTS, SCALARS | st.none()), max_size=5)
PROPS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "textbox": st.fixed_dictionaries(
        {}, optional={"lines": st.integers(-3, 99), "max_length": st.none() | st.integers(1, 30), "placeholder": TEXTS,
                      "type": st.sampled_from(["text", "password"])}),
    "slider": st.fixed_dictionaries({"minimum": NUMBERS, "maximum": NUMBERS}, optional={"step": st.none() | NUMBERS}),
    "number": st.fixed_dictionaries(
        {}, optional={"minimum": st.none() | NUMBERS, "maximum": st.none() | NUMBERS, "step": NUMBERS,
                      "precision": st.none() | st.integers(0, 3)}),
    "dropdown": st.fixed_dictionaries(
        {"choices": CHOICES}, optional={"multiselect": st.booleans(), "allow_custom_value": st.booleans()}),
    "radio": st.fixed_dictionaries({"choices": CHOICES}),
    "checkboxgroup": st.fixed_dictionaries({"choices": CHOICES}),
    "file": st.fixed_dictionaries(
        {}, optional={"file_types": st.lists(st.sampled_from(["image", "video", "audio", ".pdf"]), max_size=2),
                      "file_count": st.sampled_from(["single", "multiple"])}),
    "gallery": st.fixed_dictionaries(
        {}, optional={"file_types": st.none() | st.lists(st.sampled_from(["image", "video", ".png"]), max_size=2)}),
    "code": st.fixed_dictionaries({}, optional={"language": st.sampled_from(["json", "python", None])}),
    **{one: st.just({}) for one in
       ("checkbox", "image", "video", "audio", "imageeditor", "colorpicker", "dataframe", "json")},
}  # fmt: skip


@st.composite
def arguments(draw: st.DrawFn) -> list[Argument]:
    made = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=6, unique=True)):
        component = draw(st.sampled_from(sorted(PROPS)))
        props = draw(PROPS[component]) | draw(
            st.fixed_dictionaries({}, optional={"info": TEXTS, "visible": st.booleans()})
        )
        usual = st.none() | SCALARS | st.lists(SCALARS, max_size=3)
        offered = props.get("choices") or [None]
        default = draw(usual | st.sampled_from(offered) | PLAIN | COLOURS | PLAIN.map(json.dumps))
        made.append(Argument(name, component, props, draw(TEXTS), default))
    return made


def endpoint_of(made: list[Argument]) -> Endpoint:
    return Endpoint("/predict", tuple(made), "image", ("Image",), ("image",))


def loaded(endpoint: Endpoint) -> ModelConfig:
    try:
        description = described("http://127.0.0.1:7860", endpoint, "3f0e")
    except DescribeError:
        assume(False)
    return read_document(description, SPECS)


def values_of(config: ModelConfig, draw: Any) -> dict[str, Any]:
    values = dict[str, Any]()
    for name, parameter in config.parameters.items():
        match parameter.kind:
            case "image" | "video" | "audio":
                values[name] = Path("/in") / f"{name}.bin"
            case "images":
                values[name] = [Path("/in") / f"{name} {number}.png" for number in range(draw(st.integers(1, 3)))]
            case "colour":
                values[name] = draw(colours(parameter.alpha))
            case "json":
                values[name] = draw(json_texts().filter(lambda text: text.strip() not in ("", "null")))
            case "choice":
                values[name] = draw(st.sampled_from([one.value for one in parameter.choices]))
            case "choices":
                values[name] = draw(st.lists(st.sampled_from([one.value for one in parameter.choices]), max_size=4))
            case "text":
                values[name] = draw(st.text(max_size=parameter.max_length))
            case "boolean":
                values[name] = draw(st.booleans())
            case "seed":
                values[name] = draw(st.integers(0, parameter.maximum))
            case _:
                values[name] = parameter.fit(draw(NUMBERS))
    return values


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(arguments())
def test_what_is_described_loads_from_its_file_and_its_defaults_pass(
    tmp_path_factory: pytest.TempPathFactory, made: list[Argument]
) -> None:
    config = loaded(endpoint_of(made))
    config.check(config.defaults())
    text = as_yaml(described("http://127.0.0.1:7860", endpoint_of(made), "3f0e"))
    path = tmp_path_factory.getbasetemp() / "model.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_file(path, SPECS) == config


FILES = ("image", "video", "audio", "images")


def as_references(files: Path | list[Path]) -> str | list[str]:
    return [str(path) for path in files] if isinstance(files, list) else str(files)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(arguments(), st.data())
def test_every_value_is_among_the_arguments_at_its_place(made: list[Argument], data: st.DataObject) -> None:
    endpoint = endpoint_of(made)
    config = loaded(endpoint)
    values = values_of(config, data.draw)
    files = {name: one for name, one in values.items() if config.parameters[name].kind in FILES}
    checked = config.check(values | {name: as_references(one) for name, one in files.items()})
    checked = {name: config.parameters[name].run_value(one) for name, one in checked.items()}
    spec = GradioSpec.model_validate(config.backend.model_dump())
    assert not unknown(endpoint, spec.names, values)
    sent = call(endpoint, spec.names, {**checked, **files})
    assert len(sent) == len(made)
    for argument, one in zip(made, sent, strict=True):
        name = endpoint.names[argument.name]
        if name not in config.parameters:
            assert one is argument.default
        elif name in files:
            paths = files[name] if isinstance(files[name], list) else [files[name]]
            assert all(str(path) in str(one) for path in paths)
            assert isinstance(one, list) == argument.takes_several
        elif config.parameters[name].kind == "json":
            assert (json.loads(one) if argument.component == "code" else one) == json.loads(values[name])
        else:
            assert (isinstance(one, bool), one) == (isinstance(values[name], bool), values[name])


COMPONENTS = {
    "textbox": lambda: gr.Textbox("fox"), "slider": lambda: gr.Slider(1, 9, 3, step=1), "file": lambda: gr.File(),
    "dropdown": lambda: gr.Dropdown(["a", ("B", 2)]), "radio": lambda: gr.Radio([1, 2], value=2),
    "group": lambda: gr.CheckboxGroup(["x", "y"], value=["y"]), "box": lambda: gr.Checkbox(True),
    "number": lambda: gr.Number(2.5), "image": lambda: gr.Image(),
    "gallery": lambda: gr.Gallery(), "editor": lambda: gr.ImageEditor(), "json": lambda: gr.JSON({"a": 1}),
    "table": lambda: gr.Dataframe(), "colour": lambda: gr.ColorPicker("#ff0000"),
    "many": lambda: gr.File(file_count="multiple"), "code": lambda: gr.Code('{"a": 1}', language="json"),
    "pictures": lambda: gr.File(file_count="multiple", file_types=["image"]),
    "secret": lambda: gr.Textbox(type="password"), "hidden": lambda: gr.Textbox("h", visible=False),
}  # fmt: skip


@given(st.lists(st.sampled_from(sorted(COMPONENTS)), min_size=1, max_size=6))
def test_gradios_own_interfaces_are_described_or_refused_in_words(kinds: list[str]) -> None:
    """From what a real `gr.Interface` tells, without the web app that takes most of its making."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gr.routes.App, "create_app", lambda *_, **__: None)
        app = gr.Interface(lambda *_: None, [COMPONENTS[kind]() for kind in kinds], gr.Image(), api_name="predict")
    (endpoint,) = [
        one for name, one in endpoints(app.get_config_file(), app.get_api_info()).items() if name == "/predict"
    ]
    assert len(endpoint.arguments) == len(kinds)
    assert endpoint.makes == "image"
    try:
        config = read_document(described("http://127.0.0.1:7860", endpoint, "3f0e"), SPECS)
    except DescribeError:
        assert not set(kinds) - {"file", "many", "table", "secret", "hidden"}
        return
    config.check(config.defaults())
    assert "secret" not in kinds or "Not in the form" in config.description


def test_pictures_in_an_order_go_to_galleries_and_to_inputs_of_several_files() -> None:
    several = {"file_types": ["image"], "file_count": "multiple"}
    made = [Argument("shown", "gallery", {}, "", None), Argument("sent", "file", several, "", "the app's own")]
    assert {one.kind for one in loaded(endpoint_of(made)).parameters.values()} == {"images"}
    assert call(endpoint_of(made), {}, {"shown": [], "sent": []}) == [None, "the app's own"]
    paths = [Path("/in/a.png"), Path("/in/b.png")]
    shown, sent = call(endpoint_of(made), {}, {"shown": paths, "sent": paths})
    assert [one["image"]["path"] for one in shown] == [one["path"] for one in sent] == ["/in/a.png", "/in/b.png"]


def test_a_slider_whose_value_lies_between_its_steps_keeps_it() -> None:
    slider = Argument("steps", "slider", {"minimum": 1, "maximum": 50, "step": 4}, "Steps", 20)
    assert loaded(endpoint_of([slider])).defaults() == {"steps": 20}


@pytest.mark.parametrize(
    ("default", "declared"),
    [
        ("#F80", {"default": "#ff8800"}),
        ("rgba(255, 0, 0, 1)", {"default": "#ff0000"}),
        ("rgba(255, 0, 0, 0.5)", {"default": None}),
        ("#ff000080", {"default": "#ff000080", "alpha": True}),
        (None, {"default": None}),
        ("no colour", {"default": None}),
    ],
)
def test_a_colour_begins_as_the_apps_own(default: str | None, declared: dict[str, Any]) -> None:
    made, _ = parameters(endpoint_of([Argument("tint", "colorpicker", {}, "", default)]))
    assert made == {"tint": {"kind": "colour", **declared}}
    assert call(endpoint_of([Argument("tint", "colorpicker", {}, "", default)]), {}, {"tint": None}) == [default]


def test_code_in_json_is_checked_as_json_and_sent_as_text_and_other_code_is_a_text() -> None:
    def kind(language: str, default: str) -> str:
        return (
            loaded(endpoint_of([Argument("code", "code", {"language": language}, "", default)])).parameters["code"].kind
        )

    assert [kind("json", '{"a": 1}'), kind("json", ""), kind("json", "// none"), kind("python", "1")] == [
        "json", "json", "text", "text",
    ]  # fmt: skip
    code = Argument("code", "code", {"language": "json"}, "", '{"a": 1}')
    assert loaded(endpoint_of([code])).defaults() == {"code": '{"a": 1}'}
    assert call(endpoint_of([code]), {}, {"code": {"ä": [1.0, None]}}) == ['{"ä": [1.0, null]}']
    assert call(endpoint_of([code]), {}, {"code": "ä"}) == ['"ä"']


@pytest.mark.parametrize("label", ["a \ud800", "\udfff"])
def test_a_text_that_no_file_can_hold_is_refused(label: str) -> None:
    with pytest.raises(DescribeError, match="lone surrogate"):
        described("http://127.0.0.1:7860", endpoint_of([Argument("prompt", "textbox", {}, label, "")]), "3f0e")


def test_json_that_no_file_can_hold_is_no_default() -> None:
    table = Argument("table", "json", {}, "", {"\ud800": 1})
    assert loaded(endpoint_of([table])).defaults() == {"table": ""}
