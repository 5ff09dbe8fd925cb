"""From a function's signature to the data of a model file: types, defaults and annotations are the form."""

import inspect
import math
import re
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
from PIL import Image
from pydantic.fields import FieldInfo

from backends.describing import DescribeError
from backends.function.docstring import read
from backends.function.hints import Lora, Run, Size
from media_kinds import KINDS

_FILE_NAMES = {
    "image": re.compile("image|picture|photo|portrait|mask|frame"),
    "video": re.compile("video|film|movie|clip"),
    "audio": re.compile("audio|sound|voice|music|speech|song"),
}
_FILES = (*KINDS, "images", "mask")
_NEEDED = ("text", "integer", "number", "json", "frames", *_FILES)
"""The kinds that can be left empty unless the model file says otherwise."""

_SETTINGS = ("title", "description", "json_schema_extra")
_NO_DEFAULT = inspect.Parameter.empty
_TYPES = (
    "str, int, float, bool, Literal, Enum, list of Literal, PIL.Image.Image, list of PIL.Image.Image, Path, a sound, "
    "dict, Size, list[Lora]"
)
_MAKES = (
    "say what it makes, such as -> Image for a PIL.Image.Image, "
    '-> Annotated[Path, "video"], or -> tuple[int, np.ndarray] for a sound'
)


@dataclass(frozen=True, slots=True)
class Hint:
    """An annotation without its wrapping: the type, whether it may be None, and what stood in `Annotated`."""

    type: Any
    optional: bool
    notes: tuple[Any, ...]

    @classmethod
    def of(cls, annotation: Any) -> "Hint":
        """Unwraps `Annotated[...]` and `… | None`, in any order."""
        optional, notes = False, list[Any]()
        while True:
            origin, parts = get_origin(annotation), get_args(annotation)
            rest = [part for part in parts if part is not type(None)]
            if origin is Annotated:
                annotation, notes = parts[0], [*notes, *parts[1:]]
            elif origin in (Union, types.UnionType) and len(rest) == 1:
                annotation, optional = rest[0], True
            else:
                return cls(annotation, optional, tuple(notes))

    @property
    def media(self) -> str | None:
        """The kind of file that a note names: `Annotated[Path, "video"]`."""
        return next((note for note in self.notes if isinstance(note, str) and note in KINDS), None)

    @property
    def items(self) -> "Hint | None":
        """What a list, a generator or the like has in it, and a mapping as its values."""
        parts, series = get_args(self.type), get_origin(self.type)
        if not parts or not inspect.isclass(series):
            return None
        return Hint.of(parts[-1] if issubclass(series, Mapping) else parts[0])

    @property
    def is_sound(self) -> bool:
        """Whether it is a sound as (samples a second, samples)."""
        parts = get_args(self.type)
        return get_origin(self.type) is tuple and len(parts) == 2 and parts[0] is int and _is_array(parts[1])

    @property
    def is_array(self) -> bool:
        """Whether it is NumPy's array."""
        return _is_array(self.type)

    @property
    def is_image(self) -> bool:
        """Whether it is Pillow's picture."""
        return inspect.isclass(self.type) and issubclass(self.type, Image.Image)

    @property
    def is_enum(self) -> bool:
        """Whether its values are the members of an Enum."""
        return inspect.isclass(self.type) and issubclass(self.type, Enum)


def _is_array(kind: Any) -> bool:
    return (get_origin(kind) or kind) is np.ndarray


@dataclass(frozen=True, slots=True)
class Input:
    """One parameter of a function, as it is declared."""

    name: str
    hint: Hint
    default: Any

    @property
    def is_run(self) -> bool:
        """Whether the function wants to tell of its run here."""
        return self.hint.type is Run or (self.name == "run" and self.hint.type is _NO_DEFAULT)

    @property
    def is_mask(self) -> bool:
        """Whether it marks a part of another input's picture."""
        return any(isinstance(note, Mapping) and note.get("kind") == "mask" for note in self.hint.notes)

    @property
    def folder(self) -> str | None:
        """The folder of weights that it is chosen from."""
        sources = (note.get("choices_from") for note in self.hint.notes if isinstance(note, Mapping))
        return next((one["folder"] for one in sources if isinstance(one, Mapping) and "folder" in one), None)

    @property
    def is_needed(self) -> bool:
        """Whether a call without it fails."""
        return self.default is _NO_DEFAULT


