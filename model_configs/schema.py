"""The schema of a model config: one YAML file says everything about a model that the studio needs.

A parameter's label, limits, default, condition and help are declared here once; the form, the checks, the API and the
restore of a job derive from it. `ModelConfig.check` is the only gate that values pass on their way into a job.
"""

import json
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from media_kinds import MediaKind
from model_configs import conditions
from model_configs.conditions import Condition, ConditionError
from model_configs.kinds import Colour, Images, Json, Mask, Size
from model_configs.parameter import BaseParameter, Declared, Name, Real, RefusedError, Scalar, Whole, adapter

SEED_MAXIMUM = 2**64 - 1
"""The largest seed that a model can declare: PyTorch and ComfyUI take no larger one."""

USUAL_SEED_MAXIMUM = 2**53 - 1
"""The largest seed of a model that declares none: every program that reads JSON knows it exactly."""


class ModelConfigError(Exception):
    """A config that contradicts itself: `where` is the path to the part, `reason` what is wrong with it."""

    def __init__(self, where: tuple[str, ...], reason: str) -> None:
        super().__init__(f"{'.'.join(where)}: {reason}")
        self.where = where
        self.reason = reason


class ValuesError(ValueError):
    """Values that a model does not take; `problems` maps a parameter's name to a sentence for the user."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


class Text(BaseParameter):
    """A text, such as a prompt or a negative prompt."""

    has_empty: ClassVar[bool] = True
    kind: Literal["text"]
    default: str = ""
    lines: int = Field(1, ge=1, le=40)
    placeholder: str = ""
    max_length: int = Field(10_000, ge=1)
    wildcards: bool = Field(False, description="Whether {a|b} and __name__ are wildcards, resolved by the job's seed")

    def check(self, value: Any) -> str:
        text: str = adapter(str).validate_python(value, strict=True)
        text.encode()  # a ValueError for a lone surrogate, which JSON can bring and nothing can write down
        if len(text) > self.max_length:
            raise ValueError("too long")
        return text

    @property
    def expectation(self) -> str:
        return f"text of at most {self.max_length} characters"


class _Numeric(BaseParameter):
    """Limits that whole and real numbers share; `None` is a value only where the default is `None`."""

    default: Any = None
    minimum: Any = None
    maximum: Any = None

    @property
    def possible(self) -> bool:
        """Whether any number lies within the limits."""
        return self.minimum is None or self.maximum is None or bool(self.minimum <= self.maximum)

    def _within(self, number: float) -> bool:
        return not (
            (self.minimum is not None and number < self.minimum) or (self.maximum is not None and number > self.maximum)
        )

    def _clamp(self, number: Any) -> Any:
        if self.minimum is not None:
            number = max(number, self.minimum)
        return number if self.maximum is None else min(number, self.maximum)

    @property
    def _span(self) -> str:
        low, high = _plain(self.minimum), _plain(self.maximum)
        if low and high:
            return f" between {low} and {high}"
        return f" of at least {low}" if low else f" of at most {high}" if high else ""


class _Stepped(_Numeric):
    """Whole numbers of the form origin + n × stride."""

    default: Whole | None = None
    minimum: Whole | None = None
    maximum: Whole | None = None

    @property
    def origin(self) -> int:
        """One of the numbers, from which the others are counted."""
        raise NotImplementedError

    @property
    def stride(self) -> int:
        """The distance from one number to the next."""
        raise NotImplementedError

    def check(self, value: Any) -> int | None:
        if value is None and self.default is None:
            return None
        number: int = adapter(Whole).validate_python(value)
        if not self._within(number) or (number - self.origin) % self.stride:
            raise ValueError("outside the limits")
        return number

    def fit(self, value: Any) -> int | None:
        if value is None and self.default is None:
            return None
        number = self._clamp(adapter(Real).validate_python(value))
        nearest = self.origin + round((number - self.origin) / self.stride) * self.stride
        if not self._within(nearest):
            nearest += self.stride if nearest < number else -self.stride
        return self.check(nearest)


class Integer(_Stepped):
    """A whole number; with a `step`, values are minimum + n × step."""

    kind: Literal["integer"]
    step: int = Field(1, ge=1)

    @property
    def origin(self) -> int:
        return self.minimum or 0

    @property
    def stride(self) -> int:
        return self.step

    @property
    def expectation(self) -> str:
        if self.step == 1:
            return f"a whole number{self._span}"
        if self.origin % self.step == 0:
            return f"a multiple of {self.step}{self._span}"
        return f"{self.origin} plus a multiple of {self.step}{self._span}"


class Frames(_Stepped):
    """How many frames a film has; with a `rule` such as 4n+1 only numbers of that form."""

    kind: Literal["frames"]
    minimum: Whole = 1
    rule: Annotated[str, Field(pattern=r"^([1-9]\d{0,3})?n(\+\d{1,4})?$")] = Field("n", description="Such as 4n+1")
    fps: Annotated[Real, Field(gt=0)] | Name | None = Field(
        None, description="Frames a second, or the parameter that says them: the form tells how long the film is"
    )

    @property
    def origin(self) -> int:
        return int(self.rule.partition("n")[2] or 0)

    @property
    def stride(self) -> int:
        return int(self.rule.partition("n")[0] or 1)

    @property
    def follows(self) -> str | None:
        return self.fps if isinstance(self.fps, str) else None

    @property
    def possible(self) -> bool:
        first = self.minimum + (self.origin - self.minimum) % self.stride
        return self.maximum is None or first <= self.maximum

    @property
    def expectation(self) -> str:
        return f"a number of frames{'' if self.rule == 'n' else f' of the form {self.rule}'}{self._span}"


class Number(_Numeric):
    """A real number; `step` is how far the slider moves, not a limit."""

    kind: Literal["number"]
    default: Real | None = None
    minimum: Real | None = None
    maximum: Real | None = None
    step: Annotated[float, Field(gt=0)] = 0.1

    def check(self, value: Any) -> float | None:
        if value is None and self.default is None:
            return None
        number: float = adapter(Real).validate_python(value)
        if not self._within(number):
            raise ValueError("outside the limits")
        return number

    def fit(self, value: Any) -> float | None:
        if value is None and self.default is None:
            return None
        return self.check(self._clamp(adapter(Real).validate_python(value)))

    @property
    def expectation(self) -> str:
        return f"a number{self._span}"


class Boolean(BaseParameter):
    """A switch."""

    kind: Literal["boolean"]
    default: bool = False

    def check(self, value: Any) -> bool:
        switch: bool = adapter(bool).validate_python(value, strict=True)
        return switch

    @property
    def expectation(self) -> str:
        return "on or off"


class Option(Declared):
    """One choice: what is stored and what is shown."""

    value: Scalar
    label: str


def _as_option(item: object) -> object:
    return item if isinstance(item, dict | Option) else {"value": item, "label": str(item)}


Options = Annotated[list[Annotated[Option, BeforeValidator(_as_option)]], Field(min_length=1)]


Suffix = Annotated[str, Field(pattern=r"^\.[a-z0-9]{1,16}$")]


class Folder(Declared):
    """Files below the folder `STUDIO_WEIGHTS_DIR`, each chosen by its path in `folder`."""

    folder: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", max_length=200)]
    suffixes: list[Suffix] = Field([".safetensors", ".sft", ".ckpt", ".gguf", ".pt", ".pth", ".bin"])


ChoicesFrom = Annotated[
    Literal["service"] | Folder | None,
    Field(description="Where the list is asked for when it is opened: the model's `service`, or {folder: loras}"),
]


class _Choosing(BaseParameter):
    """What one choice and several choices share; the options are written as values or as {value, label}."""

    choices: Options

    def _known(self, value: object) -> Any:
        return self._option(value).value

    def word(self, value: object) -> str:
        """The label of the option with this value."""
        return self._option(value).label

    def _option(self, value: object) -> Option:
        for option in self.choices:
            if isinstance(value, bool) == isinstance(option.value, bool) and value == option.value:
                return option
        raise ValueError("not one of the choices")

    @property
    def expectation(self) -> str:
        return "one of " + ", ".join(option.label for option in self.choices)


class Choice(_Choosing):
    """One of several; the first unless a default is named."""

    kind: Literal["choice"]
    default: Scalar | None = None
    open: bool = Field(False, description="Whether other texts are taken too")
    choices_from: ChoicesFrom = None

    @property
    def is_open(self) -> bool:
        """Whether other texts are taken too: a list from elsewhere may have grown, or be away just now."""
        return self.open or self.choices_from is not None

    def check(self, value: Any) -> Any:
        try:
            return self._known(value)
        except ValueError:
            if not self.is_open or not isinstance(value, str) or not 0 < len(value) <= 500:
                raise
            value.encode()  # as in a text
            return value

    def word(self, value: object) -> str:
        try:
            return super().word(value)
        except ValueError:
            if not self.is_open:
                raise
            return str(value)

    @property
    def initial(self) -> Any:
        return self.choices[0].value if self.default is None else self.default

    @property
    def expectation(self) -> str:
        return super().expectation if not self.is_open else "one of the choices, or a text of at most 500 characters"


class Choices(_Choosing):
    """Any number of several, in the order picked."""

    has_empty: ClassVar[bool] = True
    kind: Literal["choices"]
    default: list[Scalar] = Field([])

    def check(self, value: Any) -> list[Any]:
        return [self._known(one) for one in adapter(list[Any]).validate_python(value)]

    @property
    def expectation(self) -> str:
        return "any of " + ", ".join(option.label for option in self.choices)


class Seed(BaseParameter):
    """The seed of the random numbers; `None` asks for a new one at every run."""

    has_empty: ClassVar[bool] = True
    kind: Literal["seed"]
    default: Whole | None = None
    maximum: Annotated[int, Field(ge=1, le=SEED_MAXIMUM)] = USUAL_SEED_MAXIMUM

    def check(self, value: Any) -> int | None:
        if value is None:
            return None
        number: int = adapter(Whole).validate_python(value)
        if not 0 <= number <= self.maximum:
            raise ValueError("outside the limits")
        return number

    @property
    def expectation(self) -> str:
        return f"empty for a random seed, or a whole number between 0 and {self.maximum}"


class _Media(BaseParameter):
    """A file; its value is a reference that only the studio's stores understand, so any text passes here, or `None`."""

    has_empty: ClassVar[bool] = True
    kind: MediaKind

    def check(self, value: Any) -> str | None:
        reference: str | None = adapter(str | None).validate_python(value, strict=True)
        return reference

    @property
    def expectation(self) -> str:
        return f"{'an' if self.kind[0] in 'aeiou' else 'a'} {self.kind} file"


