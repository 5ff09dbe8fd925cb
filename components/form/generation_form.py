"""The form: for every model one group of fields, of which one shows; it knows nothing of jobs or galleries.

Each model keeps its own fields, so what is typed for one is still there after a look at another. Which fields show
follows from the present values of their parents alone and is worked out in the browser; values are never changed by it.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from components.form.fields import AudioField, JsField, field
from components.form.importable import IMPORTABLE
from components.gradio_ext.js_component import js_component
from components.gradio_ext.lazy_blocks import LazyBlocks
from components.whole_numbers import to_page
from media_kinds import KINDS, MediaKind
from model_configs import conditions
from model_configs.conditions import Condition
from model_configs.schema import Choice, Choices, ModelConfig, Parameter, Seed

TAB_LABELS = {"image": "Image", "video": "Video", "audio": "Audio"}
IN_PAGE: dict[str, Any] = {"queue": False, "show_progress": "hidden"}
"""How events run that the server has no part in."""


@dataclass(frozen=True, slots=True)
class ModelGroup:
    """One model's part of the form."""

    config: ModelConfig
    column: gr.Column
    fields: dict[str, Component]
    generate: gr.Button


@dataclass(frozen=True, slots=True)
class GenerationForm:
    """The form's components; `events` has no fields, its events are what the form's scripts start in the page."""

    tabs: gr.Tabs
    pickers: dict[MediaKind, gr.Dropdown]
    groups: dict[str, ModelGroup]
    events: gr.HTML


def generation_form(
    blocks: LazyBlocks, models: Sequence[ModelConfig], missing: Callable[[ModelConfig], str | None]
) -> GenerationForm:
    """Build the form inside the surrounding Blocks; the first model is the one that shows.

    `missing` says what must be set before a model can run.

    The page opens with that model's fields alone; those of another come when it is chosen, reused or likely to be.
    """
    by_type = {type_: [model for model in models if model.type == type_] for type_ in KINDS}
    first = next(iter(models), None)
    pickers: dict[MediaKind, gr.Dropdown] = {}
    groups: dict[str, ModelGroup] = {}
    with gr.Tabs(selected=first.type if first else "image", elem_classes=["model-tabs"]) as tabs:
        for type_, made in by_type.items():
            with gr.Tab(TAB_LABELS[type_], id=type_, render_children=True):
                if made:
                    js_component("form/from_file_button", elem_id=f"from-file-{type_}")
                    js_component("form/preset_button", elem_id=f"presets-{type_}")
                    pickers[type_] = _picker(made)
                    groups |= {model.id: _group(model, missing(model), shown=model is made[0]) for model in made}
                else:
                    gr.Markdown(f"No model makes {type_} yet. Add a model config to model_configs/.")
    not_set_up = [model.id for model in models if missing(model)]
    layout = page_layout(groups, pickers, first) | {"endpoints": blocks.endpoints, "notSetUp": not_set_up}
    with gr.Row(elem_classes=["form-foot"]):
        js_component("form/notice")
        events = _form_events(layout)
    form = GenerationForm(tabs=tabs, pickers=pickers, groups=groups, events=events)
    _follow_choice(form)
    for group in groups.values():
        _follow_parents(group)
        _follow_others(group)
    _spread_plans(form)
    _bring_groups(blocks, form, layout["later"])
    return form


def page_layout(
    groups: Mapping[str, ModelGroup], pickers: Mapping[MediaKind, gr.Dropdown], first: ModelConfig | None
) -> dict[str, Any]:
    """What the page must know to spread a plan over the components: their order, the rules and how they start."""
    configs = {id_: group.config for id_, group in groups.items()}
    return {
        "tabs": list(KINDS),
        "types": list(pickers),
        "models": [(id_, config.type, config.name) for id_, config in configs.items()],
        "fields": {id_: list(group.fields) for id_, group in groups.items()},
        "unfolded": {id_: _names(config, "basic") for id_, config in configs.items()},
        "rules": {id_: _rules(config) for id_, config in configs.items()},
        "showing": {id_: sorted(config.visible(config.defaults())) for id_, config in configs.items()},
        "seeds": {id_: _seeds(config) for id_, config in configs.items()},
        "chosen": {type_: picker.value for type_, picker in pickers.items()},
        "tab": first.type if first else "image",
        "later": [id_ for id_, config in configs.items() if config is not first],
        "files": {id_: config.media() for id_, config in configs.items()},
        "importable": IMPORTABLE,
    }


