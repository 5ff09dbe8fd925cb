"""Undo of a reuse, as the page's script does it on its own, for models and forms of every shape."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from components.form.generation_form import page_layout
from model_configs.schema import ModelConfig
from studio.inputs.partial import select
from studio.inputs.restore import plan
from studio.inputs.reuse_event import ReuseJobInput
from tests.memory_studio import FILES
from tests.strategies import configs_with_values, values_for

SCRIPT = Path(__file__).parents[2] / "components" / "form" / "form.js"
PAGE = """
  window.studio = { wanted: 0, nextClick: () => (studio.wanted += 1),
    addressOf: (path) => path, say() {}, isReusing: () => false,
    drafts: { touch() {}, keepSoon() {}, replace() {}, settled() {} }, fieldErrors: { compare() {} } };
  window.fetch = async () => ({ ok: true, json: async () => ({ data: [window.answer] }) });
  window.gradio_config = { dependencies: [{ id: 0, targets: [[0, "reuse"]] }] };
"""
START = """(layout) => {
  /** What Gradio keeps: of every field its value and whether it shows. */
  window.fields = Object.fromEntries(layout.models.map(([model]) => [model, Object.fromEntries(layout.fields[model].map(
    (name) => [name, { value: layout.values[model][name], visible: layout.showing[model].includes(name) }]))]));
  document.body.replaceChildren(...layout.models.flatMap(([model]) => layout.fields[model].map(
    (name) => Object.assign(document.createElement("div"), { id: `field-${model}-${name}` }))));
  const take = (field, change) => { const { __type__, ...props } = change ?? {}; Object.assign(field, props); };
  studio.form.setLayout(layout, (event) => {
    const [step, place] = event.split("_");
    const [model] = layout.models[place];
    const all = layout.fields[model].map((name) => window.fields[model][name]);
    if (step === "present") return studio.form.hear(model, all.map((field) => field.value));
    const updates = studio.form.spread(model).slice(2 + layout.types.length);
    updates.forEach((change, index) => take(all[index % all.length], change));
  });
}"""
REUSE = """async (answer) => {
  window.answer = { ...answer, click: studio.nextClick() };
  studio.form.ask("reuse", { id: answer.job_id, click: studio.wanted }, answer.model_id);
  await new Promise((resolve) => { studio.reuseDone = resolve; });
}"""
UNDO = "async () => { studio.form.undo(); await new Promise((resolve) => { studio.reuseDone = resolve; }); }"
FORM = "() => ({ selected: studio.form.selected(), fields: window.fields })"


@pytest.fixture(scope="module")
def script(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    page.evaluate(PAGE)
    page.add_script_tag(path=SCRIPT)
    yield page
    page.close()


@st.composite
def two_models(draw: st.DrawFn) -> list[tuple[ModelConfig, dict[str, Any], dict[str, Any]]]:
    """Two models, each with what its form holds and what a job of it had."""
    models = []
    for place, type_ in enumerate(("image", "video")):
        config, held = draw(configs_with_values())
        config = config.model_copy(update={"id": f"model-{place}", "type": type_})
        models.append((config, held, draw(values_for(config))))
    return models


def layout_of(configs: list[ModelConfig]) -> dict[str, Any]:
    """What the page is told of the models, and the values that their fields start with."""
    pickers: Any = {config.type: type("Picker", (), {"value": config.id}) for config in configs}
    groups: Any = {
        config.id: type("Group", (), {"config": config, "fields": dict.fromkeys(config.parameters)})
        for config in configs
    }
    values = {config.id: config.defaults() for config in configs}
    return {**page_layout(groups, pickers), "later": [], "values": values}


def planned(config: ModelConfig, values: dict[str, Any]) -> Any:
    """What a job with these values, hidden ones too, brings back."""
    event = ReuseJobInput(job_id="j", model_id=config.id, type=config.type, options=values)
    return plan(event, config, FILES)


def sent(restored: Any) -> dict[str, Any]:
    about = {"job_id": "j", "model_id": restored.model_id, "select": restored.model_id, "type": restored.type}
    return {**about, "visible": restored.visible, "values": restored.values, "notice": {}}


def form(script: Page) -> Any:
    return as_doubles(script.evaluate(FORM))


def as_doubles(value: Any) -> Any:
    """What a browser gave, with its large numbers as what they are: it writes them with the last digits rounded."""
    match value:
        case dict():
            return {name: as_doubles(one) for name, one in value.items()}
        case list():
            return [as_doubles(one) for one in value]
        case int() if abs(value) > 2**53:
            return float(value)
    return value


@settings(max_examples=150)
@given(models=two_models(), in_first=st.booleans(), data=st.data())
def test_undo_after_a_reuse_changes_nothing_and_redo_is_the_reuse(
    script: Page, models: list[tuple[ModelConfig, dict[str, Any], dict[str, Any]]], in_first: bool, data: st.DataObject
) -> None:
    script.evaluate(START, layout_of([config for config, *_ in models]))
    for config, held, _ in models:
        script.evaluate(REUSE, sent(planned(config, held)))
    before = form(script)
    config, held, had = models[0 if in_first else 1]
    whole = planned(config, had)
    now = {name: field["value"] for name, field in before["fields"][config.id].items()}
    names = data.draw(st.just(set(config.parameters)) | st.sets(st.sampled_from(list(config.parameters))))
    script.evaluate(REUSE, sent(select(whole, config, now, names)))
    after = form(script)
    values = {name: field["value"] for name, field in after["fields"][config.id].items()}
    assert values == {**now, **select(whole, config, now, names).values}
    shown = {name for name, field in after["fields"][config.id].items() if field["visible"]}
    assert (after["selected"], shown) == (config.id, config.visible(values))
    script.evaluate(UNDO)
    assert form(script) == before
    script.evaluate(UNDO)
    assert form(script) == after