class Image(_Media):
    """A picture."""

    kind: Literal["image"]


class Video(_Media):
    """A film."""

    kind: Literal["video"]


class Audio(_Media):
    """A sound."""

    kind: Literal["audio"]


class Lora(Declared):
    """One low-rank adapter: a path or address that the backend understands, and how strongly it counts."""

    path: Annotated[str, Field(min_length=1, max_length=500)]
    weight: Real


class Loras(BaseParameter):
    """A list of LoRA adapters with their weights."""

    has_empty: ClassVar[bool] = True
    kind: Literal["loras"]
    default: list[Lora] = Field([])
    choices_from: ChoicesFrom = None
    max_items: int = Field(3, ge=1, le=16)
    minimum: Real = 0.1
    maximum: Real = 2.0

    def check(self, value: Any) -> list[dict[str, Any]]:
        entries = adapter(list[Lora]).validate_python(value)
        if len(entries) > self.max_items or any(not self.minimum <= one.weight <= self.maximum for one in entries):
            raise ValueError("outside the limits")
        return [one.model_dump() for one in entries]

    def fit(self, value: Any) -> list[dict[str, Any]]:
        """As many as it takes, each as strong as it may be."""
        entries = adapter(list[Lora]).validate_python(value)[: self.max_items]
        weights = (min(max(one.weight, self.minimum), self.maximum) for one in entries)
        return self.check([{"path": one.path, "weight": weight} for one, weight in zip(entries, weights, strict=True)])

    @property
    def initial(self) -> list[dict[str, Any]]:
        return [one.model_dump() for one in self.default]

    @property
    def expectation(self) -> str:
        low, high = _plain(self.minimum), _plain(self.maximum)
        return f"at most {self.max_items} LoRAs, each with a name and a weight between {low} and {high}"