def _picker(models: list[ModelConfig]) -> gr.Dropdown:
    choices = [(model.name, model.id) for model in models]
    many = len(models) > 8
    return gr.Dropdown(choices, value=models[0].id, label="Model", filterable=many, elem_classes=["model-choice"])


def _group(config: ModelConfig, missing: str | None, *, shown: bool) -> ModelGroup:
    fields: dict[str, Component] = {}
    showing = config.visible(config.defaults())
    with gr.Column(visible=shown, elem_id=f"group-{config.id}", elem_classes=["model-group"]) as column:
        js_component("form/changes", _inputs(config), f"changes-{config.id}")
        if config.description:
            js_component("form/hint", config.description, f"about-{config.id}")
        if missing:
            js_component("form/hint", missing, f"missing-{config.id}")
        _add_fields(config, "basic", showing, fields)
        if _names(config, "advanced"):
            with gr.Accordion("Advanced", open=False, elem_classes=["advanced"]):
                _add_fields(config, "advanced", showing, fields)
        with gr.Column(elem_classes=["generate-row"]):
            generate = gr.Button("Generate", variant="primary", size="lg", elem_classes=["generate"])
            js_component("form/count_box", elem_id=f"count-{config.id}")
            js_component("form/loaded", config.id, f"loaded-{config.id}")
    return ModelGroup(config=config, column=column, fields=fields, generate=generate)


def _add_fields(config: ModelConfig, group: str, showing: frozenset[str], fields: dict[str, Component]) -> None:
    for name in _names(config, group):
        elem_id, parameter = f"field-{config.id}-{name}", config.parameters[name]
        is_file = parameter.kind in KINDS  # Gradio's fields of files have no place for a help, nor for what is wrong
        with gr.Column(elem_classes=["explained"]) if is_file else nullcontext():
            fields[name] = field(name, parameter, visible=name in showing, elem_id=elem_id, elem_classes=["field"])
            if parameter.follows and isinstance(shown := fields[name], JsField):
                shown.props["followed"] = config.parameters[parameter.follows].initial
            if isinstance(fields[name], AudioField):
                _add_peaks(fields[name], elem_id)
            if is_file and parameter.help:
                js_component("form/help_text", parameter.help, f"about-{config.id}-{name}")


def _inputs(config: ModelConfig) -> dict[str, Any]:
    """What the marks at changed fields have to know of a model."""
    inputs = [
        {
            "name": name,
            "label": parameter.label,
            "kind": parameter.kind,
            "initial": to_page(initial) if isinstance(initial := parameter.initial, int) else initial,
            "choices": _other_labels(parameter),
        }
        for name, parameter in config.parameters.items()
    ]
    return {"model": config.id, "inputs": inputs}


def _other_labels(parameter: Parameter) -> list[tuple[Any, str]]:
    """The labels of the choices that do not bear their value as a label."""
    choices = parameter.choices if isinstance(parameter, Choice | Choices) else ()
    return [(option.value, option.label) for option in choices if option.value != option.label]


def _add_peaks(sound: Component, elem_id: str) -> None:
    peaks = js_component("form/peaks", elem_id=f"peaks-{elem_id}")
    js = "(sound) => sound?.url ?? null"
    sound.change(None, sound, peaks, js=js, **IN_PAGE)  # type: ignore[attr-defined]  # every field has it


def _names(config: ModelConfig, group: str) -> list[str]:
    return [name for name, parameter in config.parameters.items() if parameter.group == group]


def _seeds(config: ModelConfig) -> list[tuple[str, str]]:
    """Its seeds and the largest value of each, in digits: more than a JavaScript number may hold."""
    return [(name, str(one.maximum)) for name, one in config.parameters.items() if isinstance(one, Seed)]


def _rules(config: ModelConfig) -> list[tuple[str, Any]]:
    rules = config.conditions
    return [(name, rule and conditions.to_json(rule)) for name in config.order for rule in [rules[name]]]


