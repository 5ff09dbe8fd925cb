"""Undo of a reuse, as the page's script does it on its own, for models and forms of every shape."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from components.form.generation_form import page_layout
from model_configs.schema import ModelConfig
from studio.inputs.partial import select
from studio.inputs.restore import plan
from studio.inputs.reuse_event import ReuseJobInput
from tests.browser.modules.module_page import module_page
from tests.memory_studio import FILES
from tests.strategies import configs_with_values, values_for

STAND_INS = {
    "form/transport.js": "export const NO_ANSWER = '';"
    " export const errorText = () => ''; export const ask = async () => window.answer;",
    "form/drafts.js": "export function touch() {}",
    "library/reuse_click.js": "export const reuseDone = (id) => window.done(id);",
}
START = """(made) => {
  /** What Gradio keeps: of every field its value and whether it shows. */
  window.fields = Object.fromEntries(made.models.map(([model]) => [model, Object.fromEntries(made.fields[model].map(
    (name) => [name, { value: made.values[model][name], visible: made.showing[model].includes(name) }]))]));
  document.body.replaceChildren(...made.models.flatMap(([model]) => made.fields[model].map(
    (name) => Object.assign(document.createElement("div"), { id: `field-${model}-${name}` }))));
  const take = (field, change) => { const { __type__, ...props } = change ?? {}; Object.assign(field, props); };
  layout.setLayout(made, (event) => {
    const [step, place] = event.split("_");
    const [model] = made.models[place];
    const all = made.fields[model].map((name) => window.fields[model][name]);
    if (step === "present") return reading.hear(model, all.map((field) => field.value));
    const updates = spread.spread(model).slice(2 + made.types.length);
    updates.forEach((change, index) => take(all[index % all.length], change));
  });
}"""
REUSE = """async (answer) => {
  const click = clicks.nextClick();
  window.answer = answer;
  plan.askForPlan("reuse_job", { job_id: "j" }, { click, model: answer.plan.model_id });
  await new Promise((resolve) => { window.done = resolve; });
}"""
UNDO = "async () => { undo.undo(); await new Promise((resolve) => { window.done = resolve; }); }"
FORM = """() => {
  const of = ({ id }) => [id, sources.sourcesOf(id).map((one) => one.job_id)];
  return { selected: choice.selected(), fields: window.fields, sources: Object.fromEntries(layout.models().map(of)),
    bases: Object.fromEntries(layout.models().map(({ id }) => [id, bases.basesOf(id)])) };
}"""


@pytest.fixture(scope="module")
def script(chromium: Browser) -> Iterator[Page]:
    names = (
        f"form/{name}.js"
        for name in ("layout", "clicks", "choice", "reading", "plan", "sources", "bases", "spread", "undo")
    )
    with module_page(chromium, *names, stand_ins=STAND_INS) as page:
        yield page


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
    return {**page_layout(groups, pickers, configs[0]), "later": [], "values": values}


def planned(config: ModelConfig, values: dict[str, Any], job_id: str) -> Any:
    """What a job with these values, hidden ones too, brings back."""
    event = ReuseJobInput(job_id=job_id, model_id=config.id, type=config.type, options=values)
    return plan(event, config, FILES)


def sent(restored: Any) -> dict[str, Any]:
    about = {"model_id": restored.model_id, "type": restored.type}
    about |= {"visible": restored.visible, "values": restored.values}
    return {"plan": {**about, "sources": [asdict(source) for source in restored.sources]}, "notice": {}}


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


@given(models=two_models(), in_first=st.booleans(), data=st.data())
def test_undo_after_a_reuse_changes_nothing_and_redo_is_the_reuse(
    script: Page, models: list[tuple[ModelConfig, dict[str, Any], dict[str, Any]]], in_first: bool, data: st.DataObject
) -> None:
    script.evaluate(START, layout_of([config for config, *_ in models]))
    for config, held, _ in models:
        script.evaluate(REUSE, sent(planned(config, held, "held")))
    before = form(script)
    config, held, had = models[0 if in_first else 1]
    whole = planned(config, had, "had")
    now = {name: field["value"] for name, field in before["fields"][config.id].items()}
    names = data.draw(st.just(set(config.parameters)) | st.sets(st.sampled_from(list(config.parameters))))
    script.evaluate(REUSE, sent(select(whole, config, now, names)))
    after = form(script)
    values = {name: field["value"] for name, field in after["fields"][config.id].items()}
    restored = select(whole, config, now, names)
    assert values == {**now, **restored.values}
    came_from = ["had"] if restored.values.keys() == now.keys() else ["held", "had"] if restored.values else ["held"]
    assert after["sources"] == {**before["sources"], config.id: came_from}
    shown = {name for name, field in after["fields"][config.id].items() if field["visible"]}
    assert (after["selected"], shown) == (config.id, config.visible(values))
    script.evaluate(UNDO)
    assert form(script) == before
    script.evaluate(UNDO)
    assert form(script) == after