Parameter = Annotated[
    Text
    | Integer
    | Number
    | Boolean
    | Choice
    | Choices
    | Seed
    | Image
    | Video
    | Audio
    | Loras
    | Colour
    | Json
    | Frames
    | Size
    | Images
    | Mask,
    Field(discriminator="kind"),
]


MEDIA_KINDS: Mapping[str, MediaKind] = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "images": "image",
    "mask": "image",
}
"""The kinds of parameters that take files, and the kind of those files."""


def files_in(value: Any) -> tuple[str, ...]:
    """The references in the value of an input that takes files: none, one, or those of a list."""
    listed = value if isinstance(value, list) else [value]
    return tuple(one for one in listed if isinstance(one, str) and one)


class BackendSpec(BaseModel):
    """Which backend runs the model; what else it needs to know (an endpoint, a workflow) stands beside `kind`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: str


class Limits(Declared):
    """The most that a job of the model may use; where it is not set, the studio's settings apply."""

    memory_mb: int | None = Field(None, ge=1, description="Most memory in megabytes, of the model's process as a whole")
    minutes: Annotated[float, Field(gt=0)] | None = Field(None, description="Longest time that the model may compute")


_SPELT = {"cfg": "CFG", "fps": "FPS", "lora": "LoRA", "loras": "LoRAs", "vae": "VAE", "url": "URL", "id": "ID"}


