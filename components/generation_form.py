"""The form: for every model one group of fields, of which one shows; it knows nothing of jobs or galleries.

Each model keeps its own fields, so what is typed for one is still there after a look at another. Which fields show
follows from the present values of their parents alone and is worked out in the browser; values are never changed by it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import gradio as gr
from gradio.components import Component

from components.drawn import drawn
from components.fields import field
from model_configs import conditions
from model_configs.schema import MediaKind, ModelConfig

TYPES: tuple[MediaKind, ...] = get_args(MediaKind)
TAB_LABELS = {"image": "Image", "video": "Video", "audio": "Audio"}


@dataclass(frozen=True, slots=True)
class ModelGroup:
    """One model's part of the form."""

    config: ModelConfig
    column: gr.Column
    fields: dict[str, Component]
    generate: gr.Button


@dataclass(frozen=True, slots=True)
class GenerationForm:
    """The form's components; `plan` takes what a restore wants the form to show, `notice` what there is to say."""

    tabs: gr.Tabs
    pickers: dict[MediaKind, gr.Radio | gr.Dropdown]
    selected: gr.Textbox
    groups: dict[str, ModelGroup]
    plan: gr.JSON
    notice: gr.HTML

    @property
    def all_fields(self) -> list[Component]:
        """The fields of all models, in the order of `layout`."""
        return [component for group in self.groups.values() for component in group.fields.values()]

    def layout(self) -> dict[str, Any]:
        """What the page must know to spread a plan over the components: their order and the rules."""
        return {
            "types": list(self.pickers),
            "models": [(id_, group.config.type) for id_, group in self.groups.items()],
            "fields": [(id_, name) for id_, group in self.groups.items() for name in group.fields],
            "rules": {id_: _rules(group.config) for id_, group in self.groups.items()},
        }


def generation_form(models: Sequence[ModelConfig]) -> GenerationForm:
    """Build the form inside the surrounding Blocks; the first model is the one that shows."""
    by_type = {type_: [model for model in models if model.type == type_] for type_ in TYPES}
    first = next(iter(models), None)
    pickers: dict[MediaKind, gr.Radio | gr.Dropdown] = {}
    groups: dict[str, ModelGroup] = {}
    tabs_of: dict[MediaKind, gr.Tab] = {}
    notice = drawn("notice")
    with gr.Tabs(selected=first.type if first else "image", elem_classes=["model-tabs"]) as tabs:
        for type_, made in by_type.items():
            with gr.Tab(TAB_LABELS[type_], id=type_, render_children=True) as tabs_of[type_]:
                if made:
                    pickers[type_] = _picker(made)
                    groups |= {model.id: _group(model, shown=model is made[0]) for model in made}
                else:
                    gr.Markdown(f"No model makes {type_} yet. Add a model config to model_configs/.")
    selected = gr.Textbox(first.id if first else "", visible=False)
    form = GenerationForm(tabs, pickers, selected, groups, gr.JSON(visible=False), notice)
    _follow_choice(form, tabs_of)
    for group in groups.values():
        _follow_parents(group)
    _spread_plans(form)
    return form


def _picker(models: list[ModelConfig]) -> gr.Dropdown:
    choices = [(model.name, model.id) for model in models]
    many = len(models) > 8
    return gr.Dropdown(choices, value=models[0].id, label="Model", filterable=many, elem_classes=["model-choice"])


def _group(config: ModelConfig, *, shown: bool) -> ModelGroup:
    fields: dict[str, Component] = {}
    showing = config.visible(config.defaults())
    with gr.Column(visible=shown, elem_id=f"group-{config.id}", elem_classes=["model-group"]) as column:
        if config.description:
            drawn("hint", config.description, f"about-{config.id}")
        _add_fields(config, "basic", showing, fields)
        if any(parameter.group == "advanced" for parameter in config.parameters.values()):
            with gr.Accordion("Advanced", open=False, elem_classes=["advanced"]):
                _add_fields(config, "advanced", showing, fields)
        generate = gr.Button("Generate", variant="primary", size="lg", elem_classes=["generate"])
    return ModelGroup(config, column, fields, generate)


def _add_fields(config: ModelConfig, group: str, showing: frozenset[str], fields: dict[str, Component]) -> None:
    for name, parameter in config.parameters.items():
        if parameter.group == group:
            elem_id = f"field-{config.id}-{name}"
            fields[name] = field(name, parameter, visible=name in showing, elem_id=elem_id, elem_classes=["field"])


def _rules(config: ModelConfig) -> list[tuple[str, Any]]:
    rules = config.conditions
    return [(name, rule and conditions.to_json(rule)) for name in config.order for rule in [rules[name]]]


def _follow_choice(form: GenerationForm, tabs_of: Mapping[MediaKind, gr.Tab]) -> None:
    """The chosen model's group shows; the choice of the open tab is the selected model."""
    for type_, picker in form.pickers.items():
        ids = [id_ for id_, group in form.groups.items() if group.config.type == type_]
        columns = [form.groups[id_].column for id_ in ids]
        js = f"(chosen) => [chosen, ...{json.dumps(ids)}.map((id) => ({{__type__: 'update', visible: id === chosen}}))]"
        picker.change(None, picker, [form.selected, *columns], js=js, queue=False, show_progress="hidden")
        tabs_of[type_].select(None, picker, form.selected, js="(chosen) => chosen", queue=False, show_progress="hidden")


def _follow_parents(group: ModelGroup) -> None:
    """Every edit of a parent shows or hides its dependents, at once and without the server."""
    rules = {name: rule for name, rule in group.config.conditions.items() if rule is not None}
    names = {parent for rule in rules.values() for parent in conditions.parents(rule)}
    parents = [name for name in group.fields if name in names]
    dependents = list(rules)
    if not dependents:
        return
    arguments = ", ".join(json.dumps(part) for part in (_rules(group.config), parents, dependents))
    gr.on(
        [group.fields[name].change for name in parents],  # type: ignore[attr-defined]  # every field has it
        None,
        [group.fields[name] for name in parents],
        [group.fields[name] for name in dependents],
        js=f"(...present) => window.studio.form.show({arguments}, present)",
        queue=False,
        show_progress="hidden",
    )


def _spread_plans(form: GenerationForm) -> None:
    """Undo is a plan like any other, made by the page from what it showed before."""
    form.notice.props["layout"] = form.layout()
    undone = form.notice.undo(
        None, None, form.plan, js="() => window.studio.form.undo()", queue=False, show_progress="hidden"
    )
    spread(form, undone)


def spread(form: GenerationForm, planned: Any) -> None:
    """After the event `planned` has set the plan: first visibility, then values, on the page's side alone."""
    fields = form.all_fields
    columns = [group.column for group in form.groups.values()]
    planned.then(
        None,
        [form.plan, form.selected, *fields],
        [form.tabs, *form.pickers.values(), form.selected, *columns, *fields],
        js="(plan, selected, ...present) => window.studio.form.reveal(plan, selected, present)",
        queue=False,
        show_progress="hidden",
    ).then(
        None,
        form.plan,
        [form.notice, *fields],
        js="(plan) => window.studio.form.fill(plan)",
        queue=False,
        show_progress="hidden",
    )