def _follow_choice(form: GenerationForm) -> None:
    """The chosen model's group shows; that of the open tab is the selected model."""
    for type_, picker in form.pickers.items():
        columns = [group.column for group in form.groups.values() if group.config.type == type_]
        js = f"(chosen) => window.studio.form.pick('{type_}', chosen)"
        picker.change(None, picker, columns, js=js, **IN_PAGE)


def _follow_parents(group: ModelGroup) -> None:
    """Every edit of a parent shows or hides its dependents, at once and without the server."""
    rules = {name: rule for name, rule in group.config.conditions.items() if rule is not None}
    for family in _families(rules):
        dependents = [name for name in group.fields if name in family and name in rules]
        of_family = {parent for name in dependents for parent in conditions.parents(rules[name])}
        parents = [name for name in group.fields if name in of_family]
        arguments = ", ".join(json.dumps(part) for part in (group.config.id, parents, dependents))
        gr.on(
            [group.fields[name].change for name in parents],  # type: ignore[attr-defined]  # every field has it
            None,
            [group.fields[name] for name in parents],
            [group.fields[name] for name in dependents],
            js=f"(...present) => window.studio.form.show({arguments}, present)",
            **IN_PAGE,
        )


def _follow_others(group: ModelGroup) -> None:
    """The fields that show their value with another's hear of every change of that."""
    for name, parameter in group.config.parameters.items():
        if (other := parameter.follows) is not None:
            field = json.dumps(group.fields[name].elem_id)
            js = f"(value) => window.studio.form.followed({field}, value)"
            group.fields[other].change(None, group.fields[other], None, js=js, **IN_PAGE)  # type: ignore[attr-defined]


def _families(rules: Mapping[str, Condition]) -> list[set[str]]:
    """The parameters that rules tie together: an edit in one family concerns no other."""
    families: list[set[str]] = []
    for name, rule in rules.items():
        family = {name, *conditions.parents(rule)}
        related = [other for other in families if other & family]
        families = [other for other in families if not other & family] + [family.union(*related)]
    return families


def _form_events(layout: Mapping[str, Any]) -> gr.HTML:
    # Not as props: Gradio copies a component's props at each of its events.
    events = [f"{step}_{place}" for step in ("spread", "present", "words") for place in range(len(layout["models"]))]
    before = f"const events = {json.dumps(events)}, layout = {json.dumps(layout)};\n"
    return js_component("form/form_events", before=before)


def _spread_plans(form: GenerationForm) -> None:
    """For every model an event that brings a plan into its fields, and those that read them, in the page alone.

    Every field stands twice among the outputs, which Gradio goes through in their order: an input that is to show is
    there before its value comes, and one that is to go gets its value before it does.
    """
    for place, (id_, group) in enumerate(form.groups.items()):
        fields, model = list(group.fields.values()), json.dumps(id_)
        hear = f"(...present) => window.studio.form.hear({model}, present)"
        getattr(form.events, f"present_{place}")(None, fields, None, js=hear, **IN_PAGE)
        if media := group.config.media():  # Gradio tells nothing of all while a file is on its way up
            words = [name for name in group.fields if name not in media]
            hear = f"(...words) => window.studio.form.hearWords({model}, {json.dumps(words)}, words)"
            getattr(form.events, f"words_{place}")(
                None, [group.fields[name] for name in words], None, js=hear, **IN_PAGE
            )
        getattr(form.events, f"spread_{place}")(
            None,
            None,
            [form.tabs, *form.pickers.values(), group.column, *fields, *fields],
            js=f"() => window.studio.form.spread({model})",
            **IN_PAGE,
        )


def _bring_groups(blocks: LazyBlocks, form: GenerationForm, later: Iterable[str]) -> None:
    """The page asks for the fields of a model by its id, and hears when they have come, or that they cannot."""
    bringing = form.events.bring(lambda: None, trigger_mode="multiple", api_visibility="private", **IN_PAGE)
    bringing.failure(None, None, None, js="() => window.studio.form.stayedAway()", **IN_PAGE)
    groups = {id_: form.groups[id_] for id_ in later}
    blocks.leave_out({id_: group.column for id_, group in groups.items()}, bringing)
    for id_, group in groups.items():
        # An event of the page's start that reads what comes takes place when that has come.
        js = f"() => window.studio.form.arrive({json.dumps(id_)})"
        blocks.load(None, group.generate, None, js=js, **IN_PAGE)