def _label(name: str) -> str:
    first, *others = name.split("_")
    return " ".join([_SPELT.get(first, first.capitalize()), *(_SPELT.get(word, word.lower()) for word in others)])


class ModelConfig(Declared):
    """One model: what it is called, what it makes, which parameters it has and what runs it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    version: int = Field(1, ge=1, description="Raise it when a parameter changes, so that old jobs can be told apart")
    type: MediaKind = Field(description="What the model makes; the page's tab it stands under")
    made_by: Literal["model", "rules"] = Field(
        "model", description="Whether a trained model makes the results or rules do: the files say so"
    )
    description: str = ""
    backend: BackendSpec
    limits: Limits = Limits()
    parameters: Annotated[dict[Name, Parameter], Field(min_length=1)]
    renames: dict[Name, Name] = Field(default={}, description="Where a renamed parameter went: {old: new}")

    @model_validator(mode="before")
    @classmethod
    def _name_parameters(cls, data: Any) -> Any:
        """A parameter without a label is called by its name: `guidance_scale` → "Guidance scale", `cfg` → "CFG"."""
        parameters = data.get("parameters") if isinstance(data, Mapping) else None
        if not isinstance(parameters, Mapping):
            return data
        named = {
            name: {"label": _label(str(name)), **declared} if isinstance(declared, Mapping) else declared
            for name, declared in parameters.items()
        }
        return {**data, "parameters": named}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, parameter in self.parameters.items():
            _check_declaration(name, parameter)
            _check_default(name, parameter)
        seeds = [name for name, parameter in self.parameters.items() if isinstance(parameter, Seed)]
        if len(seeds) > 1:
            raise ModelConfigError(("parameters", seeds[1]), "a model has at most one seed, and a job records one")
        for name, parameter in self.parameters.items():
            if isinstance(parameter, Text) and parameter.wildcards:
                _check_wildcards(name, self.parameters)
            _check_other(name, parameter, self.parameters)
        for old, new in self.renames.items():
            if new not in self.parameters or old in self.parameters:
                reason = f"{old} → {new} must lead from a name no longer used to one in use"
                raise ModelConfigError(("renames", old), reason)
        _check_rules(self)
        return self

    @cached_property
    def conditions(self) -> dict[str, Condition | None]:
        """Every parameter's parsed rule, in the order of the form."""
        return {
            name: None if p.depends_on is None else conditions.parse(p.depends_on, self._has_empty)
            for name, p in self.parameters.items()
        }

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The parameters' names, parents before dependents."""
        return conditions.parent_first(self.conditions)

    @cached_property
    def ancestors(self) -> dict[str, frozenset[str]]:
        """By parameter, its direct and indirect parents."""
        return {name: conditions.ancestors(self.conditions, name) for name in self.conditions}

    @cached_property
    def dependents(self) -> dict[str, frozenset[str]]:
        """By parameter, those whose visibility depends on it, directly or through others."""
        above = self.ancestors
        return {name: frozenset(other for other in above if name in above[other]) for name in self.parameters}

    @cached_property
    def _media(self) -> dict[str, MediaKind]:
        return {name: kind for name, p in self.parameters.items() if (kind := MEDIA_KINDS.get(p.kind)) is not None}

    @cached_property
    def _rules(self) -> dict[str, Condition | None]:
        return {name: self.conditions[name] for name in self.order}

    def _has_empty(self, name: str) -> bool:
        return name in self.parameters and self.parameters[name].has_empty

    def media(self) -> dict[str, MediaKind]:
        """The parameters that take a file, or several, and of which kind."""
        return dict(self._media)

    def files(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The references to files in the values, in the order of the form, each once."""
        return tuple(dict.fromkeys(file for name in self._media for file in files_in(values.get(name))))

    def defaults(self) -> dict[str, Any]:
        """The values of a form that nobody has touched."""
        return {name: parameter.initial for name, parameter in self.parameters.items()}

    def visible(self, values: Mapping[str, Any]) -> frozenset[str]:
        """The parameters that show for these values."""
        return conditions.visible(self._rules, values)

    def check(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values that a job of this model stores: those that show, each one checked.

        A parameter that is not given has its default. Raises ValuesError with a sentence for every parameter that
        does not take its value, and for names that the model does not have.
        """
        given = {**self.defaults(), **values}
        unknown = [name for name in given if name not in self.parameters]
        problems = {name: f"{self.name} has no parameter called {name}" for name in unknown}
        shown = self.visible(given)
        checked: dict[str, Any] = {}
        for name in (name for name in self.parameters if name in shown):
            parameter = self.parameters[name]
            if parameter.required and parameter.is_empty(given[name]):
                problems[name] = f"{parameter.label} is needed"
                continue
            try:
                checked[name] = parameter.check(given[name])
            except RefusedError as error:
                problems[name] = f"{parameter.label} {error}"
            except ValueError:
                problems[name] = f"{parameter.label} must be {parameter.expectation}"
        if problems:
            raise ValuesError(problems)
        return checked

    def snapshot(self) -> dict[str, Any]:
        """The config as JSON, kept with every job so that it can be read after the model changed or went."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @staticmethod
    def of_snapshot(snapshot: object) -> "ModelConfig | None":
        """The config that was kept with a job; `None` where nothing was, or nothing that is one today."""
        try:
            return _of_json(json.dumps(snapshot))
        except (TypeError, ValueError, ModelConfigError, RecursionError):
            return None


@lru_cache(maxsize=64)
def _of_json(text: str) -> ModelConfig:
    """Jobs of one model have the same snapshot, and it takes long to check."""
    return ModelConfig.model_validate(json.loads(text))


def _check_declaration(name: str, parameter: Parameter) -> None:
    """Refuse contradictions: a name that conditions reserve, a minimum above the maximum, a choice twice."""
    where = ("parameters", name)
    if name in conditions.GROUPS:
        raise ModelConfigError(where, f"{name} has a meaning in conditions: choose another name")
    if isinstance(parameter, Integer | Number) and not parameter.possible:
        raise ModelConfigError((*where, "minimum"), f"the minimum of {parameter.label} is above its maximum")
    if isinstance(parameter, Frames) and not parameter.possible:
        reason = f"no number of the form {parameter.rule} lies within the limits of {parameter.label}"
        raise ModelConfigError((*where, "rule"), reason)
    if isinstance(parameter, Choice | Choices):
        values = [(isinstance(option.value, bool), option.value) for option in parameter.choices]
        if len(set(values)) < len(values):
            raise ModelConfigError((*where, "choices"), f"{parameter.label} offers a choice twice")


def _check_wildcards(name: str, parameters: Mapping[str, Parameter]) -> None:
    """The job's seed resolves wildcards, so every job must have one."""
    if not any(isinstance(one, Seed) and one.depends_on is None for one in parameters.values()):
        reason = "wildcards are resolved with the job's seed: the model needs a seed that always shows"
        raise ModelConfigError(("parameters", name, "wildcards"), reason)


def _check_other(name: str, parameter: Parameter, parameters: Mapping[str, Parameter]) -> None:
    """Refuse a reference (`fps`, `of`) to a parameter that is missing or of another kind."""
    if (followed := parameter.follows) is None:
        return
    other, where = parameters.get(followed), ("parameters", name, "fps" if isinstance(parameter, Frames) else "of")
    if isinstance(parameter, Frames) and not isinstance(other, Integer | Number):
        raise ModelConfigError(where, f"{followed} is no number of this model")
    pictured = isinstance(other, Image) or (isinstance(parameter, Size) and isinstance(other, Images))
    if not isinstance(parameter, Frames) and not pictured:
        raise ModelConfigError(where, f"{followed} is no image input of this model")


def _check_default(name: str, parameter: Parameter) -> None:
    try:
        parameter.check(parameter.initial)
    except ValueError:
        reason = f"the default {parameter.initial!r} of {parameter.label} must be {parameter.expectation}"
        raise ModelConfigError(("parameters", name, "default"), reason) from None


def _check_rules(config: ModelConfig) -> None:
    for name, parameter in config.parameters.items():
        where = ("parameters", name, "depends_on")
        try:
            rule = parameter.depends_on and conditions.parse(parameter.depends_on, config._has_empty)
        except ConditionError as error:
            raise ModelConfigError(where, str(error)) from None
        for leaf in conditions.leaves(rule) if rule else ():
            _check_leaf(config, where, leaf)
    try:
        conditions.parent_first(config.conditions)
    except ConditionError as error:
        raise ModelConfigError(("parameters",), str(error)) from None


def _check_leaf(config: ModelConfig, where: tuple[str, ...], leaf: conditions.OneOf | conditions.IsSet) -> None:
    parent = config.parameters.get(leaf.parent)
    if parent is None:
        raise ModelConfigError(where, f"it depends on {leaf.parent}, which the model does not have")
    if isinstance(parent, Seed):
        reason = (
            f"it depends on {leaf.parent}, a seed: an exact reuse fills an open one, and that would change the form"
        )
        raise ModelConfigError(where, reason)
    if isinstance(leaf, conditions.IsSet):
        return
    if isinstance(parent, Image | Video | Audio | Images | Mask | Choices | Loras | Colour | Json | Size):
        raise ModelConfigError(where, f"{leaf.parent} can only be tested with {{{leaf.parent}: set}}")
    for value in leaf.values:
        try:
            parent.check(value)
        except ValueError:
            reason = f"{leaf.parent} is never {value!r}: it must be {parent.expectation}"
            raise ModelConfigError(where, reason) from None


def _plain(number: float | None) -> str:
    """A limit as people write it: 1 rather than 1.0, nothing for no limit."""
    return "" if number is None else f"{number:g}" if abs(number) < 1e6 else str(number)