def described(function: Callable[..., Any], place: str, chosen: str = "") -> dict[str, Any]:
    """The data of the function's model file; `place` is where it stands, `chosen` its name where the file has several.

    Raises DescribeError with the function's line.
    """
    try:
        return _described(function, place, chosen)
    except (ValueError, TypeError, NameError, AttributeError) as error:  # the latter two from annotations in quotes
        raise DescribeError(str(error), inspect.unwrap(function).__code__.co_firstlineno) from error


def _described(function: Callable[..., Any], place: str, chosen: str) -> dict[str, Any]:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise ValueError(f"{function.__name__} is async: write it without, a job may wait as long as it likes")
    text = read(inspect.getdoc(function) or "")
    shown = [one for one in inputs(function) if not one.is_run]
    title = " ".join(re.findall(r"\w+", f"{Path(place.rpartition(':')[0]).stem} {chosen}".replace("_", " ")))
    parameters, renames = dict[str, Any](), dict[str, str]()
    for one in shown:
        declared = {**_declared(one, text.helps.get(one.name, ""))}
        if (old := declared.pop("renamed_from", None)) is not None:
            renames[old] = one.name
        parameters[one.name] = declared
    return {
        "id": re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:64],
        "name": title[:1].upper() + title[1:80],
        "type": result_type(function),
        **({"description": text.description} if text.description else {}),
        "backend": {"kind": "function", "function": place},
        "parameters": parameters,
        **({"renames": renames} if renames else {}),
    }


def inputs(function: Callable[..., Any]) -> tuple[Input, ...]:
    """The parameters with their types; what has none takes it from its default."""
    hints = get_type_hints(function, include_extras=True)
    return tuple(_input(one, hints) for one in inspect.signature(function).parameters.values())


def _input(parameter: inspect.Parameter, hints: Mapping[str, Any]) -> Input:
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise ValueError(f"{parameter.name}: inputs are given by name: leave out *, ** and /")
    default = parameter.default
    annotation = hints.get(parameter.name, _NO_DEFAULT if default in (_NO_DEFAULT, None) else type(default))
    return Input(parameter.name, Hint.of(annotation), default)


def result_type(function: Callable[..., Any]) -> str:
    """What the function makes, as its annotation says: image, video or audio."""
    kind = _made(Hint.of(get_type_hints(function, include_extras=True).get("return")))
    if kind is None:
        raise ValueError(_MAKES)
    return kind


def _made(hint: Hint) -> str | None:
    if hint.media:
        return hint.media
    if hint.is_sound:
        return "audio"
    if hint.is_image or hint.is_array:
        return "image"
    return _made(hint.items) if hint.items else None


# --- one parameter ---------------------------------------------------------------------------------------------------


def _declared(one: Input, help_text: str) -> dict[str, Any]:
    try:
        noted = _noted(one)
        is_listed = "choices_from" in noted and one.hint.type in (str, Path)
        kind = noted.get("kind") or ("choice" if is_listed else _kind(one))
        written = {**_own(one, kind), **({"help": help_text} if help_text else {}), **noted}
        if "depends_on" in written and (one.default is _NO_DEFAULT and kind != "seed"):
            raise ValueError("it may be hidden, so it needs a default")
        return {"kind": kind, **written}
    except ValueError as error:
        raise ValueError(f"{one.name}: {error}") from error


def _kind(one: Input) -> str:
    hint = one.hint
    if hint.type is _NO_DEFAULT:
        raise ValueError(f"it has no type: write one of {_TYPES}")
    if one.name == "seed" and hint.type is int:
        return "seed"
    if hint.type in (str, int, float, bool):
        return {str: "text", int: "integer", float: "number", bool: "boolean"}[hint.type]
    if _options(hint):
        return "choice"
    if hint.is_image or hint.is_array:
        return "image"
    if hint.is_sound:
        return "audio"
    if hint.type is Path:
        return hint.media or _file_kind(one.name)
    if get_origin(hint.type) is list and hint.items:
        if _options(hint.items):
            return "choices"
        if hint.items.type is Lora:
            return "loras"
        if hint.items.is_image or hint.items.is_array or hint.items.type is Path:
            return "images"
    if hint.type is dict or get_origin(hint.type) is dict:
        return "json"
    if hint.type is Size:
        return "size"
    raise ValueError(f"{getattr(hint.type, '__name__', hint.type)} is no kind of input: take one of {_TYPES}")


def _file_kind(name: str) -> str:
    for kind, names in _FILE_NAMES.items():
        if names.search(name):
            return kind
    raise ValueError('say which kind of file it is, such as Annotated[Path, "video"]')


def _options(hint: Hint) -> list[Any]:
    if get_origin(hint.type) is Literal:
        return list(get_args(hint.type))
    if not hint.is_enum:
        return []
    return [{"value": one.value, "label": one.name.replace("_", " ").capitalize()} for one in hint.type]


def _own(one: Input, kind: str) -> dict[str, Any]:
    """What follows from type and default alone."""
    declared: dict[str, Any] = {}
    if kind in ("choice", "choices"):
        declared["choices"] = _options(one.hint if kind == "choice" or one.hint.items is None else one.hint.items)
    if kind == "choice" and one.hint.type in (str, Path):
        if one.default in (_NO_DEFAULT, None):
            raise ValueError('give it a default, with which the form begins, such as "base.safetensors"')
        declared["choices"] = [_stored(one.default)]
    if kind == "text" and "prompt" in one.name:
        declared["lines"] = 3
    if one.default is _NO_DEFAULT:
        needed = kind in _NEEDED and not one.hint.optional
        return declared | ({"required": True} if needed else {})
    return declared | _default(one, kind)


def _default(one: Input, kind: str) -> dict[str, Any]:
    default = _stored(one.default)
    if kind in _FILES:
        if default not in (None, []):
            raise ValueError("a file has no default but None")
        return {}
    if default is None:
        if kind in ("choice", "boolean"):
            raise ValueError("a choice is never None: add one that stands for nothing, such as “none”")
        return {}
    if kind == "number" and isinstance(default, int) and not isinstance(default, bool):
        default = float(default)
    return {} if default in ("", []) else {"default": default}


def _stored(value: Any) -> Any:
    """A default as a model file has it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Size):
        return value._asdict()
    if isinstance(value, Path):
        return value.as_posix()
    return [_stored(one) for one in value] if isinstance(value, list | tuple) else value


# --- annotations -----------------------------------------------------------------------------------------------------


def _noted(one: Input) -> dict[str, Any]:
    """Limits, label, help and whatever else a model file may say, as the notes of the annotation have it."""
    written: dict[str, Any] = {}
    for note in _flat(one.hint.notes):
        if isinstance(note, str):
            written |= {} if note == one.hint.media else {"help": note}
        elif isinstance(note, Mapping):
            written |= note
        else:
            written |= _limit(note, one.hint)
    if "step" in written and one.hint.type is int and "minimum" in written:  # values are minimum + n × step
        written["minimum"] = math.ceil(written["minimum"] / written["step"]) * written["step"]
    return written


def _flat(notes: tuple[Any, ...]) -> Iterator[Any]:
    """The notes with what stands in pydantic's Field one by one."""
    for note in notes:
        if not isinstance(note, FieldInfo):
            yield note
            continue
        names = {"title": "label", "description": "help"}
        yield {names[name]: getattr(note, name) for name in names if getattr(note, name)}
        if isinstance(note.json_schema_extra, dict):
            yield note.json_schema_extra
        for limit in note.metadata:
            if _written(limit) == {}:
                raise ValueError(f"a form cannot keep to {_words(limit)}: check it in the function")
            yield limit


def _words(limit: Any) -> str:
    return ", ".join(vars(limit)) if hasattr(limit, "__dict__") and vars(limit) else type(limit).__name__


def _limit(note: Any, hint: Hint) -> dict[str, Any]:
    """A limit of annotated-types as a model file says it; other people's notes are nothing to us."""
    written = _written(note)
    for name, least in (("gt", 1), ("lt", -1)):
        if name in written:
            if hint.type is not int:
                raise ValueError(f"write {name[0]}e in place of {name}: a slider ends at a value that it has")
            written[name[0] + "e"] = written.pop(name) + least
    names = {"ge": "minimum", "le": "maximum", "multiple_of": "step", "max_length": "max_length"}
    return {names[name]: value for name, value in written.items()}


def _written(note: Any) -> dict[str, Any]:
    known = ("ge", "gt", "le", "lt", "multiple_of", "max_length")
    return {name: getattr(note, name) for name in known if getattr(note, name, None) is not None}
